"""Ways to lay a table out in LaTeX: in columns, or one entry below the other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from functools import cached_property

from entropy_proofs.document import escape
from entropy_proofs.document.blocks import Cell, Row, Table
from entropy_proofs.document.fitting import text_width
from entropy_proofs.document.latex.latex_cells import SIZES, SLACK, TypeSize
from entropy_proofs.document.latex.tex_text import TexText

GAP = 8.0  # points between columns

_SPACE = 3.0  # points between rows
_STEP = 2.0  # points by which columns are widened
_HIGHER = 1.6  # columns may be as many times as high as entries below each other


class TableLayout(ABC):
    """A table in one size of type, as wide as `width` in points."""

    def __init__(self, table: Table, size: TypeSize, width: float) -> None:
        self.table, self.size, self.width = table, size, width

    @property
    @abstractmethod
    def columns(self) -> tuple[float, ...]:
        """How wide the columns are, in points."""

    @abstractmethod
    def fits(self) -> bool:
        """Whether no line is wider than its column."""

    @abstractmethod
    def heading(self) -> Iterator[str]:
        """The rows above all others, with the rule below them."""

    @abstractmethod
    def rows(self, row: Row, text: TexText) -> Iterator[str]:
        """A row that is no heading."""

    @abstractmethod
    def height(self, row: Row) -> float:
        """About how high a row is, with its notes, in points."""

    def across(self, face: str, cell: Cell, text: TexText) -> str:
        """Text across all columns."""
        shown = r" \newline ".join(map(text.inlines, cell))
        whole = sum(self.columns) + GAP * (len(self.columns) - 1)
        content = rf"\raggedright\hspace{{0pt}}\{face}{{{shown}}}"
        return rf"\multicolumn{{{len(self.columns)}}}{{@{{}}p{{{whole:.1f}pt}}@{{}}}}{{{content}}}"


class SideBySide(TableLayout):
    """A column for each heading; widths are given out where they save most height."""

    @cached_property
    def _cells(self) -> list[tuple[Cell, ...]]:
        """By columns, the headings' own among them."""
        headings = tuple(((heading,),) for heading in self.table.headings)
        rows = [headings, *(row.cells for row in self.table.rows if not row.span)]
        return list(zip(*rows, strict=True))

    @cached_property
    def _least(self) -> list[float]:
        return [max(map(self.size.least, column)) for column in self._cells]

    @property
    def _room(self) -> float:
        return self.width - GAP * (len(self.table.headings) - 1)

    def fits(self) -> bool:
        return sum(self._least) <= self._room

    @cached_property
    def columns(self) -> tuple[float, ...]:
        widths = list(self._least)
        natural = [max(map(self.size.natural, column)) for column in self._cells]
        areas = [[self.size.area(cell) for cell in column] for column in self._cells]
        left = self._room - sum(widths)
        while left >= _STEP and any(w < n for w, n in zip(widths, natural, strict=True)):
            widths[self._neediest(widths, natural, areas)] += _STEP
            left -= _STEP
        return tuple(widths)

    def _neediest(self, widths: list[float], natural: list[float], areas: list[list[float]]) -> int:
        """The column that makes the most rows as high as they are."""
        heights = [[max(a / w, 1) for a in column] for column, w in zip(areas, widths, strict=True)]
        highest = [max(row) for row in zip(*heights, strict=True)]
        gains = [
            -1.0 if w >= n else sum(h for h, top in zip(column, highest, strict=True) if h >= top)
            for column, w, n in zip(heights, widths, natural, strict=True)
        ]
        return gains.index(max(gains))

    def heading(self) -> Iterator[str]:
        yield f"{' & '.join(map(escape.tex, self.table.headings))} \\tabularnewline"
        yield r"\midrule"

    def rows(self, row: Row, text: TexText) -> Iterator[str]:
        pairs = zip(row.cells, self.columns, strict=True)
        shown = (self.size.text(cell, w, text) for cell, w in pairs)
        yield " &\n  ".join(shown) + r" \tabularnewline \addlinespace"

    def height(self, row: Row) -> float:
        if row.span:
            return 2 * self.size.leading
        pairs = zip(row.cells, self.columns, strict=True)
        highest = max(self.size.height(cell, w) for cell, w in pairs)
        return highest + _SPACE + self.size.notes_height(row, self.width)


class Stacked(TableLayout):
    """Below a title the other headings, each beside what stands in its column."""

    @cached_property
    def columns(self) -> tuple[float, float]:
        label = self.size.em * max(map(text_width, self.table.headings[1:]), default=0.0)
        label *= SLACK
        return label, self.width - GAP - label

    def fits(self) -> bool:
        cells = (cell for row in self.table.rows if not row.span for cell in row.cells[1:])
        return all(self.size.least(cell) <= self.columns[1] for cell in cells)

    def heading(self) -> Iterator[str]:
        yield from ()

    def rows(self, row: Row, text: TexText) -> Iterator[str]:
        title, *cells = row.cells
        yield rf"\addlinespace {self.across('textbf', title, text)} \tabularnewline*"
        pairs = zip(self.table.headings[1:], cells, strict=True)
        lines = [
            f"{escape.tex(heading)} & {shown} "
            for heading, cell in pairs
            if (shown := self.size.text(cell, self.columns[1], text))
        ]
        for k, line in enumerate(lines, 1):  # a page may end below the last one
            yield line + (r"\tabularnewline*" if k < len(lines) else r"\tabularnewline")

    def height(self, row: Row) -> float:
        if row.span:
            return 2 * self.size.leading
        values = sum(self.size.height(cell, self.columns[1]) for cell in row.cells[1:])
        above = 1.5 * self.size.leading + _SPACE
        return above + values + self.size.notes_height(row, self.width)


def layout_of(table: Table, width: float) -> TableLayout:
    """Columns, unless they do not fit or get much higher than one entry below the other."""
    stacked = [Stacked(table, size, width) for size in SIZES]
    below = next((layout for layout in stacked if layout.fits()), stacked[-1])
    for size in SIZES[:2]:
        columns = SideBySide(table, size, width)
        if columns.fits() and _height(columns) <= _HIGHER * _height(below):
            return columns
    return below


def _height(layout: TableLayout) -> float:
    return sum(map(layout.height, layout.table.rows))
