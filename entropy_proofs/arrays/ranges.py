"""What is known of whole numbers, for every size: that an index fits its axis, a slice its array.

A literal index or slice of a symbolic axis says that the axis is long enough for it (`mu[2]` that
there are three rows); what a variable picks must fit whatever the sizes are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

import sympy as sp
from sympy import (
    Basic,
    Dummy,
    Expr,
    Indexed,
    Integer,
    KroneckerDelta,
    Max,
    Min,
    Piecewise,
    Sum,
    Symbol,
)

from entropy_proofs.algebra.nodes import is_variable, size_of_range, values_of

Bounds = tuple[Expr, Expr]
Ranges = Mapping[Symbol, Bounds | None]  # of the indices of sums that a model file writes itself


def never_negative(expr: Expr, least: int = 1) -> bool:
    """Whether it is known to be at least 0 if all sizes are at least `least`."""
    sizes = {s: least + Dummy(integer=True, nonnegative=True) for s in expr.free_symbols}
    return bool(sp.expand(expr.xreplace(sizes)).is_nonnegative)


def possible(length: Expr) -> bool:
    """Whether a length that literals imply is at least 0 for all sizes that are large enough."""
    constant = sp.expand(length).as_coeff_Add()[0]
    return bool(constant.is_Integer) and never_negative(length, 1 + abs(int(constant)))


def is_size(expr: Expr) -> bool:
    """Whether it is a whole number made of sizes and literals alone."""
    symbols = expr.free_symbols
    sizes = all(isinstance(s, Symbol) and s.is_integer and s.is_positive for s in symbols)
    return bool(sizes and expr.is_integer and not expr.has(Indexed, sp.Float))


def is_open(place: Expr) -> bool:
    """Whether it holds an index of the user's own, whose range a sum around it will state."""
    return any(
        s.is_integer and not s.is_positive and not is_variable(s) and size_of_range(s) is None
        for s in place.free_symbols
        if isinstance(s, Symbol)
    ) and not place.has(Indexed)


def fits(place: Expr, size: Expr, ranges: Ranges = MappingProxyType({})) -> bool:
    """Whether a place is known to be one of 0..size-1."""
    known = never_negative if _is_random(place) else possible
    return _at_least_0(place, ranges, known) and _at_most(place, size - 1, ranges, known)


def _is_random(place: Expr) -> bool:
    """Whether it depends on a variable, not on sizes and indices of axes alone."""
    return any(isinstance(s, Indexed) or is_variable(s) for s in place.free_symbols)


def _at_least_0(place: Expr, ranges: Ranges, known: Callable[[Expr], bool]) -> bool:
    if isinstance(place, (Max, Min)):
        found = [_at_least_0(a, ranges, known) for a in place.args]
        return any(found) if isinstance(place, Max) else all(found)
    if isinstance(place, Piecewise):
        return all(_at_least_0(value, ranges, known) for value, _ in place.args)
    extent = bounds(place, ranges)
    return extent is not None and known(extent[0])


def _at_most(place: Expr, last: Expr, ranges: Ranges, known: Callable[[Expr], bool]) -> bool:
    if isinstance(place, (Max, Min)):
        found = [_at_most(a, last, ranges, known) for a in place.args]
        return all(found) if isinstance(place, Max) else any(found)
    if isinstance(place, Piecewise):
        return all(_at_most(value, last, ranges, known) for value, _ in place.args)
    extent = bounds(place, ranges)
    return extent is not None and known(last - extent[1])


def bounds(place: Expr, ranges: Ranges = MappingProxyType({})) -> Bounds | None:
    """The least and the largest value, as expressions of the sizes; None if they are not known."""
    if place in ranges:
        return ranges[place]
    if is_size(place):
        return place, place
    if isinstance(place, KroneckerDelta):
        return Integer(0), Integer(1)
    if isinstance(place, sp.Mod) and is_size(place.args[1]) and place.args[1].is_positive:
        return Integer(0), place.args[1] - 1
    if isinstance(place, (Symbol, Indexed)):
        size = values_of(place)
        return None if size is None else (Integer(0), size - 1)
    if isinstance(place, sp.Add):
        known = [b for a in place.args if (b := bounds(a, ranges)) is not None]
        if len(known) < len(place.args):
            return None
        return sp.Add(*(low for low, _ in known)), sp.Add(*(high for _, high in known))
    return _bounds_of_product(place, ranges)


def _bounds_of_product(place: Expr, ranges: Ranges) -> Bounds | None:
    number, rest = place.as_coeff_Mul()
    if not number.is_Integer:
        return None
    low = high = Integer(1)
    for factor in sp.Mul.make_args(rest):
        base, power = factor.as_base_exp()
        found = None if base == place else bounds(base, ranges)
        if found is None or not (power.is_Integer and power > 0) or not never_negative(found[0]):
            return None
        low, high = low * found[0] ** power, high * found[1] ** power
    return (number * low, number * high) if number >= 0 else (number * high, number * low)


def misplaced(
    expr: Basic, shapes: Mapping[Symbol, Sequence[Expr]], ranges: Ranges = MappingProxyType({})
) -> tuple[Indexed, str] | None:
    """An element of one of the arrays that is not known to exist, and what is wrong with it."""
    if isinstance(expr, Sum):
        inner = dict(ranges)
        for i, *ends in reversed(expr.limits):
            known = [bounds(end, inner) for end in ends]
            low, high = (*known, None, None)[:2]
            inner[i] = (low[0], high[1]) if low and high else None
        return misplaced(expr.function, shapes, inner)
    if isinstance(expr, Indexed) and expr.base.label in shapes:
        shape = shapes[expr.base.label]
        if len(shape) != len(expr.indices):
            return expr, f"has {len(shape)} axes"
        for place, size in zip(expr.indices, shape, strict=True):
            if not fits(place, size, ranges):
                return expr, f"has an axis of {size}, which the index {place} does not fit"
    parts = expr.indices if isinstance(expr, Indexed) else expr.args
    return next((found for a in parts if (found := misplaced(a, shapes, ranges))), None)


def least_sizes(exprs: Iterable[Basic], shapes: Mapping[Symbol, Sequence[Expr]]) -> dict[str, int]:
    """Sizes, by name, from which on literal indices and slices are within their arrays."""
    found: dict[str, int] = {}

    def needs(size: Expr, literal: Expr) -> None:
        constant = abs(int(sp.expand(literal).as_coeff_Add()[0])) if literal.is_integer else 0
        for s in size.free_symbols:
            found[str(s)] = max(found.get(str(s), 1), 1 + constant)

    for expr in exprs:
        for e in expr.atoms(Indexed):
            for place, size in zip(e.indices, shapes.get(e.base.label, ()), strict=False):
                needs(size, place)
        for total in expr.atoms(Sum):
            for _, _, high in total.limits:
                needs(high, high + 1)
    return found
