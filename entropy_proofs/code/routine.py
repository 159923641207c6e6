"""A written program made ready to be printed: which arrays have names, and whose memory they take.

What can be said in an expression of moderate length where it is used, once, has no name.  A sum or
a product takes the memory of an operand, if nothing needs that any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import sympy as sp
from sympy import Expr

from entropy_proofs.code.axes import is_long
from entropy_proofs.code.ir import (
    Contraction,
    Input,
    Map,
    Node,
    Operand,
    Pad,
    Product,
    Range,
    Reduction,
    Scalar,
    Take,
    Total,
    View,
    ordered,
    shares_memory,
)
from entropy_proofs.code.lowering.contraction import Roles

WIDTH = 64  # characters, about: longer expressions have a name


@dataclass(frozen=True)
class Routine:
    """Straight-line code.

    Attributes:
        steps: what has a name, in the order in which it is computed.
        results: by name; what occurs in no step is computed last.
        overwritten: node -> which of its operands lends it its memory.
    """

    steps: tuple[Node, ...]
    results: Mapping[str, Node]
    overwritten: Mapping[Node, int]

    def nodes(self) -> Iterator[Node]:
        """All of them, each once and after its operands."""
        return ordered([*self.steps, *self.results.values()])

    def inputs(self) -> tuple[set[str], set[str]]:
        """The names of the arrays, and of the dims."""
        found = list(self.nodes())
        arrays = {node.name for node in found if isinstance(node, Input)}
        expressions = [node.value for node in found if isinstance(node, Scalar)]
        for node in found:
            expressions += lengths(node)
        return arrays, {s.name for e in expressions for s in e.free_symbols}


def lengths(node: Node) -> list[Expr]:
    """The sizes that a node's code mentions."""
    match node:
        case View() if not node.transposes:
            return list(node.sizes)
        case Range(start=start):
            return [*node.sizes, start]
        case Pad(before=before, after=after):
            return [before, after]
        case Take(runs=runs):
            ends = [end for run in runs if run for end in (run.start, run.stop)]
            return [end for end in ends if end is not None]
    return []


def extents(nodes: Iterable[Node]) -> frozenset[Expr]:
    """How many elements each operation runs over; of a matrix product only what it makes."""
    return frozenset(sp.Mul(*_run_over(node)) for node in nodes if not shares_memory(node))


def _run_over(node: Node) -> tuple[Expr, ...]:
    if isinstance(node, Contraction):
        left, right = node.operands
        roles = Roles.of(left.axes, right.axes, range(node.rank))
        if roles.are_matrix_products or roles.is_tensor_product:
            return node.sizes[: node.rank]
    return node.sizes


def routine(order: Iterable[Node], results: Mapping[str, Node], in_place: bool) -> Routine:
    """The code of results, from nodes in the order in which they were written."""
    straight = _Aligning()
    for node in order:
        straight(node)
    results = {name: straight(node) for name, node in results.items()}
    nodes = list(ordered([*straight.known.values()], among=set(ordered(results.values()))))
    users: dict[Node, list[Node]] = {node: [] for node in nodes}
    for node in nodes:
        for operand in node.operands:
            users[operand.array].append(node)
    returned = set(results.values())
    named: dict[Node, None] = {}
    widths: dict[Node, int] = {}
    for node in nodes:
        widths[node] = _width(node, widths)
        wanted = len(users[node]) + (node in returned)
        if not isinstance(node, (Input, Scalar)) and (
            wanted > 1 or node in returned or widths[node] >= WIDTH
        ):
            named[node] = None
            widths[node] = 3
    overwritten = _overwritten(nodes, users, named, returned) if in_place else {}
    names = Counter(results.values())
    last = {
        node
        for node in named
        if not users[node] and names[node] == 1 and not _needs_its_place(node, named, overwritten)
    }
    steps = tuple(node for node in named if node not in last)
    return Routine(steps, results, overwritten)


# transpositions -----------------------------------------------------------------------------------
class _Aligning:
    """Transposes what its user would else have to: every such view is there once."""

    def __init__(self) -> None:
        self.known: dict[Node, Node] = {}

    def __call__(self, node: Node) -> Node:
        for inner in ordered([node]):
            if inner not in self.known:
                self.known[inner] = self._aligned(inner)
        return self.known[node]

    def _aligned(self, node: Node) -> Node:
        operands = [Operand(self.known[o.array], o.axes) for o in node.operands]
        match node:
            case View() if node.transposes:
                pass
            case Map() | Total() | Product() | Take() | View():
                operands = [self._turned(o, sorted(o.axes), node) for o in operands]
            case Contraction():
                left, right = operands
                roles = Roles.of(left.axes, right.axes, range(node.rank))
                if roles.are_matrix_products:
                    batch = sorted(roles.batch)
                    first = [*batch, *roles.left, *roles.summed]
                    second = [*batch, *roles.summed, *roles.right]
                    operands = [self._turned(left, first, node), self._turned(right, second, node)]
        return node.using(operands)

    def _turned(self, operand: Operand, axes: list[int], node: Node) -> Operand:
        if list(operand.axes) == axes:
            return operand
        place = {axis: k for k, axis in enumerate(axes)}
        inner = Operand(operand.array, tuple(place[axis] for axis in operand.axes))
        view = View(operands=(inner,), sizes=tuple(node.sizes[axis] for axis in axes))
        return Operand(self.known.setdefault(view, view), tuple(axes))


# names --------------------------------------------------------------------------------------------
def _width(node: Node, widths: Mapping[Node, int]) -> int:
    """About how long the code of a node is."""
    inside = sum(widths[o.array] for o in node.operands)
    broadcast = sum(2 + 3 * node.rank for o in node.operands if 0 < len(o.axes) < node.rank)
    joined = inside + broadcast + 3 * (len(node.operands) - 1)
    match node:
        case Input(name=name):
            return len(name)
        case Scalar(value=value):
            return len(str(value)) if value.free_symbols or value.is_Rational else 18
        case Total():
            return joined
        case Product(coefficient=coefficient):
            return joined + 4 * (coefficient != 1)
        case Map(function=function):
            return joined + len(function) + 2
        case Contraction(summed=1) if node.rank <= 2:
            return joined
        case Contraction():
            return inside + 32
        case Take():
            return inside + 4 * len(node.runs)
    return inside + 10


# memory -------------------------------------------------------------------------------------------
def _overwritten(
    nodes: list[Node],
    users: Mapping[Node, list[Node]],
    named: Mapping[Node, None],
    returned: set[Node],
) -> dict[Node, int]:
    """Which operand of each sum and product lends its memory, if one can."""
    step: dict[Node, int] = {}  # where a node is computed: its own step or its user's
    for k, node in reversed(list(enumerate(nodes))):
        step[node] = k if node in named or not users[node] else step[users[node][0]]
    kept = set(returned)
    for node in named:
        if shares_memory(node):
            kept.add(_lender(node, named))

    def is_free(node: Node, user: Node) -> bool:
        if node not in named:
            return True
        steps = [step[u] for u in users[node]]
        return node not in kept and max(steps) == step[user] and steps.count(step[user]) == 1

    found: dict[Node, int] = {}
    for node in nodes:
        signs = _signs(node)
        if signs and any(map(is_long, node.sizes)):
            for k, (sign, operand) in enumerate(zip(signs, node.operands, strict=True)):
                own = operand.array
                if (
                    sign != "-"
                    and isinstance(own, (Total, Product, Contraction, Reduction))
                    and own.sizes[: own.rank] == node.sizes
                    and operand.axes == tuple(range(node.rank))
                    and is_free(own, node)
                ):
                    found[node] = k
                    break
    return found


def _signs(node: Node) -> str:
    """What joins the operands of a node that may take the memory of one."""
    match node:
        case Total(negative=negative) if not negative[0] and len(negative) > 1:
            return "".join("-" if n else "+" for n in negative)
        case Product(coefficient=c, above=above) if c.is_positive and not _is_quotient(c):
            return "*" * above if above == len(node.operands) else ""
    return ""


def _is_quotient(number: Expr) -> bool:
    return bool(number.is_Rational and not number.is_Integer)


def _lender(view: Node, named: Mapping[Node, None]) -> Node:
    """Whose memory a view is of; a name stands for what it holds."""
    node = view
    while shares_memory(node):
        node = node.operands[0].array
        if node in named:
            break
    return node


def _needs_its_place(
    node: Node, named: Mapping[Node, None], overwritten: Mapping[Node, int]
) -> bool:
    """Whether something that a step reads is changed by another."""
    lent = {user.operands[k].array: user for user, k in overwritten.items()}
    inside = [node]
    for inner in inside:
        for operand in inner.operands:
            if operand.array not in named:
                inside.append(operand.array)
    return any(
        operand.array in named and lent.get(operand.array, inner) not in inside
        for inner in inside
        for operand in inner.operands
    )
