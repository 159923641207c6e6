"""Dirichlet q of a latent on the simplex, and beta q in the unit interval."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import sympy as sp
from numpy import ndarray
from scipy import special
from sympy import Expr, Sum, digamma

from entropy_proofs.algebra.nodes import index
from entropy_proofs.arrays.array import generate
from entropy_proofs.families.multivariate import Dirichlet
from entropy_proofs.families.scalar import Beta
from entropy_proofs.families.spaces import POSITIVE
from entropy_proofs.q.factor import Arrays, At, Factor, NotAnalytic, Shape


class BetaFactor(Factor):
    """Beta(alpha, beta)."""

    family: ClassVar = "beta"
    domains: ClassVar = {"alpha": POSITIVE, "beta": POSITIVE}

    def mean(self, at: At) -> Expr:
        a, b = self.elements(at)
        return a / (a + b)

    def variance(self, at: At) -> Expr:
        a, b = self.elements(at)
        return a * b / ((a + b) ** 2 * (a + b + 1))

    def finite_power(self, at: At, exponent: Expr) -> Expr | None:
        return _power(exponent, *self.elements(at))

    def log(self, at: At) -> Expr:
        a, b = self.elements(at)
        return digamma(a) - digamma(a + b)

    def log_complement(self, at: At) -> Expr:
        a, b = self.elements(at)
        return digamma(b) - digamma(a + b)

    def log_density(self, at: At) -> Expr:
        a, b = self.elements(at)
        return Beta(alpha=a, beta=b).log_density(self.value(at))

    def natural_step(self, q: Arrays, slope: Arrays) -> dict[str, ndarray]:
        both = (np.stack([by[s] for s in ("alpha", "beta")], axis=-1) for by in (q, slope))
        found = _concentration(*both)
        return {"alpha": found[..., 0], "beta": found[..., 1]}


class DirichletFactor(Factor):
    """Dirichlet(concentration), along the latent's last axis.

    Each component is Beta(concentration, the sum of the other ones); they covary.
    """

    family: ClassVar = "Dirichlet"
    domains: ClassVar = {"concentration": POSITIVE}

    def _total(self, at: At) -> Expr:
        """The sum over the components, by an index that no sum around it has."""
        size = self.variable.shape[-1]
        k = index(f"{self.variable.name}.k", size)
        return Sum(self.element("concentration", (*at[:-1], k)), (k, 0, size - 1))

    def mean(self, at: At) -> Expr:
        return self.element("concentration", at) / self._total(at)

    def variance(self, at: At) -> Expr:
        raise NotAnalytic(f"{self.variable.name}: products over the simplex have no closed form")

    def finite_power(self, at: At, exponent: Expr) -> Expr | None:
        alpha = self.element("concentration", at)
        return _power(exponent, alpha, self._total(at) - alpha)

    def log(self, at: At) -> Expr:
        return digamma(self.element("concentration", at)) - digamma(self._total(at))

    def log_complement(self, at: At) -> Expr:
        total = self._total(at)
        return digamma(total - self.element("concentration", at)) - digamma(total)

    @property
    def plates(self) -> Shape:
        return self.variable.shape[:-1]

    def log_density(self, at: At) -> Expr:
        own = self.variable.shape[-1:]
        concentration = generate(lambda k: self.element("concentration", (*at, k)), own)
        shares = generate(lambda k: self.value((*at, k)), own)
        found = Dirichlet(concentration=concentration).log_density(shares)
        return found.xreplace({concentration.sum(): self._total((*at, sp.S.Zero))})

    def natural_step(self, q: Arrays, slope: Arrays) -> dict[str, ndarray]:
        return {"concentration": _concentration(q["concentration"], slope["concentration"])}


def _power(exponent: Expr, a: Expr, b: Expr) -> Expr | None:
    """E z^exponent of Beta(a, b), for whole exponents."""
    if exponent.is_Integer and exponent > 0:
        return sp.Mul(*((a + k) / (a + b + k) for k in range(int(exponent))))
    return None


def _concentration(alpha: ndarray, slope: ndarray) -> ndarray:
    """T = log z."""
    own = special.polygamma(1, alpha)
    shared = special.polygamma(1, alpha.sum(axis=-1, keepdims=True))
    moved = slope / own
    share = shared / (1 - shared * (1 / own).sum(axis=-1, keepdims=True))
    return alpha + moved + share * moved.sum(axis=-1, keepdims=True) / own
