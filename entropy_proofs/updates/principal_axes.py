"""Loadings that maximise the likelihood given the noise: q and they together have a closed form.

Where x ~ N(W z + mu, diag(psi)) with z ~ N(0, I), F with the best q is the likelihood, and its
maximum over (W, mu) given psi follows from eigenvectors (Lawley 1940; Jöreskog 1967).  One psi for
all coordinates is solved for as well (Tipping & Bishop 1999).
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp
from sympy import IndexedBase, Sum

from entropy_proofs.algebra.nodes import element
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.algebra.sums import fresh
from entropy_proofs.families.spaces import POSITIVE, REAL
from entropy_proofs.model.model import Model, Parameter

GIVEN = (
    "given {psi}, the likelihood's maximum over {W}, {mu} and q at once: {mu} is the mean of the "
    "data, and {W} = diag({psi})^(1/2) U (L - I)^(1/2) with the {H} largest eigenvalues L (those "
    "above 1) and the eigenvectors U of diag({psi})^(-1/2) S diag({psi})^(-1/2), S the data's "
    "covariance (divided by N), up to a rotation (Lawley 1940)"
)
ALL = (
    "the likelihood's global maximum: {mu} is the mean of the data, {psi} the mean of the "
    "{rest} smallest eigenvalues of their covariance (divided by N), and {W} = U (L - {psi} "
    "I)^(1/2) with the {H} largest eigenvalues L and their eigenvectors U, up to a rotation "
    "(Tipping & Bishop 1999, Eqs. 7 and 8)"
)
ALL_OF_FEWER = "; where {H} ≥ {D} as with {D} - 1 of them, and zeros"


@dataclass(frozen=True)
class PrincipalAxes:
    """The loadings W (D, H) and the mean (D,) of a model with noise psi, () or (D,)."""

    loadings: Parameter
    mean: Parameter
    noise: Parameter

    @property
    def is_global(self) -> bool:
        """Whether all parameters are solved for: one variance serves all coordinates."""
        return not self.noise.shape

    @property
    def solved(self) -> tuple[Parameter, ...]:
        """What depends on nothing but the data, and on the noise where it has coordinates."""
        found = (self.loadings, self.mean)
        return (*found, self.noise) if self.is_global else found

    @property
    def text(self) -> str:
        """What is known of it, in words."""
        D, H = self.loadings.shape
        fewer = ALL_OF_FEWER.format(D=D, H=H) if self.is_global and not (D - H).is_positive else ""
        names = {"W": self.loadings.name, "mu": self.mean.name, "psi": self.noise.name}
        return (ALL if self.is_global else GIVEN).format(H=H, rest=f"{D} - {H}", **names) + fewer


def principal_axes(model: Model) -> PrincipalAxes | None:
    """Of x ~ N(W z + mu, diag(psi)) with z ~ N(0, I), where all of these are learned.

    None where q is declared in a family, in which the posterior need not be.
    """
    if not all(q.is_posterior for q in model.variational_.of.values()):
        return None
    latents, data = model.latents(), [v for v in model.variables.values() if v.observed]
    if len(latents) != 1 or len(data) != 1 or len(model.terms) != 2:
        return None
    (z,), (x,) = latents, data
    found = _by_role(list(model.learned().values()))
    if found is None or len(x.shape) != 1 or len(z.shape) != 1:
        return None
    w, mu, psi = found.loadings, found.mean, found.noise
    if (w.shape, mu.shape) != ((*x.shape, *z.shape), x.shape) or psi.shape not in ((), x.shape):
        return None
    prior, noise = model.terms
    if prior.variable != z.name or any(t.weight != 1 for t in model.terms) or model.q_weight != 1:
        return None
    if len(prior.plates) != 1 or len(noise.plates) != 1:
        return None
    ((h, _),), ((d, _),) = prior.plates, noise.plates
    k = fresh(symbols_in(noise.log_density), z.shape[0])
    products = Sum(IndexedBase(w.label)[d, k] * IndexedBase(z.label)[k], (k, 0, z.shape[0] - 1))
    deviation = IndexedBase(x.label)[d] - products - IndexedBase(mu.label)[d]
    s = element(psi.label, [d] if psi.shape else [])
    expected = (
        -(IndexedBase(z.label)[h] ** 2) / 2 - sp.log(2 * sp.pi) / 2,
        -(deviation**2) / (2 * s) - sp.log(2 * sp.pi * s) / 2,
    )
    densities = prior.log_density, noise.log_density
    if any(normal(a) != normal(b) for a, b in zip(densities, expected, strict=True)):
        return None
    return found


def _by_role(learned: list[Parameter]) -> PrincipalAxes | None:
    """By shapes and domains."""
    matrices = [p for p in learned if len(p.shape) == 2 and p.domain == REAL]
    means = [p for p in learned if len(p.shape) == 1 and p.domain == REAL]
    scales = [p for p in learned if len(p.shape) < 2 and p.domain == POSITIVE]
    if len(learned) != 3 or not (len(matrices) == len(means) == len(scales) == 1):
        return None
    return PrincipalAxes(*matrices, *means, *scales)
