"""Small arrays that are written down element by element, such as [[1, rho], [rho, 1]]."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, Indexed, KroneckerDelta, Symbol

from entropy_proofs.algebra.nodes import size_of_range
from entropy_proofs.algebra.poly import at_places, symbols_in

_MOST = 6  # rows, and columns


def rows_of(element: Expr, slots: Sequence[Symbol]) -> list[list[Expr]] | None:
    """The rows of a matrix, or of a column, with this generic element.

    None if it is large, or nothing tells its elements apart by their numbers.
    """
    places = [range(int(n)) for n in map(size_of_range, slots) if n and n.is_Integer and n <= _MOST]
    if len(slots) not in (1, 2) or len(places) < len(slots):
        return None
    deltas = (d for d in element.atoms(KroneckerDelta) if symbols_in(d) & set(slots))
    if not any(a.is_Integer for d in deltas for a in d.args):
        return None
    if len(slots) == 1:
        return [[at_places(element, {slots[0]: row})] for row in places[0]]
    i, j = slots
    rows, columns = places
    return [[at_places(element, {i: row, j: column}) for column in columns] for row in rows]


def as_one(element: Expr, slots: Sequence[Symbol]) -> Expr:
    """The generic element w[i] of (w[0], w[1]), where all elements are alike; else what it was."""
    rows = rows_of(element, slots) if len(slots) == 1 else None
    if rows is None or len(rows) == 1:
        return element
    (i,), (first,) = slots, rows[0]
    at_i = {e: e.base[tuple(i if n == 0 else n for n in e.indices)] for e in first.atoms(Indexed)}
    one = first.xreplace(at_i)
    alike = all(at_places(one, {i: k}) == value for k, (value,) in enumerate(rows))
    return one if alike else element
