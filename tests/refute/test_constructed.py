"""The linear programmes that look for stationary points with given conditions."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from scipy.optimize import linprog

import entropy_proofs as ep
from entropy_proofs import Verdict
from entropy_proofs.refute import constructed


@pytest.mark.parametrize(
    ("rows", "there_are"),
    [
        ([[1.0, -2.0]], True),
        ([[1.0, 2.0]], False),
        ([[1.0, -1.0, 0.0], [1.0, 0.0, -1.0]], True),
        ([[1.0, -1.0, 0.0], [1.0, 1.0, -1.0], [0.0, 1.0, 0.0]], False),
        ([[np.nan, 1.0, -1.0]], True),
        ([[np.inf, 1.0]], False),
    ],
)
def test_weights_of_points_make_all_conditions_zero(rows, there_are):
    assert constructed._has_weights(np.array(rows)) is there_are


def test_no_programme_runs_without_end(monkeypatch):
    """The solver goes in circles where rows nearly depend on each other, as those of a VAE with a
    noise floor do: it did not return."""
    limits = []

    def limited(*args, options, **known):
        limits.append(options["maxiter"])
        return linprog(*args, options=options, **known)

    monkeypatch.setattr(constructed, "linprog", limited)
    rng = np.random.default_rng(0)
    for count in (3, 30):
        assert constructed._has_weights(rng.normal(size=(count, 20 * count)))
    assert 10 * 60 < limits[0] < limits[1] < 100 * 630


def bernoulli(m):
    p, q = (m.parameter(name, domain="unit interval") for name in "pq")
    x = m.observed("x", ep.Bernoulli(probability=p * q))
    m.claim("optimum", p, q / x)


def exponential_mean(m):
    w, s = m.parameter("w"), m.parameter("s", domain="positive")
    x = m.observed("x", ep.Normal(mean=ep.exp(w), variance=s))
    m.claim("optimum", w, ep.Expectation(ep.log(x)))


def sine(m):
    w, s = m.parameter("w"), m.parameter("s", domain="positive")
    x = m.observed("x", ep.Normal(mean=ep.sin(w), variance=s))
    m.claim("optimum", w, sp.asin(ep.Expectation(x)))


@pytest.mark.parametrize("build", [bernoulli, exponential_mean, sine])
def test_claims_that_are_no_numbers_somewhere_are_left_undecided(build):
    """They took the proof down: x may be zero or negative, and asin has no numeric form."""
    m = ep.Model("m")
    build(m)
    proof = ep.prove(m)
    assert proof.verdict is Verdict.PROVED
    assert [c.verdict for c in proof.claims] == [Verdict.UNDECIDED]


def test_a_difference_of_real_numbers_alone_is_a_witness():
    m = ep.Model("m")
    w, s = m.parameter("w"), m.parameter("s", domain="positive")
    x = m.observed("x", ep.Normal(mean=w, variance=s))
    m.claim("optimum", w, ep.Expectation(x) + ep.Expectation(x) ** sp.Rational(1, 3))
    (claim,) = ep.prove(m).claims
    assert claim.verdict is Verdict.REFUTED
    assert "j" not in str(claim.witness)
