"""Normal q, with independent coordinates or not, and its exponential."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np
import sympy as sp
from numpy import ndarray
from sympy import Expr, Sum, exp, log

from entropy_proofs.algebra.nodes import LogDet, index
from entropy_proofs.algebra.sums import over
from entropy_proofs.families.spaces import LOWER_TRIANGULAR, POSITIVE, POSITIVE_DEFINITE, REAL
from entropy_proofs.q.factor import Arrays, At, Factor, Shape, StandardNormal


class FromNoise(Factor):
    """What is made from standard normal noise e, with a mean.

    degree: with which power of the latent's scale the other arrays go.
    """

    degree: ClassVar[int] = 1

    @property
    def base(self) -> StandardNormal:
        return StandardNormal.of(self.variable)

    def mean(self, at: At) -> Expr:
        return self.element("mean", at)

    def log_density(self, at: At) -> Expr:
        """Of the noise."""
        return self.base.log_density(at)

    def flow(self, suffix: str, element: Expr, rate: Expr, shift: Expr) -> Expr:
        return rate * element + shift if suffix == "mean" else self.degree * rate * element


class NormalFactor(FromNoise):
    """N(mean, deviation^2): z = mean + deviation e."""

    family: ClassVar = "normal"
    domains: ClassVar = {"mean": REAL, "deviation": POSITIVE}
    normal: ClassVar = True

    def variance(self, at: At) -> Expr:
        return self.element("deviation", at) ** 2

    def log_density(self, at: At) -> Expr:
        return self.base.log_density(at) - log(self.element("deviation", at))

    def natural_step(self, q: Arrays, slope: Arrays) -> dict[str, ndarray]:
        return _normal_step(q, slope)


class FullNormalFactor(FromNoise):
    """N(mean, scale scale') of a vector: z = mean + scale e; the scale is lower triangular."""

    family: ClassVar = "multivariate normal"
    domains: ClassVar = {"mean": REAL, "scale": LOWER_TRIANGULAR}
    meanings: ClassVar = {"scale": "root of the covariance"}
    normal: ClassVar = True
    full: ClassVar = True

    def shapes(self) -> dict[str, Shape]:
        shape = self.variable.shape
        return {"mean": shape, "scale": (*shape, *shape)}

    def variance(self, at: At) -> Expr:
        (n,) = self.variable.shape
        m = index(f"{self.variable.name}.m", n)
        return Sum(self.element("scale", (*at, m)) ** 2, (m, 0, n - 1))

    def log_density(self, at: At) -> Expr:
        """Of a coordinate given those before it."""
        return self.base.log_density(at) - log(self.element("scale", (*at, *at)) ** 2) / 2

    def natural_step(self, q: Arrays, slope: Arrays) -> dict[str, ndarray]:
        """T = (z, z z'); with the scale L, L' dF/dL = 2 L' (dF/dSigma) L is symmetric."""
        L = q["scale"]
        lower = np.tril(np.swapaxes(L, -1, -2) @ np.tril(slope["scale"]))
        symmetric = lower + np.swapaxes(np.tril(lower, -1), -1, -2)
        whitened = np.eye(L.shape[-1]) - symmetric  # L' precision L
        try:
            root = np.linalg.cholesky(np.linalg.inv(whitened))
        except np.linalg.LinAlgError:
            message = "the covariance of q would not be positive definite"
            raise FloatingPointError(message) from None
        scale = np.linalg.cholesky(L @ root @ np.swapaxes(L @ root, -1, -2))
        back = np.swapaxes(scale, -1, -2) @ slope["mean"][..., None]
        return {"mean": q["mean"] + (scale @ back)[..., 0], "scale": scale}


class CovarianceNormalFactor(FromNoise):
    """N(mean, covariance) of a vector, by the covariance itself."""

    family: ClassVar = "multivariate normal"
    domains: ClassVar = {"mean": REAL, "covariance": POSITIVE_DEFINITE}
    normal: ClassVar = True
    full: ClassVar = True
    degree: ClassVar = 2

    def shapes(self) -> dict[str, Shape]:
        *copies, n = self.variable.shape
        return {"mean": (*copies, n), "covariance": (*copies, n, n)}

    def variance(self, at: At) -> Expr:
        return self.element("covariance", (*at, at[-1]))

    def parts(self) -> tuple[tuple[Shape, Callable[[At], Expr]], ...]:
        """log q of noise, and of the volume that it is spread over."""
        *copies, n = self.variable.shape

        def volume(at: At) -> Expr:
            i, j = index("^r", n), index("^c", n)
            return -LogDet(over((i, j), self.element("covariance", (*at, i, j)), n), n) / 2

        return ((self.plates, self.log_density), (tuple(copies), volume))

    def natural_step(self, q: Arrays, slope: Arrays) -> dict[str, ndarray]:
        """T = (z, z z')."""
        by = slope["covariance"]
        precision = np.linalg.inv(q["covariance"]) - by - np.swapaxes(by, -1, -2)
        try:
            np.linalg.cholesky(precision)
        except np.linalg.LinAlgError:
            message = "the covariance of q would not be positive definite"
            raise FloatingPointError(message) from None
        covariance = np.linalg.inv(precision)
        moved = (covariance @ slope["mean"][..., None])[..., 0]
        return {"mean": q["mean"] + moved, "covariance": covariance}


class LogNormalFactor(FromNoise):
    """log z = mean + deviation e of a positive latent: all powers have means."""

    family: ClassVar = "log-normal"
    domains: ClassVar = {"mean": REAL, "deviation": POSITIVE}

    def described(self, suffix: str) -> str:
        return f"{self.meanings.get(suffix, suffix)} of log {self.variable.name}, normal under q"

    def mean(self, at: At) -> Expr:
        return self.power(at, sp.S.One)

    def variance(self, at: At) -> Expr:
        m, s = self.elements(at)
        return (exp(s**2) - 1) * exp(2 * m + s**2)

    def power(self, at: At, exponent: Expr) -> Expr:
        m, s = self.elements(at)
        return exp(exponent * m + exponent**2 * s**2 / 2)

    def log(self, at: At) -> Expr:
        return self.element("mean", at)

    def log_density(self, at: At) -> Expr:
        m, s = self.elements(at)
        return self.base.log_density(at) - log(s) - (m + s * self.base.value(at))

    def flow(self, suffix: str, element: Expr, rate: Expr, shift: Expr) -> Expr:
        return rate if suffix == "mean" else sp.S.Zero

    def natural_step(self, q: Arrays, slope: Arrays) -> dict[str, ndarray]:
        return _normal_step(q, slope)


def _normal_step(q: Arrays, slope: Arrays) -> dict[str, ndarray]:
    """T = (z, z^2), of z or log z."""
    precision = q["deviation"] ** -2 - slope["deviation"] / q["deviation"]
    return {"mean": q["mean"] + slope["mean"] / precision, "deviation": precision**-0.5}
