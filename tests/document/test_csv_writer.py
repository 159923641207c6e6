"""Tables as comma-separated values, read back."""

from __future__ import annotations

import csv
import io

from hypothesis import given, settings, strategies as st

from document.samples import MALICE, SUM, document, table
from entropy_proofs.document import escape
from entropy_proofs.document.blocks import Document, Row, Table
from entropy_proofs.document.formats import FORMATS


def read(*blocks):
    return list(csv.reader(io.StringIO(FORMATS["csv"].write(Document("", blocks)), newline="")))


def test_groups_and_notes_are_columns():
    assert read(table("m")) == [
        ["Group", "Model", "Sum", "Verdict", "Notes"],
        ["m", "m", f"{SUM.latex}\na = {SUM.latex} = b", "", f"why {SUM.latex}"],
    ]


def test_tables_in_sections_are_found():
    source = FORMATS["csv"].write(document(MALICE))
    header, row = csv.reader(io.StringIO(source, newline=""))
    assert row[0] == escape.csv(MALICE)
    assert len(header) == len(row)


@given(st.lists(st.text(max_size=9), min_size=2, max_size=2))
@settings(max_examples=50)
def test_text_reads_back(texts):
    (_, row) = read(Table(("a", "b"), (Row(tuple(((text,),) for text in texts)),)))
    assert row == [escape.csv(text) for text in texts]


def test_several_tables_have_a_blank_line_between():
    one = Table(("a", "b"), (Row(((("1",),), (("2",),))),))
    assert read(one, one) == [["a", "b"], ["1", "2"], [], ["a", "b"], ["1", "2"]]
