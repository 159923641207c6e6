"""Linear systems over the rational functions of a model's parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from sympy import Expr, Symbol

from entropy_proofs.algebra.poly import Polynomial, symbols_in
from entropy_proofs.algebra.rational import Ratio, Rationals, eliminate

Row = tuple[Mapping[Symbol, Ratio], Ratio]  # coefficients and the rest: their sum is zero
Solution = dict[Symbol, Polynomial]


def solve(
    rows: Sequence[Row],
    over: Rationals,
    unknowns: Sequence[Symbol],
    free: Sequence[Symbol],
    numbers: Sequence[Symbol],
    learned: frozenset[Symbol],
) -> Solution | frozenset[int]:
    """Values of the unknowns, or if there are none the numbers of some rows that conflict.

    Unknowns that the rows leave open are zero, the last ones first.  `free` ones that are left
    open stay in the values as symbols; `numbers` may not depend on a learned label.
    """
    columns = [*unknowns, *free, *numbers]
    at = {u: k for k, u in enumerate(columns)}
    last = len(columns)
    sparse = [{**{at[u]: x for u, x in cs.items()}, last: -rest} for cs, rest in rows]
    reduced, made_of = eliminate(sparse)
    if last in reduced:
        return made_of[last]
    first = last - len(numbers)
    fixed = {pivot: row for pivot, row in reduced.items() if pivot >= first}
    values = _numbers(list(fixed.values()), last, over, learned)
    if values is None:
        return frozenset().union(*(made_of[pivot] for pivot in fixed))
    solution: Solution = {}
    for pivot, row in reduced.items():
        if pivot >= first:
            continue
        right = row.get(last, over.zero)
        for k, value in values.items():
            if k in row:
                right = right - row[k] * value
        found = over.poly(right)
        for k, u in enumerate(free, start=len(unknowns)):
            if k != pivot and k in row:
                found = found - over.poly(row[k]) * Polynomial.atom(u)
        solution[columns[pivot]] = found
    return solution


def _numbers(
    rows: Sequence[Mapping[int, Ratio]], last: int, over: Rationals, learned: frozenset[Symbol]
) -> dict[int, Ratio] | None:
    """Values of the unknown numbers: as the rows stand, or for all values of the atoms at once."""
    values = {min(row): row[last] for row in rows if last in row}
    if not any(_depends(over.poly(v), learned) for v in values.values()):
        return values
    reduced, _ = eliminate([equation for row in rows for equation in _by_monomial(row, over)])
    if last in reduced:
        return None
    return {
        pivot: over.of(Polynomial.number(row[last]))
        for pivot, row in reduced.items()
        if last in row
    }


def _by_monomial(row: Mapping[int, Ratio], over: Rationals) -> list[dict[int, Fraction]]:
    """sum_j c_j(theta) k_j = r(theta) for all theta: one equation for each monomial of theta."""
    common = over.one
    for x in row.values():
        common = common * Ratio(x.denominator, over.one.numerator)
    equations: dict[tuple[int, ...], dict[int, Fraction]] = {}
    for k, x in row.items():
        for monomial, q in (x * common).numerator.to_dict().items():
            equations.setdefault(monomial, {})[k] = Fraction(int(q.p), int(q.q))
    return [equations[m] for m in sorted(equations)]


def _depends(p: Polynomial, learned: frozenset[Symbol]) -> bool:
    atoms: set[Expr] = p.atoms()
    return any(symbols_in(a) & learned for a in atoms)
