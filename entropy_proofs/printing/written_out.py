"""Small arrays that are written down element by element, such as [[1, rho], [rho, 1]]."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, KroneckerDelta, Symbol

from entropy_proofs.algebra.nodes import size_of_range
from entropy_proofs.algebra.poly import at_places, symbols_in

_MOST = 6  # rows, and columns


def rows_of(element: Expr, slots: Sequence[Symbol]) -> list[list[Expr]] | None:
    """The rows of a matrix, or of a column, with this generic element.

    None if it is large, or nothing tells its elements apart by their numbers.
    """
    sizes = [size_of_range(i) for i in slots]
    places = [range(int(n)) for n in sizes if n and n.is_Integer and n <= _MOST]
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
