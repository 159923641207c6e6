"""Deciding that a normal form is zero, and cancelling inside its sums."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Pow, Sum, Symbol, oo

from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Polynomial, key, symbols_in
from entropy_proofs.algebra.rational import cancel
from entropy_proofs.algebra.scalar_rules import shift
from entropy_proofs.algebra.sums import fresh, sum_over

_LARGE = 20_000  # terms; a sum that grows beyond this is left undecided


def is_zero(p: Polynomial) -> bool:
    """True if p is shown to be zero, False if that was not shown.

    A rational function of the atoms is zero exactly if its numerator is: common denominators
    are cleared until none is left, and the polynomial that remains is compared term by term.
    A sum is zero if its summand is, or if what is left of the summand, once factors cancel, sums
    up to what stands outside.
    """
    p = _cleared(p)
    sizes = _ranges(p)
    if not p or not sizes:
        return not p
    i, inside, outside = _gathered(p, sizes[0])
    if not inside or len(outside) == len(p):
        return False
    if is_zero(inside):
        return is_zero(outside)
    shorter = inside if sizes[0] is oo else cancel(inside)
    return len(shorter) < len(inside) and is_zero(sum_over(shorter, i, sizes[0]) + outside)


def cancelled_in_sums(p: Polynomial) -> Polynomial:
    """The same with sums over one range as one, where factors of its summand cancel:
    the sum of w x[i] / (w x[i] + v) and that of v / (w x[i] + v) are the range."""
    for size in (n for n in _ranges(p) if n is not oo):  # parts of an endless sum may diverge
        i, inside, outside = _gathered(p, size)
        shorter = sum_over(cancel(inside), i, size) + outside
        if len(shorter) < len(p):
            return cancelled_in_sums(shorter)
    return p


def _ranges(p: Polynomial) -> list[Expr]:
    """The last ranges of the sums that stand as factors."""
    sums = sorted((a for a in p.atoms() if isinstance(a, Sum)), key=str)
    return list(dict.fromkeys(a.limits[-1][2] + 1 for a in sums))


def _gathered(p: Polynomial, size: Expr) -> tuple[Symbol, Polynomial, Polynomial]:
    """i, inside and outside, where p = sum_{i < size} inside + outside."""
    i = fresh(frozenset().union(*map(symbols_in, p.atoms())), size)
    inside, outside = [], []
    for mono, c in p:
        sums = [a for a, e in mono if isinstance(a, Sum) and e == 1 and a.limits[-1][2] + 1 == size]
        if sums:
            chosen = min(sums, key=lambda a: (not _divides(a), key(a)))
            rest = Polynomial({mono - {(chosen, 1)}: c})
            inside.append(rest * _summand(chosen, i))
        elif (size, 1) in mono:
            inside.append(Polynomial({mono - {(size, 1)}: c}))
        else:
            outside.append(Polynomial({mono: c}))
    return i, Polynomial.sum(inside), Polynomial.sum(outside)


def _divides(a: Sum) -> bool:
    """Whether something may cancel in it."""
    return any(p.base.is_Add and p.exp.is_negative for p in a.function.atoms(Pow))


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
