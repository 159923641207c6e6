"""Bayesian ridge and ARD: F is the evidence; with the hyperpriors it is their score."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from adapters.agreement import agrees, quick
from scipy.stats import multivariate_normal
from sklearn import datasets
from sklearn.linear_model import ARDRegression, BayesianRidge

import entropy_proofs as ep

X, Y = datasets.load_diabetes(return_X_y=True)


def evidence(fitted: object) -> float:
    """log p(y), y centred, by SciPy."""
    x, y = X - X.mean(axis=0), Y - Y.mean()
    covariance = np.eye(len(y)) / fitted.alpha_ + (x / fitted.lambda_) @ x.T
    return float(multivariate_normal(np.zeros(len(y)), covariance).logpdf(y))


@pytest.mark.parametrize("steps", [1, 5, 300])
@pytest.mark.parametrize("kind", [BayesianRidge, ARDRegression])
def test_f_is_the_evidence_at_any_step(kind, steps):
    with warnings.catch_warnings(action="ignore"):
        fitted = kind(max_iter=steps).fit(X, Y)
    agrees(quick(fitted, X, y=Y), evidence(fitted))


def test_with_its_hyperpriors_f_is_the_last_score():
    """At the end: before it, the last of scores_ mixes new precisions with an older coef_."""
    fitted = BayesianRidge(compute_score=True, tol=1e-12).fit(X, Y)
    priors = 1e-6 * (np.log(fitted.alpha_) - fitted.alpha_)
    priors += 1e-6 * (np.log(fitted.lambda_) - fitted.lambda_)
    agrees(quick(fitted, X, y=Y), float(fitted.scores_[-1] - priors))


def test_ard_has_a_score_without_its_constant():
    fitted = ARDRegression(compute_score=True, tol=1e-12, max_iter=5000).fit(X, Y)
    priors = 1e-6 * np.sum(np.log(fitted.lambda_) - fitted.lambda_)
    priors += 1e-6 * (np.log(fitted.alpha_) - fitted.alpha_)
    constant = len(Y) / 2 * np.log(2 * np.pi)
    agrees(quick(fitted, X, y=Y), float(fitted.scores_[-1] - priors - constant), 1e-9)


def test_hyperpriors_are_all_that_is_left_at_the_end():
    strong = BayesianRidge(tol=1e-12, alpha_1=2.0, lambda_2=0.5, max_iter=1000).fit(X, Y)
    found = ep.audit(strong, X, y=Y)
    assert found.stationary
    assert abs(found.gap) > 0.1
    assert found.total_share < 1e-6


def test_a_first_step_is_not_converged():
    with warnings.catch_warnings(action="ignore"):
        found = ep.audit(BayesianRidge(max_iter=1).fit(X, Y), X, y=Y)
    assert not found.stationary


def test_dropped_features_are_left_out_and_said():
    fitted = ARDRegression(threshold_lambda=1.0).fit(X, Y)
    found = quick(fitted, X, y=Y)
    kept = int((fitted.lambda_ < 1.0).sum())
    assert 0 < kept < X.shape[1]
    assert sum(name.startswith("lambda_") for name in found.shares) == kept
    assert f"the {X.shape[1] - kept} features" in found.left_out[0]


@pytest.mark.parametrize(
    ("y", "said"), [(None, "y is needed"), (Y[:-1], "y: has shape"), (Y * np.nan, "y: contains")]
)
def test_unusable_targets(y, said):
    with pytest.raises(ep.InputError, match=said):
        quick(BayesianRidge().fit(X, Y), X, y=y)
