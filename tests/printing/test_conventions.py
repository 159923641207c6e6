"""Notation: arrows for bold, a mean over data points for one average."""

from __future__ import annotations

import pytest
import sympy as sp

import entropy_proofs as ep
from entropy_proofs.printing.formula import Formula, expected, formula, relation
from entropy_proofs.printing.typeset.conventions import Notation
from entropy_proofs.printing.typeset.tree import Letter, Number, Script, Sign, phrase

ARROWS = Notation(vectors="arrow")
POINTS = Notation(data="points", observed=frozenset({"x"}))
PPCA = ep.load("ppca")


@pytest.mark.parametrize(
    ("letter", "shown"),
    [
        (Letter("x", "vector"), r"\vec{x}"),
        (Letter("W", "matrix"), "W"),
        (Letter("z", "matrix"), r"\vec{z}"),
        (Letter(r"\mu", "vector"), r"\vec{\mu}"),
        (Letter(r"\Sigma", "matrix"), r"\Sigma"),
        (Letter("rate", "vector"), r"\vec{\mathrm{rate}}"),
        (Letter("0", "vector"), r"\vec{0}"),
        (Letter("I", "matrix"), "I"),
        (Letter("x"), "x"),
        (Letter("H", "calligraphic"), r"\mathcal{H}"),
    ],
)
def test_arrows(letter, shown):
    assert Formula(letter).noted(ARROWS).latex == shown


def test_a_model_with_arrows():
    shown = formula(ep.prove(PPCA).elbo).noted(ARROWS).latex
    assert r"x_{d} - \mu_{d} - (W\vec{z})_{d}" in shown
    assert "mathbf" not in shown


@pytest.mark.parametrize(
    ("shown", "latex"),
    [
        (expected("x"), r"\frac{1}{N}\sum_{n} \mathbb{E}_{q^{(n)}}\bigl[x^{(n)}\bigr]"),
        (expected("x", over=None), r"\frac{1}{N}\sum_{n} \bigl[x^{(n)}\bigr]"),
        (expected("z"), r"\frac{1}{N}\sum_{n} \mathbb{E}_{q^{(n)}}[z]"),
        (Formula(phrase(expected("z").tree, Letter("a"))),
         r"\Bigl(\frac{1}{N}\sum_{n} \mathbb{E}_{q^{(n)}}[z]\Bigr)a"),
        (Formula(phrase(expected("z").tree, Sign("+"), Letter("a"))),
         r"\frac{1}{N}\sum_{n} \mathbb{E}_{q^{(n)}}[z] + a"),
        (expected(Formula(Script(Letter("x"), Letter("d"), Number("2")))),
         r"\frac{1}{N}\sum_{n} \mathbb{E}_{q^{(n)}}\bigl[\bigl(x_{d}^{(n)}\bigr)^{2}\bigr]"),
        (relation("x", "=", "z"), "x = z"),
    ],
)  # fmt: skip
def test_points(shown, latex):
    assert shown.noted(POINTS).latex == latex


def test_the_bound_over_data_points():
    shown = formula(ep.prove(PPCA).entropy_sum).noted(POINTS)
    assert shown.latex.startswith(r"\frac{1}{N}\sum_{n} \mathcal{H}[q^{(n)}(\mathbf{z})] - ")


def test_the_usual_notation_changes_nothing():
    shown = formula(sp.Symbol("sigma2", positive=True))
    assert shown.noted(Notation()) == shown
