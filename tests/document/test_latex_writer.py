"""LaTeX that compiles without a box that is too wide, whatever the text in it is."""

from __future__ import annotations

import re
from unicodedata import normalize

import pytest

from document.samples import EQUATION, MALICE, document, table
from entropy_proofs.document import escape
from entropy_proofs.document.blocks import Display, Document, Equation, Listing, Paragraph
from entropy_proofs.document.formats import FORMATS
from entropy_proofs.document.latex.pdf_writer import compiled
from entropy_proofs.document.latex.tex_letters import ACCENTS, LETTERS
from entropy_proofs.document.page import inside

PAPER = r"""\documentclass[%s]{article}
\usepackage{amsmath,booktabs%s}
\begin{document}
Before
%s
After
\end{document}
"""
#: What nothing that stands in a document may bring in.
FOREIGN = re.compile(r"\\(input|write|include|csname|catcode|def|immediate|openout|read|verb)")


def too_wide(log: str) -> list[str]:
    """The boxes of a log that are more than 2 pt too wide or too high."""
    found = re.findall(r"Overfull \\[hv]box \(([\d.]+)pt too \w+\).*", log)
    return [points for points in found if float(points) > 2]


def written(document, page=None):
    return FORMATS["latex"].write(document, page)


@pytest.mark.parametrize("text", [MALICE, "", "x" * 200])
def test_an_article_compiles(text, pdflatex):
    _, log = compiled(written(document(text)))
    assert not too_wide(log)
    assert "Warning: Reference" not in log
    assert "Warning: Citation" not in log
    assert "Rerun to get" not in log


@pytest.mark.parametrize(
    ("options", "packages", "page"),
    [
        ("a4paper", "", inside(345)),
        ("letterpaper", ",longtable", inside(345, "longtable")),
        ("a4paper,twocolumn", "", inside(221)),
    ],
)
def test_a_table_compiles_inside_a_paper(options, packages, page, pdflatex, tmp_path):
    tables = [table(text, rows) for text in ("name", MALICE, "x" * 200) for rows in (1, 40)]
    source = "\n".join(written(Document("", (one,)), page) for one in tables[:2])
    source += "\n".join(written(Document("", tuple(tables[2:])), page).splitlines())
    paper = PAPER % (options, packages, source)
    (tmp_path / "paper.tex").write_text(paper.replace(r"\label{tab:sums}", ""), encoding="utf-8")
    assert not too_wide(pdflatex(tmp_path / "paper.tex"))


def test_displays_break_across_columns(pdflatex, tmp_path):
    display = Display((Equation(EQUATION, ("because of what stands above",)),) * 60)
    source = written(Document("", (display,)), inside(221))
    paper = PAPER % ("a4paper,twocolumn", "", source)
    (tmp_path / "paper.tex").write_text(paper, encoding="utf-8")
    assert not too_wide(pdflatex(tmp_path / "paper.tex"))


def test_a_fragment_compiles_by_itself(pdflatex, tmp_path):
    for environment in ("tabular", "longtable"):
        source = written(Document("", (table(),)), inside(345, environment))
        (tmp_path / "fragment.tex").write_text(source, encoding="utf-8")
        assert not too_wide(pdflatex(tmp_path / "fragment.tex"))


@pytest.mark.parametrize("page", [None, inside(345)], ids=["article", "fragment"])
def test_every_letter_that_tex_has_compiles(page, pdflatex, tmp_path):
    accented = (normalize("NFC", letter + mark) for mark in ACCENTS for letter in "aeiosz")
    text = " ".join([*LETTERS, *(c for c in accented if len(c) == 1), *map(chr, range(33, 127))])
    source = written(Document("t", (Paragraph((text,)),)), page)
    (tmp_path / "letters.tex").write_text(source, encoding="utf-8")
    log = pdflatex(tmp_path / "letters.tex")
    assert "Missing character" not in log
    assert "U+" not in escape.tex(text)


def test_no_command_comes_in_with_text():
    body = written(document(MALICE)).split(r"\begin{document}")[1]
    assert not FOREIGN.search(body)
    assert body.isascii()


def test_the_caption_stands_before_the_label_and_both_once():
    for environment in ("tabular", "longtable"):
        source = written(Document("", (table("m", 60),)), inside(221, environment))
        assert source.count(r"\label{tab:sums}") == 1
        assert source.index(r"\caption{Sums of m}") < source.index(r"\label{tab:sums}")
        assert source.count("(continued)") == source.count(r"\addtocounter{table}{-1}")


def test_a_long_table_is_several_that_fit_a_page_each():
    source = written(Document("", (table("m", 60),)), inside(345))
    assert source.count(r"\begin{tabular}") == source.count(r"\begin{table}") > 1


def test_columns_that_do_not_fit_become_entries_below_each_other():
    wide, narrow = (written(Document("", (table(),)), inside(width)) for width in (345, 101))
    assert r"Model & Sum & Verdict \tabularnewline" in wide
    assert r"Model & Sum" not in narrow
    assert "Sum & " in narrow


def test_lines_of_a_listing_can_end_nothing():
    source = written(Document("", (Listing("a  b\n\\end{document}\n% c"), Paragraph(("d",)))))
    assert r"\strut a\ \ b\par" in source
    assert source.count(r"\end{document}") == 1
