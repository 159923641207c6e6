"""MathML: well formed, of Core's elements alone, with no markup from names."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings, strategies as st

from entropy_proofs.printing.formula import Formula, beside, called, formula
from entropy_proofs.printing.typeset.mathml import mathml
from entropy_proofs.printing.typeset.tree import (
    Delimiter,
    Letter,
    Number,
    Script,
    Sign,
    Words,
)
from printing.trees import catalogue_formulas, trees

CHILDREN = {
    "mi": 0, "mn": 0, "mo": 0, "mtext": 0, "mspace": 0, "annotation": 0,
    "mfrac": 2, "msub": 2, "msup": 2, "msubsup": 3, "munder": 2, "mover": 2, "munderover": 3,
    "math": 1, "semantics": 2,
}  # fmt: skip
ANY_NUMBER = {"mrow", "mtable", "mtr", "mtd", "msqrt"}


def checked(text: str) -> ElementTree.Element:
    root = ElementTree.fromstring(text)
    for element in root.iter():
        assert element.tag in CHILDREN.keys() | ANY_NUMBER
        assert len(element) == CHILDREN.get(element.tag, len(element)), element.tag
        assert not (element.text or "").strip() or CHILDREN[element.tag] == 0
        assert not (element.tail or "").strip()
    return root


@settings(max_examples=60, deadline=None)
@given(trees, st.booleans())
def test_every_tree_is_mathml(node, display):
    shown = Formula(node)
    root = checked(shown.mathml(display, 20.0))
    (annotation,) = root.iter("annotation")
    assert annotation.text == shown.latex


def test_the_catalogue_is_mathml():
    for shown in catalogue_formulas():
        checked(shown.mathml())
        checked(shown.mathml(display=True, within=20))


@given(st.text(min_size=1, max_size=8))
def test_names_are_text(name):
    name = "".join(c for c in name if c.isprintable())
    for shown in (Formula(Letter(name, "roman")), beside(name), called(name, "x")):
        root = checked(shown.mathml())
        assert name.strip() in "".join(root.itertext())


@pytest.mark.parametrize(
    ("node", "shown"),
    [
        (Letter("x"), "<mi>x</mi>"),
        (Letter(r"\Sigma"), '<mi mathvariant="normal">Σ</mi>'),
        (Letter("x", "vector"), "<mi>𝐱</mi>"),
        (Letter(r"\mu", "vector"), "<mi>𝝁</mi>"),
        (Letter(r"\Sigma", "matrix"), "<mi>𝚺</mi>"),
        (Letter("1", "vector"), "<mi>𝟏</mi>"),
        (Letter("H", "calligraphic"), "<mi>ℋ</mi>"),
        (Letter("N", "calligraphic"), "<mi>𝒩</mi>"),
        (Letter("E", "blackboard"), "<mi>𝔼</mi>"),
        (Letter("rate", "roman"), "<mi>rate</mi>"),
        (Script(Letter("d", primes=1), sup=Number("2")),
         "<msup><mi>d</mi><mrow><mo>′</mo><mn>2</mn></mrow></msup>"),
        (Sign("-"), "<mo>−</mo>"),
        (Sign("<"), "<mo>&lt;</mo>"),
        (Sign(r"\sim"), '<mo form="infix">∼</mo>'),
        (Words(" if "), "<mtext>\u00a0if\u00a0</mtext>"),
    ],
)  # fmt: skip
def test_tokens(node, shown):
    assert mathml(node) == shown


def test_a_display_is_broken_into_rows():
    long = formula({letter: letter for letter in "abcdefgh"})
    root = checked(long.mathml(display=True, within=12))
    assert len(list(root.iter("mtr"))) == len(long.lines(12)) > 1


def test_a_closing_bracket_with_a_power_stretches_like_its_partner():
    """Browsers stretch an operator in a row only."""
    shown = mathml(Script(Delimiter(")", "right", "Big"), sup=Number("2")))
    (row, _) = checked(shown)
    assert row.tag == "mrow"
    assert [part.tag for part in row] == ["mo"]
