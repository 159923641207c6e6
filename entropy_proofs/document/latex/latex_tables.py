"""Tables in LaTeX that fit a width; they need booktabs, and longtable where it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from entropy_proofs.document import escape
from entropy_proofs.document.blocks import Row, Table
from entropy_proofs.document.footnotes import Notes
from entropy_proofs.document.latex.latex_cells import SIZES
from entropy_proofs.document.latex.latex_layouts import GAP, TableLayout, layout_of
from entropy_proofs.document.latex.tex_text import TexText
from entropy_proofs.document.page import Page

_ROOM = 0.8  # of a page's height: the highest piece of a table that is set without page breaks


def table_lines(table: Table, page: Page, text: TexText) -> Iterator[str]:
    """A table that fits the page, as lines of LaTeX, its notes below it."""
    setter = _Setter(table, page, text, layout_of(table, page.width))
    yield from setter.longtable() if page.environment == "longtable" else setter.tabulars()


@dataclass(frozen=True)
class _Setter:
    table: Table
    page: Page
    text: TexText
    layout: TableLayout

    def longtable(self) -> Iterator[str]:
        """One table, which breaks between its rows."""
        noted = replace(self.text, notes=Notes(letters=True))
        heading = [r"\toprule\noalign{}", *self.layout.heading()]
        yield rf"{{{self._dimensions()}\setlength{{\LTcapwidth}}{{{self.page.width:.1f}pt}}%"
        yield rf"\begin{{longtable}}{{{self._columns()}}}"
        if self._titled:
            yield from [*self._caption(), r"\tabularnewline", *heading, r"\endfirsthead"]
        yield from [*heading, r"\endhead", r"\bottomrule\noalign{}", r"\endfoot"]
        for row in self.table.rows:
            yield from self._row(row, noted)
        yield r"\end{longtable}"
        yield from self._below(noted)
        yield "}"

    def tabulars(self) -> Iterator[str]:
        """One tabular, or several that each fit a page; floats where there is a caption."""
        for k, rows in enumerate(self._pieces()):
            noted = replace(self.text, notes=Notes(letters=True))
            if self._titled:
                yield r"\begin{table}[tbp]"
                yield r"\centering"
                yield from self._caption(continued=k > 0)
            else:
                yield r"\par\medskip\noindent"
            yield rf"{{{self._dimensions()}%"
            yield rf"\begin{{tabular}}{{{self._columns()}}}"
            yield from [r"\toprule", *self.layout.heading()]
            for row in rows:
                yield from self._row(row, noted)
            yield from [r"\bottomrule", r"\end{tabular}"]
            yield from self._below(noted)
            yield r"\par}"
            if self._titled:
                yield r"\end{table}"

    @property
    def _titled(self) -> bool:
        return bool(self.table.caption or self.table.label)

    def _dimensions(self) -> str:
        return rf"{self.layout.size}\setlength{{\tabcolsep}}{{{GAP / 2:g}pt}}"

    def _columns(self) -> str:
        return f"@{{}}{''.join(f'p{{{w:.1f}pt}}' for w in self.layout.columns)}@{{}}"

    def _row(self, row: Row, text: TexText) -> Iterator[str]:
        if row.span:
            title = self.layout.across("emph", row.cells[0], text)
            yield rf"\addlinespace {title} \tabularnewline*"
        else:
            yield from self.layout.rows(row, text)

    def _caption(self, continued: bool = False) -> Iterator[str]:
        """The caption, then the label, which means what was numbered last."""
        caption = self.text.inlines(self.table.caption)
        if continued:
            yield r"\addtocounter{table}{-1}"
        yield rf"\caption{{{caption}{' (continued)' if continued else ''}}}"
        if self.table.label and not continued:
            yield rf"\label{{{escape.label(self.table.label)}}}"

    def _below(self, noted: TexText) -> Iterator[str]:
        """Notes, by their marks, then remarks."""
        assert noted.notes is not None
        lines = [
            rf"\textsuperscript{{{mark}}}~{shown}"
            for mark, shown in noted.notes.written(noted.inlines)
        ]
        box = rf"\par\smallskip\noindent\parbox[t]{{{self.page.width:.1f}pt}}"
        for line in [*lines, *map(self.text.inlines, self.table.notes)]:
            yield rf"{box}{{{SIZES[1]}\raggedright\hspace{{0pt}}{line}}}"

    def _pieces(self) -> Iterable[list[Row]]:
        """The rows, in pieces that fit a page each; a heading stays with what follows it."""
        room = _ROOM * self.page.height
        pieces: list[list[Row]] = [[]]
        filled = 0.0
        for k, row in enumerate(self.table.rows):
            after = self.table.rows[k + 1 : k + 2] if row.span else ()
            needed = sum(map(self.layout.height, (row, *after)))
            if pieces[-1] and filled + needed > room:
                pieces.append([])
                filled = 0.0
            pieces[-1].append(row)
            filled += self.layout.height(row)
        return pieces
