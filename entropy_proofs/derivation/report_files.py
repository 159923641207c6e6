"""Derivations in files: which format is meant, and writing it whole or not at all."""

from __future__ import annotations

from pathlib import Path

from entropy_proofs.document.blocks import Document
from entropy_proofs.document.formats import FORMATS, Format, of_documents
from entropy_proofs.errors import InputError
from entropy_proofs.files import check_writable, write
from entropy_proofs.printing.typeset.conventions import Notation

VECTORS = ("bold", "arrow")


def chosen_format(name: str | None, path: str | Path | None) -> Format:
    """The format of this name, else that of the file's suffix, else the first.

    Raises:
        InputError: there is no such format, or it is not text and no file is named.

    >>> chosen_format(None, "ppca.tex").name, chosen_format(None, None).name
    ('latex', 'markdown')
    """
    formats = of_documents()
    if name is None:
        suffix = Path(path).suffix if path is not None else ""
        known = [f for f in formats if FORMATS[f].suffix == suffix]
        name = known[0] if known else formats[0]
    if name not in formats:
        raise InputError(f"no report is written in {name!r}: {', '.join(formats)}")
    if FORMATS[name].binary and path is None:
        raise InputError(f"{name} is not shown on a terminal: name a file to write")
    return FORMATS[name]


def chosen_notation(vectors: str, per_datum: bool) -> Notation | None:
    """The notation, or None for the plain one.

    Raises:
        InputError: vectors is neither bold nor arrow.
    """
    if vectors not in VECTORS:
        raise InputError(f"vectors are {' or '.join(VECTORS)}, not {vectors!r}")
    if vectors == "bold" and not per_datum:
        return None
    return Notation(
        vectors="arrow" if vectors == "arrow" else "bold",
        data="points" if per_datum else "average",
    )


def report_file(document: Document, format: Format, path: str | Path | None) -> str | bytes | None:
    """The document in this format, or None once it is in the file.

    Raises:
        InputError: it cannot be written.
    """
    target = None if path is None else check_writable(str(path), "")
    contents = format.write(document)
    if target is None:
        return contents
    write(target, contents)
    return None
