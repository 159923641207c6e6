"""The nodes of one function while it is written, and what they cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from typing import Any, TypeVar, cast

import sympy as sp
from sympy import Expr, Symbol

from entropy_proofs.algebra.nodes import index
from entropy_proofs.code.axes import Axis, Value
from entropy_proofs.code.ir import Input, Node, Operand, Scalar

N = TypeVar("N", bound=Node)


class _Unknown(Exception):
    """A node that has not been written."""


class Program:
    """Every node that has been written, once and after its operands.

    Attributes:
        numbers: node -> its place in this order.
        cost: of all nodes, in elements that are computed.
    """

    def __init__(self, ranks: Mapping[Expr, int]):
        self.ranks = dict(ranks)  # size -> where axes of that size stand among others
        self.numbers: dict[Node, int] = {}
        self.cost = 0.0
        self._only_known = False
        self._kept: dict[Node, Node] = {}
        self._indices: dict[tuple[Expr, int], Symbol] = {}

    # nodes ------------------------------------------------------------------------------------
    def add(self, node: N, cost: float) -> N:
        """The node; if an equal one has been written, that one, at no cost."""
        if node not in self.numbers:
            if self._only_known:
                raise _Unknown
            node = cast(N, self._kept.setdefault(node, node))  # one object, fast to compare
            self.numbers[node] = len(self.numbers)
            self.cost += cost
        return cast(N, self._kept[node])

    def order(self, value: Value) -> tuple[int, str, int]:
        """Numbers, inputs by name, and the others as they were written."""
        node = value.array
        if isinstance(node, Scalar):
            return 0, str(node.value), 0
        if isinstance(node, Input):
            return 1, node.name, 0
        return 2, "", self.numbers[node]

    # ways -------------------------------------------------------------------------------------
    def known(self, way: Callable[[], Value]) -> Value | None:
        """The result, if all the nodes that it takes are there."""
        before, self._only_known = self._only_known, True
        try:
            return way()
        except _Unknown:
            return None
        finally:
            self._only_known = before

    def cheapest(
        self, ways: Sequence[Callable[[], Value]], memo: dict[Any, Value], gain: float = 0.8
    ) -> Value:
        """The result of what adds the cheapest nodes to those there are.

        Args:
            memo: of expressions, to be kept in step.
            gain: a later way has to cost less than this share of the best before it.
        """
        if len(ways) == 1:
            return ways[0]()
        start = dict(self.numbers), dict(memo), self.cost
        best: tuple[Value, tuple[Any, ...]] | None = None
        for way in ways:
            self._restore(start, memo)
            value, cost = way(), self.cost
            if best is None or cost - start[-1] < gain * (best[1][-1] - start[-1]):
                best = value, (dict(self.numbers), dict(memo), cost)
        assert best is not None
        self._restore(best[1], memo)
        return best[0]

    def _restore(self, state: tuple[Any, ...], memo: dict[Any, Value]) -> None:
        numbers, known, self.cost = state
        self.numbers = dict(numbers)
        memo.clear()
        memo.update(known)

    # axes -------------------------------------------------------------------------------------
    def axis(self, size: Expr, bound: Mapping[Symbol, Axis | Value]) -> tuple[Symbol, Axis]:
        """An axis that no bound index runs along yet, and an index of its own."""
        taken: set[Axis] = set()
        for b in bound.values():
            taken |= {b} if isinstance(b, Axis) else set(b.axes)
        pairs = ((self._index(size, k), axis) for k, axis in enumerate(self._axes(size)))
        return next((i, a) for i, a in pairs if i not in bound and a not in taken)

    def _index(self, size: Expr, k: int) -> Symbol:
        """Kept, as SymPy takes long to print the size."""
        if (size, k) not in self._indices:
            self._indices[size, k] = index(f"{size}@{k}")
        return self._indices[size, k]

    def _axes(self, size: Expr) -> Iterable[Axis]:
        rank = self.ranks.setdefault(size, len(self.ranks))
        return (Axis(rank, k, size) for k in count())

    def opened(self, node: Node, axes: Sequence[Axis]) -> tuple[Axis, ...]:
        """The axes of all that a node runs over, where its result has these."""
        found = list(axes)
        for size in node.sizes[len(axes) :]:
            found.append(next(a for a in self._axes(size) if a not in found))
        return tuple(found)


def operands(values: Iterable[Value], axes: Sequence[Axis]) -> tuple[Operand, ...]:
    """Some values in terms of a node's axes."""
    place = {a: k for k, a in enumerate(axes)}
    return tuple(Operand(v.array, tuple(place[a] for a in v.axes)) for v in values)


def values(chosen: Iterable[Operand], axes: Sequence[Axis]) -> list[Value]:
    """A node's operands along the axes that it runs over."""
    return [Value(o.array, tuple(axes[k] for k in o.axes)) for o in chosen]


def sizes(axes: Iterable[Axis]) -> tuple[Expr, ...]:
    return tuple(a.size for a in axes)


def scalar(value: Expr | int) -> Value:
    return Value(Scalar(sp.sympify(value)))
