"""Functions of what a written-out table holds, or of cases, as tables and cases of their values.

`array([a, b])[c]` is a delta_c0 + b delta_c1, and log of that is log(a) delta_c0 + log(b) delta_c1:
what a search or a rule sees are then functions of the entries.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import Expr, Indexed, KroneckerDelta

from entropy_proofs.algebra.nodes import size_of_range
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.errors import POSITIVE_EVERYWHERE, InputError

_MOST = 16  # values of one index
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
    tables = expr.has(KroneckerDelta, sp.Piecewise)
    return expr.replace(_is_function, _by_entry) if tables else expr


def _is_function(e: Any) -> bool:
    if isinstance(e, sp.Pow):
        return not (e.exp.is_Integer and e.exp.is_positive)
    return isinstance(e, sp.Function) and not isinstance(e, (KroneckerDelta, sp.Piecewise))


def _by_entry(e: Expr) -> Expr:
    """One function, whose arguments hold no other that has a table inside."""
    deltas = _free_in(e, KroneckerDelta)
    picked = next((p for d in deltas if (p := _picked(d)) is not None), None)
    if picked is None:
        return _by_case(e)
    place, size = picked
    cases = []
    for k in range(size):
        found = e.xreplace({d: KroneckerDelta(*(_at(a, place, k) for a in d.args)) for d in deltas})
        if found.has(*_UNDEFINED):
            raise InputError(f"an entry of a table is 0; {POSITIVE_EVERYWHERE}")
        cases.append(KroneckerDelta(place, k) * by_entry(found))
    return sp.Add(*cases)


def _by_case(e: Expr) -> Expr:
    """A function of cases, in each of them."""
    whole = next(iter(_free_in(e, sp.Piecewise)), None)
    if whole is None:
        return e
    return sp.Piecewise(*((by_entry(e.xreplace({whole: v})), c) for v, c in whole.args))


def _free_in(e: Expr, kind: type[Expr]) -> list[Any]:
    """Its tables or cases that may be moved out of it: no index in them is bound inside."""
    bound = {i for total in e.atoms(sp.Sum, sp.Product) for i, *_ in total.limits}
    bound |= {i for element in e.atoms(sp.Lambda) for i in element.variables}
    return sorted((a for a in e.atoms(kind) if bound.isdisjoint(symbols_in(a))), key=str)


def _picked(d: Expr) -> tuple[Expr, int] | None:
    """The index or variable that is compared with a number, and how many values it has."""
    number, *others = sorted(d.args, key=lambda a: not a.is_Integer)
    (place,) = others
    if not number.is_Integer:
        return None
    label = place.base.label if isinstance(place, Indexed) else place
    size = size_of_range(label) if isinstance(label, sp.Symbol) else None
    few = size is not None and size.is_Integer and size <= _MOST
    return (place, int(size)) if size is not None and few else None


def _at(a: Expr, place: Expr, k: int) -> Expr:
    return sp.Integer(k) if a == place else a


__all__ = ["by_entry"]
