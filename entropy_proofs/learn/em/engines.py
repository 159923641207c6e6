"""Which E-step serves a model on its data: the cheapest that is exact."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from entropy_proofs.errors import InputError
from entropy_proofs.evaluate.model_code import ModelCode
from entropy_proofs.learn.em.condensed import Condensed
from entropy_proofs.learn.em.features import NoFeatures
from entropy_proofs.learn.em.posterior import (
    Array,
    Arrays,
    EStep,
    Found,
    NoPosterior,
    Posterior,
    responsibilities,
)


class Engine(Protocol):
    """An exact E-step on data."""

    def e_step(self, values: Arrays) -> Found:
        """The best q for parameters, as batches, and F."""


class Enumerated:
    """Exact posteriors of all data points at once, where no features stand for them.

    Args:
        weights: of the data points, (N,), of mean one; None if all count alike.
    """

    def __init__(self, posterior: Posterior, data: Arrays, weights: Array | None):
        self.posterior, self.data, self.weights = posterior, data, weights

    def e_step(self, values: Arrays) -> EStep:
        """The best q of each data point, and F."""
        states = self.posterior.every_state(len(next(iter(self.data.values()))))
        found = self.posterior.marginal(values, self.data, states)
        q, logs = responsibilities(found.log_evidence)
        weights: Any = 1.0 if self.weights is None else self.weights
        q = q * np.reshape(weights, (-1, 1))
        return self.posterior.batch(self.data, states, q, found, float((weights * logs).mean()))


def posterior_for(code: ModelCode, sizes: dict[str, int], given: Arrays) -> Posterior:
    """The model's exact posterior, if it has one of the kinds that are known.

    Raises:
        NoPosterior: it has none.
    """
    if any(term.aliases for term in code.model.terms):
        raise NoPosterior("its latents are a chain")
    try:
        return Posterior(code, sizes, given)
    except InputError as error:
        raise NoPosterior(str(error)) from None


def engine_for(
    posterior: Posterior, data: Arrays, values: Arrays, weights: Array | None = None
) -> Engine:
    """The E-step by features, else the one on all data points.

    Args:
        values: parameters at which it is looked whether the posterior is exact.

    Raises:
        NoPosterior: the log joint is not quadratic in the continuous latents.
    """
    rng = np.random.default_rng(0)
    try:
        condensed = Condensed(posterior, data, weights)
        if condensed.agrees(values, rng):
            return condensed
    except (NoFeatures, np.linalg.LinAlgError):
        pass
    for name, x in data.items():
        if not np.isfinite(x).all():
            raise NoPosterior(f"entries of {name} are missing, whose conditional is not known")
    points = len(next(iter(data.values())))
    rows = np.sort(rng.choice(points, size=min(5, points), replace=False))
    if not posterior.is_exact(values, {n: np.asarray(x[rows]) for n, x in data.items()}, rng):
        names = ", ".join(posterior.latents)
        raise NoPosterior(f"the posterior of {names} is not Gaussian")
    return Enumerated(posterior, data, weights)
