"""Families of positive numbers: lifetimes, sizes, scales."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import sympy as sp
from sympy import Expr, log, pi

from entropy_proofs.arrays.array import lift
from entropy_proofs.families.family import Family
from entropy_proofs.families.scalar import known_end
from entropy_proofs.families.spaces import POSITIVE, OpenInterval, Space


@dataclass(frozen=True, kw_only=True)
class LogNormal(Family):
    """The log of x is N(log_mean, log_variance).

    Args:
        log_mean: real, a scalar or an array.
        log_variance: positive, likewise; the variance of log x.

    log p in nats, and by SciPy:

    >>> import math
    >>> from scipy import stats
    >>> ours = LogNormal(log_mean=1, log_variance=4).log_density(3)
    >>> theirs = stats.lognorm(2, scale=math.e).logpdf(3)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-2.71191 -2.71191'
    """

    source: ClassVar = (
        "Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), chapter 14"
    )
    log_mean: Any
    log_variance: Any
    domains: ClassVar = {"log_variance": POSITIVE}
    values: ClassVar = POSITIVE

    def log_density(self, x: Any) -> Expr:
        v = self.log_variance
        return -((log(x) - self.log_mean) ** 2) / (2 * v) - log(2 * pi * v) / 2 - log(x)


@dataclass(frozen=True, kw_only=True)
class Weibull(Family):
    """Weibull(shape, scale): (x / scale)^shape is Exponential(1).

    Args:
        shape, scale: positive, a scalar or an array.

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> ours = Weibull(shape=2, scale=3).log_density(3)
    >>> theirs = stats.weibull_min(2, scale=3).logpdf(3)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-1.40547 -1.40547'
    """

    source: ClassVar = (
        "Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), chapter 21"
    )
    shape: Any
    scale: Any
    domains: ClassVar = {"shape": POSITIVE, "scale": POSITIVE}
    values: ClassVar = POSITIVE

    def log_density(self, x: Any) -> Expr:
        k, s = lift(self.shape), lift(self.scale)
        return log(k / s) + (k - 1) * log(x / s) - (x / s) ** k


@dataclass(frozen=True, kw_only=True)
class InverseGaussian(Family):
    """InverseGaussian(mean, shape), of variance mean^3 / shape.

    Args:
        mean, shape: positive, a scalar or an array.

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> ours = InverseGaussian(mean=2, shape=4).log_density(3)
    >>> theirs = stats.invgauss(2 / 4, scale=4).logpdf(3)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-2.04038 -2.04038'
    """

    source: ClassVar = (
        "Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), chapter 15"
    )
    mean: Any
    shape: Any
    domains: ClassVar = {"mean": POSITIVE, "shape": POSITIVE}
    values: ClassVar = POSITIVE

    def log_density(self, x: Any) -> Expr:
        m, a = self.mean, lift(self.shape)
        return (log(a) - log(2 * pi) - 3 * log(x)) / 2 - a * (x - m) ** 2 / (2 * m**2 * x)


@dataclass(frozen=True, kw_only=True)
class HalfNormal(Family):
    """The absolute value of a N(0, scale^2).

    Args:
        scale: positive, a scalar or an array; the normal's standard deviation.

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> ours, theirs = HalfNormal(scale=2).log_density(3), stats.halfnorm(scale=2).logpdf(3)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-2.04394 -2.04394'
    """

    source: ClassVar = "Leone, Nelson & Nottingham, Technometrics 3 (1961), 543-551"
    scale: Any
    domains: ClassVar = {"scale": POSITIVE}
    values: ClassVar = POSITIVE

    def log_density(self, x: Any) -> Expr:
        return -(x**2) / (2 * lift(self.scale) ** 2) + log(2 / pi) / 2 - log(self.scale)


@dataclass(frozen=True, kw_only=True)
class HalfCauchy(Family):
    """The absolute value of a Cauchy of median 0.

    Args:
        scale: positive, a scalar or an array; the median.

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> ours, theirs = HalfCauchy(scale=2).log_density(3), stats.halfcauchy(scale=2).logpdf(3)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-2.32338 -2.32338'
    """

    source: ClassVar = "Gelman, Bayesian Analysis 1 (2006), 515-534"
    scale: Any
    domains: ClassVar = {"scale": POSITIVE}
    values: ClassVar = POSITIVE

    def log_density(self, x: Any) -> Expr:
        return log(2 / pi) - log(self.scale) - log(1 + (x / self.scale) ** 2)


@dataclass(frozen=True, kw_only=True)
class LogLogistic(Family):
    """LogLogistic(shape, scale): log x is Logistic(log scale, 1 / shape).

    Args:
        shape, scale: positive, a scalar or an array; scale is the median.

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> ours = LogLogistic(shape=2, scale=3).log_density(4)
    >>> theirs = stats.fisk(2, scale=3).logpdf(4)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-2.16109 -2.16109'
    """

    source: ClassVar = "Bennett, Applied Statistics 32 (1983), 165-171"
    shape: Any
    scale: Any
    domains: ClassVar = {"shape": POSITIVE, "scale": POSITIVE}
    values: ClassVar = POSITIVE

    def log_density(self, x: Any) -> Expr:
        k, s = lift(self.shape), lift(self.scale)
        return log(k / s) + (k - 1) * log(x / s) - 2 * log(1 + (x / s) ** k)


@dataclass(frozen=True, kw_only=True)
class Pareto(Family):
    """Pareto(minimum, shape) above its minimum: log(x / minimum) is Exponential(shape).

    Args:
        minimum: a known positive number: a support does not move with what is learned.
        shape: positive, a scalar or an array.

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> ours, theirs = Pareto(minimum=2, shape=3).log_density(4), stats.pareto(3, scale=2).logpdf(4)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-2.36712 -2.36712'
    """

    source: ClassVar = (
        "Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), chapter 20"
    )
    minimum: Any
    shape: Any
    domains: ClassVar = {"minimum": POSITIVE, "shape": POSITIVE}

    def log_density(self, x: Any) -> Expr:
        a = lift(self.shape)
        return log(a) + a * log(self.minimum) - (a + 1) * log(x)

    def support(self) -> Space:
        return OpenInterval(known_end("minimum", self.minimum), sp.oo)
