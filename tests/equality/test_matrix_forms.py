"""Identities between matrices in general dimension, and what only looks like one."""

from __future__ import annotations

from dataclasses import replace

import mpmath as mp
import pytest
import sympy as sp
from algebra.sums_strategies import NAMES, A, B, D, K, S, arrays, s, v, w
from oracle.expressions import close, value
from sympy import IndexedBase, Lambda, Sum, Symbol

import entropy_proofs as ep
from entropy_proofs.algebra.nodes import InverseElement, LogDet
from entropy_proofs.equality.compare import compare
from entropy_proofs.families.spaces import REAL
from entropy_proofs.model.ad_hoc import ad_hoc_model
from entropy_proofs.proof.outcome import Equal

i, j, m, n = NAMES


def entry(base: IndexedBase, row: Symbol, column: Symbol) -> InverseElement:
    return InverseElement(Lambda((i, j), base[i, j]), D, row, column)


def over(summand: sp.Expr, *indices: Symbol, last: sp.Expr = D - 1) -> Sum:
    return Sum(summand, *[(q, 0, last) for q in indices])


def shown_equal(left: sp.Expr, right: sp.Expr) -> bool:
    """With S declared symmetric, and no other matrix."""
    model = ad_hoc_model([left, right])
    for name in {"A", "B"} & set(model.parameters):
        model.parameters[name] = replace(model.parameters[name], domain=REAL)
    return isinstance(compare(model, left, right), Equal)


FORM = over(v[i] * w[i], i)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (over(entry(A, i, j) * A[j, m] * v[i] * w[m], i, j, m), FORM),
        (over(entry(A, i, j) * S[j, m] * entry(A, m, n) * A[n, i], i, j, m, n),
         over(entry(A, i, j) * S[j, i], i, j)),
        (LogDet(Lambda((i, j), over(A[i, m] * S[m, j], m)), D),
         LogDet(Lambda((i, j), A[i, j]), D) + LogDet(Lambda((i, j), S[i, j]), D)),
    ],
    ids=["inverse times matrix", "inside a trace", "product"],
)  # fmt: skip
def test_identities_of_matrices(left, right):
    assert shown_equal(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (over(entry(A, i, j) * A[m, j] * v[i] * w[m], i, j, m), FORM),
        (over(entry(A, j, i) * A[j, m] * v[i] * w[m], i, j, m), FORM),
        (over(entry(A, i, j) * A[j, m] * s**j * v[i] * w[m], i, j, m), FORM),
        (over(entry(S, i, j) * S[j, m] * w[j] * v[i] * w[m], i, j, m),
         over(S[i, j] * entry(S, j, m) * w[j] * v[i] * w[m], i, j, m)),
        (over(Sum(entry(A, i, j) * A[j, m], (j, 0, D - 2)) * v[i] * w[m], i, m), FORM),
        (over(Sum(entry(A, i, j) * A[j + 1, m], (j, 0, D - 2)) * v[i] * w[m], i, m), FORM),
        (LogDet(Lambda((i, j), Sum(B[m, i] * B[m, j], (m, 0, K - 1))), D),
         2 * LogDet(Lambda((i, j), B[i, j]), D)),
        (LogDet(Lambda((i, j), over(A[i, m] * A[j, m], m)), D - 1),
         2 * LogDet(Lambda((i, j), A[i, j]), D - 1)),
    ],
    ids=["transposed", "inverse of the transpose", "with a weight", "weights inside", "part of the range", "shifted",
         "not square", "a block of a product"],
)  # fmt: skip
def test_what_only_looks_like_an_identity_of_matrices(left, right):
    assert not shown_equal(left, right)
    with mp.workdps(30):
        here = arrays(1, (2, 3))
        assert not close(value(left, here), value(right, here))


def test_rows_of_several_matrices_are_no_matrix():
    """M_ij = Q[i, i, j] need not be invertible where all Q[i] are."""
    model = ep.Model("rows")
    size = model.dims("D")
    stack = model.parameter("Q", size, size, size, domain="positive definite")
    model.observed("x", ep.Normal(mean=0, variance=1))
    for matrix in (stack[ep.arange(size), ep.arange(size)], stack[0]):
        model.derivation(ep.trace(ep.inv(matrix) @ matrix), size)
    rows, one = ep.prove(model).claims
    assert rows.conditions == ("Q[i, i, j] invertible",)
    assert one.conditions == ()
    assert "~" not in rows.statement
