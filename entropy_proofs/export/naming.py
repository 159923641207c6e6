"""Readable names for bound indices: a sum over 0..D-1 runs over d, nested ones over d, d'."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sympy import Add, Expr, Indexed, Lambda, Mul, Sum, Symbol

from entropy_proofs.algebra.nodes import Expectation, index
from entropy_proofs.arrays import Array
from entropy_proofs.display import pretty


def named(expr: Expr, taken: Iterable[str] = ()) -> Expr:
    """An equal expression whose sums run over indices named after their sizes.

    taken: names that are in use around the expression.
    """
    taken = set(taken)
    if isinstance(expr, Sum):
        body = expr.function
        limits: list[tuple[Expr, ...]] = []
        for i, low, high in reversed(expr.limits):
            name = index_for(high + 1, taken | _names(expr) - {i.name})
            taken.add(name.name)
            body = body.xreplace({i: name})
            limits.insert(0, (name, named(low, taken), named(high, taken)))
        return Sum(named(body, taken), *limits)
    if isinstance(expr, (Lambda, Array)) or not expr.has(Sum, Expectation):
        return expr
    if isinstance(expr, Expectation):
        inside = named(expr.args[0], taken)
        minus = inside.could_extract_minus_sign()
        return -Expectation(-inside) if minus else Expectation(inside)
    if isinstance(expr, Add):
        return _gathered([named(a, taken) for a in expr.args])
    if isinstance(expr, Mul):
        return _gathered([expr.func(*(named(a, taken) for a in expr.args))])
    return expr.func(*(named(a, taken) if isinstance(a, Expr) else a for a in expr.args))


def _gathered(summands: Sequence[Expr]) -> Expr:
    """Their total, with sums over the same indices made one."""
    bodies: dict[tuple[Any, ...], list[Expr]] = {}
    rest = []
    for summand in summands:
        sums = [factor for factor in Mul.make_args(summand) if isinstance(factor, Sum)]
        weight = summand / sums[0] if len(sums) == 1 else None
        if weight is not None and weight.is_Rational:
            bodies.setdefault(sums[0].limits, []).append(weight * sums[0].function)
        else:
            rest.append(summand)
    return Add(*rest, *(_one_sum(parts, limits) for limits, parts in bodies.items()))


def _one_sum(parts: Sequence[Expr], limits: Sequence[Any]) -> Expr:
    if len(parts) > 1:
        body = pretty(Add(*parts))
    else:
        (body,) = parts
    if body.could_extract_minus_sign():
        return -Sum(-body, *limits)
    return Sum(body, *limits)


def at_named_indices(array: Array) -> tuple[tuple[Symbol, ...], Expr]:
    """An array's generic element, at indices named after its sizes."""
    taken = _names(array.args[0])
    chosen: list[Symbol] = []
    for size in array.shape:
        chosen.append(index_for(size, taken | {i.name for i in chosen}))
    element = array.at(*chosen)
    return tuple(chosen), named(element, {i.name for i in chosen})


def whole(element: Expr, indices: Sequence[Symbol]) -> Expr | None:
    """An array by its name, such as W for W[i, j] or Sigma[c] for Sigma[c, i, j].

    None if the indices are used in any other way than as the last of an array each.
    """
    own = tuple(indices)
    count = len(own)
    bare: dict[Expr, Expr] = {}
    for entry in element.atoms(Indexed):
        if entry.indices[-count:] == own:
            rest = entry.indices[:-count]
            bare[entry] = entry.base[rest] if rest else entry.base.label
    found = element.xreplace(bare)
    return None if found.has(*own) or found.has(Sum) else found


def index_for(size: Expr, taken: Iterable[str]) -> Symbol:
    """An index over 0..size-1, named after the size and unlike any of the taken names."""
    base = size.name.lower() if isinstance(size, Symbol) and not size.name.islower() else "i"
    name = base.partition("_")[0]
    while name in taken:
        name += "'"
    return index(name)


def _names(expr: Expr) -> set[str]:
    return {str(s) for s in expr.atoms(Symbol)}
