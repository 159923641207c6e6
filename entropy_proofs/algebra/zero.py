"""Deciding that a normal form is zero."""

from __future__ import annotations

from entropy_proofs.algebra.normal import shift
from entropy_proofs.algebra.poly import Poly

_LARGE = 20_000  # terms; a sum that grows beyond this is left undecided


def is_zero(p: Poly) -> bool:
    """True if p is shown to be zero, False if that was not shown.

    A rational function of the atoms is zero exactly if its numerator is: common denominators
    are cleared until none is left, and the polynomial that remains is compared term by term.
    """
    while p and len(p) < _LARGE:
        added = sorted((a for a in p.atoms() if a.is_Add), key=str)
        negative = [a for a in added if _lowest(p, a) != 0]
        if not negative:
            break
        p = shift(p, negative[0], -_lowest(p, negative[0]))
    return not p


def _lowest(p: Poly, a: object) -> object:
    return min(dict(m).get(a, 0) for m in p.terms)
