"""Fractions keep the brackets that their value needs; cases are sums of indicators."""

from __future__ import annotations

import pytest
import sympy as sp

from entropy_proofs import Model, array, inv, logdet
from entropy_proofs.printing.composer import Composer
from entropy_proofs.printing.formula import formula
from entropy_proofs.printing.typeset.tex import tex

a, b, c = sp.symbols("a b c", positive=True)
HALF = sp.Rational(1, 2)


@pytest.mark.parametrize(
    ("factors", "shown"),
    [
        ((HALF, 1 / (a + b)), r"\frac{1}{2(a + b)}"),
        ((HALF, a, 1 / (a + b)), r"\frac{a}{2(a + b)}"),
        ((HALF, a + b, 1 / (b + c)), r"\frac{a + b}{2(b + c)}"),
        ((3 * HALF, a + b, 1 / c), r"\frac{3(a + b)}{2c}"),
        ((a + b, 1 / (b + c)), r"\frac{a + b}{b + c}"),
        ((HALF, a + b, 1 / c), r"\frac{a + b}{2c}"),
    ],
)
def test_a_sum_beside_a_number_is_in_brackets(factors, shown):
    assert tex(Composer().composed(sp.Mul(*factors, evaluate=False))) == shown


STEP = sp.Piecewise((1, a < b), (0, True))
TWO = sp.Piecewise((a, a < b), (-c, True))


@pytest.mark.parametrize(
    ("expr", "shown"),
    [
        (STEP, r"\mathrm{1}[a < b]"),
        (1 - STEP, r"1 - \mathrm{1}[a < b]"),
        (TWO, r"a\mathrm{1}[a < b] - c\mathrm{1}[a \geq b]"),
        (b - TWO, r"b - \bigl(a\mathrm{1}[a < b] - c\mathrm{1}[a \geq b]\bigr)"),
        (b * TWO, r"b\bigl(a\mathrm{1}[a < b] - c\mathrm{1}[a \geq b]\bigr)"),
        (
            sp.Piecewise((a + b, a < b), (1, a < c), (0, True)),
            r"(a + b)\mathrm{1}[a < b] + \mathrm{1}[a \geq b, a < c]",
        ),
    ],
)
def test_cases_are_values_times_indicators(expr, shown):
    assert tex(Composer().composed(expr)) == shown


ROWS, INSIDE = array([[a, b], [c, 1]]), r"\begin{pmatrix}a & b \\ c & 1\end{pmatrix}"
TURNED = r"\begin{pmatrix}a & c \\ b & 1\end{pmatrix}"


@pytest.mark.parametrize(
    ("expr", "shown"),
    [
        (ROWS, INSIDE),
        (ROWS.T, TURNED),
        (c * ROWS, rf"c{INSIDE}"),
        (inv(ROWS), rf"{INSIDE}^{{-1}}"),
        (inv(ROWS).T, rf"{INSIDE}^{{-\top}}"),
        (logdet(ROWS), rf"\log\det {INSIDE}"),
        (array([a, b]), r"\begin{pmatrix}a \\ b\end{pmatrix}"),
    ],
)
def test_what_is_written_down_row_by_row_is_a_matrix(expr, shown):
    assert formula(expr).latex == shown


def test_a_written_matrix_stays_one_in_products():
    m = Model("m")
    x, y = m.parameter("x", 2), m.parameter("y", 2)
    assert formula(ROWS @ x).latex == rf"{INSIDE}\mathbf{{x}}"
    assert formula(y @ ROWS @ x).latex == rf"\mathbf{{x}}^{{\top}}{TURNED}\mathbf{{y}}"
    assert formula(ROWS @ ROWS.T).latex == INSIDE + TURNED
