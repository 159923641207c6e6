"""Refutations: what shows them, stationary points with F != S, and what to change."""

from __future__ import annotations

import mpmath
import pytest
import sympy

import entropy_proofs as ep
from entropy_proofs import Bernoulli, Model, Normal, exp

FAILING = {
    "student_t_known_dof": ("refuted", ["learn nu"]),
    "cauchy_distribution": ("refuted", []),
    "logistic_distribution": ("refuted", []),
    "weibull_learned_shape": ("refuted", []),
    "gaussian_mixture_fixed_weights": ("partial", ["learn rho"]),
    "noisy_or": ("partial", []),
    "gamma_poisson": ("partial", []),
}


@pytest.mark.parametrize("name", FAILING)
def test_a_witness_excludes_every_field(name):
    proof = ep.prove(ep.load(name))
    assert proof.verdict.value == FAILING[name][0]
    ball = mpmath.mpf(proof.witness.remainder.strip("[]").split()[0])
    radius = mpmath.mpf(proof.witness.remainder.strip("[]").split()[-1])
    assert abs(ball) > radius


@pytest.mark.parametrize("name", FAILING)
def test_suggestions_are_models_that_hold(name):
    assert [str(s) for s in ep.prove(ep.load(name)).suggestions] == FAILING[name][1]


def variance_without_bias():
    model = Model("m")
    D, H = model.dims("D", "H")
    V = model.parameter("V", D, H)
    z = model.latent("z", Normal(mean=0, variance=1), H)
    f = model.network("f", z, D)
    model.observed("x", Normal(mean=f, variance=exp(V @ z)), D)
    return model


def logits_without_scale():
    model = Model("m")
    D, H = model.dims("D", "H")
    W = model.parameter("W", D, H)
    rho = model.parameter("rho", H, domain="unit interval")
    z = model.latent("z", Bernoulli(probability=rho), H)
    model.observed("x", Bernoulli(logits=sympy.tanh(W @ z)), D)
    return model


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (variance_without_bias, "give the variance of x a learned factor"),
        (logits_without_scale, "give the logits of x a learned factor"),
    ],
)
def test_what_an_argument_lacks_is_suggested(build, expected):
    assert [str(s) for s in ep.prove(build()).suggestions] == [expected]


@pytest.mark.parametrize(
    "name", [*FAILING, "vae_0", "eight_schools", "latent_dirichlet_allocation"]
)
def test_a_stationary_point_at_which_the_sum_fails(name):
    found = ep.prove(ep.load(name)).counterexample
    assert abs(mpmath.mpf(found.left) - mpmath.mpf(found.right)) > 1e-4
    assert mpmath.mpf(found.gradient_norm) < mpmath.mpf(10) ** -30
    assert sum(mpmath.mpf(p["weight"]) for p in found.at["data"]) == pytest.approx(1)


def test_a_proved_model_has_nothing_to_refute():
    proof = ep.prove(ep.load("ppca"))
    assert proof.witness is None
    assert proof.counterexample is None
    assert proof.suggestions == ()


def test_a_wrong_sum_is_refuted_at_a_stationary_point():
    model = ep.load("ppca")
    sizes, sigma2 = model.dims_["D"], model.parameters["sigma2"].value
    model.claims.clear()
    model.claim("entropy sum", -sizes / 2 * ep.log(2 * ep.pi * sigma2))
    (claim,) = ep.prove(model).claims
    assert claim.verdict is ep.Verdict.REFUTED
    assert claim.witness.gradient_norm is not None
