"""Formulas from expressions, names and each other."""

from __future__ import annotations

from typing import get_args

import pytest
import sympy as sp

from entropy_proofs.printing.composer import Composer
from entropy_proofs.printing.formula import (
    Formula,
    beside,
    called,
    calligraphic,
    commas,
    density,
    divergence,
    expected,
    formula,
    relation,
    total,
)
from entropy_proofs.printing.typeset.mathml import mathml
from entropy_proofs.printing.typeset.tex import tex
from entropy_proofs.printing.typeset.tree import (
    Accent,
    Application,
    BigOperator,
    Blank,
    Bracket,
    Delimiter,
    Fraction,
    Grid,
    Letter,
    Node,
    Number,
    Phrase,
    Root,
    Script,
    Sign,
    Words,
    rebuilt,
    walk,
)
from entropy_proofs.printing.typeset.widths import width

A, B = sp.symbols("a b")
X = Letter("x")
ONE_OF_EACH = [
    X, Number("1"), Sign("="), Blank(), Words("if"), Delimiter("(", "left"), Phrase((X, X)),
    Script(X, sub=X), Fraction(X, X), Root(X), Accent(r"\vec", X), Bracket("(", X, ")"),
    Application(Letter("log", "function"), X), Grid((X, X), 1), BigOperator(r"\sum", X),
]  # fmt: skip


def test_each_kind_of_node_is_written_and_measured():
    assert {type(node) for node in ONE_OF_EACH} == set(get_args(Node))
    for node in ONE_OF_EACH:
        assert tex(node)
        assert mathml(node).startswith("<m")
        assert width(node) > 0
        assert rebuilt(node, lambda part: part) == node
        assert next(walk(node)) is node


@pytest.mark.parametrize(
    ("shown", "latex"),
    [
        (formula(A / B), r"\frac{a}{b}"),
        (formula("sigma_x"), r"\sigma_{x}"),
        (formula(formula(A)), "a"),
        (formula({A: B, B: A}), r"a \mapsto b,\qquad b \mapsto a"),
        (relation(A, "=", B, r"\neq", 0), r"a = b \neq 0"),
        (total(("+", A), ("-", A + B), ("+", A - B)), "a - (a + b) + a - b"),
        (commas(A, B, "x"), "a, b, x"),
        (beside("where ", A, " is 50 %"), r"\text{where }a\text{ is 50 \%}"),
        (calligraphic("F"), r"\mathcal{F}"),
        (calligraphic("F", "Phi", "Theta"), r"\mathcal{F}(\Phi, \Theta)"),
        (density("p", "x", given=("z", "Theta")), r"p(x \mid z, \Theta)"),
        (called("Normal", 0, A), r"\operatorname{Normal}(0, a)"),
        (expected(A / B, over=None), r"\mathbb{E}\Bigl[\frac{a}{b}\Bigr]"),
        (divergence(density("q", "z"), density("p", "z")),
         r"D_{\mathrm{KL}}\bigl(q(z) \parallel p(z)\bigr)"),
    ],
)  # fmt: skip
def test_what_formulas_are_made_of(shown, latex):
    assert shown.latex == latex


S, Q = sp.MatrixSymbol("S", 2, 2), sp.MatrixSymbol("Q", 2, 2)


@pytest.mark.parametrize(
    ("expr", "latex"),
    [
        (S, r"\mathbf{S}"),
        (A * S - S.T * Q, r"a\mathbf{S} - \mathbf{S}^{\top}\mathbf{Q}"),
        (-2 * S * (S + Q), r"-2\mathbf{S}(\mathbf{Q} + \mathbf{S})"),
        (S.inv() * (S * Q).T, r"\mathbf{S}^{-1}\mathbf{Q}^{\top}\mathbf{S}^{\top}"),
        (sp.Trace(S * Q), r"\operatorname{tr}(\mathbf{S}\mathbf{Q})"),
        (S**3 + sp.Identity(2), r"\mathbf{I} + \mathbf{S}^{3}"),
        (sp.log(sp.Determinant(S)), r"\log\det \mathbf{S}"),
        (sp.oo, r"\infty"),
        (-sp.oo, r"-\infty"),
        (sp.factorial(sp.Symbol("n")) / sp.factorial(A + B), r"\frac{n!}{(a + b)!}"),
        (sp.Ne(A, 0), r"a \neq 0"),
        (sp.besseli(1, A) + sp.erf(B), r"I_{1}(a) + \operatorname{erf}(b)"),
        (sp.Max(A, B), r"\operatorname{Max}(a, b)"),
        (sp.I * A, r"a\mathrm{i}"),
    ],
)
def test_sympy_s_own(expr, latex):
    assert Formula(Composer().composed(expr)).latex == latex


def test_a_relation_alternates_formulas_and_signs():
    with pytest.raises(TypeError, match="alternates"):
        relation("a", "=")


def test_formulas_are_values():
    assert formula(A + B) == formula(B + A)
    assert len({formula(A), formula(A), formula(B)}) == 2
    assert Formula(X) == formula("x")
