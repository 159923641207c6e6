"""Families of categories, vectors and matrices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import sympy as sp
from sympy import Expr, KroneckerDelta, exp, log, pi

from entropy_proofs.algebra.positivity import positive
from entropy_proofs.arrays.array import Array, Shape, elementwise, generate, lift
from entropy_proofs.arrays.functions import loggamma
from entropy_proofs.arrays.linear_algebra import inv, logdet, trace
from entropy_proofs.errors import InputError
from entropy_proofs.families.family import Family
from entropy_proofs.families.scalar import whole_trials
from entropy_proofs.families.spaces import (
    INCREASING,
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

    source: ClassVar = "Bishop, PRML (2006), eq. (2.26)"
    probabilities: Any = None
    logits: Any = None
    event_axes: ClassVar = {"probabilities": 1, "logits": 1}
    domains: ClassVar = {"probabilities": SIMPLEX}

    def log_density(self, c: Any) -> Expr:
        if self.one_of("probabilities", "logits") == "logits":
            return self.logits[c] - log(elementwise(exp, self.logits).sum())
        return elementwise(log, self.probabilities)[c]

    def support(self) -> Space:
        return Category(self.size_of(self.one_of("probabilities", "logits")))


@dataclass(frozen=True, kw_only=True)
class OrderedCategorical(Family):
    """A category 0..n by n thresholds: P(c <= k) = sigmoid(thresholds[k] - location).

    Args:
        location: real, a scalar or an array; the larger it is, the higher the category.
        thresholds: increasing, of shape (..., n).

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> ours = OrderedCategorical(location=1, thresholds=lift([0, 2])).log_density(1)
    >>> theirs = stats.logistic(1).cdf(2) - stats.logistic(1).cdf(0)
    >>> f"{float(ours.doit()):.5f} {float(log(theirs)):.5f}"
    '-0.77194 -0.77194'
    """

    source: ClassVar = "McCullagh, Journal of the Royal Statistical Society B 42 (1980), 109-142"
    location: Any
    thresholds: Any
    event_axes: ClassVar = {"thresholds": 1}
    domains: ClassVar = {"thresholds": INCREASING}

    def log_density(self, c: Any) -> Expr:
        eta, t, n = lift(self.location), self.thresholds, self.size_of("thresholds")
        at = generate(lambda k: KroneckerDelta(c, k), (n,))
        after = generate(lambda k: KroneckerDelta(c, k + 1), (n,))
        below = elementwise(lambda s: -log(1 + exp(eta - s)), t)  # log P(c <= k)
        ends = _one_by_one(at * below + after * (below + eta - t))
        if n == 1:
            return ends
        between = elementwise(lambda low, high: log(1 - exp(low - high)), t[:-1], t[1:])
        return ends + _one_by_one(at[1:] * between)

    def support(self) -> Space:
        return Category(self.size_of("thresholds") + 1)


@dataclass(frozen=True, kw_only=True)
class Multinomial(Family):
    """Counts of `trials` draws, with their probabilities or logits along the last axis.

    Args:
        trials: known whole numbers, one or an array.
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

    source: ClassVar = "Bishop, PRML (2006), eq. (2.34)"
    trials: Any
    probabilities: Any = None
    logits: Any = None
    event_axes: ClassVar = {"probabilities": 1, "logits": 1}
    domains: ClassVar = {"probabilities": SIMPLEX, "trials": POSITIVE}

    def log_density(self, x: Any) -> Expr:
        n = lift(self.trials)
        whole_trials(n)
        ways = loggamma(n + 1) - loggamma(x + 1).sum()
        if self.one_of("probabilities", "logits") == "logits":
            return ways + (x * self.logits).sum() - n * log(elementwise(exp, self.logits).sum())
        return ways + (x * elementwise(log, self.probabilities)).sum()

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

    source: ClassVar = "Bishop, PRML (2006), eq. (2.38)"
    concentration: Any
    event_axes: ClassVar = {"concentration": 1}
    domains: ClassVar = {"concentration": POSITIVE}
    values: ClassVar = SIMPLEX
    event: ClassVar = ("concentration",)

    def log_density(self, p: Any) -> Expr:
        alpha = self.concentration
        normaliser = loggamma(alpha).sum() - loggamma(alpha.sum())
        return ((alpha - 1) * elementwise(log, p)).sum() - normaliser


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

    source: ClassVar = "Bishop, PRML (2006), eq. (2.43)"
    mean: Any
    covariance: Any
    event_axes: ClassVar = {"mean": 1, "covariance": 2}
    domains: ClassVar = {"covariance": POSITIVE_DEFINITE}
    values: ClassVar = REAL
    event: ClassVar = ("covariance",)

    def log_density(self, x: Any) -> Expr:
        r = x - self.mean
        return -(r @ inv(self.covariance) @ r) / 2 - logdet(2 * pi * self.covariance) / 2


@dataclass(frozen=True, kw_only=True)
class MultivariateStudentT(Family):
    """Student's t of a vector: N(mean, scale_matrix / w) with w ~ Gamma(nu / 2, nu / 2).

    Args:
        mean: real, of shape (..., D).
        scale_matrix: positive definite, of shape (..., D, D); the covariance times (nu - 2) / nu.
        degrees_of_freedom: positive, a scalar or an array; nu.

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> x, m, S = [1, 2], [0, 1], [[2, 1], [1, 3]]
    >>> ours = MultivariateStudentT(
    ...     mean=lift(m), scale_matrix=lift(S), degrees_of_freedom=5
    ... ).log_density(lift(x))
    >>> f"{float(ours.doit()):.5f} {stats.multivariate_t(m, S, 5).logpdf(x):.5f}"
    '-3.03925 -3.03925'
    """

    source: ClassVar = "Kotz & Nadarajah, Multivariate t Distributions (2004), chapter 1"
    mean: Any
    scale_matrix: Any
    degrees_of_freedom: Any
    event_axes: ClassVar = {"mean": 1, "scale_matrix": 2}
    domains: ClassVar = {"scale_matrix": POSITIVE_DEFINITE, "degrees_of_freedom": POSITIVE}
    values: ClassVar = REAL
    event: ClassVar = ("scale_matrix",)

    def log_density(self, x: Any) -> Expr:
        S, nu, D = self.scale_matrix, lift(self.degrees_of_freedom), self.size_of("scale_matrix")
        r = x - self.mean
        tail = (nu + D) / 2 * log(1 + r @ inv(S) @ r / nu)
        return loggamma((nu + D) / 2) - loggamma(nu / 2) - logdet(nu * pi * S) / 2 - tail


@dataclass(frozen=True, kw_only=True)
class MatrixNormal(Family):
    """A matrix whose elements (i, j), (k, l) have the covariance U_ik V_jl.

    Args:
        mean: real, of shape (..., n, p).
        row_covariance: U, positive definite, of shape (..., n, n).
        column_covariance: V, positive definite, of shape (..., p, p).

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> x, m, U, V = [[1, 2]], [[0, 1]], [[2]], [[2, 1], [1, 3]]
    >>> ours = MatrixNormal(
    ...     mean=lift(m), row_covariance=lift(U), column_covariance=lift(V)
    ... ).log_density(lift(x))
    >>> f"{float(ours.doit()):.5f} {stats.matrix_normal(m, U, V).logpdf(x):.5f}"
    '-3.48574 -3.48574'
    """

    source: ClassVar = "Gupta & Nagar, Matrix Variate Distributions (2000), chapter 2"
    mean: Any
    row_covariance: Any
    column_covariance: Any
    event_axes: ClassVar = {"mean": 2, "row_covariance": 2, "column_covariance": 2}
    event_sizes: ClassVar = {
        "mean": ("n", "p"),
        "row_covariance": ("n", "n"),
        "column_covariance": ("p", "p"),
    }
    domains: ClassVar = {
        "row_covariance": POSITIVE_DEFINITE,
        "column_covariance": POSITIVE_DEFINITE,
    }
    values: ClassVar = REAL
    event: ClassVar = ("row_covariance", "column_covariance")

    def log_density(self, x: Any) -> Expr:
        U, V, r = self.row_covariance, self.column_covariance, x - self.mean
        n, p = self.event_shape()
        square = ((inv(U) @ r @ inv(V)) * r).sum()
        return -(square + p * logdet(U) + n * logdet(V) + n * p * log(2 * pi)) / 2


@dataclass(frozen=True, kw_only=True)
class Wishart(Family):
    """Wishart: the sum of nu squares z z' of vectors z ~ N(0, scale_matrix), if nu is whole.

    Args:
        degrees_of_freedom: nu, above D - 1 by its form (D - 1 + a of a positive a, D + 2).
        scale_matrix: positive definite, of shape (..., D, D); the mean is nu times it.

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> X, V = [[2, 1], [1, 3]], [[1, 0], [0, 2]]
    >>> ours = Wishart(degrees_of_freedom=4, scale_matrix=lift(V)).log_density(lift(X))
    >>> f"{float(ours.doit()):.5f} {stats.wishart(4, V).logpdf(X):.5f}"
    '-5.55575 -5.55575'
    """

    source: ClassVar = "Gupta & Nagar, Matrix Variate Distributions (2000), chapter 3"
    degrees_of_freedom: Any
    scale_matrix: Any
    event_axes: ClassVar = {"scale_matrix": 2}
    domains: ClassVar = {"degrees_of_freedom": POSITIVE, "scale_matrix": POSITIVE_DEFINITE}
    values: ClassVar = POSITIVE_DEFINITE
    event: ClassVar = ("scale_matrix",) * 2

    def log_density(self, x: Any) -> Expr:
        nu, V, p = lift(self.degrees_of_freedom), self.scale_matrix, self.size_of("scale_matrix")
        normaliser = nu / 2 * logdet(2 * V) + _log_multivariate_gamma(nu, p)
        return (nu - p - 1) / 2 * logdet(x) - trace(inv(V) @ x) / 2 - normaliser


@dataclass(frozen=True, kw_only=True)
class InverseWishart(Family):
    """Inverse Wishart: the inverse is Wishart(nu, inverse of scale_matrix).

    Args:
        degrees_of_freedom: nu, above D - 1 by its form (D - 1 + a of a positive a, D + 2).
        scale_matrix: positive definite, of shape (..., D, D); the mode is scale_matrix / (nu+D+1).

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> X, S = [[2, 1], [1, 3]], [[1, 0], [0, 2]]
    >>> ours = InverseWishart(degrees_of_freedom=4, scale_matrix=lift(S)).log_density(lift(X))
    >>> f"{float(ours.doit()):.5f} {stats.invwishart(4, S).logpdf(X):.5f}"
    '-8.17091 -8.17091'
    """

    source: ClassVar = "Gupta & Nagar, Matrix Variate Distributions (2000), chapter 3"
    degrees_of_freedom: Any
    scale_matrix: Any
    event_axes: ClassVar = {"scale_matrix": 2}
    domains: ClassVar = {"degrees_of_freedom": POSITIVE, "scale_matrix": POSITIVE_DEFINITE}
    values: ClassVar = POSITIVE_DEFINITE
    event: ClassVar = ("scale_matrix",) * 2

    def log_density(self, x: Any) -> Expr:
        nu, S, p = lift(self.degrees_of_freedom), self.scale_matrix, self.size_of("scale_matrix")
        normaliser = _log_multivariate_gamma(nu, p) - nu / 2 * logdet(S / 2)
        return -(nu + p + 1) / 2 * logdet(x) - trace(S @ inv(x)) / 2 - normaliser


def _log_multivariate_gamma(nu: Expr, p: Expr) -> Expr:
    """log Gamma_p(nu / 2), which needs nu > p - 1."""
    if not positive(nu - p + 1):
        raise InputError(f"degrees_of_freedom must be above {p - 1}: write {p - 1} + {nu}")
    return p * (p - 1) / 4 * log(pi) + generate(lambda j: loggamma((nu - j) / 2), (p,)).sum()


def _one_by_one(vector: Array) -> Expr:
    """Its sum; of few elements term by term, since each then plays a part of its own."""
    (n,) = vector.shape
    few = n.is_Integer and n <= _FEW
    return sp.Add(*(vector[k] for k in range(int(n)))) if few else vector.sum()


_FEW = 16
