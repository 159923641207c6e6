"""Published expressions: nested arrays have names of their own, and open at numbers."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import entropy_proofs as ep
from entropy_proofs import Model, MultivariateNormal, inv
from entropy_proofs.algebra.binding import at_bound_indices, published
from entropy_proofs.algebra.nodes import Expectation, InverseElement, LogDet, Sum, index
from entropy_proofs.model import catalogue

CATALOGUE = ("factor_analysis", "gaussian_process_regression", "linear_dynamical_system")


def by_precision():
    """Whose covariance is an inverse: its log density has inverses of inverses."""
    model = Model("by precision")
    D = model.dims("D")
    S = model.parameter("S", D, D, domain="positive definite")
    mu = model.parameter("mu", D)
    model.observed("x", MultivariateNormal(mean=mu, covariance=inv(S)))
    return model


def low_rank():
    """Arrays three deep."""
    model = Model("low rank")
    D, H = model.dims("D", "H")
    S = model.parameter("S", D, D, domain="positive definite")
    R = model.parameter("R", H, H, domain="positive definite")
    W = model.parameter("W", D, H)
    covariance = inv(S + W @ inv(R + W.T @ inv(S) @ W) @ W.T)
    model.observed("x", MultivariateNormal(mean=0, covariance=covariance))
    return model


def all_published(proof):
    return [proof.elbo, proof.entropy_sum, *proof.stationarity.values(), *proof.field.values()]


@pytest.mark.parametrize(
    "model", [by_precision, low_rank, *(lambda n=n: catalogue.load(n) for n in CATALOGUE)]
)
def test_nested_arrays_have_names_of_their_own(model):
    for expression in all_published(ep.prove(model())):
        for outer in expression.atoms(sp.Lambda):
            names = {i.name for i in outer.variables}
            inside = outer.expr.atoms(sp.Lambda, sp.Sum)
            assert names.isdisjoint(i.name for binder in inside for i in binder.variables)


@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("put", ["subs", "xreplace"])
def test_they_are_worked_out_where_sizes_are_numbers(size, put):
    """F, and its slopes by S and mu, against the normal distribution's by hand."""
    model = by_precision()
    proof, D = ep.prove(model), model.dims_["D"]
    rng = np.random.default_rng(size)
    root = rng.normal(size=(size, size))
    S, mu, x = root @ root.T + np.eye(size), rng.normal(size=size), rng.normal(size=size)
    given = {"S": S, "mu": mu, "x": x}

    def number(expression):
        done = getattr(expression, put)({D: sp.Integer(size)}).doit()
        values = {a: given[str(a.base.label)][tuple(map(int, a.indices))] for a in done.atoms(sp.Indexed)}  # fmt: skip
        done = done.xreplace({a: sp.Float(float(v)) for a, v in values.items()})
        averaged = done.replace(lambda e: isinstance(e, Expectation), lambda e: e.args[0])
        return np.array(averaged, dtype=float)

    r = x - mu
    log_density = (np.linalg.slogdet(S)[1] - size * np.log(2 * np.pi) - r @ S @ r) / 2
    assert number(proof.elbo) == pytest.approx(log_density)
    by_parameter = {str(p)[0]: number(e) for p, e in proof.stationarity.items()}
    np.testing.assert_allclose(by_parameter["S"], (np.linalg.inv(S) - np.outer(r, r)) / 2)
    np.testing.assert_allclose(by_parameter["m"], S @ r)


def test_equal_arrays_are_equal_expressions():
    """Whatever their indices are called, and however often they are published."""
    D = sp.Symbol("D", integer=True, positive=True)
    S = sp.IndexedBase("S")

    def twice(*names):
        i, j, k, m = (index(name, D) for name in names)
        inner = InverseElement(sp.Lambda((i, j), S[i, j]), D, k, m)
        return InverseElement(sp.Lambda((k, m), inner), D, sp.S.Zero, sp.S.One)

    plain = published(twice("_1", "_2", "_3", "_4"))
    assert str(plain) == "inv(inv(S[i1, i2])[i3, i4])[0, 1]"
    for names in ("~1 ~2 _1 _2", "i1 i2 i3 i4", "i3 i4 i1 i2", "i1 i2 i1 i2"):
        assert published(twice(*names.split())) == plain
    assert published(plain) == plain


def test_an_index_that_is_renamed_is_not_taken_for_one_inside():
    """Where the text of an array names its own indices, sums in matrices keep two."""
    model = low_rank()
    condition = ep.prove(model).stationarity[model.parameters["W"].value]
    assert "(i, 0, H - 1), (h, 0, H - 1)" in str(condition)
    assert "(i, 0, H - 1), (i, 0, H - 1)" not in str(condition)


def test_a_sum_in_a_matrix_has_an_index_of_its_own():
    H = sp.Symbol("H", integer=True, positive=True)
    A = sp.IndexedBase("A")
    a, i, j, k = (index(name, H) for name in ("_1", "_2", "_3", "_4"))
    of_slice = LogDet(sp.Lambda((i, j), Sum(A[a, i, k] * A[a, j, k], (k, 0, H - 1))), H)
    written = "logdet(Sum(A[h, i1, i]*A[h, i2, i], (i, 0, H - 1)))"
    total = published(Sum(of_slice, (a, 0, H - 1)))
    assert str(total) == f"Sum({written}, (h, 0, H - 1))"
    assert published(total) == total
    for once in (of_slice, published(of_slice)):
        assert str(at_bound_indices(once, [(a, H)])) == written
