"""Variational distributions whose moments have a closed form, one class for each family.

q of one latent is described by arrays named after it, "z.mean" or "z.rate"; its coordinates are
independent unless the class says otherwise.  What a family states: its arrays and their domains, E
of powers and logarithms, H[q] in nats, and how its arrays move when the latent is scaled.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import sympy as sp
from sympy import Expr, IndexedBase, Sum, Symbol, digamma, exp, log, loggamma

from entropy_proofs.algebra.nodes import index
from entropy_proofs.errors import InputError
from entropy_proofs.model import Variable

Shape = tuple[Expr, ...]
At = Sequence[Expr]


class NotAnalytic(InputError):
    """No closed form is known for an expectation."""


@dataclass(frozen=True)
class Factor(ABC):
    """q of one latent.

    family, meanings: what it is called, and its arrays where the suffix does not say it.
    domains: of each array that describes it, by suffix.
    """

    variable: Variable
    family: ClassVar[str]
    domains: ClassVar[dict[str, str]]
    meanings: ClassVar[dict[str, str]] = {"deviation": "standard deviation"}
    full: ClassVar[bool] = False  # whether the coordinates covary

    # arrays -----------------------------------------------------------------------------------
    def shapes(self) -> dict[str, Shape]:
        """Suffix -> shape for one data point."""
        return dict.fromkeys(self.domains, self.variable.shape)

    def label(self, suffix: str) -> Symbol:
        real = self.domains[suffix] in {"real", "lower triangular"}
        assumption = {"real": True} if real else {"positive": True}
        return Symbol(f"{self.variable.name}.{suffix}", **assumption)

    def described(self, suffix: str) -> str:
        """What an array is."""
        meaning = self.meanings.get(suffix, suffix)
        return f"{meaning} of the {self.family} q({self.variable.name})"

    def element(self, suffix: str, at: At) -> Expr:
        label = self.label(suffix)
        return IndexedBase(label)[tuple(at)] if at else label

    def flow(self, suffix: str, element: Expr) -> Expr:
        """d/dt of an array's element when the latent is scaled by exp(t), at t = 0."""
        return sp.S.Zero

    # expectations -----------------------------------------------------------------------------
    @abstractmethod
    def mean(self, at: At) -> Expr:
        """E z."""

    @abstractmethod
    def variance(self, at: At) -> Expr:
        """Of one coordinate."""

    def power(self, at: At, exponent: Expr) -> Expr:
        """E z^exponent."""
        raise NotAnalytic(f"no closed form is known for E_q[{self.variable.name}**{exponent}]")

    def log(self, at: At) -> Expr:
        """E log z."""
        raise NotAnalytic(f"no closed form is known for E_q[log({self.variable.name})]")

    def log_complement(self, at: At) -> Expr:
        """E log(1 - z)."""
        raise NotAnalytic(f"no closed form is known for E_q[log(1 - {self.variable.name})]")

    @abstractmethod
    def coordinate_entropy(self, at: At) -> Expr:
        """H[q] of what `entropy` sums over."""

    def entropy(self) -> Expr:
        """H[q] of this latent, in nats."""
        return self._total(self.coordinate_entropy, self.variable.shape)

    @staticmethod
    def _total(own: Callable[[At], Expr], shape: Shape) -> Expr:
        at = tuple(index(f"q{k}", n) for k, n in enumerate(shape))
        value = own(at)
        return Sum(value, *[(i, 0, n - 1) for i, n in zip(at, shape, strict=True)]) if at else value


class Normal(Factor):
    """N(mean, deviation^2)."""

    family: ClassVar = "normal"
    domains: ClassVar = {"mean": "real", "deviation": "positive"}

    def mean(self, at: At) -> Expr:
        return self.element("mean", at)

    def variance(self, at: At) -> Expr:
        return self.element("deviation", at) ** 2

    def coordinate_entropy(self, at: At) -> Expr:
        return log(self.element("deviation", at)) + log(2 * sp.pi * sp.E) / 2

    def flow(self, suffix: str, element: Expr) -> Expr:
        return element


class FullNormal(Normal):
    """N(mean, scale scale') of a vector; the scale is lower triangular."""

    family: ClassVar = "multivariate normal"
    domains: ClassVar = {"mean": "real", "scale": "lower triangular"}
    meanings: ClassVar = {"scale": "root of the covariance"}
    full: ClassVar = True

    def shapes(self) -> dict[str, Shape]:
        shape = self.variable.shape
        return {"mean": shape, "scale": (*shape, *shape)}

    def variance(self, at: At) -> Expr:
        (n,) = self.variable.shape
        m = index(f"{self.variable.name}.m", n)
        return Sum(self.element("scale", (*at, m)) ** 2, (m, 0, n - 1))

    def coordinate_entropy(self, at: At) -> Expr:
        return log(self.element("scale", (*at, *at)) ** 2) / 2 + log(2 * sp.pi * sp.E) / 2


class Bits(Factor):
    """A binary latent, by the probability of 1."""

    family: ClassVar = "Bernoulli"
    domains: ClassVar = {"probability": "unit interval"}

    def mean(self, at: At) -> Expr:
        return self.element("probability", at)

    def variance(self, at: At) -> Expr:
        return self.mean(at) * (1 - self.mean(at))

    def coordinate_entropy(self, at: At) -> Expr:
        p = self.element("probability", at)
        return -p * log(p) - (1 - p) * log(1 - p)


class Categories(Factor):
    """A category, by its probabilities along a last axis; it is summed over, not averaged."""

    family: ClassVar = "categorical"
    domains: ClassVar = {"probabilities": "simplex"}

    def shapes(self) -> dict[str, Shape]:
        return {"probabilities": (*self.variable.shape, *self.variable.support.bounds)}

    def mean(self, at: At) -> Expr:
        raise NotAnalytic(f"no closed form is known for the mean of {self.variable.name}")

    variance = mean

    def coordinate_entropy(self, at: At) -> Expr:
        p = self.element("probabilities", at)
        return -p * log(p)

    def entropy(self) -> Expr:
        return self._total(self.coordinate_entropy, self.shapes()["probabilities"])


class Gamma(Factor):
    """Gamma(shape, rate) of a positive latent."""

    family: ClassVar = "gamma"
    domains: ClassVar = {"shape": "positive", "rate": "positive"}

    def _arrays(self, at: At) -> tuple[Expr, Expr]:
        return self.element("shape", at), self.element("rate", at)

    def mean(self, at: At) -> Expr:
        a, b = self._arrays(at)
        return a / b

    def variance(self, at: At) -> Expr:
        a, b = self._arrays(at)
        return a / b**2

    def power(self, at: At, exponent: Expr) -> Expr:
        a, b = self._arrays(at)
        if exponent.is_Integer and exponent > 0:
            return sp.Mul(*(a + k for k in range(int(exponent)))) / b**exponent
        if exponent.is_positive:
            return exp(loggamma(a + exponent) - loggamma(a)) / b**exponent
        return super().power(at, exponent)  # infinite for small shapes

    def log(self, at: At) -> Expr:
        a, b = self._arrays(at)
        return digamma(a) - log(b)

    def coordinate_entropy(self, at: At) -> Expr:
        a, b = self._arrays(at)
        return a - log(b) + loggamma(a) + (1 - a) * digamma(a)

    def flow(self, suffix: str, element: Expr) -> Expr:
        return -element if suffix == "rate" else sp.S.Zero


class InverseGamma(Factor):
    """InverseGamma(shape, scale) of a positive latent: 1/z is Gamma(shape, rate=scale)."""

    family: ClassVar = "inverse-gamma"
    domains: ClassVar = {"shape": "positive", "scale": "positive"}

    def _arrays(self, at: At) -> tuple[Expr, Expr]:
        return self.element("shape", at), self.element("scale", at)

    def mean(self, at: At) -> Expr:
        return self.power(at, sp.S.One)  # infinite for small shapes

    variance = mean

    def power(self, at: At, exponent: Expr) -> Expr:
        a, b = self._arrays(at)
        if exponent.is_Integer and exponent < 0:
            return sp.Mul(*(a + k for k in range(-int(exponent)))) * b**exponent
        if exponent.is_negative:
            return exp(loggamma(a - exponent) - loggamma(a)) * b**exponent
        return super().power(at, exponent)

    def log(self, at: At) -> Expr:
        a, b = self._arrays(at)
        return log(b) - digamma(a)

    def coordinate_entropy(self, at: At) -> Expr:
        a, b = self._arrays(at)
        return a + log(b) + loggamma(a) - (1 + a) * digamma(a)

    def flow(self, suffix: str, element: Expr) -> Expr:
        return element if suffix == "scale" else sp.S.Zero


class LogNormal(Factor):
    """log z ~ N(mean, deviation^2) of a positive latent: all powers have means."""

    family: ClassVar = "log-normal"
    domains: ClassVar = {"mean": "real", "deviation": "positive"}

    def described(self, suffix: str) -> str:
        return f"{self.meanings.get(suffix, suffix)} of log {self.variable.name}, normal under q"

    def _arrays(self, at: At) -> tuple[Expr, Expr]:
        return self.element("mean", at), self.element("deviation", at)

    def mean(self, at: At) -> Expr:
        return self.power(at, sp.S.One)

    def variance(self, at: At) -> Expr:
        m, s = self._arrays(at)
        return (exp(s**2) - 1) * exp(2 * m + s**2)

    def power(self, at: At, exponent: Expr) -> Expr:
        m, s = self._arrays(at)
        return exp(exponent * m + exponent**2 * s**2 / 2)

    def log(self, at: At) -> Expr:
        return self.element("mean", at)

    def coordinate_entropy(self, at: At) -> Expr:
        m, s = self._arrays(at)
        return m + log(s) + log(2 * sp.pi * sp.E) / 2

    def flow(self, suffix: str, element: Expr) -> Expr:
        return sp.S.One if suffix == "mean" else sp.S.Zero


class Beta(Factor):
    """Beta(alpha, beta) of a latent in the unit interval."""

    family: ClassVar = "beta"
    domains: ClassVar = {"alpha": "positive", "beta": "positive"}

    def _arrays(self, at: At) -> tuple[Expr, Expr]:
        return self.element("alpha", at), self.element("beta", at)

    def mean(self, at: At) -> Expr:
        a, b = self._arrays(at)
        return a / (a + b)

    def variance(self, at: At) -> Expr:
        a, b = self._arrays(at)
        return a * b / ((a + b) ** 2 * (a + b + 1))

    def power(self, at: At, exponent: Expr) -> Expr:
        a, b = self._arrays(at)
        if exponent.is_Integer and exponent > 0:
            return sp.Mul(*((a + k) / (a + b + k) for k in range(int(exponent))))
        return super().power(at, exponent)

    def log(self, at: At) -> Expr:
        a, b = self._arrays(at)
        return digamma(a) - digamma(a + b)

    def log_complement(self, at: At) -> Expr:
        a, b = self._arrays(at)
        return digamma(b) - digamma(a + b)

    def coordinate_entropy(self, at: At) -> Expr:
        a, b = self._arrays(at)
        log_normaliser = loggamma(a) + loggamma(b) - loggamma(a + b)
        return log_normaliser - (a - 1) * self.log(at) - (b - 1) * self.log_complement(at)


class Dirichlet(Beta):
    """Dirichlet(concentration) of a latent on the simplex, along its last axis.

    Each component is Beta(concentration, the sum of the other ones); they covary.
    """

    family: ClassVar = "Dirichlet"
    domains: ClassVar = {"concentration": "positive"}

    def _total_concentration(self, at: At) -> Expr:
        size = self.variable.shape[-1]
        k = index(f"{self.variable.name}.k", size)
        return Sum(self.element("concentration", (*at[:-1], k)), (k, 0, size - 1))

    def _arrays(self, at: At) -> tuple[Expr, Expr]:
        alpha = self.element("concentration", at)
        return alpha, self._total_concentration(at) - alpha

    def variance(self, at: At) -> Expr:
        raise NotAnalytic(f"{self.variable.name}: products over the simplex have no closed form")

    def coordinate_entropy(self, at: At) -> Expr:
        alpha = self.element("concentration", at)
        return loggamma(alpha) - (alpha - 1) * self.log(at)

    def entropy(self) -> Expr:
        *rows, _ = shape = self.variable.shape

        def log_total(at: At) -> Expr:
            return loggamma(self._total_concentration((*at, sp.S.Zero)))

        components = self._total(self.coordinate_entropy, shape)
        return components - self._total(log_total, tuple(rows))


_BY_SUPPORT: dict[str, type[Factor]] = {
    "real": Normal,
    "binary": Bits,
    "category": Categories,
    "unit interval": Beta,
    "simplex": Dirichlet,
}


_ALL: tuple[type[Factor], ...] = (FullNormal, Gamma, InverseGamma, LogNormal, *_BY_SUPPORT.values())
#: What the arrays of any q are called, after its latent.
SUFFIXES = frozenset(suffix for family in _ALL for suffix in family.domains)


def factor_of(variable: Variable, covariance: str, exponents: set[Expr]) -> Factor:
    """The family for a latent.

    exponents: the powers of a positive latent that the model's terms call for.  Gamma q has means
        of all positive ones, inverse gamma q of all negative ones, log-normal q of both.

    Raises:
        NotAnalytic: no family serves it.
    """
    kind = variable.support.kind
    if kind == "real" and covariance == "full":
        if len(variable.shape) != 1:
            raise NotAnalytic(f"{variable.name}: a full covariance needs a vector")
        return FullNormal(variable)
    if kind == "positive":
        if all(e.is_positive for e in exponents):
            return Gamma(variable)
        if all(e.is_negative for e in exponents):
            return InverseGamma(variable)
        return LogNormal(variable)
    if kind in _BY_SUPPORT:
        return _BY_SUPPORT[kind](variable)
    if variable.support.discrete:
        raise NotAnalytic(f"{variable.name}: its values can't be enumerated")
    raise NotAnalytic(f"{variable.name}: no closed form for q on the {kind} numbers")


__all__ = ["SUFFIXES", "Factor", "NotAnalytic", "factor_of"]
