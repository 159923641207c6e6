"""One page that needs nothing from outside, whatever the text in it is."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st

from document.samples import MALICE, document
from entropy_proofs.document import escape
from entropy_proofs.document.blocks import (
    Cite,
    Code,
    Display,
    Document,
    Emphasis,
    Equation,
    Link,
    Note,
    Paragraph,
)
from entropy_proofs.document.formats import FORMATS
from entropy_proofs.document.html_writer import html_part
from entropy_proofs.document.page import inside
from entropy_proofs.printing.formula import formula, total

VOID = {"meta", "br", "mspace", "hr"}
KNOWN = {
    *("html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "nav", "ul", "ol", "li"),
    *("section", "p", "em", "code", "pre", "a", "sup", "div", "span", "dl", "dt", "dd", "figure"),
    *("figcaption", "table", "thead", "tbody", "tr", "th", "td", "math", "semantics", "annotation"),
    *("mrow", "mi", "mn", "mo", "mtext", "mfrac", "msub", "msup", "msubsup", "msqrt", "munder"),
    *("munderover", "mover", "mspace", "mstyle", "mtable", "mtr", "mtd", "mpadded"),
}


class Tree(HTMLParser):
    """Checks that tags are closed in order, and keeps what matters."""

    def __init__(self, source):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.attributes, self.text = [], set(), [], {}
        self.feed(source)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes += attributes
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert tag in VOID or self.open.pop() == tag

    def handle_data(self, data):
        tag = self.open[-1] if self.open else ""
        self.text[tag] = self.text.get(tag, "") + data


def page(text, place=None):
    return FORMATS["html"].write(document(text), place)


@pytest.mark.parametrize("text", ["some text", MALICE, "", "x" * 200])
def test_tags_are_those_of_the_writer_and_are_closed(text):
    tree = Tree(page(text))
    assert tree.tags <= KNOWN
    assert tree.text.get("h1", "") == escape.printable(text)


@given(st.text(max_size=40))
@settings(max_examples=60)
def test_text_reads_back(text):
    content = (text, Emphasis(text), Code(text), Link(text, "#x"))
    tree = Tree(FORMATS["html"].write(Document("", (Paragraph(content),)), inside(345)))
    shown = escape.printable(text)
    assert [tree.text.get(tag, "") for tag in ("p", "em", "code", "a")] == [shown] * 4


def test_nothing_is_asked_for_from_outside():
    tree = Tree(page(MALICE))
    assert not {"src", "onload", "onerror", "style", "background"} & {n for n, _ in tree.attributes}
    links = [value for name, value in tree.attributes if name == "href"]
    assert all(link.startswith(("#", "https://")) for link in links)
    policies = [value for name, value in tree.attributes if name == "content"]
    assert "default-src 'none'; style-src 'unsafe-inline'" in policies
    assert not re.search(r"url\(|@import", tree.text["style"])


def test_every_link_within_the_page_leads_somewhere():
    tree = Tree(page("some text"))
    ids = [value for name, value in tree.attributes if name == "id"]
    links = {value[1:] for name, value in tree.attributes if name == "href" and value[0] == "#"}
    assert len(ids) == len(set(ids))
    assert links <= set(ids)


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "http://x", "data:x", "", "//x", " https:x"]
)
def test_a_link_to_anything_else_leads_nowhere(address):
    written = FORMATS["html"].write(Document("", (Paragraph((Link("a", address),)),)), inside(345))
    assert '<a href="#">a</a>' in written


def test_the_page_follows_the_readers_colours_and_prints_on_a4():
    style = Tree(page("some text")).text["style"]
    for rule in (
        "prefers-color-scheme: dark",
        "color-scheme: light dark",
        "size: A4",
        "max-width: 100%",
    ):
        assert rule in style


def test_a_fragment_is_no_page():
    written = page("some text", inside(345))
    assert "<html" not in written
    assert written.startswith("<nav")


def test_a_formula_has_an_address_and_a_link_to_itself():
    equation = Equation(formula(sp.Symbol("a")), ("kernel",), label="sum-1")
    page = FORMATS["html"].write(Document("", (Display((equation,)),)), inside(345))
    tree = Tree(page)
    assert [value for name, value in tree.attributes if name == "id"] == ["sum-1"]
    assert ("href", "#sum-1") in tree.attributes


def test_long_lines_are_pieces_whose_annotations_are_the_whole_formula():
    terms = [("+" if k % 2 else "-", sp.Symbol(f"x{k}")) for k in range(40)]
    whole = total(*terms)
    page = FORMATS["html"].write(Document("", (Display((Equation(whole),)),)), inside(345))
    pieces = re.findall(r"<annotation[^>]*>([^<]*)</annotation>", page)
    assert len(pieces) > len(re.findall('class="right"', page)) > 1
    joined = "".join(pieces).replace(r"\quad", "").replace(r"\,", "")
    assert joined.replace(" ", "") == whole.latex.replace(" ", "")


def test_citations_of_a_part_are_numbers_of_a_list_elsewhere():
    content = (Cite("b"), Cite("c"), Note(("said",)))
    part = html_part((Paragraph(content),), inside(345), ("a", "b"), "here")
    assert '[<a href="#ref-b">2</a>][c]' in part
    assert 'id="here-1"' in part
    assert "References" not in part
