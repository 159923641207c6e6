"""Arrays while code is written: each axis known by its size, so that broadcasting is settled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from math import prod

import sympy as sp
from sympy import Expr

from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.code.ir import Node

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
    size: Expr = field(compare=False)  # its rank tells


AxisSet = frozenset[Axis]


@dataclass(frozen=True)
class Value:
    """An array, and the axes that it has where it is used."""

    array: Node
    axes: tuple[Axis, ...] = ()


def union(values: Iterable[Value]) -> tuple[Axis, ...]:
    """The axes of some values together, in their order."""
    return tuple(sorted({a for v in values for a in v.axes}))


def same(a: Expr, b: Expr) -> bool:
    """Whether two sizes are equal whatever the dims are."""
    return a == b or sp.expand(a - b) == 0


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
