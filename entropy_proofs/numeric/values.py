"""Arrays in generated code: their axes, and how they were made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import count
from math import prod

import sympy as sp
from sympy import Expr

from entropy_proofs.algebra.poly import symbols_in

# what the cost of code is estimated for: many data points, and dims of one size
TYPICAL = {"data points": 10_000, "samples": 8}
TYPICAL_DIM = 32


@dataclass(frozen=True, order=True)
class Axis:
    """One array axis. All arrays have their axes in one order: by size, then by number.

    Axes of one size that are in use at the same time are told apart by their number; sizes are
    ranked as they first occur.
    """

    rank: int
    number: int
    size: Expr


@dataclass(frozen=True)
class Value:
    """The code of an array, and the axes that it has."""

    code: str
    axes: tuple[Axis, ...] = ()


def union(values: Iterable[Value]) -> tuple[Axis, ...]:
    """The axes of some values together, in their order."""
    return tuple(sorted({a for v in values for a in v.axes}))


def same(a: Expr, b: Expr) -> bool:
    """Whether two sizes are equal whatever the dims are."""
    return sp.expand(a - b) == 0


@cache
def typical(size: Expr) -> float:
    """A size for dims as they usually are."""
    sizes = {s: TYPICAL.get(s.name, TYPICAL_DIM) for s in symbols_in(size)}
    return max(float(size.xreplace(sizes)), 1.0)


def is_long(size: Expr) -> bool:
    """Whether data points are counted."""
    return size.is_Symbol and size.name in TYPICAL


def is_sampled(size: Expr) -> bool:
    """Whether samples are counted: there may be one."""
    return size.is_Symbol and size.name == "samples"


def elements(axes: Iterable[Axis]) -> float:
    """How many elements an array of these axes has, for typical sizes."""
    return prod(typical(a.size) for a in axes)


@dataclass(frozen=True)
class Total:
    """A sum; each term with whether it is negative."""

    terms: tuple[tuple[bool, Value], ...]


@dataclass(frozen=True)
class Product:
    """coefficient * above / below."""

    coefficient: Expr
    above: tuple[Value, ...]
    below: tuple[Value, ...]


@dataclass(frozen=True)
class Contraction:
    """The product of two arrays, summed over all axes but those that are kept."""

    left: Value
    right: Value
    kept: frozenset[Axis]


@dataclass(frozen=True)
class Reduction:
    """An array, summed over some of its axes."""

    value: Value
    summed: frozenset[Axis]


Made = Total | Product | Contraction | Reduction


@dataclass(frozen=True)
class Recipe:
    """How an array was made. Its axes are those of that time; the array may be used with others."""

    axes: tuple[Axis, ...]
    made: Made

    def along(self, axes: tuple[Axis, ...]) -> Made:
        """The same along other axes."""
        names = dict(zip(self.axes, axes, strict=True))

        def renamed(value: Value) -> Value:
            return Value(value.code, tuple(names[a] for a in value.axes))

        def set_apart(summed: Iterable[Axis]) -> None:
            for a in summed:
                numbers = (replace(a, number=k) for k in count(a.number))
                names[a] = next(b for b in numbers if b not in names.values())

        match self.made:
            case Total(terms):
                return Total(tuple((n, renamed(v)) for n, v in terms))
            case Product(coefficient, above, below):
                return Product(coefficient, *(tuple(map(renamed, vs)) for vs in (above, below)))
            case Contraction(left, right, kept):
                set_apart(set(union([left, right])) - kept)
                return Contraction(renamed(left), renamed(right), frozenset(names[a] for a in kept))
            case Reduction(value, summed):
                set_apart(summed)
                return Reduction(renamed(value), frozenset(names[a] for a in summed))


def found_among(
    terms: Sequence[tuple[bool, Value]], recipe: Recipe
) -> tuple[tuple[Axis, ...], list[tuple[bool, Value]]] | None:
    """The axes of a sum, if its terms are among these; and the others."""
    rest = list(terms)
    names: dict[Axis, Axis] = {}
    for negative, value in recipe.made.terms if isinstance(recipe.made, Total) else ():
        same = next((t for t in rest if (t[0], t[1].code) == (negative, value.code)), None)
        if same is None:
            return None
        rest.remove(same)
        for own, other in zip(value.axes, same[1].axes, strict=True):
            if names.setdefault(own, other) != other:
                return None
    if len(set(names.values())) < len(names):
        return None
    return tuple(names[a] for a in recipe.axes), rest
