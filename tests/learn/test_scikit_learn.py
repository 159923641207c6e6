"""scikit-learn's own checks, its estimators as oracles, and what its users do with an estimator."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.decomposition import PCA, FactorAnalysis
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

import entropy_proofs as ep
from entropy_proofs import VariationalEstimator

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

ESTIMATOR = VariationalEstimator("ppca", sizes={"H": 1}, backend="numpy", max_iter=50)


def name_of(check):
    return getattr(check, "func", check).__name__


#: All but those of array libraries other than NumPy, which scikit-learn itself leaves out then.
CHECKS = [
    check for _, check in estimator_checks_generator(ESTIMATOR) if "array_api" not in name_of(check)
]


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
def test_scikit_learns_checks(check):
    check(clone(ESTIMATOR))


def test_the_checks_are_there():
    assert len(CHECKS) > 40


# oracles ------------------------------------------------------------------------------------------
def test_factor_analysis_finds_the_likelihood_of_scikit_learns(wine):
    """With a free covariance q is the exact posterior, so F is the log-likelihood."""
    learned = ep.fit(
        "factor_analysis", wine, sizes={"H": 2}, q="full", random_state=0, tol=1e-7, backend="numpy"
    )
    oracle = FactorAnalysis(2, tol=1e-12, max_iter=20_000, svd_method="lapack").fit(wine)
    assert learned.converged_
    assert learned.elbo_ == pytest.approx(oracle.score(wine), abs=1e-6)
    assert learned.score(wine[:50]) == pytest.approx(oracle.score(wine[:50]), abs=1e-4)
    np.testing.assert_allclose(
        learned.parameters_["psi"], oracle.noise_variance_, rtol=1e-3, atol=1e-3
    )


def test_ppca_finds_the_closed_form(wine):
    """sigma^2 is the mean of the dropped eigenvalues (Tipping & Bishop, 1999, Eq. 8)."""
    learned = ep.fit("ppca", wine, sizes={"H": 2}, random_state=0, tol=1e-7, backend="numpy")
    assert learned.converged_
    values = np.linalg.eigvalsh(np.cov(wine, rowvar=False, bias=True))[::-1]
    sigma2, D, H = values[2:].mean(), 6, 2
    assert learned.parameters_["sigma2"] == pytest.approx(sigma2, rel=1e-4)
    logdet = np.log(values[:H]).sum() + (D - H) * np.log(sigma2)
    assert learned.elbo_ == pytest.approx(-(D * np.log(2 * np.pi) + logdet + D) / 2, abs=1e-6)
    found = learned.transform(wine)
    weights = PCA(2).fit(wine).components_
    planes = [np.linalg.qr(a)[0] for a in (learned.parameters_["W"], weights.T)]
    np.testing.assert_allclose(np.linalg.svd(planes[0].T @ planes[1])[1], 1, atol=1e-6)
    assert found.shape == (178, 2)


def test_a_mixture_from_the_same_start_ends_at_scikit_learns_bound(iris):
    oracle = GaussianMixture(3, reg_covar=0, tol=1e-9, max_iter=2000, random_state=0).fit(iris)
    early = GaussianMixture(3, reg_covar=0, max_iter=3, random_state=0).fit(iris)
    start = {"rho": early.weights_, "mu": early.means_, "Sigma": early.covariances_}
    learned = ep.fit("gaussian_mixture", iris, sizes={"K": 3}, init=start, backend="numpy")
    assert learned.converged_
    assert learned.elbo_ == pytest.approx(oracle.score(iris), abs=1e-6)
    same = learned.q_["c.probabilities"].argmax(axis=1) == oracle.predict(iris)
    assert same.all()


# use ----------------------------------------------------------------------------------------------
def test_it_works_in_a_pipeline_and_a_grid_search(iris):
    learn = VariationalEstimator(
        "ppca", sizes={"H": 1}, backend="numpy", max_iter=60, random_state=0
    )
    pipeline = make_pipeline(StandardScaler(), learn)
    assert pipeline.fit_transform(iris).shape == (150, 1)
    grid = {"variationalestimator__sizes": [{"H": 1}, {"H": 2}]}
    search = GridSearchCV(pipeline, grid, cv=2).fit(iris[::2])
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_clones_and_pickles(wine):
    for model in ("ppca", ep.load("ppca"), ep.prove(ep.load("ppca"))):
        first = VariationalEstimator(
            model, sizes={"H": 1}, q="amortised", hidden=(4,), max_iter=5, random_state=3
        )
        second = clone(first).fit(wine)
        third = pickle.loads(pickle.dumps(second))
        np.testing.assert_array_equal(second.transform(wine), third.transform(wine))
        assert second.score(wine) == pytest.approx(second.elbo_, rel=1e-12)


@pytest.mark.parametrize(
    "options",
    [
        {"max_iter": 10},
        {"optimizer": "adam", "batch_size": 50, "max_iter": 10},
        {"optimizer": "adam", "batch_size": 50, "max_iter": 10, "q": "amortised"},
    ],
    ids=["l-bfgs", "adam", "amortised"],
)
def test_a_seed_gives_the_same_bits(options, wine):
    def run(seed):
        given = {"sizes": {"H": 2}, "expectation": "samples", "samples": 2, **options}
        return ep.fit("ppca", wine[:150], random_state=seed, backend="numpy", **given)

    one, two, other = run(0), run(0), run(1)
    for name, value in one.parameters_.items():
        np.testing.assert_array_equal(value, two.parameters_[name])
    for name in ("elbo", "entropy_sum", "predicted_gap"):
        np.testing.assert_array_equal(one.history_[name], two.history_[name])
    assert one.elbo_ != other.elbo_
