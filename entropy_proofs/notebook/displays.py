"""What shows itself in a notebook: a page of text, formulas and tables, or one formula.

In a terminal it is one line, its `repr`.  Documents know what each format needs; here is only what
a notebook asks an object for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self

from entropy_proofs.document.blocks import (
    Block,
    Display,
    Document,
    Emphasis,
    Equation,
    Inlines,
    Items,
    Paragraph,
    Row,
    Table,
)
from entropy_proofs.printing.formula import Formula
from entropy_proofs.printing.symbols import Names

_CLASS = "entropy-proofs"
#: What a page's own style says of a fragment; a notebook would align a table's cells to the right.
_STYLE = (
    f".{_CLASS} .display{{display:grid;grid-template-columns:"
    "max-content minmax(0,max-content) 1fr;gap:.5em 0;align-items:center;padding-left:1.5em;"
    "overflow-x:auto;overflow-y:hidden}"
    f".{_CLASS} .equation{{display:grid;grid-column:1/-1;grid-template-columns:subgrid;"
    "gap:.5em 0;align-items:center}"
    f".{_CLASS} .left{{grid-column:1;text-align:right}}.{_CLASS} .right{{grid-column:2}}"
    f".{_CLASS} .reason{{grid-column:3;opacity:.7;padding-left:1.5em}}"
    f"@media(max-width:46em){{.{_CLASS} :is(.display,.equation){{display:block;padding:0}}"
    f".{_CLASS} .equation{{margin-bottom:.8em}}.{_CLASS} :is(.left,.right){{display:inline}}"
    f".{_CLASS} .reason{{padding:0}}}}"
    f".{_CLASS} figure{{margin:.5em 0;overflow-x:auto}}"
    f".{_CLASS} :is(th,td){{text-align:left;vertical-align:top;padding:.15em .9em .15em 0}}"
)


class Displayed:
    """Shows itself as a page: a subclass says of what it consists."""

    _model: Any = None  # whose names its formulas show; of none, each by its own symbols

    def of(self, model: Any) -> Self:
        """The same as an answer about this model; so are the parts of a tuple."""
        for part in (self, *(self if isinstance(self, tuple) else ())):
            object.__setattr__(part, "_model", model)  # which is no part of what a record says
        return self

    def _blocks(self) -> tuple[Block, ...]:
        raise NotImplementedError

    def _names(self) -> Names | None:
        return None if self._model is None else self._model.names()

    @contextmanager
    def _names_used(self) -> Iterator[None]:
        """Formulas that are composed inside show names as the model says."""
        names = self._names()
        if names is None:
            yield
        else:
            with names.used():
                yield

    def _repr_html_(self) -> str:
        with self._names_used():
            return html_of(self._blocks())


def html_of(blocks: tuple[Block, ...]) -> str:
    """A part of a page, which needs nothing from outside."""
    from entropy_proofs.document.html_writer import html_page
    from entropy_proofs.document.page import Page

    body = html_page(Document("", blocks or (Paragraph(("none",)),)), Page(fragment=True))
    return f'<div class="{_CLASS}"><style>{_STYLE}</style>\n{body}</div>'


def latex_of(formula: Formula) -> str:
    """A displayed formula, as `_repr_latex_` gives it."""
    return rf"$\displaystyle {formula.latex}$"


def headed(title: str, *rest: str | Formula) -> Paragraph:
    """The first line of a page: a title that stands out, and what is said of it."""
    return Paragraph((Emphasis(title), *rest))


def listed(title: str, lines: Sequence[str]) -> tuple[Block, ...]:
    """A list below its title, or nothing."""
    return (titled(title), Items(tuple((line,) for line in lines))) if lines else ()


def titled(title: str) -> Paragraph:
    """A line above what belongs to it."""
    return Paragraph((Emphasis(title),))


def displayed(*formulas: Formula) -> Display:
    """Formulas below each other."""
    return Display(tuple(map(Equation, formulas)))


def table(headings: tuple[str, ...], rows: Iterable[tuple[str | Formula | Inlines, ...]]) -> Table:
    """A table whose cells have one line each."""

    def line(cell: str | Formula | Inlines) -> Inlines:
        return cell if isinstance(cell, tuple) else (cell,)

    return Table(headings, tuple(Row(tuple((line(c),) for c in row)) for row in rows))
