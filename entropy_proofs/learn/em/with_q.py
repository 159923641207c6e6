"""Parameters at the maximum over them and q at once, given the others.

EM's steps are slow in loadings, whose E-step holds on to them; where they and q have a closed form
together, F rises by more than by any E-step and M-step, and the others' M-step follows (ECME: Liu &
Rubin, 1994, Biometrika 81).  What moves is then the others alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from entropy_proofs.evaluate.random_values import number
from entropy_proofs.learn.em.condensed import Condensed
from entropy_proofs.learn.em.engines import Engine
from entropy_proofs.learn.em.posterior import Array, Arrays
from entropy_proofs.proving.proof import Proof
from entropy_proofs.updates.principal_axes import PrincipalAxes


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
        return dict(self.axes.optimum(self.mean, self.covariance, self.count, noise))


def with_q(proof: Proof, engine: Engine, sizes: dict[str, int]) -> WithQ | None:
    """What is solved for together with q on an engine's data; None if nothing is."""
    axes = proof.updates.axes
    moments = engine.data_moments() if isinstance(engine, Condensed) else None
    if axes is None or moments is None:
        return None
    return WithQ(axes, *moments, int(number(axes.loadings.shape[1], sizes)))


def without_start(proof: Proof, data: Arrays) -> frozenset[str]:
    """The parameters of which it does not matter where they start."""
    axes = proof.updates.axes
    if axes is None or not all(np.isfinite(np.sum(x)) for x in data.values()):
        return frozenset()
    return frozenset(p.name for p in axes.solved)


__all__ = ["WithQ", "with_q", "without_start"]
