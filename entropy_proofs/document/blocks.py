"""A document as data, the same for every format: sections of text, displayed formulas and tables.

A `str` is plain text wherever it stands: writers escape it, so that no name can be markup.
"""

from __future__ import annotations

from dataclasses import dataclass

from entropy_proofs.printing.formula import Formula


@dataclass(frozen=True)
class Code:
    """Text in a typewriter face: names of files and commands, hashes."""

    text: str


@dataclass(frozen=True)
class Emphasis:
    """Stressed words."""

    text: str


@dataclass(frozen=True)
class Link:
    """Text that leads to an address, which starts with https: or with # for a section's label."""

    text: str
    address: str


@dataclass(frozen=True)
class Cite:
    """A reference to the bibliography by its BibTeX key, with what it is of: `Eq. 12.31`."""

    key: str
    detail: str = ""


@dataclass(frozen=True)
class Note:
    """A footnote at this place."""

    content: Inlines


Inline = str | Formula | Code | Emphasis | Link | Cite | Note
Inlines = tuple[Inline, ...]


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    content: Inlines


@dataclass(frozen=True)
class Equation:
    """One displayed statement, aligned with its neighbours at its relation.

    reason: what justifies it, shown beside or below; label: of its own address, if any.
    """

    formula: Formula
    reason: Inlines = ()
    label: str = ""


@dataclass(frozen=True)
class Display:
    """Formulas set off from the text, aligned with each other, broken where they are too long."""

    equations: tuple[Equation, ...]


@dataclass(frozen=True)
class Items:
    """A list; with terms in front it is a list of definitions."""

    items: tuple[Inlines, ...]
    terms: tuple[Inlines, ...] = ()


@dataclass(frozen=True)
class Listing:
    """Code or data, line by line as it is."""

    text: str
    language: str = ""


Cell = tuple[Inlines, ...]  # lines, one below the other


@dataclass(frozen=True)
class Row:
    """One row of a table; `span` makes its one cell a heading across all columns."""

    cells: tuple[Cell, ...]
    span: bool = False


@dataclass(frozen=True)
class Table:
    """Columns with headings."""

    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    caption: Inlines = ()
    label: str = ""
    notes: tuple[Inlines, ...] = ()


@dataclass(frozen=True)
class Section:
    """A titled part; label: its address within the document; small: set in small print."""

    title: Inlines
    blocks: tuple[Block, ...]
    label: str = ""
    small: bool = False


Block = Paragraph | Display | Items | Listing | Table | Section


@dataclass(frozen=True)
class Document:
    """A whole document.

    bibliography: BibTeX entries by key, of what is cited, in the order in which they are listed.
    """

    title: str
    blocks: tuple[Block, ...]
    bibliography: tuple[tuple[str, str], ...] = ()
    contents: bool = False
