"""LaTeX: balanced, and names in it are text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings

from entropy_proofs.printing.formula import Formula, beside, called
from entropy_proofs.printing.typeset.tex import tex
from entropy_proofs.printing.typeset.tree import (
    MINUS,
    Application,
    BigOperator,
    Blank,
    Bracket,
    Letter,
    Number,
    Script,
    Sign,
    phrase,
    product,
    walk,
)
from printing.trees import STYLES, trees

HOSTILE = [
    r"\input{x}",
    r"\write18{ls}",
    "50% #1",
    "a_b^c",
    "<script>",
    "~&$",
    "x}",
    "{",
    "two\nlines",
    "x" * 200,
]


@settings(max_examples=100, deadline=None)
@given(trees)
def test_braces_and_brackets_are_balanced(node):
    text = tex(node)
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", text):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0
    pairs = sum(isinstance(n, Bracket) for n in walk(node))
    opened = [text.count(c) for c in "(["]
    closed = [text.count(c) for c in ")]"]
    assert opened == closed
    assert sum(opened) == pairs
    assert text.count(r"\bigl") == text.count(r"\bigr")


@pytest.mark.parametrize(
    ("node", "shown"),
    [
        (phrase(MINUS, Letter("a"), MINUS, Letter("b")), "-a - b"),
        (phrase(Letter("a"), Sign("="), MINUS, Letter("b")), "a = -b"),
        (Script(Letter("x"), sub=phrase(Letter("t"), MINUS, Number("1"))), "x_{t-1}"),
        (phrase(Letter(r"\pi"), Letter("e")), r"\pi e"),
        (phrase(Letter("a"), Sign(","), Letter("b")), "a, b"),
        (phrase(Letter("a"), Sign(","), Blank(r"\qquad"), Letter("b")), r"a,\qquad b"),
        (phrase(Letter("a"), Blank(r"\ "), Letter(r"\forall"), Blank(), Letter("d")), r"a\ \forall\,d"),
        (Script(phrase(Letter("a"), Letter("b")), sub=Letter("c")), "{ab}_{c}"),
        (BigOperator(r"\sum", Letter("n")), r"\sum_{n} "),
        (Letter("sigmoid", "function"), r"\operatorname{sigmoid}"),
        (product([Application(Letter("log", "function"), Letter("x")), Letter("y")]), r"\log x\,y"),
    ],
)  # fmt: skip
def test_spaces(node, shown):
    assert tex(node) == shown


def test_hostile_names_compile(pdflatex, tmp_path):
    bodies = []
    for name in HOSTILE:
        bodies += [beside(name), called(name, "x")]
        bodies += [Formula(Letter(name, style)) for style in STYLES]
    document = tmp_path / "document.tex"
    lines = "\n\n".join(f"${body.latex}$" for body in bodies)
    document.write_text(
        "\\documentclass{article}\n\\usepackage{amsmath,amssymb}\n"
        f"\\begin{{document}}\n{lines}\n\\end{{document}}\n",
        encoding="utf-8",
    )
    assert "invalid in math mode" not in pdflatex(document)
