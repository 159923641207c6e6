"""Conditions that are linear in the cosine and the sine of a parameter, as of a mean direction.

The ELBO is a cosine of it then, with f > 0:

    F = C + (f / r) (a sin r theta + b cos r theta),
    dF / d theta = f (a cos r theta - b sin r theta).

On the circle it has one maximum, r theta = atan2(a, b), and opposite to it one minimum (Mardia &
Jupp 2000, Directional Statistics, section 5.3).  Where a = b = 0 it is constant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp
from sympy import Expr, Symbol

from entropy_proofs.algebra.nodes import element
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Polynomial, symbols_in
from entropy_proofs.algebra.scalar_rules import content
from entropy_proofs.claims.linear_conditions import opened


@dataclass(frozen=True)
class Harmonic:
    """A condition a cos(rate * own) - b sin(rate * own) = 0, but for a positive factor.

    own: the parameter's element.  above, below: a and b, without what both share.
    """

    own: Expr
    rate: Expr
    above: Polynomial
    below: Polynomial

    def solution(self) -> Expr:
        """Where the ELBO is largest."""
        return sp.atan2(self.above.expr(), self.below.expr()) / self.rate


def turned(own: Expr, rate: Expr, above: Expr, below: Expr) -> Polynomial:
    """a cos(rate * own) - b sin(rate * own)."""
    angle = rate * own
    return normal(above) * normal(sp.cos(angle)) - normal(below) * normal(sp.sin(angle))


def harmonic(condition: Polynomial, label: Symbol, slots: Sequence[Symbol]) -> Harmonic | None:
    """A condition with its angles drawn apart (`drawn_apart`), read; None if it is another."""
    own = element(label, slots)
    rates, above, below = set[Expr](), [], []
    for part in opened(condition):
        found = [a for a in part.factors if label in symbols_in(a)]
        if len(found) != 1 or part.factors[found[0]] != 1:
            return None
        (a,) = found
        rate = a.args[0] / own if isinstance(a, (sp.cos, sp.sin)) else own
        if not rate.is_Rational:
            return None
        rest = part.without(a).polynomial()
        rates.add(abs(rate))
        if isinstance(a, sp.cos):
            above.append(rest)
        else:
            below.append(-rest if rate > 0 else rest)
    if len(rates) != 1 or not above or not below:
        return None
    mark = sp.Dummy()  # tells b from a, while what both share is divided out
    both = Polynomial.sum(above) + Polynomial.sum(below) * Polynomial.atom(mark)
    _, rest = content(both, only_positive=True)
    a, b = (
        Polynomial({m - {(mark, 1)}: c for m, c in rest if ((mark, 1) in m) is of_sine})
        for of_sine in (False, True)
    )
    return Harmonic(own, rates.pop(), a, b)


def drawn_apart(expr: Expr, label: Symbol) -> Expr:
    """With cos(u + v) and sin(u + v) written out, where the parameter stands in v alone."""

    def parts(e: Expr) -> tuple[Expr, Expr]:
        total = sp.expand(e.args[0])
        own = sp.Add(*(a for a in sp.Add.make_args(total) if label in symbols_in(a)))
        return total - own, own

    def written(e: Expr) -> Expr:
        u, v = parts(e)
        if isinstance(e, sp.cos):
            return sp.cos(u) * sp.cos(v) - sp.sin(u) * sp.sin(v)
        return sp.sin(u) * sp.cos(v) + sp.cos(u) * sp.sin(v)

    return expr.replace(
        lambda e: isinstance(e, (sp.cos, sp.sin)) and label in symbols_in(e) and parts(e)[0] != 0,
        written,
    )
