"""Families of scalar variables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import sympy as sp
from sympy import Abs, Expr, besseli, cos, exp, log, loggamma, pi

from entropy_proofs.arrays import lift
from entropy_proofs.families.base import (
    BINARY,
    COUNT,
    POSITIVE,
    REAL,
    UNIT_INTERVAL,
    Family,
    Support,
)


@dataclass(frozen=True, kw_only=True)
class Normal(Family):
    """N(mean, variance) on the real line."""

    mean: Any
    variance: Any
    domains: ClassVar = {"variance": "positive"}

    def log_density(self, x: Any) -> Expr:
        return -((x - self.mean) ** 2) / (2 * self.variance) - log(2 * pi * self.variance) / 2

    def support(self) -> Support:
        return REAL


@dataclass(frozen=True, kw_only=True)
class Laplace(Family):
    """Laplace(mean, scale): density exp(-|x - mean| / scale) / (2 scale)."""

    mean: Any
    scale: Any
    domains: ClassVar = {"scale": "positive"}

    def log_density(self, x: Any) -> Expr:
        return -Abs(x - self.mean) / self.scale - log(2 * self.scale)

    def support(self) -> Support:
        return REAL


@dataclass(frozen=True, kw_only=True)
class GeneralizedNormal(Family):
    """Density proportional to exp(-(|x - mean| / scale)^power)."""

    mean: Any
    scale: Any
    power: Any
    domains: ClassVar = {"scale": "positive", "power": "positive"}

    def log_density(self, x: Any) -> Expr:
        p, s = lift(self.power), self.scale
        return -((Abs(x - self.mean) / s) ** p) + log(p) - log(2 * s) - loggamma(1 / p)

    def support(self) -> Support:
        return REAL


@dataclass(frozen=True, kw_only=True)
class StudentT(Family):
    """Student's t with a mean, a squared scale and degrees of freedom."""

    mean: Any
    scale2: Any
    degrees_of_freedom: Any
    domains: ClassVar = {"scale2": "positive", "degrees_of_freedom": "positive"}

    def log_density(self, x: Any) -> Expr:
        nu, s2 = lift(self.degrees_of_freedom), self.scale2
        tail = (nu + 1) / 2 * log(1 + (x - self.mean) ** 2 / (nu * s2))
        return loggamma((nu + 1) / 2) - loggamma(nu / 2) - log(nu * pi * s2) / 2 - tail

    def support(self) -> Support:
        return REAL


@dataclass(frozen=True, kw_only=True)
class VonMises(Family):
    """Von Mises on (-pi, pi): density proportional to exp(concentration cos(x - mean))."""

    mean: Any
    concentration: Any
    domains: ClassVar = {"concentration": "positive"}

    def log_density(self, x: Any) -> Expr:
        kappa = lift(self.concentration)
        return kappa * cos(x - self.mean) - log(2 * pi * besseli(0, kappa))

    def support(self) -> Support:
        return Support("interval", (-pi, pi))


@dataclass(frozen=True, kw_only=True)
class Gamma(Family):
    """Gamma(shape, rate), mean shape / rate."""

    shape: Any
    rate: Any
    domains: ClassVar = {"shape": "positive", "rate": "positive"}

    def log_density(self, x: Any) -> Expr:
        a, b = lift(self.shape), self.rate
        return a * log(b) - loggamma(a) + (a - 1) * log(x) - b * x

    def support(self) -> Support:
        return POSITIVE


@dataclass(frozen=True, kw_only=True)
class InverseGamma(Family):
    """InverseGamma(shape, scale): 1 / x is Gamma(shape, rate=scale)."""

    shape: Any
    scale: Any
    domains: ClassVar = {"shape": "positive", "scale": "positive"}

    def log_density(self, x: Any) -> Expr:
        a, b = lift(self.shape), self.scale
        return a * log(b) - loggamma(a) - (a + 1) * log(x) - b / x

    def support(self) -> Support:
        return POSITIVE


@dataclass(frozen=True, kw_only=True)
class Exponential(Family):
    """Exponential(rate), mean 1 / rate."""

    rate: Any
    domains: ClassVar = {"rate": "positive"}

    def log_density(self, x: Any) -> Expr:
        return log(self.rate) - self.rate * x

    def support(self) -> Support:
        return POSITIVE


@dataclass(frozen=True, kw_only=True)
class Beta(Family):
    """Beta(alpha, beta) on the unit interval."""

    alpha: Any
    beta: Any
    domains: ClassVar = {"alpha": "positive", "beta": "positive"}

    def log_density(self, x: Any) -> Expr:
        a, b = lift(self.alpha), lift(self.beta)
        normaliser = loggamma(a) + loggamma(b) - loggamma(a + b)
        return (a - 1) * log(x) + (b - 1) * log(1 - x) - normaliser

    def support(self) -> Support:
        return UNIT_INTERVAL


@dataclass(frozen=True, kw_only=True)
class Bernoulli(Family):
    """Bernoulli with the probability of 1, or its logit."""

    probability: Any = None
    logits: Any = None
    domains: ClassVar = {"probability": "unit interval"}

    def log_density(self, x: Any) -> Expr:
        if self.one_of("probability", "logits") == "logits":
            return x * self.logits - log(1 + exp(self.logits))
        return x * log(self.probability) + (1 - x) * log(1 - self.probability)

    def support(self) -> Support:
        return BINARY


@dataclass(frozen=True, kw_only=True)
class Poisson(Family):
    """Poisson(rate) on 0, 1, 2, ..."""

    rate: Any
    domains: ClassVar = {"rate": "positive"}

    def log_density(self, x: Any) -> Expr:
        return x * log(self.rate) - self.rate - loggamma(x + 1)

    def support(self) -> Support:
        return COUNT


@dataclass(frozen=True, kw_only=True)
class Binomial(Family):
    """Binomial with a known number of trials."""

    trials: Any
    probability: Any
    domains: ClassVar = {"probability": "unit interval", "trials": "positive"}

    def log_density(self, x: Any) -> Expr:
        n, p = lift(self.trials), self.probability
        ways = loggamma(n + 1) - loggamma(x + 1) - loggamma(n - x + 1)
        return ways + x * log(p) + (n - x) * log(1 - p)

    def support(self) -> Support:
        return Support("integer range", (sp.Integer(0), lift(self.trials)))


@dataclass(frozen=True)
class Density(Family):
    """Any density of a scalar variable: its log density as a function of the value."""

    function: Callable[[Any], Any]
    region: sp.Set

    def __init__(self, log_density: Callable[[Any], Any], support: sp.Set = sp.S.Reals):
        object.__setattr__(self, "function", log_density)
        object.__setattr__(self, "region", support)

    def log_density(self, x: Any) -> Expr:
        return self.function(x)

    def support(self) -> Support:
        return Support.of_set(self.region, "Density")
