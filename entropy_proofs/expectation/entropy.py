"""H[q] = -E_q[log q], with E_q in closed form: no family states its entropy."""

from __future__ import annotations

from functools import lru_cache

import sympy as sp
from sympy import Expr, Sum

from entropy_proofs.algebra.nodes import index
from entropy_proofs.arrays.display import pretty
from entropy_proofs.expectation.moments import Moments
from entropy_proofs.q.factor import Factor


@lru_cache(maxsize=256)
def entropy(q: Factor) -> Expr:
    """H[q] of a latent in nats, in q's arrays.

    The logarithm of a volume, where q is made from noise, is part of log q.
    """
    E = Moments({q.base.variable.label: q.base})
    total = []
    for plates, log_density in q.parts():
        at = tuple(index(f"q{k}", n) for k, n in enumerate(plates))
        own = shortest(-E(log_density(at)))
        total.append(
            Sum(own, *[(i, 0, n - 1) for i, n in zip(at, plates, strict=True)]) if at else own
        )
    return sp.Add(*total)


def shortest(expr: Expr) -> Expr:
    """An equal expression: as it is, or multiplied out; its numbers are together."""
    if not expr.has(Sum):
        apart = sp.expand(expr)
        apart = sp.collect(apart, apart.atoms(sp.polygamma))
        expr = min(expr, apart, key=sp.count_ops)
    constant, rest = expr.as_independent(sp.Symbol, as_Add=True)
    return rest + pretty(constant) if constant else expr
