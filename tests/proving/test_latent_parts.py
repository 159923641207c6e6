"""Latents of which other conditionals name parts: what is advised, that it is true, and when not."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import entropy_proofs as ep
from entropy_proofs import Model, Normal, Poisson, array, exp
from entropy_proofs.proving.latent_parts import parts_apart

ADVICE = "a flow scales all of a latent by one rate"


def one_latent(prior=lambda v: [1, 1, v]) -> Model:
    """Two factors with learned loadings and one with known loadings, in one vector."""
    model = Model("one latent")
    D = model.dims("D")
    W, A = model.parameter("W", D, 2), model.parameter("A", D, fixed=True)
    v, s2 = model.parameter("v", domain="positive"), model.parameter("s2", domain="positive")
    z = model.latent("z", Normal(mean=0, variance=array(prior(v))), 3)
    model.observed("x", Normal(mean=W @ z[:2] + A * z[2], variance=s2), D)
    return model


def two_latents() -> Model:
    model = Model("two latents")
    D = model.dims("D")
    W, A = model.parameter("W", D, 2), model.parameter("A", D, fixed=True)
    v, s2 = model.parameter("v", domain="positive"), model.parameter("s2", domain="positive")
    z = model.latent("z", Normal(mean=0, variance=1), 2)
    y = model.latent("y", Normal(mean=0, variance=v))
    model.observed("x", Normal(mean=W @ z + A * y, variance=s2), D)
    return model


def term(model: Model, name: str = "z"):
    return {t.variable: t for t in ep.prove(model).terms}[name]


def test_what_is_proved_with_two_latents_is_advised_with_one():
    assert str(ep.prove(two_latents()).verdict) == "proved"
    proof = ep.prove(one_latent())
    assert str(proof.verdict) == "partial"
    said = f"{ADVICE}; with z[:2] and z[2] declared as latents of their own, z[:2] and z[2] would"
    assert f"{said} become entropies" in term(one_latent()).reason
    assert said in term(one_latent()).shown
    first = proof.suggestions[0]
    assert str(first) == "declare z[:2] and z[2] as latents of their own"
    found, right = (_without_q(e) for e in (first.entropy_sum, ep.prove(two_latents()).entropy_sum))
    assert sp.simplify(sp.expand_log(found - right)) == 0


def _without_q(entropy_sum):
    return sp.Add(*(a for a in sp.Add.make_args(entropy_sum) if "H[q" not in str(a)))


@pytest.mark.parametrize("prior", [lambda v: [1, 1, v], lambda v: [v, 2, 1 + v]])
def test_the_model_with_parts_apart_is_the_same(prior):
    (apart,) = parts_apart(one_latent(prior))
    rng = np.random.default_rng(0)
    z, x = rng.normal(size=(5, 7, 3)), rng.normal(size=(5, 4))
    rest = {"W": rng.normal(size=(4, 2)), "A": rng.normal(size=4), "v": 1.3, "s2": 0.7, "x": x}
    whole = ep.compile(ep.prove(one_latent(prior))).elbo({**rest, "z": z})
    code = ep.compile(ep.prove(apart.model))
    values = {**rest, "z[:2]": z[..., :2], "z[2]": z[..., 2:]}
    assert code.elbo(values) == pytest.approx(whole, rel=1e-13)
    np.testing.assert_allclose(code.gap(values), code.directional_derivative(values), rtol=1e-10)


def test_what_only_some_parts_gain_is_said_of_them():
    """The flow of a factor whose loadings are known too would move the mean."""
    model = Model("unit priors")
    D, H, G = model.dims("D", "H", "G")
    W, A = model.parameter("W", D, H), model.parameter("A", D, G, fixed=True)
    s2 = model.parameter("s2", domain="positive")
    z = model.latent("z", Normal(mean=0, variance=1), H + G)
    model.observed("x", Normal(mean=W @ z[:H] + A @ z[H:], variance=s2), D)
    said = "with z[:H] and z[H:] declared as latents of their own, z[:H] would become an entropy"
    assert term(model).reason.endswith(said)
    assert not any("latents of their own" in str(s) for s in ep.prove(model).suggestions)


def test_the_last_of_several_axes():
    model = Model("units by parts")
    N, D = model.dims("N", "D")
    W, A = model.parameter("W", D), model.parameter("A", D, fixed=True)
    v, s2 = model.parameter("v", domain="positive"), model.parameter("s2", domain="positive")
    z = model.latent("z", Normal(mean=0, variance=array([1, v])), N, 2)
    mean = z[:, 0, None] * W + z[:, 1, None] * A
    model.observed("x", Normal(mean=mean, variance=s2), N, D)
    assert "with z[:, 0] and z[:, 1] declared as latents" in term(model).reason


def known_loadings_alone(model, z):
    """No part gains by it."""
    D = model.dims("D")
    A = model.parameter("A", D, 3, fixed=True)
    return Normal(mean=A[:, :2] @ z[:2] + A[:, 2] * z[2], variance=1), D


def the_whole_as_well(model, z):
    D = model.dims("D")
    W, A = model.parameter("W", D, 2), model.parameter("A", D, fixed=True)
    return Normal(mean=W @ z[:2] + A * z.sum(), variance=1), D


def some_places_alone(model, z):
    """The third is named nowhere."""
    D = model.dims("D")
    W, A = model.parameter("W", D), model.parameter("A", D, fixed=True)
    return Normal(mean=W * z[0] + A * z[1], variance=1), D


def a_place_that_moves_on(model, z):
    return Poisson(rate=exp(z[:2] - z[1:])), 2


@pytest.mark.parametrize(
    "rest", [known_loadings_alone, the_whole_as_well, some_places_alone, a_place_that_moves_on]
)
def test_what_would_not_help_is_not_advised(rest):
    model = Model("no advice")
    z = model.latent("z", Normal(mean=0, variance=1), 3)
    family, *sizes = rest(model, z)
    model.observed("x", family, *sizes)
    for t in ep.prove(model).terms:
        assert ADVICE not in t.reason


def test_chains_and_latents_of_declared_q_stay_whole():
    model = Model("chain")
    D, s2 = model.dims("D"), model.parameter("s2", domain="positive")
    W, A = model.parameter("W", D), model.parameter("A", D, fixed=True)
    z = model.chain(
        "z",
        initial=Normal(mean=0, variance=1),
        transition=lambda previous: Normal(mean=previous, variance=1),
        length=2,
    )
    model.observed("x", Normal(mean=W * z[0] + A * z[1], variance=s2), D)
    declared = one_latent()
    z = declared.variables["z"].value
    m, v = declared.variational("m", 3), declared.variational("r", 3, domain="positive")
    declared.q(z, Normal(mean=m, variance=v))
    assert parts_apart(model) == parts_apart(declared) == []
