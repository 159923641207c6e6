"""Loadings that maximise the likelihood given the noise, against the density and against EM."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import entropy_proofs as ep
from entropy_proofs import Model, Normal
from entropy_proofs.model import catalogue
from entropy_proofs.updates.principal_axes import principal_axes


def likelihood(x, W, mu, psi):
    covariance = W @ W.T + np.diag(np.broadcast_to(psi, len(mu)))
    return stats.multivariate_normal(mu, covariance).logpdf(x).mean()


@pytest.fixture(scope="module")
def x():
    rng = np.random.default_rng(0)
    return rng.normal(size=(80, 2)) @ rng.normal(size=(2, 6)) + rng.normal(size=(80, 6))


def at_optimum(name, x, psi):
    axes = principal_axes(catalogue.load(name))
    found = axes.optimum(x.mean(axis=0), np.cov(x.T, bias=True), 2, psi)
    return [found["W"], found["mu"], found.get("sigma2", psi)]


@pytest.mark.parametrize("name", ["factor_analysis", "ppca"])
@pytest.mark.parametrize("seed", range(5))
def test_nothing_near_is_better(name, seed, x):
    rng = np.random.default_rng(seed)
    psi = rng.uniform(0.2, 3, 6)
    best = at_optimum(name, x, psi)
    top = likelihood(x, *best)
    for size in (1e-3, 1e-1, 1.0):
        W = best[0] + size * rng.normal(size=(6, 2))
        mu = best[1] + size * rng.normal(size=6)
        assert likelihood(x, W, mu, best[2]) < top
        if name == "ppca":
            assert likelihood(x, *best[:2], best[2] * np.exp(size)) < top


def test_directions_in_which_the_noise_explains_all_have_no_loading(x):
    W, _, _ = at_optimum("factor_analysis", x, np.full(6, 1e3))
    assert not W.any()


@pytest.mark.parametrize("count", [1, 5])
def test_few_axes_and_many_are_the_same_ones(count, x):
    """Above and below the number at which the largest alone are sought."""
    axes = principal_axes(catalogue.load("factor_analysis"))
    covariance = np.cov(x.T, bias=True)
    W = axes.optimum(x.mean(axis=0), covariance, count, np.full(6, 0.1))["W"]
    values, vectors = np.linalg.eigh(covariance)
    expected = (vectors * np.maximum(values - 0.1, 0))[:, -count:] @ vectors[:, -count:].T
    np.testing.assert_allclose(W @ W.T, expected, atol=1e-12)


def test_what_is_said_of_it():
    updates = ep.prove("factor_analysis").updates
    assert not updates.global_optimum
    assert updates.record()["with_q"].startswith("given psi, the likelihood's maximum over W, mu")
    assert "=  given psi" in str(updates)


def other(prior=1, slope=1, weight=1):
    model = Model("other")
    D, H = model.dims("D", "H")
    W, mu = model.parameter("W", D, H), model.parameter("mu", D)
    psi = model.parameter("psi", D, domain="positive")
    z = model.latent("z", Normal(mean=0, variance=prior), H)
    model.observed("x", Normal(mean=slope * (W @ z) + mu, variance=weight * psi), D)
    return model


def test_other_models_have_none():
    assert principal_axes(other()) is not None
    for wrong in ({"prior": 2}, {"slope": 2}, {"weight": 2}):
        assert principal_axes(other(**wrong)) is None
    for name in ("gaussian_mixture", "ppca_learned_prior", "linear_regression", "sparse_coding"):
        assert principal_axes(catalogue.load(name)) is None
