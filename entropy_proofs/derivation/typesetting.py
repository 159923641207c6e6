"""Formula trees of what a derivation shows: whole arrays or elements, alike on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Expr, Symbol

from entropy_proofs.arrays.array import Array
from entropy_proofs.printing import formula as printed
from entropy_proofs.printing.composer import Composer
from entropy_proofs.printing.layout import arranged, indices_for, names_in
from entropy_proofs.printing.typeset.tree import (
    BETWEEN,
    COMMA,
    Node,
    Sign,
    parts_of,
    phrase,
    separated,
)

EQUALS = Sign("=")


def tree(expr: Expr) -> Node:
    """An expression or an array."""
    return printed.formula(expr).tree


def tree_at(expr: Expr, indices: tuple[Symbol, ...]) -> Node:
    """An expression in which these indices stand for a generic element: (W z)_d."""
    return printed.element(expr, indices).tree


def arrow_tree(target: Any, direction: Any) -> Node:
    return printed.arrow(target, direction).tree


def equation_tree(target: Any, value: Any) -> Node:
    return printed.equation(target, value).tree


def pair(target: Any, value: Any) -> tuple[Node, Node]:
    """Both sides of target = value, at the same indices."""
    parts = parts_of(equation_tree(target, value))
    place = parts.index(EQUALS)
    return phrase(*parts[:place]), phrase(*parts[place + 1 :])


def alike(
    arrays: Sequence[Any], around: tuple[Symbol, ...] = ()
) -> tuple[tuple[Node, ...], list[Node]]:
    """Arrays of one shape, whole if all can be; else their elements at the same indices.

    The indices are first, none where whole arrays are shown.  around: indices in use already.
    """
    if not all(isinstance(a, Array) for a in arrays):
        return (), [tree_at(a, around) for a in arrays]
    taken = frozenset().union(*(names_in(a.args[0]) for a in arrays))
    own = indices_for(arrays[0].shape, taken)
    elements = [arranged(a.at(*own), (*around, *own)) for a in arrays]
    pieces = [Composer(around).bold.whole(e, own) for e in elements]
    if all(p is not None for p in pieces):
        return (), [p.tree for p in pieces if p is not None]
    composer = Composer((*around, *own))
    return tuple(tree(i) for i in own), [composer.composed(e) for e in elements]


def chain(*parts: Node) -> Node:
    """a = b = c."""
    return separated(list(parts), EQUALS)


def beside(*statements: Node) -> Node:
    """Statements side by side, which share a line where there is room."""
    return separated(list(statements), BETWEEN)


def commas(parts: Sequence[Node]) -> Node:
    """a, b, c."""
    return separated(list(parts), COMMA)
