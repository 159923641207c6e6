"""Long formulas on several lines, each of which fits.

Lines end before relations first, then before the signs between terms, then inside brackets, before
their signs and after their commas, then between factors; inside what a sum sign reaches over last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from math import inf

from entropy_proofs.printing.typeset.tree import (
    BETWEEN,
    COMMA,
    MINUS,
    Application,
    BigOperator,
    Blank,
    Bracket,
    Delimiter,
    Fraction,
    Letter,
    Node,
    Number,
    Phrase,
    Root,
    Script,
    Sign,
    bracketed,
    is_prefix,
    parts_of,
    phrase,
    rebuilt,
    with_left,
)
from entropy_proofs.printing.typeset.widths import DISPLAY, atoms, between, total, width

Line = tuple[Node, Node]  # what stands left of the relation that lines are aligned at, and the rest

# what a break costs
_STATEMENT, _RELATION, _SIGN, _COMMA, _PRODUCT, _FACTOR = -20.0, -15.0, 10.0, 12.0, 45.0, 90.0
_DEEPER = 20.0  # inside one more bracket, or under one more sum sign
_OVERFULL = 1e6  # per em
_RAGGED = 4.0  # a line with nothing on it

_SMALL = 1 / 6  # of the width, which brackets take that are not broken
_SPARE = (1.0, 4.0, 7.0)  # em left beside what cannot be broken
_ROUNDING = 1e-9
_LEFT = 0.4  # of the width, which the left side of a relation may take
_STEP, _STEPS = Blank(r"\quad"), 3
_ROOM = 9.0  # em on a line for each step


def broken(node: Node, within: float, left: float = 0.0, style: int = DISPLAY) -> list[Line]:
    """The lines of a formula, none wider than this many em unless one piece alone is.

    left: what the left sides of others aligned with it take.
    """
    whole = _Row(node, within, style)
    left = max([left, *map(whole.left_width, whole.statements)])
    end = len(whole.pieces)
    if left + whole.width(whole.relation(0), end) <= within:
        return [whole.line(0, end, within, True)]
    if left > _LEFT * within and whole.width(0, end) <= within:
        return [whole.line(0, end, within, False)]
    found: list[tuple[float, list[Line]]] = []
    for aligned in (True, False) if left <= _LEFT * within else (False,):
        room = within - left if aligned else within
        for spare in _SPARE:
            short = _shortened(node, room - spare, style)
            lines = _Row(short, room, style).lines(room, aligned)
            found.append((max(width(right, style) for _, right in lines) - room, lines))
            if found[-1][0] <= _ROUNDING:
                return lines
    return min(found, key=lambda pair: pair[0])[1]


@dataclass(frozen=True)
class _Piece:
    """What is never broken; depth: of the brackets and sum signs around it."""

    node: Node
    depth: int
    glued: bool = False  # to what stands before it


class _Row:
    """A formula as pieces, with the costs of breaks and the widths between them."""

    def __init__(self, node: Node, room: float, style: int):
        self.pieces = list(_flat(node, 0, room * _SMALL))
        nodes = [piece.node for piece in self.pieces]
        self._atoms = [atoms(n, style, b) for b, n in with_left(tuple(nodes))]
        kinds = [(row[0][0], row[-1][0]) for row in self._atoms]
        spaces = [between(a[1], b[0]) for a, b in pairwise(kinds)]
        wide = [s + total(row) for s, row in zip([0.0, *spaces], self._atoms, strict=True)]
        self._until = [0.0, *accumulate(wide)]
        # what is not seen where a line ends, and where one begins
        self._unseen = [0.0, *(width(n) if isinstance(n, Blank) else 0.0 for n in nodes)]
        self._before = [
            0.0 if isinstance(n, Sign) else s for n, s in zip(nodes, [0.0, *spaces], strict=True)
        ]
        self.statements = [
            k
            for k in range(len(nodes))
            if k == 0 or (nodes[k - 1] == BETWEEN and not self.pieces[k].depth)
        ]
        relations = [k for k in range(len(nodes)) if self._is_relation(k)]
        self._ends = {*self.statements, *relations, len(nodes)}  # of lines that may be short
        bounds = pairwise([*self.statements, len(nodes)])
        self._relation = {s: next((r for r in relations if s <= r < e), s) for s, e in bounds}

    def width(self, i: int, j: int) -> float:
        """Of the pieces from i to before j, which begin a line."""
        if i >= j:
            return 0.0
        return self._until[j] - self._unseen[j] - self._until[i] - self._before[i]

    def _is_relation(self, k: int) -> bool:
        """Whether this is one that lines may be aligned at."""
        piece = self.pieces[k]
        return isinstance(piece.node, Sign) and piece.node.is_relation and not piece.depth

    def relation(self, start: int) -> int:
        """The place of a statement's first relation, or of its start if it has none."""
        return self._relation.get(start, start)

    def left_width(self, start: int) -> float:
        return self.width(start, self.relation(start))

    def cost(self, k: int, aligned: bool) -> float:
        """Of ending a line before this piece; infinite where none may end."""
        piece, before = self.pieces[k], self.pieces[k - 1].node
        node, deeper = piece.node, _DEEPER * piece.depth
        if k in self.statements:
            return _STATEMENT
        if isinstance(node, Sign):
            if node.is_relation:
                first = any(self.relation(s) == k for s in self.statements)
                return inf if piece.depth or (first and aligned) else _RELATION
            return _SIGN + deeper if node.is_binary and not is_prefix(before) else inf
        if before == COMMA:
            return inf if isinstance(node, Blank) else _COMMA + deeper
        if piece.glued or isinstance(before, (Sign, BigOperator)) or isinstance(node, Blank):
            return inf
        if is_prefix(before) or _closes(node):
            return inf
        return (_PRODUCT if _closes(before) else _FACTOR) + deeper

    def indent(self, k: int, room: float, aligned: bool) -> int:
        """In steps, of a line that begins with this piece."""
        if k in self.statements:
            return 0
        if self._is_relation(k):
            return 0 if aligned else 1
        return min(1 + self.pieces[k].depth, max(1, int(room / _ROOM)), _STEPS)

    def lines(self, room: float, aligned: bool) -> list[Line]:
        """The cheapest way, by dynamic programming over the last line's start."""
        end = len(self.pieces)
        costs = [0.0, *(self.cost(k, aligned) for k in range(1, end)), 0.0]
        starts = [k for k in range(end) if costs[k] < inf]
        # what a line that begins there has room for, counted from the first piece
        room_from = {k: self._room_from(k, room, aligned) for k in starts}
        ragged = dict.fromkeys(range(end), _RAGGED) | dict.fromkeys(self._ends, 0.0)
        best = {0: (0.0, 0)}
        for j in [*starts[1:], end]:
            until = self._until[j] - self._unseen[j]
            options = []
            for i in starts:
                if i >= j:
                    break
                slack = min(room_from[i] - until, room)
                cost = -_OVERFULL * slack if slack < -_ROUNDING else ragged[j] * (slack / room) ** 2
                options.append((best[i][0] + costs[i] + cost, i))
            best[j] = min(options)
        found, j = [], end
        while j:
            found.append(self.line(best[j][1], j, room, aligned))
            j = best[j][1]
        return found[::-1]

    def _room_from(self, i: int, room: float, aligned: bool) -> float:
        start = self.relation(i) if aligned and i in self.statements else i
        return room - self.indent(i, room, aligned) + self._until[start] + self._before[start]

    def line(self, i: int, j: int, room: float, aligned: bool) -> Line:
        nodes = [piece.node for piece in self.pieces]
        start = self.relation(i) if aligned and i in self.statements else i
        steps = [_STEP] * self.indent(i, room, aligned)
        end = j - isinstance(nodes[j - 1], Blank) if j else j
        return phrase(*nodes[i:start]), phrase(*steps, *nodes[start:end])


def _flat(node: Node, depth: int, small: float) -> Iterator[_Piece]:
    match node:
        case Phrase(parts):
            under = 0
            for part in parts:
                under = 0 if isinstance(part, Sign) or part == BETWEEN else under
                yield from _flat(part, depth + under, small)
                under += isinstance(part, BigOperator)
        case Bracket(left, inside, right, size) if width(inside) > small:
            yield _Piece(Delimiter(left, "left", size), depth)
            yield from _flat(inside, depth + 1, small)
            yield _Piece(Delimiter(right, "right", size), depth)
        case Script(Bracket() as base) if width(base.inside) > small:
            *front, closing = _flat(base, depth, small)
            yield from front
            yield _Piece(replace(node, base=closing.node), depth)
        case Application(head, Bracket() as argument) if width(argument.inside) > small:
            opening, *rest = _flat(argument, depth, small)
            yield _Piece(head, depth)
            yield replace(opening, glued=True)
            yield from rest
        case _:
            yield _Piece(node, depth)


def _closes(node: Node) -> bool:
    """Whether this ends with a bracket that nothing here begins."""
    base = node.base if isinstance(node, Script) else node
    return isinstance(base, Delimiter) and base.side == "right"


def _shortened(node: Node, room: float, style: int) -> Node:
    """With what is too wide and cannot be broken written in other ways that can be."""
    if isinstance(node, (Phrase, Bracket)):
        return rebuilt(node, lambda part: _shortened(part, room, style))
    if isinstance(node, Application) and isinstance(node.argument, Bracket):
        return replace(node, argument=_shortened(node.argument, room, style))
    if isinstance(node, Script) and isinstance(node.base, Bracket):
        return replace(node, base=_shortened(node.base, room, style))
    if width(node, style) <= room:
        return node
    match node:
        case Fraction(top, bottom) if width(bottom, style) <= room / 2:
            return phrase(Fraction(Number("1"), bottom), _shortened(_factor(top), room, style))
        case Fraction(top, bottom):
            power = phrase(MINUS, Number("1"))
            below = _shortened(Script(bracketed(bottom), sup=power), room, style)
            return (
                below
                if top == Number("1")
                else phrase(_shortened(_factor(top), room, style), below)
            )
        case Root(inside):
            half = Fraction(Number("1"), Number("2"))
            return _shortened(Script(bracketed(inside), sup=half), room, style)
        case Script(Letter("e"), None, power) if power is not None:
            return _shortened(Application(Letter("exp", "function"), bracketed(power)), room, style)
    return node


def _factor(node: Node) -> Node:
    loose = any(isinstance(part, Sign) for part in parts_of(node))
    return bracketed(node) if loose else node
