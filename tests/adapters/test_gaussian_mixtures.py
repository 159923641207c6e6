"""scikit-learn's mixtures: F is `score` at any step, reg_covar is what it leaves."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from adapters.agreement import agrees, quick, standardised
from scipy.stats import multivariate_normal
from sklearn import datasets
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture

import entropy_proofs as ep

DATA = {
    "iris": datasets.load_iris().data,
    "wine": datasets.load_wine().data,
    "breast cancer": datasets.load_breast_cancer().data[:, :10],
}


def fitted(kind: str, x: np.ndarray, **options: object) -> GaussianMixture:
    with warnings.catch_warnings(action="ignore"):
        return GaussianMixture(3, covariance_type=kind, random_state=0, **options).fit(x)


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("kind", ["full", "tied", "diag", "spherical"])
def test_f_is_the_score_at_any_step(kind, data):
    x = DATA[data]
    for steps in (1, 2, 20):
        mixture = fitted(kind, x, max_iter=steps)
        agrees(quick(mixture, x), mixture.score(x) * len(x))


@pytest.mark.parametrize("kind", ["full", "tied", "diag", "spherical"])
def test_reg_covar_is_all_that_is_left_at_the_end(kind):
    x = DATA["iris"]
    mixture = fitted(kind, x, tol=1e-13, max_iter=10_000, reg_covar=1e-4)
    found = ep.audit(mixture, x)
    assert found.stationary
    assert found.reading.startswith("stationary but for reg_covar (")
    assert found.total_share < 1e-6 < 1e-3 < found.regularisers["reg_covar"]
    assert abs(found.gap - found.regularisers["reg_covar"]) < 1e-6


def test_reg_covar_in_closed_form():
    x = DATA["iris"]
    mixture = fitted("full", x, tol=1e-12, max_iter=10_000)
    traces = np.trace(np.linalg.inv(mixture.covariances_), axis1=1, axis2=2)
    left = 1e-6 / 2 * float(mixture.weights_ @ traces)
    assert quick(mixture, x).regularisers["reg_covar"] == pytest.approx(left, rel=1e-12)
    assert left == pytest.approx(6.76e-5, rel=1e-3)


def test_shares_are_tangential_on_the_simplex():
    x = DATA["iris"]
    mixture = fitted("full", x, max_iter=3)
    densities = [
        multivariate_normal(m, S).logpdf(x)
        for m, S in zip(mixture.means_, mixture.covariances_, strict=True)
    ]
    joint = np.log(mixture.weights_)[:, None] + densities
    responsible = np.exp(joint - np.logaddexp.reduce(joint, axis=0)).mean(axis=1)
    rho = mixture.weights_
    by_hand = (responsible - rho) * (np.log(rho) - rho @ np.log(rho))
    shares = quick(mixture, x).shares
    assert [shares[f"weights_[{k}]"] for k in range(3)] == pytest.approx(list(by_hand), abs=1e-12)


def test_an_unfinished_fit_is_flagged_and_a_finished_one_is_not():
    x = standardised(DATA["wine"])
    default = ep.audit(fitted("full", x), x)
    longer = fitted("full", x, tol=1e-9, max_iter=5000)
    ended = ep.audit(longer, x)
    gained = longer.score(x) - default.elbo
    assert not default.stationary
    assert ended.stationary
    assert gained > 0.01
    assert default.to_gain == pytest.approx(gained, rel=0.5)


def test_a_saddle_is_followed_until_gains_shrink():
    """Ten steps of it gain less than the tolerance; twenty more gain a hundred times that."""
    x = standardised(DATA["wine"])
    mixture = GaussianMixture(5, random_state=104).fit(x)
    found = ep.audit(mixture, x)
    assert not found.stationary
    assert found.to_gain > 0.1


def test_point_estimates_of_the_bayesian_one_say_what_they_leave_out():
    x = DATA["iris"]
    mixture = BayesianGaussianMixture(n_components=2, random_state=0).fit(x)
    found = quick(mixture, x)
    joint = [
        np.log(w) + multivariate_normal(m, S).logpdf(x)
        for w, m, S in zip(mixture.weights_, mixture.means_, mixture.covariances_, strict=True)
    ]
    agrees(found, float(np.logaddexp.reduce(joint, axis=0).sum()))
    assert "prior" in found.left_out[0]
    assert found.left_out[0] in str(found)


@pytest.mark.parametrize(
    ("altered", "said"),
    [
        (lambda m, x: (m, x[:, :3]), "3 columns"),
        (lambda m, x: (m, x[:0]), "empty"),
        (lambda m, x: (m, np.where(x == x[7, 2], np.nan, x)), "NaN"),
        (lambda m, x: (m, x[0]), "table"),
        (lambda m, x: (m, np.zeros((3, 100_000))), "100000 columns"),
        (lambda m, x: (GaussianMixture(2), x), "not fitted"),
        (lambda m, x: (collapsed(m), x), "collapsed"),
        (lambda m, x: (object(), x), "no adapter"),
    ],
)
def test_unusable_input_is_one_line(altered, said):
    x = DATA["iris"]
    with pytest.raises(ep.InputError, match=said) as raised:
        quick(*altered(fitted("full", x), x))
    assert "\n" not in str(raised.value)


def collapsed(mixture: GaussianMixture) -> GaussianMixture:
    mixture.covariances_[1] = 0.0
    return mixture
