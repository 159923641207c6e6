"""Text from anywhere stays text in every format."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given, strategies as st
from markdown_it import MarkdownIt

from entropy_proofs.document import escape

TEXTS = st.text(max_size=60) | st.text("\\{}$&#%_^~\"<>|*`[]()-'!?=+@. \n\t1a", max_size=60)


def test_a_visible_stand_in_for_what_cannot_be_seen():
    assert escape.printable("a\n\n b\x1b[0m\u202e\ud800") == "a   b[U+001B][0m[U+202E][U+D800]"


@given(TEXTS)
def test_printable_text_is_one_line_that_any_file_can_hold(text):
    shown = escape.printable(text)
    assert len(shown.splitlines()) <= 1
    shown.encode()
    assert not {unicodedata.category(c)[0] for c in shown} & {"C"}
    assert escape.printable(shown) == shown


# TeX ----------------------------------------------------------------------------------------------
#: What may stand in escaped text: commands of a fixed list, with or without one group.
COMMAND = re.compile(
    r"\\(?:textbackslash|textasciicircum|textasciitilde|textless|textgreater|textbar"
    r"|textasciigrave|text[a-z]+|[A-Za-z]{1,2}|pounds|copyright)\{\}"
    r"|\\[{}$&#%_]"
    r"|\\char34\{\}|\\penalty0\{\}|\{\[\}|\{\]\}|\{\*\}"
    r"|\\ensuremath\{(?:\\[A-Za-z]+|-|\\frac\{1\}\{2\}|\\math[a-z]+\{[A-Z]\})\}"
    r"|\\text(?:super|sub)script\{[0-9+nT-]\}"
    r"|\\[`'^~=.\"uHvrdcb]\{(?:\\[ij]|[A-Za-z])\}"
    r"|\{\}"
)


@given(TEXTS)
def test_no_special_of_tex_is_left(text):
    shown = escape.tex(text)
    assert shown.isascii()
    assert not set(COMMAND.sub("", shown)) & set('\\{}$&#%_^~"<>|`[]*')


@given(st.text("abcXYZ019 .:;()/+=@", max_size=20))
def test_plain_letters_stay_as_they_are_in_tex(text):
    assert escape.tex(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\\write18{rm}", r"\textbackslash{}write18\{rm\}"),
        ("a--b ``c''", r"a-{}-b \textasciigrave{}\textasciigrave{}c'{}'"),
        ("Gauß, Lücke, Ångström", r"Gau\ss{}, L\"{u}cke, \AA{}ngstr\"{o}m"),
        ("E[-log p + log h] ≠ π", r"E{[}-log p + log h{]} \ensuremath{\neq} \ensuremath{\pi}"),
        ("日", r"\penalty0{}{[}U+65E5{]}"),
        ("𝐱 ＝ ℝ", r"x = \ensuremath{\mathbb{R}}"),
    ],
)
def test_tex(text, shown):
    assert escape.tex(text) == shown


def test_a_word_that_no_line_holds_can_be_broken_in_tex():
    shown = escape.tex("x" * 200)
    assert shown.replace(r"\penalty0{}", "") == "x" * 200
    assert max(map(len, shown.split(r"\penalty0{}"))) == escape.PIECE
    assert "penalty" not in escape.tex("x" * (escape.LONG - 1))


# HTML ---------------------------------------------------------------------------------------------
class Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags, self.text, self.attributes = [], "", []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_data(self, data):
        self.text += data


@given(TEXTS)
def test_html_reads_back_as_the_text(text):
    reader = Reader()
    reader.feed(f'<p title="{escape.html(text)}">{escape.html(text)}</p>')
    reader.close()
    assert reader.tags == ["p"]
    assert reader.text == escape.printable(text)
    assert reader.attributes == [("title", escape.printable(text))]


# Markdown -----------------------------------------------------------------------------------------
GITHUB = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def rendered(source):
    reader = Reader()
    reader.feed(GITHUB.render(source))
    return reader.tags, " ".join(reader.text.split())


def words(text):
    return " ".join(escape.printable(text).split())


@given(TEXTS)
def test_markdown_reads_back_as_the_text(text):
    tags, shown = rendered(escape.markdown(text, first=True))
    assert shown == words(text)
    assert set(tags) <= {"p"}


@given(TEXTS)
def test_markdown_in_a_cell_reads_back_as_the_text(text):
    source = f"| h | i |\n| --- | --- |\n| {escape.markdown(text)} | end |\n"
    tags, shown = rendered(source)
    assert shown == " ".join(f"h i {words(text)} end".split())
    assert tags == ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td"]


@given(TEXTS)
def test_markdown_in_a_heading_and_in_emphasis_reads_back_as_the_text(text):
    tags, shown = rendered(f"# {escape.markdown(text)}.\n")
    assert shown == " ".join(f"{escape.printable(text)}.".split())
    assert tags == ["h1"]


@pytest.mark.parametrize(
    "text",
    [
        "# a",
        "- a",
        "+ a",
        "12. a",
        "1) a",
        "---",
        "===",
        "> a",
        "    a",
        "a\n# b",
        "| a | b |",
        "```",
    ],
)
def test_nothing_begins_a_block_in_markdown(text):
    tags, shown = rendered(f"before\n\n{escape.markdown(text, first=True)}\n\nafter")
    assert set(tags) == {"p"}
    assert shown == " ".join(f"before {text} after".split())


# CSV ----------------------------------------------------------------------------------------------
@given(st.lists(st.text(max_size=20) | st.text("=+-@,\"\n'a", max_size=9), min_size=1, max_size=4))
def test_csv_reads_back_as_the_text(texts):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(map(escape.csv, texts))
    (row,) = csv.reader(io.StringIO(out.getvalue(), newline=""))
    for cell, text in zip(row, texts, strict=True):
        lines = "\n".join(map(escape.printable, text.split("\n")))
        assert cell in {lines, f"'{lines}"}
        assert cell.lstrip()[:1] not in {"=", "+", "-", "@"}


def test_labels_hold_nothing_special():
    assert escape.label("tab:a b_{c}\\") == "tab:a-b-c"
    assert escape.label("") == escape.label("é") == "-"
