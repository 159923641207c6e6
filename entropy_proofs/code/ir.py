"""Array code as a graph of frozen nodes, each an array; equal nodes compute the same.

A node runs over axes of its own, those of its result first and then those it sums over, which are
just numbered: an operand says along which of them each of its own axes lies.  So broadcasting and
transposing are no nodes, and computing the same thing twice is the same node, whatever the indices
were called.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

import sympy as sp
from sympy import Expr


class _Compared:
    """Equality by fields, with a hash that is computed once."""

    _key: tuple[object, ...]
    _hash: int

    def __post_init__(self) -> None:
        key = tuple(vars(self).values())
        vars(self).update(_key=key, _hash=hash((type(self), key)))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other or not isinstance(other, type(self)):
            return self is other
        return self._hash == other._hash and self._key == other._key


@dataclass(frozen=True, eq=False)
class Operand(_Compared):
    """An array as a node uses it: which of the node's axes each of its own lies along."""

    array: Node
    axes: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Node(_Compared):
    """What all nodes have.

    Attributes:
        sizes: of the axes that it runs over.
        summed: how many of them, the last ones, the result has not.
    """

    operands: tuple[Operand, ...] = ()
    sizes: tuple[Expr, ...] = ()
    summed: int = 0

    @property
    def rank(self) -> int:
        """How many axes the result has."""
        return len(self.sizes) - self.summed

    def using(self, operands: Sequence[Operand]) -> Self:
        """The same of other operands."""
        return replace(self, operands=tuple(operands))


@dataclass(frozen=True, eq=False)
class Scalar(Node):
    """A number or a size: an expression in the dims."""

    value: Expr


@dataclass(frozen=True, eq=False)
class Input(Node):
    """An array that the code is given, by its name in the model; it runs over nothing."""

    name: str


@dataclass(frozen=True, eq=False)
class Range(Node):
    """The whole numbers along an axis, from `start` on."""

    start: Expr = sp.S.Zero


@dataclass(frozen=True, eq=False)
class Map(Node):
    """A function or an operator of elements."""

    function: str


@dataclass(frozen=True, eq=False)
class Total(Node):
    """A sum; each operand with whether it is negative."""

    negative: tuple[bool, ...]


@dataclass(frozen=True, eq=False)
class Product(Node):
    """coefficient * above / below, where so many operands are above."""

    coefficient: Expr
    above: int


@dataclass(frozen=True, eq=False)
class Contraction(Node):
    """The product of two arrays, summed."""


@dataclass(frozen=True, eq=False)
class Reduction(Node):
    """An array, summed: "sum" or "logsumexp"."""

    function: str


@dataclass(frozen=True, eq=False)
class Slice(_Compared):
    """A run of positions along a dimension; the whole of it without a stop."""

    start: Expr = sp.S.Zero
    stop: Expr | None = None


@dataclass(frozen=True, eq=False)
class Take(Node):
    """Elements of the first operand: for each of its dimensions a run, or what the next tells.

    The axes of all positions stand together, where the first of them does.
    """

    runs: tuple[Slice | None, ...]

    @property
    def positions(self) -> tuple[Operand, ...]:
        return self.operands[1:]


@dataclass(frozen=True, eq=False)
class Matrix(Node):
    """Of the matrices along the last two axes: "inverse", "least_norm_inverse" or "logdet"."""

    function: str


@dataclass(frozen=True, eq=False)
class View(Node):
    """An array along other axes: repeated along those that it has not, or transposed."""

    @property
    def transposes(self) -> bool:
        return len(self.operands[0].axes) == self.rank


@dataclass(frozen=True, eq=False)
class Pad(Node):
    """An array with zeros before and after it along one axis; its own axes are the result's."""

    along: int
    before: Expr
    after: Expr


def shares_memory(node: Node) -> bool:
    """Whether a node is a view of its first operand."""
    return isinstance(node, View) or (
        isinstance(node, Take) and not any(p.axes for p in node.positions)
    )


def ordered(roots: Iterable[Node], among: set[Node] | None = None) -> Iterator[Node]:
    """Some nodes and all that they need, each once and after its operands."""
    seen: set[Node] = set()
    stack = [(root, False) for root in reversed(list(roots))]
    while stack:
        node, ready = stack.pop()
        if node in seen or (among is not None and node not in among):
            continue
        if ready:
            seen.add(node)
            yield node
        else:
            stack.append((node, True))
            stack += [(o.array, False) for o in reversed(node.operands)]
