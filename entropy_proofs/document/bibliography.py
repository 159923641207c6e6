"""BibTeX entries as a list of references shows them."""

from __future__ import annotations

import re
import unicodedata

from entropy_proofs.document.blocks import Emphasis, Inline, Inlines, Link
from entropy_proofs.document.latex.tex_letters import ACCENTS

_FIELD = re.compile(r"(\w+)\s*=\s*")
_ACCENT = re.compile(r"\\([`'^~=.\"]|[uvHtcdbr](?![A-Za-z]))\s*(?:\{\\?(\w)\}|\\?(\w))")
_MARKS = {command: mark for mark, command in ACCENTS.items()}
_COMMANDS = {
    "ss": "ß",
    "o": "ø",
    "O": "Ø",
    "ae": "æ",
    "AE": "Æ",
    "l": "ł",
    "L": "Ł",
    "aa": "å",
    "AA": "Å",
}


def fields(entry: str) -> dict[str, str]:
    r"""The fields of a BibTeX entry as plain text, their names in small letters.

    >>> fields(r"@article{k, title = {The {ELBO}}, author = {L\"ucke, J.}, year = 2024}")
    {'title': 'The ELBO', 'author': 'Lücke, J.', 'year': '2024'}
    """
    found: dict[str, str] = {}
    place = entry.find(",")
    while match := _FIELD.search(entry, place + 1):
        start = match.end()
        place = _end(entry, start)
        found[match[1].lower()] = _text(entry[start:place])
    return found


def _end(entry: str, start: int) -> int:
    """Where a field's value ends: at its closing brace or quote, or at the next comma."""
    quoted, depth = entry[start : start + 1] == '"', 0
    for place in range(start, len(entry)):
        c = entry[place]
        depth += (c == "{") - (c == "}")
        if quoted and place > start and c == '"' and depth == 0:
            return place + 1
        if not quoted and depth <= 0 and (c == "}" or (c == "," and depth == 0)):
            return place + (c == "}" and depth == 0)
    return len(entry)


def _text(value: str) -> str:
    shown = _ACCENT.sub(_accented, value.strip().strip('"'))
    shown = re.sub(r"\\([A-Za-z]+)\s*(?:\{\})?", lambda m: _COMMANDS.get(m[1], m[0]), shown)
    shown = re.sub(r"\\([&%$#_])", r"\1", shown).replace("---", "—").replace("--", "–")
    return " ".join(re.sub(r"[{}]", "", shown).replace("~", " ").split())


def _accented(match: re.Match[str]) -> str:
    letter = match[2] or match[3]
    return unicodedata.normalize("NFC", letter + _MARKS[match[1]]) if match[1] in _MARKS else letter


def reference(entry: str) -> Inlines:
    """An entry as running text: authors, title, where it appeared, year, address.

    >>> reference("@book{k, author = {Doe, J. and Roe, R.}, title = {On x}, publisher = {P}}")
    ('J. Doe and R. Roe. On x. ', Emphasis(text='P'), '.')
    """
    known = fields(entry)
    where = next((known[k] for k in ("journal", "booktitle", "publisher") if k in known), "")
    number = known.get("volume", "") + (f"({known['number']})" if "number" in known else "")
    pages = f"{':' if number else ' '}{known['pages']}" if "pages" in known else ""
    begin = [_names(known[k]) for k in ("author", "editor") if k in known][:1]
    begin += [known["title"]] if "title" in known else []
    text = "".join(f"{part.rstrip('.')}. " for part in begin)
    details = f"{' ' if number else ''}{number}{pages}"
    year = known.get("year", "")
    rest = ", ".join(filter(None, [details, year] if where else [year]))
    parts: list[Inline] = [text]
    if where:
        parts += [Emphasis(where), rest if details else f", {rest}" if rest else ""]
    else:
        parts.append(rest)
    if link := _link(known):
        parts += [". " if where or rest else "", link]
    joined: list[Inline] = []
    for part in [*parts, "."]:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        elif part != "":
            joined.append(part)
    return tuple(joined)


def _link(known: dict[str, str]) -> Link | None:
    if "eprint" in known:
        return Link(f"arXiv:{known['eprint']}", f"https://arxiv.org/abs/{known['eprint']}")
    if "doi" in known:
        return Link(f"doi:{known['doi']}", f"https://doi.org/{known['doi']}")
    return Link(known["url"], known["url"]) if known.get("url", "").startswith("https:") else None


def _names(authors: str) -> str:
    names = [" ".join(reversed(name.split(", ", 1))) for name in authors.split(" and ")]
    if names[-1] == "others":
        return f"{', '.join(names[:-1])} et al."
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
