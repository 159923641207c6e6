"""Families of counts beside the Poisson and the binomial: more variance, more zeros, or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import sympy as sp
from sympy import Expr, KroneckerDelta, exp, log

from entropy_proofs.arrays.array import lift
from entropy_proofs.arrays.functions import loggamma
from entropy_proofs.families.family import Family
from entropy_proofs.families.spaces import COUNT, POSITIVE, UNIT_INTERVAL, IntegerRange


@dataclass(frozen=True, kw_only=True)
class Geometric(Family):
    """How many trials the first success takes: 1, 2, ...

    Args:
        probability: of success, in (0, 1), a scalar or an array.

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> ours, theirs = Geometric(probability=0.25).log_density(3), stats.geom(0.25).logpmf(3)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-1.96166 -1.96166'
    """

    source: ClassVar = "Johnson, Kemp & Kotz, Univariate Discrete Distributions (2005), chapter 5"
    probability: Any
    domains: ClassVar = {"probability": UNIT_INTERVAL}
    values: ClassVar = IntegerRange(sp.Integer(1), sp.oo)

    def log_density(self, x: Any) -> Expr:
        return (x - 1) * log(1 - self.probability) + log(self.probability)


@dataclass(frozen=True, kw_only=True)
class NegativeBinomial(Family):
    """How many failures come before the shape-th success: a Poisson with a Gamma(shape, rate) rate.

    Args:
        shape: positive, a scalar or an array; the number of successes need not be whole.
        probability: of success, in (0, 1), likewise.
        mean: positive, instead of the probability; the variance is mean + mean^2 / shape.

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> ours = NegativeBinomial(shape=2, probability=0.25).log_density(3)
    >>> theirs = stats.nbinom(2, 0.25).logpmf(3)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-2.24934 -2.24934'
    """

    source: ClassVar = "Johnson, Kemp & Kotz, Univariate Discrete Distributions (2005), chapter 5"
    shape: Any
    probability: Any = None
    mean: Any = None
    domains: ClassVar = {"shape": POSITIVE, "probability": UNIT_INTERVAL, "mean": POSITIVE}
    values: ClassVar = COUNT

    def log_density(self, x: Any) -> Expr:
        if self.one_of("probability", "mean") == "probability":
            failure, success = log(1 - self.probability), log(self.probability)
            return _ways(x, self.shape) + self.shape * success + x * failure
        beyond, none = _negative_binomial(x, self.shape, self.mean)
        return beyond + none


@dataclass(frozen=True, kw_only=True)
class TruncatedPoisson(Family):
    """Poisson(rate) of which only 1, 2, ... are seen.

    Args:
        rate: positive, a scalar or an array; of the Poisson before zeros are left out.

    log p in nats, and by SciPy:

    >>> import math
    >>> from scipy import stats
    >>> ours = TruncatedPoisson(rate=2).log_density(3)
    >>> theirs = stats.poisson(2).logpmf(3) - math.log(1 - math.exp(-2))
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-1.56690 -1.56690'
    """

    source: ClassVar = "Johnson, Kemp & Kotz, Univariate Discrete Distributions (2005), chapter 4"
    rate: Any
    domains: ClassVar = {"rate": POSITIVE}
    values: ClassVar = IntegerRange(sp.Integer(1), sp.oo)

    def log_density(self, x: Any) -> Expr:
        return _poisson(x, self.rate) - log(exp(self.rate) - 1)


@dataclass(frozen=True, kw_only=True)
class ZeroInflatedPoisson(Family):
    """Zero with a probability, else Poisson(rate), which may be zero too.

    Args:
        rate: positive, a scalar or an array.
        probability: of an excess zero, in (0, 1), likewise.
        logits: real, of an excess zero, instead of the probability.

    log p in nats, and by SciPy:

    >>> import math
    >>> from scipy import stats
    >>> ours = ZeroInflatedPoisson(rate=2, probability=0.25).log_density(3)
    >>> theirs = math.log(0.75) + stats.poisson(2).logpmf(3)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-2.00000 -2.00000'
    """

    source: ClassVar = "Lambert, Technometrics 34 (1992), 1-14"
    rate: Any
    probability: Any = None
    logits: Any = None
    domains: ClassVar = {"rate": POSITIVE, "probability": UNIT_INTERVAL}
    values: ClassVar = COUNT

    def log_density(self, x: Any) -> Expr:
        return _poisson(x, self.rate) + _inflated(x, _chance_of_zero(self), -self.rate)


@dataclass(frozen=True, kw_only=True)
class HurdlePoisson(Family):
    """Zero with a probability, else Poisson(rate) of which only 1, 2, ... are seen.

    Args:
        rate: positive, a scalar or an array; of the Poisson before zeros are left out.
        probability: of a zero, in (0, 1), likewise.
        logits: real, of a zero, instead of the probability.

    log p in nats, and by SciPy:

    >>> import math
    >>> ours, theirs = HurdlePoisson(rate=2, probability=0.25).log_density(0), math.log(0.25)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-1.38629 -1.38629'
    """

    source: ClassVar = "Mullahy, Journal of Econometrics 33 (1986), 341-365"
    rate: Any
    probability: Any = None
    logits: Any = None
    domains: ClassVar = {"rate": POSITIVE, "probability": UNIT_INTERVAL}
    values: ClassVar = COUNT

    def log_density(self, x: Any) -> Expr:
        return _poisson(x, self.rate) + _hurdle(x, _chance_of_zero(self), -self.rate)


@dataclass(frozen=True, kw_only=True)
class ZeroInflatedNegativeBinomial(Family):
    """Zero with a probability, else negative binomial, which may be zero too.

    Args:
        mean, shape: positive, a scalar or an array; of the negative binomial itself.
        probability: of an excess zero, in (0, 1), likewise.
        logits: real, of an excess zero, instead of the probability.

    log p in nats, and by SciPy:

    >>> import math
    >>> from scipy import stats
    >>> ours = ZeroInflatedNegativeBinomial(mean=6, shape=2, probability=0.25).log_density(3)
    >>> theirs = math.log(0.75) + stats.nbinom(2, 0.25).logpmf(3)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-2.53702 -2.53702'
    """

    source: ClassVar = "Cameron & Trivedi, Regression Analysis of Count Data (1998), chapter 4"
    mean: Any
    shape: Any
    probability: Any = None
    logits: Any = None
    domains: ClassVar = {"mean": POSITIVE, "shape": POSITIVE, "probability": UNIT_INTERVAL}
    values: ClassVar = COUNT

    def log_density(self, x: Any) -> Expr:
        beyond, none = _negative_binomial(x, self.shape, self.mean)
        return beyond + _inflated(x, _chance_of_zero(self), none)


@dataclass(frozen=True, kw_only=True)
class HurdleNegativeBinomial(Family):
    """Zero with a probability, else negative binomial of which only 1, 2, ... are seen.

    Args:
        mean, shape: positive, a scalar or an array; of it before zeros are left out.
        probability: of a zero, in (0, 1), likewise.
        logits: real, of a zero, instead of the probability.

    log p in nats, and by SciPy:

    >>> import math
    >>> ours = HurdleNegativeBinomial(mean=6, shape=2, probability=0.25).log_density(0)
    >>> theirs = math.log(0.25)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-1.38629 -1.38629'
    """

    source: ClassVar = "Cameron & Trivedi, Regression Analysis of Count Data (1998), chapter 4"
    mean: Any
    shape: Any
    probability: Any = None
    logits: Any = None
    domains: ClassVar = {"mean": POSITIVE, "shape": POSITIVE, "probability": UNIT_INTERVAL}
    values: ClassVar = COUNT

    def log_density(self, x: Any) -> Expr:
        beyond, none = _negative_binomial(x, self.shape, self.mean)
        return beyond + _hurdle(x, _chance_of_zero(self), none)


# log probabilities of counts: that of zero, and what a count adds to it -------------------------
def _poisson(x: Any, rate: Any) -> Expr:
    return x * log(rate) - loggamma(x + 1)


def _ways(x: Any, shape: Any) -> Expr:
    return loggamma(x + shape) - loggamma(shape) - loggamma(x + 1)


def _negative_binomial(x: Any, shape: Any, mean: Any) -> tuple[Expr, Expr]:
    r, m = lift(shape), lift(mean)
    return _ways(x, r) + x * (log(m) - log(r + m)), r * (log(r) - log(r + m))


def _chance_of_zero(family: Any) -> Expr:
    if family.one_of("probability", "logits") == "logits":
        return 1 / (1 + exp(-family.logits))
    return lift(family.probability)


def _inflated(x: Any, chance: Expr, none: Expr) -> Expr:
    """A zero is put in with this chance, and of itself with log probability none."""
    return _at_zero(x, log(chance + (1 - chance) * exp(none)), log(1 - chance) + none)


def _hurdle(x: Any, chance: Expr, none: Expr) -> Expr:
    """A zero has this chance in place of one of log probability none."""
    return _at_zero(x, log(chance), log(1 - chance) - log(exp(-none) - 1))


def _at_zero(x: Any, then: Expr, other: Expr) -> Expr:
    zero = KroneckerDelta(x, 0)
    return zero * then + (1 - zero) * other
