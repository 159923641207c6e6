"""Values of trees agree with mpmath's own, and with explicit loops."""

from __future__ import annotations

from typing import Any

import mpmath
import pytest
import sympy as sp
from mpmath import MPContext

from entropy_proofs.algebra.nodes import HiddenUnit, InverseElement, LogDet
from entropy_proofs.arrays.tree_walk import TreeWalk, Undefined, Unevaluable, eliminate

NUMBER = MPContext()
NUMBER.dps = 60
x, y = sp.symbols("x y", real=True)
i, j, k = sp.symbols("i j k", integer=True, nonnegative=True)
A = sp.IndexedBase("A")
MATRIX = [[3, 1], [2, 5]]


def walk(**values: Any) -> TreeWalk:
    def value(label: sp.Symbol, at: tuple[int, ...]) -> Any:
        found = values[label.name]
        for n in at:
            found = found[n]
        return found

    return TreeWalk(NUMBER, value, lambda name, inputs: NUMBER.mpf(len(name)) + sum(inputs))


def near(found: Any, expected: Any) -> bool:
    with mpmath.workdps(55):
        return abs(mpmath.mpf(found) - mpmath.mpf(expected)) < 1e-45


@pytest.mark.parametrize(
    "expr",
    [
        x + 2, x**3, 1 / x, sp.sqrt(x), x**y, sp.exp(-x), sp.log(x), sp.Abs(-x), sp.pi * x,
        sp.Rational(1, 3) * x, sp.sin(x) + sp.cos(y), sp.tanh(x), sp.sinh(x) * sp.cosh(y),
        sp.erf(x), sp.gamma(x), sp.loggamma(x), sp.digamma(x), sp.polygamma(2, x), sp.factorial(x),
        sp.binomial(5, 2) * x, sp.besseli(0, x), sp.besselk(1, x), sp.beta(x, y), sp.Max(x, y),
        sp.Min(x, y), sp.atan(x), sp.EulerGamma + x, sp.Float("0.25", 60) * x, sp.E**x,
    ],
)  # fmt: skip
def test_a_function_has_its_value(expr):
    values = {x: sp.Rational(7, 5), y: sp.Rational(9, 4)}
    found = walk(x=NUMBER.mpf(7) / 5, y=NUMBER.mpf(9) / 4)(expr)
    assert near(found, expr.subs(values).evalf(55))


def test_sums_and_products_are_loops():
    values = walk(A=MATRIX, n=2)
    n = sp.Symbol("n", integer=True)
    assert values(sp.Sum(A[i, j], (j, 0, n - 1), (i, 0, n - 1))) == 11
    assert values(sp.Sum(A[i, j], (j, 0, i), (i, 0, n - 1))) == 10
    assert values(sp.Product(A[i, i], (i, 0, n - 1))) == 15
    assert values(sp.Sum(A[i, k], (i, 0, n - 1)), {k: 1}) == 6
    assert values(sp.Sum(A[i, 0], (i, 0, n - 3))) == 0
    assert values(sp.Sum(sp.Sum(A[i, j], (j, 0, 1)) * A[i, 0], (i, 0, 1))) == 4 * 3 + 7 * 2


def test_what_is_computed_once_depends_on_what_it_depends_on():
    inner = sp.Sum(A[k, j], (j, 0, 1))
    values = walk(A=MATRIX)
    assert [values(inner, {k: n}) for n in (0, 1, 0)] == [4, 7, 4]


def test_matrices():
    matrix = sp.Lambda((i, j), A[i, j] * x)
    values = walk(A=MATRIX, x=NUMBER.mpf(2))
    assert near(values(LogDet(matrix, 2)), NUMBER.log(52))
    inverse = [[values(InverseElement(matrix, 2, r, c)) for c in range(2)] for r in range(2)]
    for r in range(2):
        for c in range(2):
            total = sum(2 * MATRIX[r][m] * inverse[m][c] for m in range(2))
            assert near(total, int(r == c))


def test_log_det_of_a_negative_determinant():
    log_det, _ = eliminate(NUMBER, [[0, 1], [2, 0]])
    assert near(log_det, NUMBER.log(2))


def test_a_nearly_singular_matrix_has_no_inverse():
    tiny = NUMBER.mpf(10) ** -40
    with pytest.raises(Undefined, match="singular"):
        eliminate(NUMBER, [[NUMBER.mpf(1), NUMBER.mpf(1)], [NUMBER.mpf(1), 1 + tiny]])


def test_cases():
    steps = sp.Piecewise((1, (x > 0) & (x < 1)), (2, sp.Or(x < -1, sp.Ne(x, 3))), (3, True))
    assert [walk(x=NUMBER.mpf(v))(steps) for v in (0.5, -2, 3)] == [1, 2, 3]
    with pytest.raises(Undefined):
        walk(x=2)(sp.Piecewise((1, x < 0)))


def test_deltas_and_hidden_units():
    assert walk()(sp.KroneckerDelta(i, j), {i: 1, j: 1}) == 1
    assert walk()(sp.KroneckerDelta(i, j), {i: 1, j: 0}) == 0
    vector = sp.Tuple(sp.Lambda(i, A[i, 0]), 2)
    unit = HiddenUnit(sp.Symbol("phi"), k, sp.Tuple(vector, x))
    assert walk(A=MATRIX, x=7)(unit, {k: 1}) == len("phi[1]") + 3 + 2 + 7
    assert walk(x=7)(sp.Function("g")(x)) == 2 + 1 + 7


@pytest.mark.parametrize(
    "expr",
    [sp.log(x), sp.sqrt(x), 1 / (x + 1), sp.loggamma(x), x**y, sp.exp(-(10**9) * x), A[x / 2, 0]],
)
def test_there_may_be_no_real_number(expr):
    with pytest.raises(Undefined):
        walk(x=NUMBER.mpf(-1), y=NUMBER.mpf(1) / 3, A=MATRIX)(expr)


@pytest.mark.parametrize(
    "expr", [sp.I * x, sp.Integral(x, (x, 0, 1)), sp.oo, sp.Sum(x, (i, 0, 10**9))]
)
def test_there_may_never_be_one(expr):
    with pytest.raises(Unevaluable):
        walk(x=NUMBER.mpf(1))(expr)


def test_deep_nesting_is_no_crash():
    deep = x
    for _ in range(2000):
        deep = sp.sin(deep, evaluate=False)
    with pytest.raises(Unevaluable, match="nested"):
        walk(x=NUMBER.mpf(1))(deep)
