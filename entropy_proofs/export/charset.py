"""Text on streams that lack some of its letters: spelled in ASCII, readable, columns kept.

What a stream can encode decides, character by character: on UTF-8 nothing changes, on Latin-1 a
raised 2 stays and a pi is spelled, in the C locale all is ASCII.
"""

from __future__ import annotations

import codecs
import io
import re
import unicodedata
from typing import TextIO

from entropy_proofs.spelling import letter_name

ERRORS = "entropy_proofs.spelled"  # the name of the handler below, for streams

_SPELLED = {
    "↦": "->", "→": "->", "⇒": "=>", "←": "<-", "∑": "sum", "∏": "prod", "∇": "grad ", "∂": "d",
    "√": "sqrt", "∫": "int", "∞": "oo", "·": ".", "⋅": ".", "×": "x", "±": "+/-", "−": "-",
    "≠": "!=", "≤": "<=", "≥": ">=", "≈": "~", "∼": "~", "≡": "==", "∝": "~", "∈": "in", "∀": "all",
    "⊤": "T", "ᵀ": "^T", "ℓ": "l", "‖": "||", "∣": "|", "•": "*", "…": "...", "⋯": "...", "–": "-",
    "—": "--", "‘": "'", "’": "'", "“": '"', "”": '"', "«": '"', "»": '"', "°": " deg", "⁻": "^-",
    "½": "1/2", "§": "section ", "©": "(c)", "ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O",
    "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "✓": "ok", "✗": "no", "∉": "not in", "∥": "||",
    "†": "+", "′": "'", "∘": "o", "⊥": "_|_",
}  # fmt: skip
_LINES = dict.fromkeys("─━═╌╍┄┅┈┉╸╺╴╶", "-") | dict.fromkeys("│┃║┆┇┊┋╎╏╷╵╹╻", "|")


def spelled(character: str) -> str:
    """One character in ASCII.

    >>> [spelled(c) for c in "π↦²é━"]
    ['pi', '->', '^2', 'e', '-']
    """
    if character.isascii():
        return character
    if character in _SPELLED or character in _LINES:
        return _SPELLED.get(character) or _LINES[character]
    compatible = unicodedata.normalize("NFKC", character)
    if len(compatible) == 1 and (greek := letter_name(compatible)):
        return greek
    name = unicodedata.name(character, "")
    if name.startswith("BOX DRAWINGS"):
        return "+"
    if "BLOCK" in name or name.startswith("BRAILLE"):  # of bars and spinners
        return "#" if "BLOCK" in name else "*"
    plain = "".join(c for c in unicodedata.normalize("NFKD", character) if c.isascii())
    raised = "^" if name.startswith("SUPERSCRIPT") else "_" if name.startswith("SUBSCRIPT") else ""
    return f"{raised}{plain}" if plain else character.encode("ascii", "backslashreplace").decode()


def on(stream: TextIO, text: str) -> str:
    """The text as the stream can show it; columns that two blanks or more set off keep their place.

    >>> import io
    >>> on(io.TextIOWrapper(io.BytesIO(), "ascii"), "v·∇F      1e-9")
    'v.grad F  1e-9'
    """
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return "\n".join(_line(line, encoding) for line in text.split("\n"))


def can_encode(stream: TextIO, text: str) -> bool:
    """Whether the stream has all of its letters."""
    return on(stream, text) == text


def _line(line: str, encoding: str) -> str:
    try:
        line.encode(encoding)
    except UnicodeEncodeError:
        pass
    else:
        return line
    out, grown = "", 0
    for part in re.split(r"( {2,})", line):
        if part.isspace():
            kept = max(2, len(part) - grown)
            grown -= len(part) - kept
            out += " " * kept
        else:
            shown = "".join(c if _has(encoding, c) else spelled(c) for c in part)
            grown += len(shown) - len(part)
            out += shown
    return out


def _has(encoding: str, character: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _spell(error: UnicodeError) -> tuple[str, int]:
    """For what reaches a stream by other ways: libraries' bars, warnings."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(spelled, error.object[error.start : error.end])), error.end


codecs.register_error(ERRORS, _spell)


def adapt(stream: TextIO) -> None:
    """Let a stream spell what it cannot encode, where it would fail."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors=ERRORS)
