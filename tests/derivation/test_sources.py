"""Every citation of the catalogue has its BibTeX entry, and every entry is cited."""

from __future__ import annotations

import re

import pytest

from entropy_proofs.derivation.sources import citations, cited, references
from entropy_proofs.model import catalogue

YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d[a-z]?\b")


@pytest.mark.parametrize("name", catalogue.names())
def test_every_citation_of_a_docstring_resolves(name):
    docstring = catalogue.source(name)
    found = list(citations(docstring))
    assert [text for text, key in found if key is None] == []
    named = " ".join(text for text, _ in found)
    inside = " ".join(re.findall(r"\(([^()]*)\)", docstring.splitlines()[0]))
    assert set(YEAR.findall(inside)) <= set(YEAR.findall(named)), "a year that is in no citation"
    numbers = re.findall(r"\b\d{4}\.\d{5}\b", docstring)
    assert {references()[k].eprint for _, k in found} >= set(numbers)


def test_every_entry_is_cited():
    used = {key for name in catalogue.names() for key in cited(catalogue.source(name))}
    assert set(references()) == used


def test_entries_are_whole():
    text = (catalogue.folder() / "references.bib").read_text(encoding="utf-8")
    assert text.count("\n@") == len(references())
    for key, r in references().items():
        assert key.startswith(_key(r.authors[0])) or key == "statproofbook"
        assert r.year == "" or r.year in key
        assert r.text.count("{") == r.text.count("}")
        assert "title = {" in r.text
        kind = r.text[1 : r.text.index("{")]
        assert all(f"  {field} = " in r.text for field in _REQUIRED[kind]), key
    assert list(references()) == sorted(references(), key=str.casefold)


_REQUIRED = {
    "article": ("journal", "year"), "book": ("publisher", "year"), "misc": (),
    "inproceedings": ("booktitle", "year"), "incollection": ("booktitle", "publisher", "year"),
    "techreport": ("institution", "number", "year"),
}  # fmt: skip


def _key(surname: str) -> str:
    return "".join(c for c in surname.lower() if c.isalpha())


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("A model (Tipping & Bishop, 1999; cf. Kingma & Welling, 2014).", ("tipping1999", "kingma2014")),
        ("A model (Tipping & Bishop, 1999b).", ("tipping1999b",)),
        ("A model (after Takahashi et al., 2018).", ("takahashi2018",)),
        ("As in arXiv:2209.03077 and PRML, Eq. 9.7.", ("lucke2022", "bishop2006")),
        ("A model (Bishop & Tipping, 1999).", ()),
        ("A model (Tipping & Bishop, 1998).", ()),
        ("A model (Tipping, 1999).", ()),
        ("arXiv:0000.00000", ()),
    ],
)  # fmt: skip
def test_a_citation_is_the_work_that_it_names_or_none(text, keys):
    assert cited(text) == keys
