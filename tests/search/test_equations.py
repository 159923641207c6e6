"""Monomials that v's part of an equation is solved for, and the field that equations are over."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy import symbols

from entropy_proofs import Exponential, Laplace, Model, Normal, Verdict, prove
from entropy_proofs.proof.term_results import conditional
from entropy_proofs.search.equations import System, _divide
from entropy_proofs.search.moving import Moving

A, X, Y = symbols("a x y")


def test_what_depends_on_v_divides_or_nothing_does():
    own = frozenset([X, Y])
    for mono, by, quotient in (
        ({X: 2, A: 1}, {X: 1}, {X: 1, A: 1}),
        ({X: 1, Y: 1}, {Y: 1, A: 2}, {X: 1, A: -2}),
        ({X: 1}, {X: 1}, {}),
        ({X: 1}, {X: 2}, None),
        ({X: 1, A: 3}, {Y: 1, A: 1}, None),
    ):
        found = _divide(frozenset(mono.items()), frozenset(by.items()), own)
        assert found == (None if quotient is None else frozenset(quotient.items()))


@pytest.mark.parametrize("coarse", [False, True])
def test_rows_are_the_equations_whichever_field_they_were_in_before(coarse):
    m = Model("a sum that stands as a factor")
    a, b = m.parameter("a", domain="positive"), m.parameter("b", domain="positive")
    m.observed("x", Normal(mean=a / (a + b), variance=1))
    moving = [Moving(p.name, frozenset([s]), p.domain, p.shape) for s, p in m.learned().items()]
    system = System([conditional(m, t) for t in m.terms], moving, [], "free")
    system.rows(0)
    if coarse:
        assert system.coarsen()
        assert not system.coarsen()
    assert system.rows(0)
    for equation, coefficients, moved, rest in system.rows(0):
        assert coefficients.keys() == equation.coefficients.keys()
        stated = [*equation.coefficients.values(), equation.moved, equation.rest]
        for p, ratio in zip(stated, [*coefficients.values(), moved, rest], strict=True):
            assert sp.cancel(system.over.poly(ratio).expr() - p.expr()) == 0


def test_a_sum_is_one_factor_whatever_it_stands_beside():
    """1 + sum_h w_h moves by as much as its sum does: no element says how, and no place is its."""
    model = Model("a rate")
    w = model.parameter("w", model.dims("H"), domain="positive")
    model.observed("x", Exponential(rate=1 + w.sum()))
    assert prove(model).verdict is Verdict.PROVED
    model = Model("a variance")
    w = model.parameter("w", model.dims("H"))
    model.observed("x", Normal(mean=0, variance=1 + w @ w))
    (condition,) = prove(model).conditions  # and not that no w_h is zero
    assert str(condition) == "∑_h w[h]**2 ≠ 0"


def test_what_v_is_measured_from_is_divided_out():
    """k z |m + 1 - z| / (m + 1 - z) holds |m + 1 - z|, by which a Laplace density scales."""
    model = Model("a centre that is learned, beside a known number")
    m, w = model.parameter("m"), model.parameter("w")
    z = model.latent("z", Laplace(mean=m + 1, scale=1))
    model.observed("x", Normal(mean=w * z, variance=model.parameter("s", domain="positive")))
    proof = prove(model)
    assert proof.verdict is Verdict.PROVED
    assert proof.field[m] == m + 1
    assert proof.latent_flow == {z: z}
