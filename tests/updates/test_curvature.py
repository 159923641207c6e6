"""Where the bound is concave in a block, and where it is not."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from block_checks import derived
from sympy import Abs, Rational, exp, log, sqrt

from entropy_proofs import Exponential, Model, Normal
from entropy_proofs.updates.curvature import Bend, _Reading, curvature

w, v, y = sp.Symbol("w", real=True), sp.Symbol("v", positive=True), sp.Symbol("y", real=True)
READ = {
    Bend.AFFINE: [3 * w + y, (v**2) ** Rational(1, 2) - y * w],
    Bend.CONVEX: [
        (w - y) ** 2, exp(w) * exp(2 * w), log(1 + exp(w)), log(2 + exp(-w) + exp(3 * w)), Abs(w - y),
        1 / v, v ** Rational(3, 2), -log(v), -log(v**3), w**4 + v**2,
    ],
    Bend.CONCAVE: [
        log(v), log(v**2), sqrt(v), -(w**2) - 1 / v, -Abs(w), -log(exp(w) + 1), log(v * y**2 + v),
        sp.Mul(v, v ** Rational(-1, 2), evaluate=False),
    ],
    Bend.UNKNOWN: [
        w * v, w**3, w**-2, log(w**2), log((w + 1) ** 2), log(Abs(w)), w**2 - v**2, exp(-(w**2)), v**w,
    ],
}  # fmt: skip


def test_no_maximum_is_claimed_where_the_bound_is_not_concave():
    """A product of two parameters has a saddle; each alone is at a maximum."""
    model = Model("product")
    a, b = model.parameter("a"), model.parameter("b")
    model.observed("x", Normal(mean=a * b, variance=1))
    both = [model.parameters["a"], model.parameters["b"]]
    assert not curvature(model, both).is_maximum
    assert curvature(model, both[:1]).is_maximum
    found = derived(model)
    assert [len(u.parameters) for u in found.m_step] == [1, 1]


@pytest.mark.parametrize("square", [lambda w: w**2, lambda w: -(w**2)])
def test_no_maximum_of_what_bends_upwards(square):
    model = Model("bent")
    w = model.parameter("w")
    model.observed("x", Normal(mean=square(w), variance=1))
    assert not curvature(model, [model.parameters["w"]]).is_maximum


@pytest.mark.parametrize(
    ("bend", "expression"), [(bend, e) for bend, given in READ.items() for e in given], ids=str
)
def test_what_is_read_is_so_at_the_middle_of_two_points(bend, expression):
    """Of a function of (w, v) that bends both ways the same is not said."""
    assert _Reading(frozenset({w, v}), inverted=False)(expression) is bend
    rng = np.random.default_rng(3)
    value = sp.lambdify([w, v], expression.subs(y, 0.7))
    first, second = (
        np.array([rng.uniform(-3, 3, 400), rng.uniform(0.1, 3, 400)]) for _ in range(2)
    )
    above = value(*((first + second) / 2)) - (value(*first) + value(*second)) / 2
    assert (above <= 1e-9).all() == (bend in {Bend.CONVEX, Bend.AFFINE})
    assert (above >= -1e-9).all() == (bend in {Bend.CONCAVE, Bend.AFFINE})


def test_a_rate_that_is_a_square_has_two_maxima():
    """log w**2 - w**2 x - (y - w)**2 / 2 of a real w, one on either side of zero."""
    model = Model("either side")
    w = model.parameter("w")
    model.observed("x", Exponential(rate=w**2))
    model.observed("y", Normal(mean=w, variance=1))
    assert not curvature(model, [model.parameters["w"]]).is_maximum


def test_columns_of_norm_one_are_no_convex_set():
    model = Model("columns")
    D = model.dims("D")
    W = model.parameter("W", D, 2, domain="unit columns")
    model.observed("x", Normal(mean=W, variance=1), D, 2)
    found = curvature(model, [model.parameters["W"]])
    assert not found.is_maximum
    assert found.because == "W does not range over a convex set"
