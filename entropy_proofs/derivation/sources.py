"""What a model's docstring cites, found in derivations/references.bib.

Papers are cited by arXiv number or by authors and year, two books by the names that everybody
calls them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from entropy_proofs.document.bibliography import fields
from entropy_proofs.model import catalogue

_ENTRY = re.compile(r"^@\w+\{(?P<key>\w+),\n.*?^\}", re.MULTILINE | re.DOTALL)
_ARXIV = re.compile(r"(?:arXiv:)?\b(\d{4}\.\d{5})\b")
_PAIR = re.compile(r"(?:cf\. |after )?(?P<names>[^,;\d]+(?:, [^,;\d]+)*), (?P<year>\d{4}[a-z]?)\b")
_BOOKS = {"PRML": "bishop2006", "StatProofBook": "statproofbook"}


@dataclass(frozen=True)
class Reference:
    """An entry of the bibliography: its key, its text, and what tells it."""

    key: str
    text: str
    authors: tuple[str, ...]  # surnames without accents
    year: str
    eprint: str


@cache
def references() -> Mapping[str, Reference]:
    """All entries, by key.

    >>> references()["lucke2022"].authors, references()["lucke2022"].eprint
    (('Lucke', 'Warnken'), '2209.03077')
    """
    text = (catalogue.folder() / "references.bib").read_text(encoding="utf-8")
    found = {}
    for match in _ENTRY.finditer(text):
        known = fields(match[0])
        authors = tuple(_plain(a).partition(",")[0] for a in known["author"].split(" and "))
        found[match["key"]] = Reference(
            match["key"], match[0], authors, known.get("year", ""), known.get("eprint", "")
        )
    return found


def cited(docstring: str) -> tuple[str, ...]:
    """The keys of what a docstring cites, in its order; what is not known is left out.

    >>> cited("Probabilistic PCA (Tipping & Bishop, 1999): PRML, Eq. 12.31; see arXiv:2209.03077.")
    ('tipping1999', 'bishop2006', 'lucke2022')
    """
    return tuple(dict.fromkeys(key for _, key in citations(docstring) if key is not None))


def citations(docstring: str) -> Iterator[tuple[str, str | None]]:
    """Every citation as it is written, and its key, or None where the bibliography has none."""
    known = references()
    found: list[tuple[int, str, str | None]] = []
    for m in _ARXIV.finditer(docstring):
        keys = [r.key for r in known.values() if r.eprint == m[1]]
        found.append((m.start(), m[0], keys[0] if keys else None))
    for name, key in _BOOKS.items():
        found += [(m.start(), name, key) for m in re.finditer(rf"\b{name}\b", docstring)]
    for inside in re.finditer(r"\(([^()]*)\)", docstring):
        for part in re.finditer(r"[^;]+", inside[1]):
            if pair := _PAIR.match(part[0].strip()):
                start = inside.start() + part.start()
                found.append((start, pair[0], _by_authors(pair["names"], pair["year"])))
    yield from ((text, key) for _, text, key in sorted(found, key=lambda f: f[0]))


def _by_authors(names: str, year: str) -> str | None:
    """The key of `Tipping & Bishop` and `1999b`."""
    whole = not names.endswith(" et al.")
    surnames = tuple(_plain(n.strip()) for n in re.split(r", | & ", names.removesuffix(" et al.")))
    letter = year[4:]
    for r in references().values():
        same = r.authors == surnames if whole else r.authors[: len(surnames)] == surnames
        if same and r.year == year[:4] and r.key.endswith(year[:4] + letter):
            return r.key
    return None


def _plain(text: str) -> str:
    """A name without accents."""
    split = unicodedata.normalize("NFD", text.replace("ø", "o"))
    return "".join(c for c in split if not unicodedata.combining(c)).strip()
