"""Where the optimum over all parameters, and not only over a block, has a closed form."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
from sympy import IndexedBase, Sum

from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.algebra.sums import fresh
from entropy_proofs.families.spaces import POSITIVE, REAL
from entropy_proofs.model.model import Model, Parameter
from entropy_proofs.updates.m_step import Update

ONE_STEP = "one M-step is the global maximum of the likelihood"
PRINCIPAL = (
    "the likelihood's global maximum: {mu} is the mean of the data, {sigma2} the mean of the "
    "{rest} smallest eigenvalues of their covariance (divided by N), and {W} = U (L - {sigma2} "
    "I)^(1/2) with the {H} largest eigenvalues L and their eigenvectors U, up to a rotation "
    "(Tipping & Bishop 1999, Eqs. 7 and 8)"
)


def global_optimum(model: Model, updates: Sequence[Update]) -> str:
    """What is known of it, in words; empty where nothing is."""
    if not model.latents():
        return ONE_STEP if updates and _reached_at_once(model, updates) else ""
    return _principal_components(model)


def _reached_at_once(model: Model, updates: Sequence[Update]) -> bool:
    """Maxima over all blocks, none of which asks for a parameter that is updated after it."""
    left = set(model.learned())
    for u in updates:
        asked = frozenset().union(*(symbols_in(s.element) for s in u.solutions))
        left -= {p.label for p in u.parameters}
        if u.shown != "maximum" or asked & left:
            return False
    return not left


def _principal_components(model: Model) -> str:
    """Where x ~ N(W z + mu, sigma2 I) with z ~ N(0, I), and all of these are learned."""
    latents, data = model.latents(), [v for v in model.variables.values() if v.observed]
    learned = list(model.learned().values())
    found = _named(learned)
    if len(latents) != 1 or len(data) != 1 or len(model.terms) != 2 or found is None:
        return ""
    (z,), (x,) = latents, data
    w, mu, sigma2 = found
    if (w.shape, mu.shape) != ((*x.shape, *z.shape), x.shape) or len(w.shape) != 2:
        return ""
    prior, noise = model.terms
    if prior.variable != z.name or any(t.weight != 1 for t in model.terms) or model.q_weight != 1:
        return ""
    if len(prior.plates) != 1 or len(noise.plates) != 1:
        return ""
    ((h, _),), ((d, _),) = prior.plates, noise.plates
    k = fresh(symbols_in(noise.log_density), z.shape[0])
    products = Sum(IndexedBase(w.label)[d, k] * IndexedBase(z.label)[k], (k, 0, z.shape[0] - 1))
    deviation = IndexedBase(x.label)[d] - products - IndexedBase(mu.label)[d]
    s = sigma2.label
    expected = (
        -(IndexedBase(z.label)[h] ** 2) / 2 - sp.log(2 * sp.pi) / 2,
        -(deviation**2) / (2 * s) - sp.log(2 * sp.pi * s) / 2,
    )
    densities = prior.log_density, noise.log_density
    if any(normal(a) != normal(b) for a, b in zip(densities, expected, strict=True)):
        return ""
    size, inner = x.shape[0], z.shape[0]
    return PRINCIPAL.format(
        W=w.name, mu=mu.name, sigma2=sigma2.name, H=inner, rest=f"{size} - {inner}"
    )


def _named(learned: Sequence[Parameter]) -> tuple[Parameter, Parameter, Parameter] | None:
    """W, mu and sigma2 by their shapes."""
    by_axes = {len(p.shape): p for p in learned}
    if len(learned) != 3 or set(by_axes) != {0, 1, 2}:
        return None
    if by_axes[0].domain != POSITIVE or any(by_axes[k].domain != REAL for k in (1, 2)):
        return None
    return by_axes[2], by_axes[1], by_axes[0]


__all__ = ["global_optimum"]
