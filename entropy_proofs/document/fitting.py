"""Text and formulas in lines that fit: how wide they are, and where formulas are broken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from entropy_proofs.document import escape
from entropy_proofs.document.blocks import Equation, Formula
from entropy_proofs.printing.formula import Line
from entropy_proofs.printing.typeset.tree import BETWEEN, Blank, Words, parts_of, phrase
from entropy_proofs.printing.typeset.widths import TEXT, width

#: Widths in ems at which a cell's formulas are tried, narrowest first: below, few can be read.
_WIDTHS = (14.0, 17.0, 20.0, 24.0, 28.0, 33.0, 40.0)
_BROAD_SIGNS, _BROAD = re.compile(r"[<>@%&+=#—]|[^\x00-\x7f]"), 0.35  # ems more than others


@cache
def text_width(text: str) -> float:
    """Of text in ems.

    >>> round(text_width("Model"), 2)
    2.7
    """
    shown = escape.tex(text)
    code_points = 0.5 * shown.count("{[}U+") * len("U+1234]")  # of letters that TeX has not
    return width(Words(text), TEXT) + _BROAD * len(_BROAD_SIGNS.findall(text)) + code_points


@cache
def pieces(formula: Formula, room: float, display: bool = False) -> tuple[Formula, ...]:
    r"""A formula in lines that fit if it can be broken so far.

    room: in ems; lines after the first are indented.
    display: set off from the text, not in it.

    >>> from entropy_proofs.printing.formula import total
    >>> [piece.latex for piece in pieces(total(("+", "a"), ("+", "b"), ("-", "c")), 3)]
    ['a + b', '\\quad - c']
    """
    if (formula.width if display else formula.inline_width) <= room:
        return (formula,)
    lines = formula.lines(room, left=room, display=display)  # nothing is aligned with such a left
    return tuple(line.right for line in lines)


def flowing(formula: Formula, room: float) -> tuple[Formula, ...]:
    r"""The pieces of a displayed line, set one after the other, which may end between any two.

    Statements that stand side by side stay apart; what goes on has a thin space for its indent.

    >>> from entropy_proofs.printing.formula import relation, total
    >>> sum_of_three = relation("a", "=", total(("+", "b"), ("-", "c")))
    >>> [piece.latex for piece in flowing(sum_of_three, 3)]
    ['a', '\\, = b', '\\, - c']
    """
    if formula.width <= room:
        return (formula,)
    found: list[Formula] = []
    for statement in _statements(formula):
        first, *rest = pieces(statement, room, display=True)
        found.append(_after(Blank(r"\quad"), first) if found else first)
        found += [_after(Blank(), piece) for piece in rest]
    return tuple(found)


def _statements(formula: Formula) -> Iterator[Formula]:
    """Those of a line, which a wide space separates."""
    parts = parts_of(formula.tree)
    ends = [k for k, part in enumerate(parts) if part == BETWEEN]
    for start, end in pairwise((-1, *ends, len(parts))):
        yield Formula(phrase(*parts[start + 1 : end]))


def _after(blank: Blank, piece: Formula) -> Formula:
    """A piece with this space in place of its indent."""
    parts = parts_of(piece.tree)
    while parts and isinstance(parts[0], Blank):
        parts = parts[1:]
    return Formula(phrase(blank, *parts))


@cache
def least_width(formula: Formula) -> float:
    """The narrowest of some widths, in ems, that holds a formula's pieces."""
    natural = formula.inline_width
    for room in _WIDTHS:
        if room >= natural or max(p.inline_width for p in pieces(formula, room)) <= room:
            return min(room, natural)
    return natural


def aligned(equations: tuple[Equation, ...], within: float) -> list[tuple[Line, ...]]:
    """The lines of some formulas below each other, aligned at their relations.

    Where one of them has no room for that, none is: all begin at the left.
    """
    formulas = [equation.formula for equation in equations]
    lefts = [formula.lines(float("inf"))[0].left.width for formula in formulas]
    found = [formula.lines(within, max(lefts)) for formula in formulas]
    if any(left and not lines[0].left.width for left, lines in zip(lefts, found, strict=True)):
        return [formula.lines(within, left=within) for formula in formulas]
    return found
