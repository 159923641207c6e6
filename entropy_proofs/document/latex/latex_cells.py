"""Cells of LaTeX's tables: their lines, with formulas broken, and how wide and high they are."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from entropy_proofs.document.blocks import Cell, Formula, Inlines, Note, Row
from entropy_proofs.document.fitting import least_width, pieces
from entropy_proofs.document.latex.tex_text import TexText, narrowest, width

SLACK = 1.04  # by which widths are taken for more than they are, which is not exactly known
_TALL = re.compile(r"\\(frac|sum|prod|int|Big[lr])\b")
_HIGH = 1.5  # a line with a fraction or a sum, in lines
_RAGGED = 1.1  # what ragged lines of text take more than full ones


@dataclass(frozen=True)
class TypeSize:
    """A size of type and the distance of its lines, in points; an em is more than the size."""

    type: float
    leading: float
    em: float

    def __str__(self) -> str:
        return rf"\fontsize{{{self.type:g}}}{{{self.leading:g}}}\selectfont"

    def text(self, cell: Cell, room: float, text: TexText) -> str:
        """A cell in a column of a width in points."""
        shown = r" \newline\mbox{}".join(map(text.inlines, self._lines(cell, room)))
        return rf"\raggedright\hspace{{0pt}}{shown}" if shown else ""

    def least(self, cell: Cell) -> float:
        """The narrowest column that holds a cell, in points."""
        return SLACK * self.em * max((_narrowest(line) for line in cell if line), default=0.0)

    def natural(self, cell: Cell) -> float:
        """The column in which no line of a cell is broken, in points."""
        return SLACK * self.em * max(map(width, cell), default=0.0)

    def area(self, cell: Cell) -> float:
        """The length of all its lines together, in points."""
        return self.em * sum(map(width, cell))

    def height(self, cell: Cell, room: float) -> float:
        """About how high a cell is in a column of a width, in points."""
        total = 0.0
        for line in self._lines(cell, room):
            tall = any(isinstance(i, Formula) and _TALL.search(i.latex) for i in line)
            lines = 1 if _formula_of(line) else self._turns(line, room)
            total += lines * self.leading * (_HIGH if tall else 1)
        return total

    def notes_height(self, row: Row, room: float) -> float:
        """About how high the notes of a row are below the table."""
        notes = {i for cell in row.cells for line in cell for i in line if isinstance(i, Note)}
        return self.leading * sum(self._turns(note.content, room) for note in notes)

    def _turns(self, line: Inlines, room: float) -> int:
        """The lines that running text takes."""
        return math.ceil(_RAGGED * self.em * width(line) / room)

    def _lines(self, cell: Cell, room: float) -> list[Inlines]:
        """The lines of a cell, with formulas that stand alone in pieces."""
        found: list[Inlines] = []
        for line in cell:
            formula = _formula_of(line)
            if formula is None:
                found += [line] if line else []
                continue
            rest = tuple(i for i in line if i is not formula)
            *front, last = pieces(formula, room / (SLACK * self.em) - width(rest))
            found += [*((piece,) for piece in front), (last, *rest)]
        return found


SIZES = (TypeSize(9, 11, 9.25), TypeSize(8, 9.5, 8.5), TypeSize(7, 8.5, 8.1))


def _formula_of(line: Inlines) -> Formula | None:
    """The one formula of a line that has nothing else but notes."""
    formulas = [i for i in line if isinstance(i, Formula)]
    alone = len(formulas) == 1 and all(isinstance(i, Formula | Note) for i in line)
    return formulas[0] if alone else None


def _narrowest(line: Inlines) -> float:
    """The widest part of a line that cannot be broken, in ems, with marks of notes behind it."""
    formula = _formula_of(line)
    marks = width(tuple(i for i in line if isinstance(i, Note)))
    if formula is not None:
        return least_width(formula) + marks
    return max((narrowest(i) for i in line if not isinstance(i, Note)), default=0.0) + marks
