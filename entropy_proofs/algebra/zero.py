"""Deciding that a normal form is zero."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Sum, Symbol

from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Polynomial, symbols_in
from entropy_proofs.algebra.scalar_rules import shift
from entropy_proofs.algebra.sums import fresh

_LARGE = 20_000  # terms; a sum that grows beyond this is left undecided


def is_zero(p: Polynomial) -> bool:
    """True if p is shown to be zero, False if that was not shown.

    A rational function of the atoms is zero exactly if its numerator is: common denominators
    are cleared until none is left, and the polynomial that remains is compared term by term.
    A sum is zero if its summand is.
    """
    p = _cleared(p)
    size = next(
        (a.limits[-1][2] + 1 for a in sorted(p.atoms(), key=str) if isinstance(a, Sum)), None
    )
    if not p or size is None:
        return not p
    inside, outside = _gathered(p, size)
    return bool(inside) and len(outside) < len(p) and is_zero(inside) and is_zero(outside)


def _gathered(p: Polynomial, size: Expr) -> tuple[Polynomial, Polynomial]:
    """p = sum_{i < size} inside + outside."""
    i = fresh(frozenset().union(*map(symbols_in, p.atoms())), size)
    inside, outside = [], []
    for mono, c in p:
        sums = [a for a, e in mono if isinstance(a, Sum) and e == 1 and a.limits[-1][2] + 1 == size]
        if sums:
            rest = Polynomial({mono - {(sums[0], 1)}: c})
            inside.append(rest * _summand(sums[0], i))
        elif (size, 1) in mono:
            inside.append(Polynomial({mono - {(size, 1)}: c}))
        else:
            outside.append(Polynomial({mono: c}))
    return Polynomial.sum(inside), Polynomial.sum(outside)


def _summand(a: Sum, i: Symbol) -> Polynomial:
    """What the sum's last index, here i, runs over."""
    *inner, (last, _, _) = a.limits
    function = a.function.xreplace({last: i})
    return normal(Sum(function, *inner) if inner else function)


def _cleared(p: Polynomial) -> Polynomial:
    """The numerator."""
    while p and len(p) < _LARGE:
        added = sorted((a for a in p.atoms() if a.is_Add), key=str)
        negative = [a for a in added if _lowest(p, a) != 0]
        if not negative:
            break
        p = shift(p, negative[0], -_lowest(p, negative[0]))
    return p


def _lowest(p: Polynomial, a: Expr) -> Any:
    return min(dict(m).get(a, 0) for m in p.terms)
