"""Families of scalar variables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import sympy as sp
from sympy import Abs, Expr, besseli, cos, erf, exp, log, pi, sqrt

from entropy_proofs.arrays.array import Array, lift
from entropy_proofs.arrays.functions import loggamma
from entropy_proofs.errors import InputError
from entropy_proofs.families.family import Family
from entropy_proofs.families.spaces import (
    BINARY,
    COUNT,
    POSITIVE,
    REAL,
    UNIT_INTERVAL,
    IntegerRange,
    OpenInterval,
    Space,
    of_set,
)


@dataclass(frozen=True, kw_only=True)
class Normal(Family):
    """N(mean, variance) on the real line.

    Args:
        mean: real, a scalar or an array.
        variance: positive, likewise.

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> ours, theirs = Normal(mean=1, variance=4).log_density(3), stats.norm(1, 2).logpdf(3)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-2.11209 -2.11209'
    """

    source: ClassVar = "Bishop, PRML (2006), eq. (1.46)"
    mean: Any
    variance: Any
    domains: ClassVar = {"variance": POSITIVE}
    values: ClassVar = REAL

    def log_density(self, x: Any) -> Expr:
        return -((x - self.mean) ** 2) / (2 * self.variance) - log(2 * pi * self.variance) / 2


@dataclass(frozen=True, kw_only=True)
class Laplace(Family):
    """Laplace(mean, scale): density exp(-|x - mean| / scale) / (2 scale).

    Args:
        mean: real, a scalar or an array.
        scale: positive, likewise.

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> ours, theirs = Laplace(mean=1, scale=2).log_density(3), stats.laplace(1, 2).logpdf(3)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-2.38629 -2.38629'
    """

    source: ClassVar = "NIST/SEMATECH e-Handbook, section 1.3.6.6.12"
    mean: Any
    scale: Any
    domains: ClassVar = {"scale": POSITIVE}
    values: ClassVar = REAL

    def log_density(self, x: Any) -> Expr:
        return -Abs(x - self.mean) / self.scale - log(2 * self.scale)


@dataclass(frozen=True, kw_only=True)
class GeneralizedNormal(Family):
    """Density proportional to exp(-(|x - mean| / scale)^power).

    Args:
        mean: real, a scalar or an array.
        scale, power: positive, likewise.

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> ours = GeneralizedNormal(mean=1, scale=2, power=3).log_density(3)
    >>> theirs = stats.gennorm(3, 1, 2).logpdf(3)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-2.27310 -2.27310'
    """

    source: ClassVar = "Nadarajah, Journal of Applied Statistics 32 (2005), 685-694"
    mean: Any
    scale: Any
    power: Any
    domains: ClassVar = {"scale": POSITIVE, "power": POSITIVE}
    values: ClassVar = REAL

    def log_density(self, x: Any) -> Expr:
        p, s = lift(self.power), self.scale
        return -((Abs(x - self.mean) / s) ** p) + log(p) - log(2 * s) - loggamma(1 / p)


@dataclass(frozen=True, kw_only=True)
class StudentT(Family):
    """Student's t with a mean, a squared scale and degrees of freedom.

    Args:
        mean: real, a scalar or an array.
        scale2, degrees_of_freedom: positive, likewise.

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> ours = StudentT(mean=1, scale2=4, degrees_of_freedom=5).log_density(3)
    >>> theirs = stats.t(5, 1, 2).logpdf(3)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-2.20873 -2.20873'
    """

    source: ClassVar = "Bishop, PRML (2006), eq. (2.159)"
    mean: Any
    scale2: Any
    degrees_of_freedom: Any
    domains: ClassVar = {"scale2": POSITIVE, "degrees_of_freedom": POSITIVE}
    values: ClassVar = REAL

    def log_density(self, x: Any) -> Expr:
        nu, s2 = lift(self.degrees_of_freedom), self.scale2
        tail = (nu + 1) / 2 * log(1 + (x - self.mean) ** 2 / (nu * s2))
        return loggamma((nu + 1) / 2) - loggamma(nu / 2) - log(nu * pi * s2) / 2 - tail


@dataclass(frozen=True, kw_only=True)
class Logistic(Family):
    """Logistic(mean, scale), of variance pi^2 scale^2 / 3.

    Args:
        mean: real, a scalar or an array.
        scale: positive, likewise.

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> ours, theirs = Logistic(mean=1, scale=2).log_density(3), stats.logistic(1, 2).logpdf(3)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-2.31967 -2.31967'
    """

    source: ClassVar = (
        "Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 2 (1995), chapter 23"
    )
    mean: Any
    scale: Any
    domains: ClassVar = {"scale": POSITIVE}
    values: ClassVar = REAL

    def log_density(self, x: Any) -> Expr:
        z = (x - self.mean) / lift(self.scale)
        return -z - log(self.scale) - 2 * log(1 + exp(-z))


@dataclass(frozen=True, kw_only=True)
class Gumbel(Family):
    """Gumbel(location, scale) of largest values, of mean location + 0.577 scale.

    Args:
        location: real, a scalar or an array; the mode.
        scale: positive, likewise.

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> ours, theirs = Gumbel(location=1, scale=2).log_density(3), stats.gumbel_r(1, 2).logpdf(3)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-2.06103 -2.06103'
    """

    source: ClassVar = (
        "Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 2 (1995), chapter 22"
    )
    location: Any
    scale: Any
    domains: ClassVar = {"scale": POSITIVE}
    values: ClassVar = REAL

    def log_density(self, x: Any) -> Expr:
        z = (x - self.location) / lift(self.scale)
        return -z - exp(-z) - log(self.scale)


@dataclass(frozen=True, kw_only=True)
class SkewNormal(Family):
    """Skew normal: density 2 N(z; 0, 1) Phi(slant z) / scale at z = (x - location) / scale.

    Args:
        location, slant: real, a scalar or an array; slant 0 is the normal.
        scale: positive, likewise.

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> ours = SkewNormal(location=1, scale=2, slant=0.5).log_density(3)
    >>> theirs = stats.skewnorm(0.5, 1, 2).logpdf(3)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-1.78788 -1.78788'
    """

    source: ClassVar = "Azzalini, Scandinavian Journal of Statistics 12 (1985), 171-178"
    location: Any
    scale: Any
    slant: Any
    domains: ClassVar = {"scale": POSITIVE}
    values: ClassVar = REAL

    def log_density(self, x: Any) -> Expr:
        z = (x - self.location) / lift(self.scale)
        tilt = log(1 + erf(self.slant * z / sqrt(2)))
        return -(z**2) / 2 - log(2 * pi) / 2 - log(self.scale) + tilt


@dataclass(frozen=True, kw_only=True)
class Uniform(Family):
    """Uniform between two known ends: a support does not move with what is learned.

    Args:
        low, high: known real numbers, low < high.

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> ours, theirs = Uniform(low=1, high=5).log_density(3), stats.uniform(1, 4).logpdf(3)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-1.38629 -1.38629'
    """

    source: ClassVar = (
        "Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 2 (1995), chapter 26"
    )
    low: Any
    high: Any

    def log_density(self, x: Any) -> Expr:
        return -log(lift(self.high) - lift(self.low))

    def support(self) -> Space:
        low, high = known_end("low", self.low), known_end("high", self.high)
        if (high - low).is_number and not (high - low).is_positive:
            raise InputError(f"low must be below high, not {low} and {high}")
        return OpenInterval(low, high)


@dataclass(frozen=True, kw_only=True)
class VonMises(Family):
    """Von Mises on (-pi, pi): density proportional to exp(concentration cos(x - mean)).

    Args:
        mean: real, a scalar or an array.
        concentration: positive, likewise.

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> ours = VonMises(mean=1, concentration=2).log_density(3)
    >>> theirs = stats.vonmises(2, 1).logpdf(3)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-3.49416 -3.49416'
    """

    source: ClassVar = "Bishop, PRML (2006), eq. (2.179)"
    mean: Any
    concentration: Any
    domains: ClassVar = {"concentration": POSITIVE}

    def log_density(self, x: Any) -> Expr:
        kappa = lift(self.concentration)
        return kappa * cos(x - self.mean) - log(2 * pi * besseli(0, kappa))

    def support(self) -> Space:
        return OpenInterval(-pi, pi)


@dataclass(frozen=True, kw_only=True)
class Gamma(Family):
    """Gamma(shape, rate), mean shape / rate.

    Args:
        shape, rate: positive, a scalar or an array.

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> ours, theirs = Gamma(shape=2, rate=3).log_density(3), stats.gamma(2, scale=1 / 3).logpdf(3)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-5.70416 -5.70416'
    """

    source: ClassVar = "Bishop, PRML (2006), eq. (2.146)"
    shape: Any
    rate: Any
    domains: ClassVar = {"shape": POSITIVE, "rate": POSITIVE}
    values: ClassVar = POSITIVE

    def log_density(self, x: Any) -> Expr:
        a, b = lift(self.shape), self.rate
        return a * log(b) - loggamma(a) + (a - 1) * log(x) - b * x


@dataclass(frozen=True, kw_only=True)
class InverseGamma(Family):
    """InverseGamma(shape, scale): 1 / x is Gamma(shape, rate=scale).

    Args:
        shape, scale: positive, a scalar or an array.

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> ours = InverseGamma(shape=2, scale=3).log_density(3)
    >>> theirs = stats.invgamma(2, scale=3).logpdf(3)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-2.09861 -2.09861'
    """

    source: ClassVar = "Gelman et al., BDA3 (2013), table A.1"
    shape: Any
    scale: Any
    domains: ClassVar = {"shape": POSITIVE, "scale": POSITIVE}
    values: ClassVar = POSITIVE

    def log_density(self, x: Any) -> Expr:
        a, b = lift(self.shape), self.scale
        return a * log(b) - loggamma(a) - (a + 1) * log(x) - b / x


@dataclass(frozen=True, kw_only=True)
class Exponential(Family):
    """Exponential(rate), mean 1 / rate.

    Args:
        rate: positive, a scalar or an array.

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> ours, theirs = Exponential(rate=2).log_density(3), stats.expon(scale=1 / 2).logpdf(3)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-5.30685 -5.30685'
    """

    source: ClassVar = "Gelman et al., BDA3 (2013), table A.1"
    rate: Any
    domains: ClassVar = {"rate": POSITIVE}
    values: ClassVar = POSITIVE

    def log_density(self, x: Any) -> Expr:
        return log(self.rate) - self.rate * x


@dataclass(frozen=True, kw_only=True)
class Beta(Family):
    """Beta(alpha, beta) on the unit interval.

    Args:
        alpha, beta: positive, a scalar or an array.

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> ours, theirs = Beta(alpha=2, beta=3).log_density(0.25), stats.beta(2, 3).logpdf(0.25)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '0.52325 0.52325'
    """

    source: ClassVar = "Bishop, PRML (2006), eq. (2.13)"
    alpha: Any
    beta: Any
    domains: ClassVar = {"alpha": POSITIVE, "beta": POSITIVE}
    values: ClassVar = UNIT_INTERVAL

    def log_density(self, x: Any) -> Expr:
        a, b = lift(self.alpha), lift(self.beta)
        normaliser = loggamma(a) + loggamma(b) - loggamma(a + b)
        return (a - 1) * log(x) + (b - 1) * log(1 - x) - normaliser


@dataclass(frozen=True, kw_only=True)
class Bernoulli(Family):
    """Bernoulli with the probability of 1, or its logit.

    Args:
        probability: in (0, 1), a scalar or an array.
        logits: real, instead of the probability.

    log p in nats, and by SciPy:

    >>> import math
    >>> from scipy import stats
    >>> ours = Bernoulli(logits=2).log_density(1)
    >>> theirs = stats.bernoulli(1 / (1 + math.exp(-2))).logpmf(1)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-0.12693 -0.12693'
    """

    source: ClassVar = "Bishop, PRML (2006), eq. (2.2)"
    probability: Any = None
    logits: Any = None
    domains: ClassVar = {"probability": UNIT_INTERVAL}
    values: ClassVar = BINARY

    def log_density(self, x: Any) -> Expr:
        if self.one_of("probability", "logits") == "logits":
            return x * self.logits - log(1 + exp(self.logits))
        return x * log(self.probability) + (1 - x) * log(1 - self.probability)


@dataclass(frozen=True, kw_only=True)
class Poisson(Family):
    """Poisson(rate) on 0, 1, 2, ...

    Args:
        rate: positive, a scalar or an array.

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> ours, theirs = Poisson(rate=2).log_density(3), stats.poisson(2).logpmf(3)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-1.71232 -1.71232'
    """

    source: ClassVar = "Gelman et al., BDA3 (2013), table A.2"
    rate: Any
    domains: ClassVar = {"rate": POSITIVE}
    values: ClassVar = COUNT

    def log_density(self, x: Any) -> Expr:
        return x * log(self.rate) - self.rate - loggamma(x + 1)


@dataclass(frozen=True, kw_only=True)
class Binomial(Family):
    """Binomial with a known number of trials.

    Args:
        trials: known whole numbers, one or an array.
        probability: in (0, 1), a scalar or an array.

    log p in nats, and by SciPy:

    >>> from scipy import stats
    >>> ours = Binomial(trials=5, probability=0.25).log_density(3)
    >>> theirs = stats.binom(5, 1 / 4).logpmf(3)
    >>> f"{float(ours):.5f} {theirs:.5f}"
    '-2.43166 -2.43166'
    """

    source: ClassVar = "Bishop, PRML (2006), eq. (2.9)"
    trials: Any
    probability: Any
    domains: ClassVar = {"probability": UNIT_INTERVAL, "trials": POSITIVE}

    def log_density(self, x: Any) -> Expr:
        n, p = lift(self.trials), self.probability
        whole_trials(n)
        ways = loggamma(n + 1) - loggamma(x + 1) - loggamma(n - x + 1)
        return ways + x * log(p) + (n - x) * log(1 - p)

    def support(self) -> Space:
        return IntegerRange(sp.Integer(0), lift(self.trials))


def known_end(name: str, end: Any) -> Expr:
    """An end of a support: one finite number, the same for all coordinates."""
    found = lift(end)
    if isinstance(found, Array) or not found.is_finite:
        raise InputError(
            f"{name} must be one finite number: an end of the support is the same everywhere"
        )
    return found


def whole_trials(trials: Expr) -> None:
    """Raises InputError for a number of trials that is a fraction."""
    if trials.is_number and not trials.is_integer:
        raise InputError(f"trials must be a whole number, not {trials}")


@dataclass(frozen=True)
class Density(Family):
    """Any density of a scalar variable: its log density as a function of the value.

    Args:
        log_density: log p in nats as an expression of the value; it may use parameters and parents.
        support: a SymPy set: `Reals`, an `Interval`, a `Range`, a `FiniteSet` of whole numbers
            without a gap, `Naturals0`.

    A density that does not integrate to one is refused as it is declared:

    >>> from entropy_proofs import InputError, Interval, Model, oo
    >>> model = Model("half a normal")
    >>> try:
    ...     x = model.observed("x", Density(lambda x: -(x**2) / 2, Interval(0, oo)))
    ... except InputError as error:
    ...     print(str(error).partition(";")[0])
    x: its density integrates to 1.253, not to one
    """

    source: ClassVar = "stated in the model; checked to integrate to one"
    function: Callable[[Any], Any]
    region: sp.Set

    def __init__(self, log_density: Callable[[Any], Any], support: sp.Set = sp.S.Reals):
        object.__setattr__(self, "function", log_density)
        object.__setattr__(self, "region", support)

    @property
    def tested(self) -> bool:
        return False

    def __repr__(self) -> str:
        x = self.support().symbol("x")
        return f"<Density of x in {self.region}: log p(x) = {self.log_density(x)}>"

    def arguments(self) -> dict[str, Expr]:
        return {}

    def log_density(self, x: Any) -> Expr:
        return self.function(x)

    def support(self) -> Space:
        return of_set(self.region, "Density")
