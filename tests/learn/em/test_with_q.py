"""Loadings that are solved for together with q: fewer steps, the same optimum, one for p-PCA."""

from __future__ import annotations

import warnings
from functools import partial

import numpy as np
import pytest
from scipy import stats

import entropy_proofs as ep
from entropy_proofs.learn.em import exact_fit
from entropy_proofs.learn.em.with_q import optimum
from entropy_proofs.model import catalogue
from entropy_proofs.updates.principal_axes import principal_axes


def em(model, x, weights=None, **options):
    options = {"sizes": {"H": 2}, "random_state": 0, "tol": 1e-9, "max_iter": 3000, **options}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return ep.VariationalEstimator(model, **options).fit(x, sample_weight=weights)


def test_ppca_is_solved_at_once(iris):
    learned = em("ppca", iris)
    assert learned.optimizer_ == "em"
    assert learned.n_iter_ == 1
    assert learned.converged_
    assert learned.stopped_by_ == "the global maximum has a closed form"
    values = np.linalg.eigvalsh(np.cov(iris.T, bias=True))
    assert learned.parameters_["sigma2"] == pytest.approx(values[:2].mean(), rel=1e-12)
    assert learned.gap_ == pytest.approx(0, abs=1e-12)
    assert learned.score(iris) == pytest.approx(learned.elbo_, abs=1e-12)


@pytest.mark.parametrize("model", ["ppca", "factor_analysis"])
def test_it_is_where_plain_steps_go(model, wine, monkeypatch):
    x = wine[:, :6]
    quick = em(model, x)
    monkeypatch.setattr(exact_fit, "with_q", lambda *_: None)
    monkeypatch.setattr(exact_fit, "run", partial(exact_fit.run, accelerated=False))
    init = {**quick.parameters_, "W": np.ones((6, 2)) + np.eye(6, 2)}
    slow = em(model, x, optimizer="em", init=init)
    assert quick.elbo_ == pytest.approx(slow.elbo_, abs=1e-7)
    assert quick.n_iter_ < slow.n_iter_


def test_weights_count(iris):
    times = np.random.default_rng(0).integers(0, 4, len(iris))
    weighted, repeated = em("ppca", iris, times), em("ppca", np.repeat(iris, times, axis=0))
    assert weighted.elbo_ == pytest.approx(repeated.elbo_, abs=1e-10)


def test_a_noise_of_nothing_is_told(iris):
    flat = iris[:, :2] @ np.array([[1.0, 2, 3, 4], [4, -1, 2, 0]])
    with pytest.warns(match="sigma2 collapsed"):
        learned = ep.VariationalEstimator("ppca", sizes={"H": 2}, optimizer="em").fit(flat)
    assert not learned.converged_


@pytest.mark.parametrize("model", ["ppca", "factor_analysis"])
def test_more_axes_than_coordinates_gain_nothing(model, iris):
    """Three of four coordinates' axes, with the noise that is left, fit the covariance exactly."""
    found = [em(model, iris, sizes={"H": h}) for h in (3, 4, 6)]
    if model == "ppca":
        exactly = stats.multivariate_normal(iris.mean(axis=0), np.cov(iris.T, bias=True))
        assert found[0].elbo_ == pytest.approx(exactly.logpdf(iris).mean(), abs=1e-9)
    for more in found[1:]:
        assert more.converged_
        assert more.elbo_ == pytest.approx(found[0].elbo_, abs=1e-6)


# the closed form --------------------------------------------------------------------------------
def likelihood(x, W, mu, psi):
    covariance = W @ W.T + np.diag(np.broadcast_to(psi, len(mu)))
    return stats.multivariate_normal(mu, covariance).logpdf(x).mean()


@pytest.fixture(scope="module")
def x():
    rng = np.random.default_rng(0)
    return rng.normal(size=(80, 2)) @ rng.normal(size=(2, 6)) + rng.normal(size=(80, 6))


def at_optimum(name, x, psi):
    axes = principal_axes(catalogue.load(name))
    found = optimum(axes, x.mean(axis=0), np.cov(x.T, bias=True), 2, psi)
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
    W = optimum(axes, x.mean(axis=0), covariance, count, np.full(6, 0.1))["W"]
    values, vectors = np.linalg.eigh(covariance)
    expected = (vectors * np.maximum(values - 0.1, 0))[:, -count:] @ vectors[:, -count:].T
    np.testing.assert_allclose(W @ W.T, expected, atol=1e-12)
