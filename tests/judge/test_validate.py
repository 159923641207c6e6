"""Arguments that look like what is declared, and are parts of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from itertools import product
from operator import mul
from typing import ClassVar

import numpy as np
import pytest
import sympy as sp
from catalogue.spread import LONG
from hypothesis import given, settings, strategies as st

import entropy_proofs as ep


def parts_of_declared():
    model = ep.Model("parts of what is declared")
    D, K = model.dims("D", "K")
    p = model.parameter("p", K, domain="simplex")
    table = model.parameter("table", K, K, domain="simplex")
    stack = model.parameter("stack", D, D, D, domain="positive definite")
    k, d = ep.arange(K), ep.arange(D)
    return model, {
        "a simplex without its end": ep.Categorical(probabilities=p[:-1]),
        "a simplex without its start": ep.Categorical(probabilities=p[1:]),
        "a column of rows": ep.Categorical(probabilities=table[:, 0]),
        "the diagonal of rows": ep.Categorical(probabilities=table[k, k]),
        "rows of several covariances": ep.MultivariateNormal(mean=0, covariance=stack[d, d]),
        "a face of a stack": ep.MultivariateNormal(mean=0, covariance=stack[:, 0]),
    }


@pytest.mark.parametrize("which", parts_of_declared()[1])
def test_a_part_is_not_in_the_domain_of_the_whole(which):
    model, families = parts_of_declared()
    model.observed("x", families[which])
    with pytest.raises(ep.InputError, match=r"x: (probabilities|covariance) must be"):
        ep.prove(model)


def test_wholes_are():
    model = ep.Model("wholes")
    D, K = model.dims("D", "K")
    table = model.parameter("table", K, K, domain="simplex")
    stack = model.parameter("stack", K, D, D, domain="positive definite")
    c = model.latent("c", ep.Categorical(probabilities=table[0]))
    model.observed("x", ep.Categorical(probabilities=table[c]))
    model.observed("y", ep.MultivariateNormal(mean=0, covariance=stack[c]))
    proof = ep.prove(model)
    assert proof.verdict is ep.Verdict.PROVED
    assert not any("domain (" in said for said in proof.assumptions)


def mixture():
    model = ep.Model("a mixture whose q is declared")
    K = model.dims("K")
    r = model.parameter("r", K, domain="simplex")
    s = model.parameter("s", K, domain="positive")
    c = model.latent("c", ep.Categorical(probabilities=r))
    x = model.observed("x", ep.Normal(mean=0, variance=s[c]))
    return model, K, c, x


def test_arguments_of_a_declared_q_are_held_to_their_domains():
    model, K, c, _ = mixture()
    R = model.variational("R", K + 1, domain="simplex")
    model.q(c, ep.Categorical(probabilities=R[1:]))
    with pytest.raises(ep.InputError, match="c: probabilities must be"):
        ep.prove(model)


def test_what_is_not_known_of_a_declared_q_is_assumed():
    model, K, c, _ = mixture()
    z = model.latent("z", ep.Normal(mean=0, variance=1))
    v = model.variational("v")
    model.q(z, ep.Normal(mean=model.variational("m"), variance=10**6 + v))
    model.q(c, ep.Categorical(probabilities=model.variational("R", K, domain="simplex")))
    said = [a for a in ep.prove(model).assumptions if "domain (" in a]
    assert said == ["variance of q of z is in its domain (positive): v + 1000000"]


# positive but for ---------------------------------------------------------------------------------
def scaled(factor):
    """A normal variable whose variance is a scale times a factor, which is told the size K."""
    model = ep.Model("a scaled normal")
    K = model.dims("K")
    s = model.parameter("s", domain="positive")
    model.observed("x", ep.Normal(mean=0, variance=s * factor(model, K)))
    return model


@pytest.mark.parametrize(
    "factor",
    [
        lambda model, K: K - 1,
        lambda model, K: ep.log(K),
        lambda model, K: ep.Abs(K - 5),
        lambda model, K: model.parameter("v", K, domain="positive")[1:].sum(),
        lambda model, K: 1 - model.parameter("r", K, domain="simplex")[0],
        lambda model, K: sp.zeta(model.parameter("p", domain="positive")),
    ],
)
def test_what_vanishes_at_a_size_is_assumed_not_to(factor):
    """Or is negative for some values, as zeta(1/2) is."""
    said = ep.prove(scaled(factor)).assumptions
    assert [a for a in said if a.startswith("variance of x is in its domain (positive)")]


@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize("far", [1, 2])
def test_what_vanishes_at_a_value_is_refused(power, far):
    model = ep.Model("a count")
    s = model.parameter("s", domain="positive")
    n = model.latent("n", ep.Poisson(rate=model.parameter("l", domain="positive")))
    model.observed("x", ep.Normal(mean=0, variance=s * ep.Abs(n - far) ** power))
    with pytest.raises(ep.InputError, match="x: variance must be positive, but it is 0"):
        ep.prove(model)


@pytest.mark.parametrize(
    "factor", [lambda w, k: ep.Abs(k - 1), lambda w, k: ep.Abs(w - w[0]), lambda w, k: k**2]
)
def test_what_vanishes_at_an_index_is_refused(factor):
    model = ep.Model("a place")
    K = model.dims("K")
    variance = factor(model.parameter("w", K), ep.arange(K))
    model.observed("x", ep.Normal(mean=0, variance=variance), K)
    with pytest.raises(ep.InputError, match="x: variance must be positive, but it is 0"):
        ep.prove(model)


@pytest.mark.parametrize(
    "factor",
    [
        lambda model, K: K,
        lambda model, K: model.parameter("w") ** 2,
        lambda model, K: ep.Abs(model.parameter("w")),
        lambda model, K: model.parameter("v", K, domain="positive").sum(),
        lambda model, K: 1 - model.parameter("r", 2, domain="simplex")[0],
        lambda model, K: 1 + model.latent("n", ep.Poisson(rate=2)),
    ],
)
def test_what_vanishes_at_values_of_parameters_alone_is_not_assumed_not_to(factor):
    assert not any("domain (" in a for a in ep.prove(scaled(factor)).assumptions)


def covaried(covariance, D=None, H=None):
    model = ep.Model("a Gram matrix")
    D, H = (D, H) if D else model.dims("D", "H")
    W, A = model.parameter("W", D, H), model.parameter("A", H, H, domain="positive definite")
    s = model.parameter("s", domain="positive")
    given = covariance(W, A, s, D)
    model.observed("x", ep.MultivariateNormal(mean=model.parameter("mu", D), covariance=given))
    return model


GRAMS = {
    "W W^T": lambda W, A, s, D: W @ W.T,
    "s W W^T": lambda W, A, s, D: s * (W @ W.T),
    "W A W^T": lambda W, A, s, D: W @ A @ W.T,
}


@pytest.mark.parametrize("covariance", GRAMS.values(), ids=GRAMS)
def test_a_gram_matrix_is_definite_where_it_has_as_many_columns(covariance):
    (said,) = [a for a in ep.prove(covaried(covariance)).assumptions if "domain (" in a]
    assert said.startswith("covariance of x is in its domain (positive definite): ")
    assert not any("domain (" in a for a in ep.prove(covaried(covariance, 2, 3)).assumptions)
    with pytest.raises(ep.InputError, match="x: covariance must be positive definite"):
        ep.prove(covaried(covariance, 3, 2))


@pytest.mark.parametrize(
    "covariance",
    [
        lambda W, A, s, D: W @ W.T + s * ep.eye(D),
        lambda W, A, s, D: W @ A @ W.T + ep.diag(W[:, 0] ** 2),
    ],
)
def test_what_is_added_makes_a_gram_matrix_definite(covariance):
    assert not any("domain (" in a for a in ep.prove(covaried(covariance)).assumptions)


@dataclass(frozen=True, kw_only=True)
class Doubled(ep.Normal):
    times: ClassVar = 2

    def log_density(self, value):
        return super().log_density(value) + ep.log(self.times)


@dataclass(frozen=True, kw_only=True)
class Same(Doubled):
    times: ClassVar = 1


@dataclass(frozen=True, kw_only=True)
class DoubledVector(ep.MultivariateNormal):
    def log_density(self, value):
        return super().log_density(value) + ep.log(2)


def own(family):
    model = ep.Model("a family of one's own")
    s = model.parameter("s", domain="positive")
    model.observed("x", family(s))
    return [a for a in ep.prove(model).assumptions if a.startswith("the density of x")]


def test_a_family_of_ones_own_is_tried_and_assumed_to_be_a_density():
    everywhere = "the density of x integrates to one for all parameters and sizes"
    with pytest.raises(ep.InputError, match="x: its density integrates to 2, not to one"):
        own(lambda s: Doubled(mean=0, variance=s))
    assert own(lambda s: Same(mean=0, variance=s)) == [everywhere]
    assert own(lambda s: ep.Normal(mean=0, variance=s)) == []
    untried = own(lambda s: DoubledVector(mean=0, covariance=s * ep.eye(2)))
    assert untried == [f"{everywhere} (it was not tried in numbers)"]


@pytest.mark.parametrize("function", [sp.sech, sp.coth, sp.csch, sp.asinh, sp.erfc])
def test_functions_by_others_are_tried_in_numbers(function):
    model = ep.Model("a sign")
    s = model.parameter("s", domain="positive")
    model.observed("x", ep.Normal(mean=0, variance=-function(s)))
    with pytest.raises(ep.InputError, match="x: variance must be positive, but it is -"):
        ep.prove(model)


def test_a_sigmoid_is_a_probability():
    model = ep.Model("a decoder")
    D, H = model.dims("D", "H")
    W, b = model.parameter("W", D, H), model.parameter("b", D)
    z = model.latent("z", ep.Normal(mean=0, variance=1), H)
    model.observed("x", ep.Bernoulli(probability=ep.sigmoid(W @ z + b)), D)
    proof = ep.prove(model)
    assert any(t.variable == "x" and t.holds for t in proof.terms)
    assert not any("domain (" in a for a in proof.assumptions)


# as numbers have it -------------------------------------------------------------------------------
class Made:
    """Factors of a model of K coordinates, by what they are declared to be, and in numbers."""

    def __init__(self, size, rng, count):
        self.K, self.k, self.n = size, np.arange(size), count
        self.w, self.s, self.u = rng.normal(), rng.uniform(0.1, 2), rng.uniform(0.01, 0.99)
        self.v, self.p = rng.uniform(0.1, 2, size), rng.dirichlet(np.ones(size))
        self.W = rng.normal(size=size)


class Declared:
    def __init__(self, model):
        self.K = model.dims("K")
        self.k = ep.arange(self.K)
        self.n = model.latent("n", ep.Poisson(rate=2))
        self.w, self.W = model.parameter("w"), model.parameter("W", self.K)
        self.s = model.parameter("s", domain="positive")
        self.u = model.parameter("u", domain="unit interval")
        self.v = model.parameter("v", self.K, domain="positive")
        self.p = model.parameter("p", self.K, domain="simplex")


FACTORS = {
    "s": lambda m: m.s,
    "w^2": lambda m: m.w**2,
    "|w|": lambda m: abs(m.w),
    "K": lambda m: m.K,
    "K - 1": lambda m: m.K - 1,
    "|K - 2|": lambda m: abs(m.K - 2),
    "k": lambda m: m.k,
    "k + 1": lambda m: m.k + 1,
    "(k - 1)^2": lambda m: (m.k - 1) ** 2,
    "n": lambda m: m.n,
    "n + 1": lambda m: m.n + 1,
    "|n - 2|": lambda m: abs(m.n - 2),
    "v": lambda m: m.v,
    "sum of v": lambda m: m.v.sum(),
    "sum of v[1:]": lambda m: m.v[1:].sum(),
    "p": lambda m: m.p,
    "1 - p": lambda m: 1 - m.p,
    "1 - p u": lambda m: 1 - m.p * m.u,
    "1 - u": lambda m: 1 - m.u,
    "|W - W[0]|": lambda m: abs(m.W - m.W[0]),
    "sum of W^2": lambda m: (m.W**2).sum(),
    "W - w": lambda m: m.W - m.w,
}


@settings(max_examples=300 if LONG else 20, deadline=None)
@given(st.lists(st.sampled_from(sorted(FACTORS)), min_size=1, max_size=3), st.booleans())
def test_what_is_proved_with_nothing_said_is_positive_everywhere(names, added):
    """At sizes from one on, all counts, and values that are drawn."""

    def variance(m):
        made = [FACTORS[name](m) for name in names]
        return sum(made[1:], start=made[0]) if added else reduce(mul, made)

    model = ep.Model("a variance")
    declared = Declared(model)
    try:
        model.observed("x", ep.Normal(mean=0, variance=variance(declared)), declared.K)
        proof = ep.prove(model)
    except ep.InputError:
        return
    held = any(t.variable == "x" and t.holds for t in proof.terms)
    said = proof.assumptions
    if held and not any(a.startswith("variance of x is in its domain") for a in said):
        rng = np.random.default_rng(0)
        for size, count in product((1, 2, 3, 7), range(5)):
            assert np.min(variance(Made(size, rng, count))) > 0, (names, size, count, said)
