"""The registry of formats: what documents are written in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from entropy_proofs.document.page import Page
from entropy_proofs.errors import InputError
from entropy_proofs.spelling import none_of

if TYPE_CHECKING:
    from entropy_proofs.document.blocks import Document


@dataclass(frozen=True)
class Format:
    """suffix: of its files; writer: `module:function`, which is imported when it is used.

    binary: whether the writer gives bytes, which no terminal shows.
    tables_only: whether all else of a document is left out.
    """

    name: str
    suffix: str
    writer: str
    binary: bool = False
    tables_only: bool = False

    def write(self, document: Document, page: Page | None = None) -> str | bytes:
        """The document in this format; a page matters where the format has pages."""
        writer: Callable[[Document, Page], str | bytes] = resolve_name(self.writer)
        return writer(document, page or Page())


#: In the order in which choices are shown.
FORMATS = {
    f.name: f
    for f in (
        Format("markdown", ".md", "entropy_proofs.document.markdown_writer:markdown"),
        Format("latex", ".tex", "entropy_proofs.document.latex.latex_writer:latex_document"),
        Format("html", ".html", "entropy_proofs.document.html_writer:html_page"),
        Format("csv", ".csv", "entropy_proofs.document.csv_writer:csv_tables", tables_only=True),
        Format("pdf", ".pdf", "entropy_proofs.document.latex.pdf_writer:pdf", binary=True),
    )
}


def of_documents() -> tuple[str, ...]:
    """The names of the formats that whole documents are written in; the first is plain text."""
    return tuple(name for name, form in FORMATS.items() if not form.tables_only)


def format_of(name: str) -> Format:
    """A format by its name.

    Raises:
        InputError: there is none; the message lists what there is.

    >>> format_of("latex").suffix
    '.tex'
    """
    if name not in FORMATS:
        raise InputError(f"format {none_of(name, FORMATS)}")
    return FORMATS[name]
