"""Functions of what a written-out table holds, or of cases, as tables and cases of their values.

`array([a, b])[c]` is a delta_c0 + b delta_c1, and log of that is log(a) delta_c0 + log(b) delta_c1:
what a search or a rule sees are then functions of the entries.  So is log(c b + (1 - c) a).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import sympy as sp
from sympy import Expr, Indexed, KroneckerDelta

from entropy_proofs.algebra.nodes import Expectation, is_variable, label_of, values_of
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.errors import POSITIVE_EVERYWHERE, InputError

_MOST = 16  # values of one index
_MOST_CASES = 64  # of the variables that are added up, together
_UNDEFINED = (sp.zoo, sp.nan, sp.oo, -sp.oo)


def by_entry(expr: Expr) -> Expr:
    """The expression with functions moved inside of tables that an index or a variable picks from.

    Raises:
        InputError: an entry is one at which the function is not defined, as log 0.

    >>> from entropy_proofs.algebra.nodes import index
    >>> from sympy.abc import a, b
    >>> c = index("c", sp.Integer(2))
    >>> by_entry(sp.log(a * KroneckerDelta(c, 0) + b * KroneckerDelta(c, 1)))
    log(a)*KroneckerDelta(0, c) + log(b)*KroneckerDelta(1, c)
    """
    if not expr.has(KroneckerDelta, sp.Piecewise):
        return expr
    # what an average is of varies in it, and is in no case where a function of the average stands
    averages = {a: sp.Dummy(real=True) for a in expr.atoms(Expectation)}
    found = expr.xreplace(averages).replace(_is_function, _by_entry)
    return found.xreplace({d: a.func(*map(by_entry, a.args)) for a, d in averages.items()})


def _is_function(e: Any) -> bool:
    if isinstance(e, sp.Pow):
        return not (e.exp.is_Integer and e.exp.is_positive)
    return isinstance(e, sp.Function) and not isinstance(e, (KroneckerDelta, sp.Piecewise))


def _by_entry(e: Expr) -> Expr:
    """One function, whose arguments hold no other that has a table inside."""
    e = e.replace(_is_sum_of_table, _written_out)
    deltas = _free_in(e, KroneckerDelta)
    picked = next((p for d in deltas if (p := _picked(d)) is not None), None)
    if picked is None:
        return _by_agreement(e, deltas)
    place, size = picked

    def entry(k: int) -> Expr:
        return e.xreplace({d: KroneckerDelta(*(_at(a, place, k) for a in d.args)) for d in deltas})

    cases = _cases(place, size, entry, lambda _: "an entry of a table is 0")
    return sp.Add(*(delta * by_entry(found) for delta, found in cases))


def _cases(
    place: Expr, size: int, at: Callable[[int], Expr], undefined: Callable[[int], str]
) -> Iterator[tuple[Expr, Expr]]:
    """(delta, what holds there) for each value of an index or a variable.

    Raises:
        InputError: it is not defined for one; `undefined` says so.
    """
    for k in range(size):
        found = at(k)
        if found.has(*_UNDEFINED):
            raise InputError(f"{undefined(k)}; {POSITIVE_EVERYWHERE}")
        yield KroneckerDelta(place, k), found


def by_value(expr: Expr) -> Expr:
    """The expression in cases of each variable of few values that a logarithm or quotient adds up.

    Likewise of several that make one index.  Where the cases are many it stays as it is.

    Raises:
        InputError: for one of the values it is not defined.

    >>> from entropy_proofs.algebra.nodes import whole_number
    >>> from sympy.abc import a, b
    >>> z = whole_number("z", sp.Integer(2))
    >>> by_value(sp.log(a * z + b * (1 - z)))
    log(a)*KroneckerDelta(1, z) + log(b)*KroneckerDelta(0, z)
    """
    added = {p for e in expr.atoms(sp.log, sp.Pow) if _is_function(e) for p in _added(e.args[0])}
    for place in (i for e in expr.atoms(Indexed) for i in e.indices):
        if not place.as_coeff_Add()[1].is_Atom:
            added |= set(_added(place, among=True))
    bound = _bound_in(expr)
    free = sorted((p for p in added if bound.isdisjoint(symbols_in(p))), key=str)
    if not free or prod(map(_few_values, free)) > _MOST_CASES:
        return expr
    place = free[0]

    def value(k: int) -> Expr:
        return expr.xreplace({place: sp.Integer(k)})

    cases = _cases(place, _few_values(place), value, lambda k: f"log 0 where {place} is {k}")
    return sp.Add(*(delta * by_value(found) for delta, found in cases))


def _added(e: Expr, among: bool = False) -> Iterator[Expr]:
    """The variables of few values in a polynomial's sums, and in powers that it adds up."""
    if isinstance(e, (sp.Add, sp.Mul)):
        for a in e.args:
            yield from _added(a, among or isinstance(e, sp.Add))
    elif isinstance(e, sp.Pow):
        yield from _added(e.base, among)
        if among:
            yield from _added(e.exp, among)
    elif among and is_variable(label_of(e)) and _few_values(e):
        yield e


def _few_values(place: Expr) -> int:
    """How many values an index or a variable has; 0 if they are not few."""
    size = values_of(place)
    return int(size) if size is not None and size.is_Integer and size <= _MOST else 0


def _is_sum_of_table(e: Any) -> bool:
    """Whether it adds up a written-out table's entries."""
    if not isinstance(e, sp.Sum) or len(e.limits) != 1:
        return False
    ((i, low, high),) = e.limits
    few = low == 0 and high.is_Integer and high < _MOST
    return few and any(i in d.args and _picked(d) for d in e.function.atoms(KroneckerDelta))


def _written_out(total: sp.Sum) -> Expr:
    ((i, _, high),) = total.limits
    return sp.Add(*(total.function.xreplace({i: sp.Integer(k)}) for k in range(high + 1)))


def _by_agreement(e: Expr, deltas: list[Any]) -> Expr:
    """A function of whether two variables agree, in both cases, where these are not too many.

    Not where an array is looked up at both (a matrix with something added to its diagonal): that
    is one table.
    """
    tables = [set(a.indices) for a in e.atoms(Indexed)]
    asked = [
        d
        for d in deltas
        if not any(a.is_Integer for a in d.args)
        and not any(set(d.args) <= places for places in tables)
    ]
    if not asked or 2 ** len(asked) > _MOST_CASES:
        return _by_case(e)
    agree = asked[0]
    one, other = agree.args
    result = sp.S.Zero
    for k, (chosen, said) in enumerate(((1 - agree, "is not"), (agree, "is"))):
        found = e.xreplace({agree: sp.Integer(k)})
        if found.has(*_UNDEFINED):
            raise InputError(f"log 0 where {one} {said} {other}; {POSITIVE_EVERYWHERE}")
        result += chosen * by_entry(found)
    return result


def _by_case(e: Expr) -> Expr:
    """A function of cases, in each of them."""
    whole = next(iter(_free_in(e, sp.Piecewise)), None)
    if whole is None:
        return e
    return sp.Piecewise(*((by_entry(e.xreplace({whole: v})), c) for v, c in whole.args))


def _free_in(e: Expr, kind: type[Expr]) -> list[Any]:
    """Its tables or cases that may be moved out of it: no index in them is bound inside."""
    bound = _bound_in(e)
    return sorted((a for a in e.atoms(kind) if bound.isdisjoint(symbols_in(a))), key=str)


def _bound_in(e: Expr) -> set[Expr]:
    """The indices of its sums, products and arrays."""
    bound = {i for total in e.atoms(sp.Sum, sp.Product) for i, *_ in total.limits}
    return bound | {i for element in e.atoms(sp.Lambda) for i in element.variables}


def _picked(d: Expr) -> tuple[Expr, int] | None:
    """The index or variable that is compared with a number, and how many values it has."""
    number, *others = sorted(d.args, key=lambda a: not a.is_Integer)
    (place,) = others
    if not number.is_Integer:
        return None
    size = _few_values(place)
    return (place, size) if size else None


def _at(a: Expr, place: Expr, k: int) -> Expr:
    return sp.Integer(k) if a == place else a
