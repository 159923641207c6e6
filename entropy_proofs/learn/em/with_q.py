"""Parameters at the maximum over them and q at once, given the others.

EM's steps are slow in loadings, whose E-step holds on to them; where they and q have a closed form
together, F rises by more than by any E-step and M-step, and the others' M-step follows (ECME: Liu &
Rubin, 1994, Biometrika 81).  What moves is then the others alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from entropy_proofs.evaluate.random_values import number
from entropy_proofs.learn.em.condensed import Condensed
from entropy_proofs.learn.em.engines import Engine
from entropy_proofs.learn.em.posterior import Array, Arrays
from entropy_proofs.proving.proof import Proof
from entropy_proofs.updates.principal_axes import PrincipalAxes

LEAST = 1e-100  # of a variance, where data are constant


@dataclass(frozen=True)
class WithQ:
    """On data with these moments: values of the other parameters -> those of the solved ones."""

    axes: PrincipalAxes
    mean: Array
    covariance: Array
    count: int

    @property
    def names(self) -> frozenset[str]:
        """Of the parameters that are solved for."""
        return frozenset(p.name for p in self.axes.solved)

    def __call__(self, values: Arrays) -> Arrays:
        noise = np.asarray(values.get(self.axes.noise.name, 1.0))
        return optimum(self.axes, self.mean, self.covariance, self.count, noise)


def optimum(
    axes: PrincipalAxes, mean: Array, covariance: Array, count: int, noise: Array
) -> dict[str, Array]:
    """The parameters that are solved for, by name.

    Args:
        mean, covariance: of the data, (D,) and (D, D), divided by N.
        count: H.
        noise: psi, (D,), in squared units of the data; not looked at where it is solved for, as
            what is left, or as the least that counts beside the largest eigenvalue.
    """
    if axes.is_global:  # with as many axes as coordinates, one less attains the same maximum
        values, vectors = _largest(covariance, min(count, len(mean) - 1))
        left = (np.trace(covariance) - values.sum()) / (len(mean) - len(values))
        left = max(left, np.finfo(float).eps * values.max(initial=0.0), LEAST)
        found = {axes.noise.name: np.asarray(left)}
        scale = np.full(len(mean), np.sqrt(left))
        values = values / left
    else:
        found, scale = {}, np.sqrt(noise)
        values, vectors = _largest(covariance / np.outer(scale, scale), count)
    lengths = np.sqrt(np.maximum(values - 1, 0))
    loadings = scale[:, None] * vectors * lengths
    found[axes.loadings.name] = np.pad(loadings, ((0, 0), (0, count - len(values))))
    found[axes.mean.name] = mean
    return found


def _largest(matrix: Array, count: int) -> tuple[Array, Array]:
    """The largest eigenvalues first, and their eigenvectors (D, count), the largest entry > 0; all
    D of them where there are no more.

    SciPy could compute these alone, but with threads of its own, for which NumPy's, that wait for
    the next product, leave no processor.
    """
    values, vectors = np.linalg.eigh(matrix)
    first = max(len(values) - count, 0)
    values, vectors = values[first:], vectors[:, first:]
    ends = np.abs(vectors).argmax(axis=0)
    vectors = vectors * np.sign(vectors[ends, np.arange(vectors.shape[1])])
    return values[::-1], vectors[:, ::-1]


def with_q(proof: Proof, engine: Engine, sizes: dict[str, int]) -> WithQ | None:
    """What is solved for together with q on an engine's data; None if nothing is."""
    axes = proof.updates.axes
    moments = engine.data_moments() if isinstance(engine, Condensed) else None
    if axes is None or moments is None:
        return None
    return WithQ(axes, *moments, int(number(axes.loadings.shape[1], sizes)))


def without_start(proof: Proof, data: Mapping[str, Any]) -> frozenset[str]:
    """The parameters of which it does not matter where they start."""
    axes = proof.updates.axes
    if axes is None or not all(np.isfinite(np.sum(x)) for x in data.values()):
        return frozenset()
    return frozenset(p.name for p in axes.solved)
