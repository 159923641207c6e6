"""Flows that shift: priors about known points, and what takes the move in."""

from __future__ import annotations

import pytest

import entropy_proofs as ep
from entropy_proofs import Bernoulli, Categorical, Laplace, MultivariateNormal, Normal, Poisson, exp


def linear(prior, observed, intercept=True):
    """x about W z + mu, with z about the prior's centre."""
    model = ep.Model("linear")
    D, H = model.dims("D", "H")
    m = model.parameter("m", H, fixed=True)
    S = model.parameter("S", H, H, domain="positive definite", fixed=True)
    W = model.parameter("W", D, H)
    family = prior(m, S)
    z = model.latent("z", family, *([] if isinstance(family, MultivariateNormal) else [H]))
    mean = W @ z + model.parameter("mu", D) if intercept else W @ z
    model.observed("x", observed(mean, model), D)
    return model


def normal(mean, model):
    return Normal(mean=mean, variance=model.parameter("s", domain="positive"))


@pytest.mark.parametrize(
    "prior",
    [
        lambda m, S: Normal(mean=1, variance=1),
        lambda m, S: Normal(mean=m, variance=2),
        lambda m, S: Laplace(mean=m, scale=3),
        lambda m, S: MultivariateNormal(mean=m, covariance=S),
    ],
)
@pytest.mark.parametrize(
    "observed",
    [
        normal,
        lambda mean, model: Poisson(rate=exp(mean)),
        lambda mean, model: Bernoulli(logits=mean),
    ],
)
def test_a_prior_about_a_known_point(prior, observed):
    proof = ep.prove(linear(prior, observed))
    assert proof.verdict is ep.Verdict.PROVED
    (flow,) = proof.identity.flows
    assert flow.shift != 0


def test_without_an_intercept_nothing_takes_the_move_in():
    proof = ep.prove(linear(lambda m, S: Normal(mean=m, variance=1), normal, intercept=False))
    assert [t.holds for t in proof.terms] == [False, True]
    assert not proof.latent_flow


def test_an_unknown_centre_is_no_centre():
    """A learned mean moves itself."""
    model = ep.Model("learned mean")
    m, w, s = model.parameter("m"), model.parameter("w"), model.parameter("s", domain="positive")
    z = model.latent("z", Normal(mean=m, variance=1))
    model.observed("x", Normal(mean=w * z, variance=s))
    (flow,) = ep.prove(model).identity.flows
    assert flow.shift == 0


def test_an_intercept_that_differs_by_component():
    model = ep.Model("components")
    D, H, K = model.dims("D", "H", "K")
    W, mu = model.parameter("W", K, D, H), model.parameter("mu", K, D)
    rho = model.parameter("rho", K, domain="simplex")
    c = model.latent("c", Categorical(probabilities=rho))
    z = model.latent("z", Normal(mean=1, variance=1), H)
    model.observed("x", normal(W[c] @ z + mu[c], model), D)
    proof = ep.prove(model)
    assert proof.verdict is ep.Verdict.PROVED
    assert str(proof.field[mu].at(0, 1)) == "Sum(W[0, 1, h], (h, 0, H - 1))/2"


def test_the_first_layer_of_a_network_takes_the_move_in():
    model = ep.Model("VAE")
    D, H = model.dims("D", "H")
    z = model.latent("z", Normal(mean=1, variance=1), H)
    f = model.network("f", z, D)
    model.observed("x", normal(f, model), D)
    proof = ep.prove(model)
    assert proof.verdict is ep.Verdict.PROVED
    assert f.a in proof.field


def test_an_intercept_that_stands_elsewhere_first_takes_the_move_in():
    """Without a latent beside it nothing says by how much: nu follows."""
    model = ep.Model("two uses of an intercept")
    D, H = model.dims("D", "H")
    z = model.latent("z", Normal(mean=1, variance=1), H)
    f = model.network("f", z, D)
    nu, t = model.parameter("nu", *f.a.shape), model.parameter("t", domain="positive")
    model.observed("y", Normal(mean=f.a + nu, variance=t), *f.a.shape)
    model.observed("x", normal(f, model), D)
    proof = ep.prove(model)
    assert proof.verdict is ep.Verdict.PROVED
    assert proof.field[nu] == -proof.field[f.a]


def test_an_intercept_beside_two_predictors_is_taken_once():
    """b would have to move by w m and by u m at once."""
    model = ep.Model("shared")
    w, u, b = (model.parameter(n) for n in "wub")
    z = model.latent("z", Normal(mean=1, variance=1))
    model.observed("x", normal(w * z + b, model))
    model.observed("y", Normal(mean=u * z + b, variance=model.parameter("t", domain="positive")))
    assert [t.holds for t in ep.prove(model).terms] == [False, True, True]
