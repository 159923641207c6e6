"""Gamma q of a positive latent, or of its reciprocal."""

from __future__ import annotations

from typing import ClassVar

import sympy as sp
from numpy import ndarray
from scipy import special
from sympy import Expr, digamma, exp, log, loggamma

from entropy_proofs.families.scalar import Gamma, InverseGamma
from entropy_proofs.families.spaces import POSITIVE
from entropy_proofs.q.factor import Arrays, At, Factor


class GammaFactor(Factor):
    """Gamma(shape, rate)."""

    family: ClassVar = "gamma"
    domains: ClassVar = {"shape": POSITIVE, "rate": POSITIVE}

    def mean(self, at: At) -> Expr:
        a, b = self.elements(at)
        return a / b

    def variance(self, at: At) -> Expr:
        a, b = self.elements(at)
        return a / b**2

    def finite_power(self, at: At, exponent: Expr) -> Expr | None:
        return _power(exponent, *self.elements(at))

    def log(self, at: At) -> Expr:
        return _log(*self.elements(at))

    def log_density(self, at: At) -> Expr:
        a, b = self.elements(at)
        return Gamma(shape=a, rate=b).log_density(self.value(at))

    def flow(self, suffix: str, element: Expr, rate: Expr, shift: Expr) -> Expr:
        return -rate * element if suffix == "rate" else sp.S.Zero

    def natural_step(self, q: Arrays, slope: Arrays) -> dict[str, ndarray]:
        return _gamma_step("rate", q, slope)


class InverseGammaFactor(Factor):
    """InverseGamma(shape, scale): 1/z is Gamma(shape, rate=scale)."""

    family: ClassVar = "inverse-gamma"
    domains: ClassVar = {"shape": POSITIVE, "scale": POSITIVE}

    def mean(self, at: At) -> Expr:
        return self.power(at, sp.S.One)  # infinite for small shapes

    def variance(self, at: At) -> Expr:
        return self.mean(at)  # infinite, too

    def finite_power(self, at: At, exponent: Expr) -> Expr | None:
        return _power(-exponent, *self.elements(at))

    def log(self, at: At) -> Expr:
        return -_log(*self.elements(at))

    def log_density(self, at: At) -> Expr:
        a, b = self.elements(at)
        return InverseGamma(shape=a, scale=b).log_density(self.value(at))

    def flow(self, suffix: str, element: Expr, rate: Expr, shift: Expr) -> Expr:
        return rate * element if suffix == "scale" else sp.S.Zero

    def natural_step(self, q: Arrays, slope: Arrays) -> dict[str, ndarray]:
        return _gamma_step("scale", q, slope)


# of y ~ Gamma(a, b)
def _power(exponent: Expr, a: Expr, b: Expr) -> Expr | None:
    """E y^exponent; None where it is infinite for small a."""
    if exponent.is_Integer and exponent > 0:
        return sp.Mul(*(a + k for k in range(int(exponent)))) / b**exponent
    if exponent.is_positive:
        return exp(loggamma(a + exponent) - loggamma(a)) / b**exponent
    return None


def _log(a: Expr, b: Expr) -> Expr:
    """E log y."""
    return digamma(a) - log(b)


def _gamma_step(rate: str, q: Arrays, slope: Arrays) -> dict[str, ndarray]:
    """T = (log z, z); of 1/z, if that is gamma distributed."""
    a, b, da, db = q["shape"], q[rate], slope["shape"], slope[rate]
    trigamma = special.polygamma(1, a)
    determinant = trigamma * a - 1
    return {
        "shape": a + b * (a / b * da + db) / determinant,
        rate: b + b * (b * trigamma * db + da) / determinant,
    }
