"""Random points lie in what is declared, whatever is asked for first."""

from __future__ import annotations

from itertools import product

import pytest
from mpmath import MPContext

from entropy_proofs import (
    Binomial,
    Categorical,
    Density,
    Model,
    Multinomial,
    VonMises,
    log,
    pi,
)
from entropy_proofs.arrays.functions import FiniteSet, Interval, oo
from entropy_proofs.arrays.tree_walk import Undefined, Unevaluable
from entropy_proofs.judge.random_points import RandomPoint

NUMBER = MPContext()
NUMBER.dps = 60
EPS = 1e-55


def point(model: Model, seed: str = "1", size: int = 3) -> RandomPoint:
    return RandomPoint(model, NUMBER, dict.fromkeys(model.dims_.values(), size), seed, "known")


def array(at: RandomPoint, name: str, *shape: int) -> dict:
    declared = at.model.parameters.get(name) or at.model.variables[name]
    return {i: at.value(declared.label, i) for i in product(*map(range, shape))}


def test_parameters_are_in_their_domains():
    m = Model("m")
    K = m.dims("K")
    for domain, axes in (("positive", 1), ("unit interval", 1), ("simplex", 2), ("positive definite", 3), ("unit columns", 2), ("real", 0)):  # fmt: skip
        m.parameter(domain.replace(" ", "_"), *[K] * axes, domain=domain)
    at = point(m)
    assert all(v > 0 for v in array(at, "positive", 3).values())
    assert all(0 < v < 1 for v in array(at, "unit_interval", 3).values())
    rho = array(at, "simplex", 3, 3)
    assert all(abs(sum(rho[i, k] for k in range(3)) - 1) < EPS for i in range(3))
    W = array(at, "unit_columns", 3, 3)
    assert all(abs(sum(W[i, k] ** 2 for i in range(3)) - 1) < EPS for k in range(3))
    S = array(at, "positive_definite", 3, 3, 3)
    assert all(S[b, i, j] == S[b, j, i] for b, i, j in product(range(3), repeat=3))
    minors = [
        NUMBER.det(NUMBER.matrix([[S[0, i, j] for j in range(n)] for i in range(n)]))
        for n in (1, 2, 3)
    ]
    assert all(d > 0 for d in minors)


def test_values_are_in_their_supports():
    m = Model("m")
    K = m.dims("K")
    n = m.parameter("n", domain="positive", fixed=True)
    rho = m.parameter("rho", K, domain="simplex")
    m.latent("c", Categorical(probabilities=rho))
    m.latent("counts", Multinomial(trials=n, probabilities=rho))
    m.latent("b", Binomial(trials=n, probability=rho), K)
    m.latent("angle", VonMises(mean=0, concentration=n), K)
    m.latent("half", Density(lambda x: 1 - x, Interval(1, oo)))
    m.observed("x", Density(lambda x: log(1 / 2), FiniteSet(0, 1)), K)
    for seed in "12345":
        at = point(m, seed)
        trials = at.value(m.parameters["n"].label, ())
        assert trials in range(2, 7)
        assert at.value(m.variables["c"].label, ()) in range(3)
        assert sum(array(at, "counts", 3).values()) == trials
        assert all(v in range(trials + 1) for v in array(at, "b", 3).values())
        assert all(-pi < v < pi for v in array(at, "angle", 3).values())
        assert at.value(m.variables["half"].label, ()) > 1
        assert all(v in {0, 1} for v in array(at, "x", 3).values())


def test_a_number_does_not_depend_on_what_was_asked_before():
    m = Model("m")
    W = m.parameter("W", *m.dims("D", "H"), domain="simplex")
    label = m.parameters["W"].label
    first, second = point(m), point(m)
    second.value(label, (0, 0))
    assert first.value(label, (2, 1)) == second.value(label, (2, 1))
    assert point(m, "2").value(label, (2, 1)) != first.value(label, (2, 1))
    assert W.shape


def test_constants_and_hidden_maps_stay():
    m = Model("m")
    m.parameter("a", fixed=True)
    m.parameter("b")
    a, b = (m.parameters[name].label for name in "ab")
    one, other = point(m), point(m, "2")
    assert one.value(a, ()) == other.value(a, ())
    assert one.value(b, ()) != other.value(b, ())
    assert one.value(a, ()) != one.value(b, ())
    assert one.hidden("phi[0]", [1]) == other.hidden("phi[0]", [1])
    assert one.hidden("phi[0]", [1]) != one.hidden("phi[1]", [1])


def test_there_is_nothing_outside_of_an_array():
    m = Model("m")
    m.parameter("w", m.dims("K"))
    label = m.parameters["w"].label
    for at in ((3,), (-1,), (), (0, 0)):
        with pytest.raises(Undefined):
            point(m).value(label, at)


def test_what_must_be_drawn_together_is_not_too_large():
    m = Model("m")
    m.parameter("S", 10**5, 10**5, domain="positive definite")
    m.parameter("w", 10**9)
    at = point(m)
    assert at.value(m.parameters["w"].label, (10**9 - 1,)) is not None
    with pytest.raises(Unevaluable, match="too large"):
        at.value(m.parameters["S"].label, (0, 0))
