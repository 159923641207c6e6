"""Families of categories, vectors and matrices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from sympy import Expr, exp, log, loggamma, pi

from entropy_proofs.arrays import Array, Shape, elementwise, inv, lift, logdet
from entropy_proofs.families.base import REAL, Family, Support


@dataclass(frozen=True, kw_only=True)
class Categorical(Family):
    """A category 0..K-1, with probabilities or logits along the last axis."""

    probabilities: Any = None
    logits: Any = None
    event_axes: ClassVar = {"probabilities": 1, "logits": 1}
    domains: ClassVar = {"probabilities": "simplex"}

    def log_density(self, c: Any) -> Expr:
        if self.one_of("probabilities", "logits") == "logits":
            return self.logits[c] - log(_sum(elementwise(exp, self.logits)))
        return log(self.probabilities[c])

    def support(self) -> Support:
        return Support("category", (self.size_of(self.one_of("probabilities", "logits")),))


@dataclass(frozen=True, kw_only=True)
class Multinomial(Family):
    """Counts of `trials` draws, with their probabilities or logits along the last axis."""

    trials: Any
    probabilities: Any = None
    logits: Any = None
    event_axes: ClassVar = {"probabilities": 1, "logits": 1}
    domains: ClassVar = {"probabilities": "simplex", "trials": "positive"}

    def log_density(self, x: Any) -> Expr:
        n = lift(self.trials)
        ways = loggamma(n + 1) - _sum(elementwise(lambda k: loggamma(k + 1), x))
        if self.one_of("probabilities", "logits") == "logits":
            return ways + _sum(x * self.logits) - n * log(_sum(elementwise(exp, self.logits)))
        return ways + _sum(x * elementwise(log, self.probabilities))

    def support(self) -> Support:
        return Support("counts", (lift(self.trials),))

    def event_shape(self) -> Shape:
        return (self.size_of(self.one_of("probabilities", "logits")),)


@dataclass(frozen=True, kw_only=True)
class Dirichlet(Family):
    """Dirichlet(concentration) on the simplex."""

    concentration: Any
    event_axes: ClassVar = {"concentration": 1}
    domains: ClassVar = {"concentration": "positive"}

    def log_density(self, p: Any) -> Expr:
        alpha = self.concentration
        normaliser = _sum(elementwise(loggamma, alpha)) - loggamma(_sum(alpha))
        return _sum((alpha - 1) * elementwise(log, p)) - normaliser

    def support(self) -> Support:
        return Support("simplex", self.event_shape())

    def event_shape(self) -> Shape:
        return (self.size_of("concentration"),)


@dataclass(frozen=True, kw_only=True)
class MultivariateNormal(Family):
    """N(mean, covariance) of a vector."""

    mean: Any
    covariance: Any
    event_axes: ClassVar = {"mean": 1, "covariance": 2}
    domains: ClassVar = {"covariance": "positive definite"}

    def log_density(self, x: Any) -> Expr:
        r = x - self.mean
        return -(r @ inv(self.covariance) @ r) / 2 - logdet(2 * pi * self.covariance) / 2

    def support(self) -> Support:
        return REAL

    def event_shape(self) -> Shape:
        return (self.size_of("covariance"),)


def _sum(vector: Array) -> Expr:
    return vector.sum()
