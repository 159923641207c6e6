"""The tables of a document as comma-separated values."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from entropy_proofs.document import escape
from entropy_proofs.document.blocks import (
    Block,
    Cell,
    Cite,
    Code,
    Document,
    Emphasis,
    Formula,
    Inlines,
    Link,
    Note,
    Section,
    Table,
)
from entropy_proofs.document.page import Page


def csv_tables(document: Document, page: Page) -> str:
    r"""Every table, with a blank line between; formulas are LaTeX, notes a last column.

    The headings across rows are a column of their own, which is called Group.
    """
    return "\n".join(map(_csv, _tables(document.blocks)))


def _tables(blocks: Iterable[Block]) -> Iterator[Table]:
    for block in blocks:
        if isinstance(block, Table):
            yield block
        elif isinstance(block, Section):
            yield from _tables(block.blocks)


def _csv(table: Table) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    grouped = any(row.span for row in table.rows)
    noted = any(_notes(cell) for row in table.rows for cell in row.cells)
    writer.writerow(map(escape.csv, [*["Group"] * grouped, *table.headings, *["Notes"] * noted]))
    group = ""
    for row in table.rows:
        if row.span:
            group = _cell(row.cells[0])
            continue
        notes = [note for cell in row.cells for note in _notes(cell)]
        cells = [*[group] * grouped, *map(_cell, row.cells), *["\n".join(notes)] * noted]
        writer.writerow(map(escape.csv, cells))
    return out.getvalue()


def _cell(cell: Cell) -> str:
    return "\n".join(map(_text, cell))


def _notes(cell: Cell) -> list[str]:
    return [_text(i.content) for line in cell for i in line if isinstance(i, Note)]


def _text(content: Inlines) -> str:
    return "".join(map(_inline, content))


def _inline(inline: object) -> str:
    match inline:
        case Formula():
            return inline.latex
        case Code() | Emphasis() | Link():
            return inline.text
        case Cite():
            return f"{inline.key}, {inline.detail}" if inline.detail else inline.key
        case Note():
            return ""
    return str(inline)
