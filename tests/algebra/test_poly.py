"""Symbols replaced as SymPy's xreplace does it, bound ones too."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy import IndexedBase, KroneckerDelta, Sum

from entropy_proofs.algebra.nodes import Expectation, LogDet, index
from entropy_proofs.algebra.poly import at_places

N = sp.Symbol("N", integer=True, positive=True)
I, J, K, L, M = (index(name, N) for name in "ijklm")
X, A = IndexedBase("x"), IndexedBase("A")
EXPRESSIONS = [
    X[I] * sp.exp(X[I] + X[J]) + J,
    Sum(X[I] * A[I, J], (I, 0, N - 1)),
    Sum(X[K], (K, 0, N - 1)) * X[I],
    KroneckerDelta(I, J) * Expectation(X[I] ** 2),
    LogDet(sp.Lambda((L, M), A[L, M] + KroneckerDelta(L, M) * X[J]), N) + X[I],
    sp.log(X[K] * 2, evaluate=False),
    N + 1,
]


@pytest.mark.parametrize("expr", EXPRESSIONS, ids=str)
@pytest.mark.parametrize(
    "places", [{}, {I: K}, {I: J, J: I}, {J: I + 1}, {N: N + 2, K: N}], ids=str
)
def test_symbols_are_replaced_as_sympy_replaces_them(expr, places):
    assert at_places(expr, places) == expr.xreplace(places)
    assert sp.srepr(at_places(expr, places)) == sp.srepr(expr.xreplace(places))
