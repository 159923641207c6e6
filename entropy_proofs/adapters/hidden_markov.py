"""hmmlearn's hidden Markov models: a sequence is one data point, and q is forward-backward's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from entropy_proofs.adapters.fitted import (
    FLOOR,
    Arrays,
    Blocks,
    FittedModel,
    Regulariser,
    check_learned,
    check_plain,
    each,
    fitted_array,
    table_of,
    whole,
)
from entropy_proofs.errors import InputError
from entropy_proofs.families.entering import Array
from entropy_proofs.points.sequences import checked_lengths

#: covariance_type -> catalogue model, its parameter of covariances.
KINDS = {
    "full": ("hmm_gaussian", "Sigma"),
    "tied": ("hmm_gaussian_tied", "Sigma"),
    "diag": ("hmm_gaussian_diagonal", "sigma2"),
    "spherical": ("hmm_gaussian_spherical", "sigma2"),
}


def gaussian_hmm(hmm: Any, X: Any, y: Any = None, lengths: Any = None) -> FittedModel:
    """A `GaussianHMM`: its prior of the covariances is split off."""
    means, covariances = fitted_array(hmm, "means_"), fitted_array(hmm, "_covars_")
    check_plain(hmm, means_weight=0)
    _check_learned(hmm, m="means_", c="covars_")
    K, D = means.shape
    kind = hmm.covariance_type
    if kind == "spherical" and covariances.ndim == 2:
        covariances = covariances[:, 0]
    model, name = KINDS[kind]
    blocks = {
        "mu": each("means_", K),
        name: whole("covars_") if kind == "tied" else each("covars_", K),
    }
    x = table_of(X, D, "GaussianHMM")
    found = _chain(hmm, model, {"mu": means, name: covariances}, blocks, x, y, lengths)
    prior = _Prior(kind, hmm.covars_prior, float(hmm.covars_weight), D, found.points, len(x))
    if not prior.acts:
        return found
    of_covariances = Regulariser("covars_prior", prior.gradient, prior.value)
    return replace(found, regularisers=(of_covariances,), altered=prior.altered)


def categorical_hmm(hmm: Any, X: Any, y: Any = None, lengths: Any = None) -> FittedModel:
    """A `CategoricalHMM`."""
    check_plain(hmm, emissionprob_prior=1.0)
    _check_learned(hmm, e="emissionprob_")
    emissions = np.maximum(fitted_array(hmm, "emissionprob_"), FLOOR)
    x = table_of(X, 1, "CategoricalHMM")[:, 0]
    blocks = {"B": each("emissionprob_", len(emissions))}
    return _chain(hmm, "hmm_categorical", {"B": emissions}, blocks, x, y, lengths)


def poisson_hmm(hmm: Any, X: Any, y: Any = None, lengths: Any = None) -> FittedModel:
    """A `PoissonHMM`."""
    check_plain(hmm, lambdas_prior=0.0, lambdas_weight=0.0)
    _check_learned(hmm, l="lambdas_")
    rates = fitted_array(hmm, "lambdas_")
    x = table_of(X, rates.shape[1], "PoissonHMM")
    return _chain(
        hmm, "hmm_poisson", {"lam": rates}, {"lam": each("lambdas_", len(rates))}, x, y, lengths
    )


def _check_learned(hmm: Any, **emissions: str) -> None:
    """Whether the letters of `params` name all parts, those of the chain and of emissions."""
    parts = {"s": "startprob_", "t": "transmat_", **emissions}
    held = (part for letter, part in parts.items() if letter not in hmm.params)
    check_learned(type(hmm).__name__, held)


def _chain(
    hmm: Any,
    model: str,
    emissions: Mapping[str, Array],
    blocks: Mapping[str, Blocks],
    x: Array,
    y: Any,
    lengths: Any,
) -> FittedModel:
    kind = type(hmm).__name__
    if y is not None:
        raise InputError(f"{kind}: takes no y")
    check_plain(hmm, startprob_prior=1.0, transmat_prior=1.0)
    start, steps = (fitted_array(hmm, n) for n in ("startprob_", "transmat_"))
    return FittedModel(
        estimator=kind,
        model=model,
        parameters={
            "rho": np.maximum(start, FLOOR),
            "A": np.maximum(steps, FLOOR),
            **emissions,
        },
        data=tuple({"x": part} for part in sequences(kind, x, lengths)),
        blocks={"rho": whole("startprob_"), "A": each("transmat_", len(steps)), **blocks},
        rows=len(x),
        altered=_above_floor,
    )


def _above_floor(parameters: Arrays, counts: Arrays) -> Arrays:
    """States that q never starts in have probabilities that underflow."""
    rows = [n for n in ("rho", "A", "B") if n in parameters]
    return {**parameters, **{n: np.maximum(parameters[n], FLOOR) for n in rows}}


def sequences(estimator: str, x: Array, lengths: Any) -> list[Array]:
    """The rows as sequences, those of one length stacked: (N, T, ...) for each length.

    Raises:
        InputError: lengths are no whole numbers from 2 on that add up to the rows.
    """
    given = [len(x)] if lengths is None else lengths
    ends = np.cumsum(checked_lengths(f"{estimator}: lengths", given, len(x), least=2))
    groups: dict[int, list[Array]] = {}
    for part in np.split(np.asarray(x, float), ends[:-1]):
        groups.setdefault(len(part), []).append(part)
    return [np.stack(parts) for parts in groups.values()]


@dataclass(frozen=True)
class _Prior:
    """R = -½ (w log det Σ_k + tr(P inv(Σ_k))), summed over states, as hmmlearn's M-step has it.

    prior: P, broadcast as hmmlearn broadcasts it: a number is added to every element.
    weight: covars_weight; points: of how many sequences F is a mean; rows: in all of them.
    """

    kind: str
    prior: Any
    weight: float
    width: int
    points: int
    rows: int

    @property
    def acts(self) -> bool:
        """Whether it is more than nothing."""
        return bool(np.any(self.prior) or self.count)

    @property
    def count(self) -> float:
        """w: how many data points the prior stands for."""
        spare = 1 if self.kind in {"diag", "spherical"} else self.width
        return max(self.weight - spare, 0.0)

    def _matrix(self, like: Array) -> Array:
        """P in the covariances' shape."""
        prior = np.asarray(self.prior, float)
        if self.kind == "spherical":
            return np.broadcast_to(prior.mean(axis=-1) if prior.ndim == 2 else prior, like.shape)
        return np.broadcast_to(prior, like.shape)

    def gradient(self, parameters: Arrays) -> dict[str, Array]:
        """∇R for each sequence."""
        if self.kind in {"full", "tied"}:
            inverse = np.linalg.inv(parameters["Sigma"])
            pull = inverse @ self._matrix(inverse) @ inverse - self.count * inverse
            return {"Sigma": pull / (2 * self.points)}
        variance = parameters["sigma2"]
        width = self.width if self.kind == "spherical" else 1
        pull = self._matrix(variance) / variance**2 - self.count / variance
        return {"sigma2": width * pull / (2 * self.points)}

    def value(self, parameters: Arrays) -> float:
        """R for each sequence, but for a constant."""
        if self.kind in {"full", "tied"}:
            Sigma = parameters["Sigma"]
            scaled = np.linalg.solve(Sigma, self._matrix(Sigma))
            terms = self.count * np.linalg.slogdet(Sigma)[1] + np.trace(scaled, axis1=-2, axis2=-1)
            return -float(np.sum(terms)) / (2 * self.points)
        variance = parameters["sigma2"]
        width = self.width if self.kind == "spherical" else 1
        terms = self.count * np.log(variance) + self._matrix(variance) / variance
        return -width * float(np.sum(terms)) / (2 * self.points)

    def altered(self, parameters: Arrays, counts: Arrays) -> Arrays:
        """Covariances as hmmlearn's M-step gives them."""
        name = "Sigma" if self.kind in {"full", "tied"} else "sigma2"
        found = parameters[name]
        taken = np.asarray(self.rows) if self.kind == "tied" else counts["z"]
        taken = taken.reshape(taken.shape + (1,) * (found.ndim - taken.ndim))
        moved = (self._matrix(found) + found * taken) / (self.count + taken)
        return {**_above_floor(parameters, counts), name: moved}
