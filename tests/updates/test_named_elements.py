"""Elements that a model names by numbers: each has a condition of its own."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from block_checks import derived
from scipy import optimize, stats

import entropy_proofs as ep
from entropy_proofs import Model, MultivariateNormal, Normal, eye


def test_elements_that_are_named_by_numbers_have_conditions_of_their_own():
    """The first two values of a series, each with a mean and a variance; against SciPy."""
    found = derived("autoregressive_hmm")
    assert found.complete
    assert all(u.shown == "maximum" for u in found.m_step)
    model = Model("two values")
    m, w = model.parameter("m", 2), model.parameter("w", 2, domain="positive")
    model.observed("a", Normal(mean=m[0], variance=w[0]))
    model.observed("b", Normal(mean=2 * m[1], variance=3 * w[1]))
    own = derived(model)
    assert [u.conditions for u in own.m_step] == [(), ()]
    functions = own.compile()
    rng = np.random.default_rng(0)
    data = {"a": 10 + rng.normal(size=20), "b": rng.normal(2, 3, size=20)}
    new = functions.update({"m": np.zeros(2), "w": np.ones(2), **data})
    for k, (x, by, of) in enumerate([(data["a"], 1, 1), (data["b"], 2, 3)]):

        def falls(v, x=x, by=by, of=of):
            scale = np.sqrt(of * np.exp(v[1]))
            return -stats.norm.logpdf(x - x.mean(), by * v[0] - x.mean(), scale).mean()

        best = optimize.minimize(falls, [x.mean() / by, np.log(x.var() / of)], tol=1e-12).x
        assert new["m"][k] == pytest.approx(best[0], rel=1e-9)
        assert new["w"][k] == pytest.approx(np.exp(best[1]), rel=1e-5)


def test_one_element_that_is_solved_for_alone_is_not_all_of_them():
    """w[1] is a standard deviation that others hold, too: nothing of w is taken for solved."""
    model = Model("two values")
    w = model.parameter("w", 2, domain="positive")
    model.observed("a", Normal(mean=0, variance=w[0]))
    model.observed("b", Normal(mean=w[1], variance=w[1] + w[1] ** 3))
    assert {str(p) for p in derived(model).remaining} == {"w"}


def test_elements_that_are_named_and_alike_are_written_once():
    """A vector of two coordinates, each with a mean of its own by its number."""
    model = Model("by number")
    m = model.parameter("m", 2)
    model.observed("x", MultivariateNormal(mean=ep.array([m[0], m[1]]), covariance=eye(2)))
    (update,) = derived(model).m_step
    (solution,) = update.solutions
    assert not solution.element.has(sp.KroneckerDelta)
    x = np.random.default_rng(0).normal(size=(9, 2))
    new = derived(model).compile().update({"m": np.zeros(2), "x": x})
    np.testing.assert_allclose(new["m"], x.mean(axis=0), atol=1e-12)
