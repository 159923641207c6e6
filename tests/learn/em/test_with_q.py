"""Loadings that are solved for together with q: fewer steps, the same optimum, one for p-PCA."""

from __future__ import annotations

import warnings
from functools import partial

import numpy as np
import pytest

import entropy_proofs as ep
from entropy_proofs.learn.em import exact_fit


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
    with pytest.warns(match="sigma2 collapsed"):
        learned = ep.VariationalEstimator("ppca", sizes={"H": 4}, optimizer="em").fit(iris)
    assert not learned.converged_
