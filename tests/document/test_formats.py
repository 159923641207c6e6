"""Every format of the registry writes every document, and the same one twice."""

from __future__ import annotations

import pytest

from document.samples import MALICE, document
from entropy_proofs.document.formats import FORMATS, format_of
from entropy_proofs.document.page import inside
from entropy_proofs.errors import InputError

TEXTS = [form for form in FORMATS.values() if not form.binary]


@pytest.mark.parametrize("form", TEXTS, ids=lambda form: form.name)
@pytest.mark.parametrize("page", [None, inside(345), inside(221, "longtable")])
@pytest.mark.parametrize("text", ["some text", MALICE, "", "x" * 200])
def test_text_is_written_twice_the_same_in_any_locale(form, page, text):
    one, two = (form.write(document(text), page) for _ in range(2))
    assert one == two
    assert one.endswith("\n")
    one.encode("utf-8")


def test_names_and_suffixes_are_those_of_the_registry():
    assert list(FORMATS) == [form.name for form in FORMATS.values()]
    assert len({form.suffix for form in FORMATS.values()}) == len(FORMATS)


def test_an_unknown_format_is_one_line():
    with pytest.raises(InputError, match="format 'word' is none of markdown, latex"):
        format_of("word")
