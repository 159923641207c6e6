"""Linear systems over the rational functions of a model's parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from sympy import Expr, Symbol

from entropy_proofs.algebra.poly import Poly, symbols_in
from entropy_proofs.algebra.rational import Rationals, reduce_rows

Row = tuple[Mapping[Symbol, Poly], Poly]  # coefficients and the rest: their sum is zero


def solve(
    rows: Sequence[Row],
    unknowns: Sequence[Symbol],
    free: Sequence[Symbol],
    numbers: Sequence[Symbol],
    learned: frozenset[Symbol],
) -> dict[Symbol, Poly] | None:
    """Values of the unknowns, or None if there are none.

    Unknowns that the rows leave open are zero, the last ones first.  `free` ones that are left
    open stay in the values as symbols; `numbers` may not depend on a learned label.
    """
    if not rows:
        return {}
    columns = [*unknowns, *free, *numbers]
    over = Rationals([p for cs, rest in rows for p in (*cs.values(), rest)])
    zero = over.field.zero
    matrix = [
        [over.of(cs[u]) if u in cs else zero for u in columns] + [-over.of(rest)]
        for cs, rest in rows
    ]
    reduced, pivots = reduce_rows(matrix)
    if len(columns) in pivots:
        return None
    first = len(columns) - len(numbers)
    fixed = [row for row, pivot in zip(reduced, pivots, strict=False) if pivot >= first]
    values = _numbers([row[first:] for row in fixed], over, learned)
    if values is None:
        return None
    solution: dict[Symbol, Poly] = {}
    for row, pivot in zip(reduced, pivots, strict=False):
        if pivot >= first:
            continue
        right = row[-1]
        for k, value in enumerate(values):
            right = right - row[first + k] * value
        found = over.poly(right)
        for k, u in enumerate(free, start=len(unknowns)):
            if k != pivot and row[k]:
                found = found - over.poly(row[k]) * Poly.atom(u)
        solution[columns[pivot]] = found
    return solution


def _numbers(
    rows: list[list[Any]], over: Rationals, learned: frozenset[Symbol]
) -> list[Any] | None:
    """Values of the unknown numbers: as the rows stand, or for all values of the atoms at once."""
    width = len(rows[0]) - 1 if rows else 0
    values = [over.field.zero] * width
    for row in rows:
        values[next(k for k, x in enumerate(row) if x)] = row[-1]
    if not any(_depends(over.poly(v), learned) for v in values):
        return values
    equations = [equation for row in rows for equation in _by_monomial(row)]
    reduced, pivots = reduce_rows(equations)
    if width in pivots:
        return None
    values = [over.field.zero] * width
    for row, pivot in zip(reduced, pivots, strict=False):
        q = row[-1]
        values[pivot] = over.of(Poly.number(q))
    return values


def _by_monomial(row: list[Any]) -> list[list[Fraction]]:
    """sum_j c_j(theta) k_j = r(theta) for all theta: one equation for each monomial of theta."""
    common = row[0].field.one
    for x in row:
        if x:
            common = common * x.denom
    cleared = [(x * common).numer for x in row]
    monomials = {m for x in cleared for m, _ in x.terms()}
    table = [dict(x.terms()) for x in cleared]
    return [[_fraction(t.get(m, 0)) for t in table] for m in sorted(monomials)]


def _fraction(q: Any) -> Fraction:
    return Fraction(int(q.numerator), int(q.denominator)) if q else Fraction(0)


def _depends(p: Poly, learned: frozenset[Symbol]) -> bool:
    atoms: set[Expr] = p.atoms()
    return any(symbols_in(a) & learned for a in atoms)
