"""Families of categories, vectors and matrices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from sympy import Expr, exp, log, loggamma, pi

from entropy_proofs.arrays.array import Array, Shape, elementwise, lift
from entropy_proofs.arrays.linear_algebra import inv, logdet
from entropy_proofs.families.family import Family
from entropy_proofs.families.scalar import whole_trials
from entropy_proofs.families.spaces import (
    POSITIVE,
    POSITIVE_DEFINITE,
    REAL,
    SIMPLEX,
    Category,
    Counts,
    Space,
)


@dataclass(frozen=True, kw_only=True)
class Categorical(Family):
    """A category 0..K-1, with probabilities or logits along the last axis.

    Args:
        probabilities: on the simplex, of shape (..., K).
        logits: real, of shape (..., K), instead of probabilities.

    A learned one has its own entropy in the sum, -sum_k p_k log p_k:

    >>> from entropy_proofs import Model, prove
    >>> model = Model("a die")
    >>> p = model.parameter("p", 2, domain="simplex")
    >>> c = model.observed("c", Categorical(probabilities=p))
    >>> prove(model).entropy_sum.doit()
    log(p[0])*p[0] + log(p[1])*p[1]
    """

    probabilities: Any = None
    logits: Any = None
    event_axes: ClassVar = {"probabilities": 1, "logits": 1}
    domains: ClassVar = {"probabilities": SIMPLEX}

    def log_density(self, c: Any) -> Expr:
        if self.one_of("probabilities", "logits") == "logits":
            return self.logits[c] - log(_sum(elementwise(exp, self.logits)))
        return elementwise(log, self.probabilities)[c]

    def support(self) -> Space:
        return Category(self.size_of(self.one_of("probabilities", "logits")))


@dataclass(frozen=True, kw_only=True)
class Multinomial(Family):
    """Counts of `trials` draws, with their probabilities or logits along the last axis.

    Args:
        trials: a known whole number n.
        probabilities: on the simplex, of shape (..., K).
        logits: real, of shape (..., K), instead of probabilities.

    It has a pseudo-entropy, with log h the log of the number of ways:

    >>> from entropy_proofs import Model, prove
    >>> model = Model("a die, thrown five times")
    >>> K = model.dims("K")
    >>> x = model.observed("x", Multinomial(trials=5, logits=model.parameter("eta", K)))
    >>> proof = prove(model)
    >>> proof.verdict, proof.pseudo
    (<Verdict.PROVED: 'proved'>, ('x',))
    """

    trials: Any
    probabilities: Any = None
    logits: Any = None
    event_axes: ClassVar = {"probabilities": 1, "logits": 1}
    domains: ClassVar = {"probabilities": SIMPLEX, "trials": POSITIVE}

    def log_density(self, x: Any) -> Expr:
        n = lift(self.trials)
        whole_trials(n)
        ways = loggamma(n + 1) - _sum(elementwise(lambda k: loggamma(k + 1), x))
        if self.one_of("probabilities", "logits") == "logits":
            return ways + _sum(x * self.logits) - n * log(_sum(elementwise(exp, self.logits)))
        return ways + _sum(x * elementwise(log, self.probabilities))

    def support(self) -> Space:
        return Counts(lift(self.trials))

    def event_shape(self) -> Shape:
        return (self.size_of(self.one_of("probabilities", "logits")),)


@dataclass(frozen=True, kw_only=True)
class Dirichlet(Family):
    """Dirichlet(concentration) on the simplex.

    Args:
        concentration: positive, of shape (..., K).

    log p in nats, and by SciPy:

    >>> from scipy.stats import dirichlet
    >>> from sympy import Rational
    >>> p = lift([Rational(1, 4), Rational(3, 4)])
    >>> ours = Dirichlet(concentration=lift([2, 3])).log_density(p)
    >>> f"{float(ours.doit()):.5f} {dirichlet([2, 3]).logpdf([1 / 4, 3 / 4]):.5f}"
    '0.52325 0.52325'
    """

    concentration: Any
    event_axes: ClassVar = {"concentration": 1}
    domains: ClassVar = {"concentration": POSITIVE}

    def log_density(self, p: Any) -> Expr:
        alpha = self.concentration
        normaliser = _sum(elementwise(loggamma, alpha)) - loggamma(_sum(alpha))
        return _sum((alpha - 1) * elementwise(log, p)) - normaliser

    def support(self) -> Space:
        return SIMPLEX

    def event_shape(self) -> Shape:
        return (self.size_of("concentration"),)


@dataclass(frozen=True, kw_only=True)
class MultivariateNormal(Family):
    """N(mean, covariance) of a vector.

    Args:
        mean: real, of shape (..., D).
        covariance: positive definite, of shape (..., D, D).

    >>> from entropy_proofs import Model, prove
    >>> model = Model("vectors")
    >>> D = model.dims("D")
    >>> S = model.parameter("S", D, D, domain="positive definite")
    >>> x = model.observed("x", MultivariateNormal(mean=model.parameter("m", D), covariance=S))
    >>> proof = prove(model)
    >>> proof.verdict, proof.pseudo
    (<Verdict.PROVED: 'proved'>, ())
    """

    mean: Any
    covariance: Any
    event_axes: ClassVar = {"mean": 1, "covariance": 2}
    domains: ClassVar = {"covariance": POSITIVE_DEFINITE}

    def log_density(self, x: Any) -> Expr:
        r = x - self.mean
        return -(r @ inv(self.covariance) @ r) / 2 - logdet(2 * pi * self.covariance) / 2

    def support(self) -> Space:
        return REAL

    def event_shape(self) -> Shape:
        return (self.size_of("covariance"),)


def _sum(vector: Array) -> Expr:
    return vector.sum()
