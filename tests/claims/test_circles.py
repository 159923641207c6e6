"""Optima on the circle: where a cosine is largest, and what is taken for none."""

from __future__ import annotations

import pytest
import sympy as sp

import entropy_proofs as ep
from entropy_proofs import (
    Density,
    Expectation,
    Interval,
    Model,
    Normal,
    Verdict,
    VonMises,
    atan2,
    besseli,
    cos,
    log,
    pi,
    sin,
)
from entropy_proofs.algebra.nodes import slots
from entropy_proofs.algebra.normal import normal
from entropy_proofs.claims.circles import drawn_apart, harmonic, turned

PROVED, REFUTED = Verdict.PROVED, Verdict.REFUTED
T, A, B = sp.Symbol("t", real=True), sp.Symbol("a", real=True), sp.Symbol("b", real=True)
K = sp.Symbol("k", positive=True)


def read(expr):
    return harmonic(normal(drawn_apart(expr, T)), T, slots(()))


@pytest.mark.parametrize(
    ("condition", "solution"),
    [
        (A * sp.cos(T) - B * sp.sin(T), sp.atan2(A, B)),
        (K * (A * sp.cos(T) - B * sp.sin(T)), sp.atan2(A, B)),
        (A * (sp.cos(T) - sp.sin(T)), sp.atan2(A, A)),  # a may be negative
        (sp.sin(A - T), sp.atan2(sp.sin(A), sp.cos(A))),
        (B * sp.sin(A - 3 * T), sp.atan2(B * sp.sin(A), B * sp.cos(A)) / 3),
        (A * sp.sin(T) - B * sp.cos(T), sp.atan2(-B, -A)),
    ],
)
def test_what_is_solved_is_largest_there(condition, solution):
    found = read(condition).solution()
    at = {A: sp.Rational(-7, 10), B: sp.Rational(13, 10), K: 2}
    assert found.subs(at).n() == pytest.approx(solution.subs(at).n())
    slope = sp.lambdify(T, condition.subs(at))
    best = float(found.subs(at).n())
    assert slope(best) == pytest.approx(0, abs=1e-12)
    assert slope(best - 1e-3) > 0 > slope(best + 1e-3)


@pytest.mark.parametrize(
    "condition",
    [
        A * sp.cos(T) - B * sp.sin(2 * T),
        A * sp.cos(T) - B * sp.sin(T) + K,
        A * T * sp.cos(T) - B * sp.sin(T),
        A * sp.cos(T) ** 2 - B * sp.sin(T),
        sp.sin(A * T) + sp.cos(A * T),
        sp.sin(A - T**2),
        A * sp.cos(T),
    ],
)
def test_what_is_no_harmonic_is_left(condition):
    assert read(condition) is None


def test_a_harmonic_written_again():
    found = read(K * (A * sp.cos(T) - B * sp.sin(T)))
    again = turned(found.own, found.rate, found.above.expr(), found.below.expr())
    assert again * normal(K) == normal(K * (A * sp.cos(T) - B * sp.sin(T)))


# claims -------------------------------------------------------------------------------------------
def directions():
    model = Model("directions")
    mu, kappa = model.parameter("mu"), model.parameter("kappa", domain="positive")
    return model, mu, model.observed("x", VonMises(mean=mu, concentration=kappa))


CLAIMED = {
    "the mean direction": (lambda s, c, x: atan2(s, c), PROVED),
    "of any length": (lambda s, c, x: atan2(3 * s, 3 * c), PROVED),
    "the opposite": (lambda s, c, x: atan2(-s, -c), REFUTED),
    "swapped": (lambda s, c, x: atan2(c, s), REFUTED),
    "mirrored": (lambda s, c, x: atan2(-s, c), REFUTED),
    "of another ellipse": (lambda s, c, x: atan2(2 * s, c), REFUTED),
    "half of it": (lambda s, c, x: atan2(s, c) / 2, REFUTED),
    "turned": (lambda s, c, x: atan2(s, c) + 1, REFUTED),
    "the mean angle": (lambda s, c, x: x, REFUTED),
    "the mean of directions": (lambda s, c, x: atan2(sin(x), cos(x)), REFUTED),
}


@pytest.mark.parametrize(("claimed", "verdict"), CLAIMED.values(), ids=CLAIMED)
def test_the_optimum_of_a_direction(claimed, verdict):
    model, mu, x = directions()
    model.claim("optimum", mu, claimed(Expectation(sin(x)), Expectation(cos(x)), x))
    (found,) = ep.prove(model).claims
    assert found.verdict is verdict


def test_where_another_term_holds_the_angle_no_direction_is_claimed():
    model = Model("an angle with a prior on it")
    mu = model.parameter("mu")
    x = model.observed("x", VonMises(mean=mu, concentration=1))
    model.observed("y", Normal(mean=mu, variance=1))
    model.claim("optimum", mu, atan2(Expectation(sin(x)), Expectation(cos(x))))
    proof = ep.prove(model)
    assert proof.claims[0].verdict is not PROVED
    assert list(proof.updates.remaining) == [mu]


def test_a_factor_of_any_sign_stays_in_both_arguments():
    """exp(w cos(x - mu)) with a real w: the other side is best where w < 0."""
    model = Model("signed")
    mu, w = model.parameter("mu"), model.parameter("w", fixed=True)

    def log_density(x):
        return w * cos(x - mu) - log(2 * pi * besseli(0, abs(w)))

    x = model.observed("x", Density(log_density, support=Interval.open(-pi, pi)))
    s, c = Expectation(sin(x)), Expectation(cos(x))
    model.claim("optimum", mu, atan2(w * s, w * c))
    model.claim("optimum", mu, atan2(s, c))
    assert [claim.verdict for claim in ep.prove(model).claims] == [PROVED, REFUTED]


def test_no_direction_of_what_must_be_positive():
    """atan2 may be negative: there the largest of a positive angle is at an end."""
    model = Model("half a circle")
    mu = model.parameter("mu", domain="positive")
    x = model.observed("x", VonMises(mean=mu, concentration=1))
    model.claim("optimum", mu, atan2(Expectation(sin(x)), Expectation(cos(x))))
    proof = ep.prove(model)
    assert proof.claims[0].verdict is not PROVED
    assert list(proof.updates.remaining) == [mu]


def test_the_optimum_of_an_angle_beside_a_known_one():
    """E[x] cos(mu + c) - E[y] sin(mu + c) = 0, where (y, x) points from the origin."""
    model = Model("a shifted angle")
    mu, c = model.parameter("mu"), model.parameter("c", fixed=True)
    v = model.parameter("v", domain="positive")
    y = model.observed("y", Normal(mean=cos(mu + c), variance=v))
    x = model.observed("x", Normal(mean=sin(mu + c), variance=v))
    s, t = Expectation(x), Expectation(y)
    for sign in (1, -1):
        above, below = s * cos(c) - sign * t * sin(c), t * cos(c) + sign * s * sin(c)
        model.claim("optimum", mu, atan2(above, below))
    assert [claim.verdict for claim in ep.prove(model).claims] == [PROVED, REFUTED]
