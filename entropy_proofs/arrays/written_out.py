"""Small arrays that are written down element by element, such as [[1, rho], [rho, 1]]."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count, product

from sympy import Expr, Indexed, Integer, KroneckerDelta, Lambda, Sum, Symbol

from entropy_proofs.algebra.nodes import index, size_of_range
from entropy_proofs.algebra.poly import at_places, symbols_in

_MOST = 6  # rows, and columns


def rows_of(element: Expr, slots: Sequence[Symbol]) -> list[list[Expr]] | None:
    """The rows of a matrix, or of a column, with this generic element.

    None if it is large, or nothing tells its elements apart by their numbers.
    """
    sizes = [int(n) for n in map(size_of_range, slots) if n and n.is_Integer and n <= _MOST]
    if len(slots) not in (1, 2) or len(sizes) < len(slots) or not element.has(KroneckerDelta):
        return None
    element = _with_other_names(element, frozenset(slots))
    deltas = (d for d in element.atoms(KroneckerDelta) if symbols_in(d) & set(slots))
    if not any(a.is_Integer for d in deltas for a in d.args):
        return None
    columns = sizes[1] if len(slots) == 2 else 1
    places = product(*(map(Integer, range(n)) for n in sizes))
    found = [at_places(element, dict(zip(slots, at, strict=True))) for at in places]
    return [found[start : start + columns] for start in range(0, len(found), columns)]


def as_one(element: Expr, slots: Sequence[Symbol]) -> Expr:
    """The generic element w[i] of (w[0], w[1]), where all elements are alike; else what it was."""
    rows = rows_of(element, slots) if len(slots) == 1 else None
    if rows is None or len(rows) == 1:
        return element
    (i,), (first,) = slots, rows[0]
    at_i = {e: e.base[tuple(i if n == 0 else n for n in e.indices)] for e in first.atoms(Indexed)}
    one = first.xreplace(at_i)
    alike = all(at_places(one, {i: Integer(k)}) == value for k, (value,) in enumerate(rows))
    return one if alike else element


def _with_other_names(element: Expr, slots: frozenset[Symbol]) -> Expr:
    """With the indices that sums and matrices inside have for themselves named otherwise."""
    taken = {s.name for s in symbols_in(element) | slots}

    def binds(e: Expr) -> bool:
        return isinstance(e, (Lambda, Sum)) and not slots.isdisjoint(e.variables)

    def renamed(e: Expr) -> Expr:
        own: dict[Expr, Expr] = {}
        for i in sorted(slots.intersection(e.variables), key=str):
            name = next(n for n in (i.name + k * "'" for k in count(1)) if n not in taken)
            own[i] = index(name, size_of_range(i))
            taken.add(name)
        return e.func(*(at_places(a, own) for a in e.args))

    return element.replace(binds, renamed)
