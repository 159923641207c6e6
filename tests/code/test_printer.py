"""Numbers and sizes as Python writes them."""

import ast
import math

import pytest
import sympy as sp
from mpmath import mp
from sympy import E, EulerGamma, Rational, log, pi, sqrt

from entropy_proofs.code.backends import backend
from entropy_proofs.code.printer import Printer

N, T = sp.symbols("N T", integer=True, positive=True)


def number(value, formulas=True, target="numpy"):
    printer = Printer(backend(target), {"N": "n", "T": "T"}, {}, formulas)
    return ast.unparse(printer.number(sp.sympify(value)))


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (log(2 * pi), "math.log(2 * math.pi)"),
        (1 + log(2) + log(pi), "1 + math.log(2 * math.pi)"),
        (-log(pi) / 2, "-(math.log(math.pi) / 2)"),
        (sqrt(2) / sqrt(pi), "math.sqrt(2 / math.pi)"),
        (1 / sqrt(2 * pi), "math.sqrt(2 / math.pi) / 2"),
        (Rational(-5, 3), "-(5 / 3)"),
        (log(2 * pi * E) * 3, "3 * math.log(2 * math.e * math.pi)"),
        (sp.Integer(-2), "-2"),
        (sp.exp(-2), "math.exp(-2)"),
        (sqrt(2), "math.sqrt(2)"),
        (EulerGamma, "0.5772156649015329"),
        (sp.Float("0.125"), "0.125"),
    ],
)
def test_numbers_are_formulas_where_those_are_short(value, code):
    assert number(value) == code
    assert eval(code, {"math": math}) == pytest.approx(float(value), rel=1e-15)
    assert float(ast.literal_eval(number(value, formulas=False))) == float(value.evalf(25))


@pytest.mark.parametrize(
    ("size", "code"),
    [(T - 1, "T - 1"), (2 * N + 3, "2 * n + 3"), (N * (N + 1) / 2, "n * (n + 1) // 2")],
)
def test_sizes_are_whole(size, code):
    assert number(size) == code


def test_exact_backends_round_when_they_run():
    assert number(Rational(1, 3), target="mpmath") == "mpf(1) / 3"
    assert number(-pi, target="mpmath") == "-+mp.pi"
    assert number(sp.Float("0.1", 5), target="arb").startswith("mpf('0.1")


@pytest.mark.parametrize("constant", [pi, E, EulerGamma, sp.Catalan, sp.GoldenRatio])
def test_constants_have_all_digits_of_a_context(constant):
    with mp.workdps(60):
        shown = eval(number(constant, target="mpmath"), {"mp": mp})
        assert mp.nstr(shown, 50) == mp.nstr(mp.mpf(str(constant.evalf(60))), 50)


def test_a_constant_without_a_name_there_has_no_digits():
    with pytest.raises(NotImplementedError, match="no digits of TribonacciConstant"):
        number(sp.TribonacciConstant, target="mpmath")
