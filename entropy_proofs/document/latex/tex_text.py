"""Running text in LaTeX, and how wide it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from entropy_proofs.document import escape
from entropy_proofs.document.blocks import Cite, Code, Emphasis, Formula, Inlines, Link, Note
from entropy_proofs.document.fitting import text_width
from entropy_proofs.document.footnotes import Notes

_TYPEWRITER = 0.53  # em, a letter
_MARK = 0.6  # em, of a note with a comma


@dataclass
class TexText:
    """Inlines as LaTeX.

    linked: whether hyperref is there; notes: those of the table around, else they are footnotes.
    """

    linked: bool = False
    notes: Notes | None = None

    def inlines(self, content: Inlines) -> str:
        """A line of text and formulas, with commas between marks of notes."""
        shown = ""
        for before, inline in zip((None, *content), content, strict=False):
            if isinstance(before, Note) and isinstance(inline, Note):
                shown += r"\textsuperscript{,}"
            shown += self._inline(inline)
        return shown

    def _inline(self, inline: object) -> str:
        match inline:
            case str():
                return escape.tex(inline)
            case Formula():
                return f"${inline.latex}$"
            case Code(text):
                return rf"\texttt{{{escape.tex(text)}}}"
            case Emphasis(text):
                return rf"\emph{{{escape.tex(text)}}}"
            case Link(text, address):
                return self._link(escape.tex(text), address)
            case Cite(key, detail):
                shown = f"[{escape.tex(detail)}]" if detail else ""
                return rf"\cite{shown}{{{escape.label(key)}}}"
            case Note(content):
                if self.notes is not None:
                    return rf"\textsuperscript{{{self.notes.mark(content)}}}"
                return rf"\footnote{{{self.inlines(content)}}}"
        raise TypeError(f"no part of a text: {inline!r}")

    def _link(self, text: str, address: str) -> str:
        if not self.linked:
            return text
        if address.startswith("#"):
            return rf"\hyperref[{escape.label(address[1:])}]{{{text}}}"
        if not address.startswith("https:"):
            return text
        plain = re.sub(r"[^\w.~:/?@!$'()*+,;=&-]|[$\\]", _percent, address, flags=re.ASCII)
        return rf"\href{{{plain.replace('%', chr(92) + '%')}}}{{{text}}}"


def _percent(match: re.Match[str]) -> str:
    if match[0] in "%#":
        return match[0] if match[0] == "%" else r"\#"
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "replace"))


def width(content: Inlines) -> float:
    """About how wide a line of text and formulas is, in ems."""
    return sum(map(_width, content))


def _width(inline: object) -> float:
    match inline:
        case str(text) | Emphasis(text) | Link(text, _):
            return text_width(text)
        case Code(text):
            return _TYPEWRITER * len(text)
        case Formula():
            return inline.inline_width
        case Note():
            return _MARK
        case Cite(key, detail):
            return text_width(f"[{key}, {detail}]")
    raise TypeError(f"no part of a text: {inline!r}")


def narrowest(inline: object) -> float:
    """The width of what cannot be broken, in ems."""
    match inline:
        case str(text) | Emphasis(text) | Link(text, _):
            return max(map(_narrowest_word, text.split()), default=0.0)
        case Code(text):
            return _TYPEWRITER * max(map(len, text.split()), default=0)
    return _width(inline)


def _narrowest_word(word: str) -> float:
    return text_width(word[: escape.PIECE] if len(word) >= escape.LONG else word)
