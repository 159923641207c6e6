"""Rows of what is written down element by element, whatever indices stand inside of it."""

from __future__ import annotations

import pytest
import sympy as sp

import entropy_proofs as ep
from entropy_proofs import (
    Model,
    MultivariateNormal,
    MultivariateStudentT,
    Normal,
    array,
    inv,
    sqrt,
    tanh,
)
from entropy_proofs.algebra.nodes import index
from entropy_proofs.arrays.written_out import as_one, rows_of

I, J = index("i", sp.Integer(2)), index("j", sp.Integer(2))
W = sp.IndexedBase("w")
FIRST, SECOND = sp.KroneckerDelta(0, I), sp.KroneckerDelta(1, I)


def test_indices_of_sums_inside_are_not_those_of_the_elements():
    total = sp.Sum(W[I], (I, 0, 1))
    for rows in (rows_of(FIRST * total + SECOND, [I]), rows_of(SECOND + FIRST * total, [I])):
        (first,), (second,) = rows
        assert second == 1
        assert first.doit() == W[0] + W[1]
    nested = FIRST * sp.Sum(W[I] * sp.Sum(W[J], (J, 0, 1)), (I, 0, 1)) * sp.KroneckerDelta(0, J)
    assert rows_of(nested, [I, J])[0][0].doit() == sp.expand((W[0] + W[1]) ** 2).factor()


def test_only_what_is_told_apart_by_numbers_has_rows():
    assert rows_of(W[I], [I]) is None
    assert rows_of(sp.KroneckerDelta(I, J), [I, J]) is None
    assert rows_of(FIRST, [index("i", sp.Symbol("D", integer=True, positive=True))]) is None
    assert rows_of(FIRST, [index("i", sp.Integer(7))]) is None


def test_elements_that_are_alike_are_one():
    assert as_one(FIRST * W[0] + SECOND * W[1], [I]) == W[I]
    for unlike in (FIRST * W[0] + SECOND * W[0], FIRST * W[1] + SECOND * W[0], FIRST * W[0]):
        assert as_one(unlike, [I]) == unlike


def loadings(m, t):
    z = m.latent("z", Normal(mean=0, variance=1), m.dims("H"))
    W = m.parameter("W", 2, m.dims_["H"])
    return MultivariateNormal(mean=W @ z, covariance=[[1, t], [t, 1]])


def precision(m, t):
    a, b = (m.parameter(name, domain="positive") for name in "ab")
    off = t * sqrt(a * b)
    return MultivariateNormal(mean=0, covariance=inv(array([[a, off], [off, b]])))


def factor(m, t):
    d = m.parameter("d", 3, domain="positive")
    L = array([[d[0], 0, 0], [m.parameter("a"), d[1], 0], [m.parameter("b"), t, d[2]]])
    return MultivariateNormal(mean=m.parameter("mu", 3), covariance=L @ L.T)


def heavy_tails(m, t):
    nu = m.parameter("nu", domain="positive")
    mu = m.parameter("mu", 2)
    return MultivariateStudentT(mean=mu, scale_matrix=[[1, t], [t, 1]], degrees_of_freedom=nu)


@pytest.mark.parametrize("family", [loadings, precision, factor, heavy_tails])
def test_models_with_written_matrices_show_all_that_is_asked(family):
    m = Model("m")
    m.observed("x", family(m, tanh(m.parameter("r"))))
    proof = ep.prove(m)
    for form in ("markdown", "html", "latex"):
        assert proof.report(format=form)
    assert str(proof.updates)
    assert proof._repr_html_()
