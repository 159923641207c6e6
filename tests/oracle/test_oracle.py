"""The oracle itself: independent of the engine, strict, and right where SymPy knows the number."""

from __future__ import annotations

import ast
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from oracle.arithmetic import NotReal
from oracle.expressions import close, defined, floats, precise, principal, value

x, y = sp.symbols("x y", real=True)
i, j = sp.symbols("i j", integer=True)
n = sp.Symbol("n", integer=True, positive=True)
v, A = sp.IndexedBase("v"), sp.IndexedBase("A")
M = sp.MatrixSymbol("M", 2, 2)


def test_it_imports_nothing_of_the_engine():
    paths = [p for p in Path(__file__).parent.glob("*.py") if p != Path(__file__)]
    assert len(paths) >= 8
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            roots = {name.partition(".")[0] for name in names}
            assert not roots & {"entropy_proofs", "derivations", "campaign"}, path.name


@pytest.mark.parametrize(
    "expr",
    [
        sp.exp(-(x**2)) * sp.log(2 + x) / sp.sqrt(3 * sp.pi),
        sp.loggamma(x + 3) - sp.digamma(x + 2) * sp.polygamma(1, x + 2),
        sp.besseli(2, x + 1) + sp.erf(x) * sp.tanh(y) - sp.Abs(y) ** sp.Rational(5, 2),
        sp.Piecewise((x, x < 0), (sp.sin(x) ** 2, True)) * sp.Max(x, y),
        sp.Sum(x**i / sp.factorial(i), (i, 0, sp.oo)),
        sp.Sum(sp.Sum(i * j * x, (j, 0, i)), (i, 1, 4)) + sp.Product(x + i, (i, 0, 3)),
    ],
    ids=str,
)
def test_numbers_are_sympys(expr):
    at = {x: sp.Rational(2, 3), y: sp.Rational(-5, 4)}
    with mp.workdps(30):
        expected = mp.mpmathify(sp.N(expr.subs(at).doit(), 30))
        assert close(value(expr, at), expected, 25)
        assert close(principal(expr, at), expected, 25)
    assert floats(expr, {x: 2 / 3, y: -1.25}) == pytest.approx(float(expected), rel=1e-13)


def test_arrays_and_matrices():
    at = {v.label: [2, 3, 5], A.label: [[1, 2], [3, 4]], n: 3, M: np.array([[2.0, 1], [1, 3]])}
    assert value(sp.Sum(v[i] ** 2, (i, 0, n - 1)), at) == 38
    assert value(sp.Sum(A[i, j] * v[j], (i, 0, 1), (j, 0, 1)), at) == 4 * 2 + 6 * 3
    assert floats(v[i], {**at, i: np.array([2, 0])}).tolist() == [5, 2]
    whole = sp.log(sp.Determinant(M)) + sp.Trace(sp.Inverse(M) * M) + (M.T + sp.Identity(2))[0, 1]
    expected = np.log(5) + 2 + 1
    assert floats(whole, at) == pytest.approx(expected)
    assert float(principal(whole, precise({M: at[M]}))) == pytest.approx(expected)
    stack = {M: np.stack([at[M], 2 * at[M]])}
    np.testing.assert_allclose(floats(sp.Determinant(M), stack), [5, 20])


@pytest.mark.parametrize(
    "expr", [sp.log(x), x ** sp.Rational(1, 3), sp.gamma(x), sp.loggamma(x), sp.besselk(1, x)]
)
def test_what_is_not_real_is_refused(expr):
    with pytest.raises(NotReal):
        value(expr, {x: -2})
    assert defined(expr, {x: -2}) is None
    assert defined(expr, {x: 2}) is not None


def test_there_is_nothing_outside_of_an_array():
    for at in (-1, 3):
        with pytest.raises(IndexError):
            value(v[at], {v.label: [1, 2, 3]})
    with pytest.raises(AssertionError, match="no whole number"):
        value(v[x], {v.label: [1, 2, 3], x: sp.Rational(1, 2)})
