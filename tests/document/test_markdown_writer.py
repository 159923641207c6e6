"""Markdown as a parser reads it back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st
from markdown_it import MarkdownIt

from document.samples import MALICE, SUM, document
from document.test_html_writer import Tree
from entropy_proofs.document import escape
from entropy_proofs.document.blocks import (
    Code,
    Document,
    Emphasis,
    Items,
    Link,
    Listing,
    Paragraph,
    Row,
    Section,
    Table,
)
from entropy_proofs.document.formats import FORMATS
from entropy_proofs.printing.formula import Formula
from entropy_proofs.printing.typeset.tree import Bracket, Letter

PARSER = MarkdownIt("commonmark", {"html": True}).enable("table")


def written(*blocks):
    return FORMATS["markdown"].write(Document("", blocks))


def words(text):
    return " ".join(escape.printable(text).split())


def read(source):
    return Tree(PARSER.render(source))


@pytest.mark.parametrize("text", ["some text", MALICE, "", "x" * 200])
def test_a_whole_document_is_read_as_written(text):
    tree = read(FORMATS["markdown"].write(document(text)))
    assert tree.tags <= {
        *("h1", "h2", "h3", "p", "em", "strong", "code", "a", "ul", "ol", "li", "pre", "table"),
        *("thead", "tbody", "tr", "th", "td", "br"),
    }
    links = [value for name, value in tree.attributes if name == "href"]
    assert all(link.startswith(("#", "https://")) for link in links)
    assert words(tree.text.get("h1", "")) == words(text)


@given(st.text(max_size=30) | st.text("#*_`[]()<>|\\-+=1.& \n", max_size=20))
@settings(max_examples=100)
def test_text_reads_back_wherever_it_stands(text):
    heading = read(written(Section((text, "."), ())))
    assert words(heading.text["h2"]) == words(f"{text}.")
    for tag, block in {
        "p": Paragraph((text,)),
        "code": Paragraph(("a", Code(text), "b")),
        "a": Paragraph(("a", Link(text, "#b"))),
        "td": Table(("h",), (Row((((text,),),)),)),
        "li": Items(((text,),)),
    }.items():
        assert words(read(written(block)).text.get(tag, "")) == words(text), tag
    emphasis = read(written(Paragraph(("a ", Emphasis(text), " b"))))
    assert words(emphasis.text.get("em", "")) == words(text)


def test_lines_of_a_listing_stay_as_they_are():
    text = "a ``` b\n  # c\n|d|"
    assert read(written(Listing(text, "python"))).text["code"] == f"{text}\n"


def test_formulas_are_code_that_github_sets():
    assert f"$`{SUM.latex}`$" in written(Paragraph((SUM,)))
    bars = Formula(Bracket("|", Letter("x"), "|"))
    assert "|" not in written(Paragraph((bars,)))


def test_a_heading_across_columns_stands_above_its_rows():
    lines = written(
        Table(("h", "i"), (Row((((("G",),),)), span=True), Row(((("a",),), (("b",), ("c",)))))),
    ).splitlines()
    assert lines == ["**G**", "", "| h | i |", "| --- | --- |", "| a | b<br>c |"]
