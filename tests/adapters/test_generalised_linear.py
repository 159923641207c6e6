"""Logistic and Poisson regression: F is the log likelihood, the penalty what is left."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from adapters.agreement import agrees, quick, standardised
from scipy.stats import poisson
from sklearn import datasets
from sklearn.linear_model import LogisticRegression, PoissonRegressor

import entropy_proofs as ep

CANCER, BENIGN = datasets.load_breast_cancer(return_X_y=True)
CANCER = standardised(CANCER[:, :10])
IRIS, KIND = datasets.load_iris(return_X_y=True)
DIGITS = datasets.load_digits().data


def log_likelihood(fitted: LogisticRegression, x: np.ndarray, y: np.ndarray) -> float:
    found = fitted.predict_log_proba(x)
    return float(found[np.arange(len(y)), np.searchsorted(fitted.classes_, y)].sum())


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("steps", [2, 200])
def test_two_classes(intercept, steps):
    with warnings.catch_warnings(action="ignore"):
        fitted = LogisticRegression(max_iter=steps, fit_intercept=intercept).fit(CANCER, BENIGN)
    agrees(quick(fitted, CANCER, y=BENIGN), log_likelihood(fitted, CANCER, BENIGN))


def test_three_classes_by_name():
    names = datasets.load_iris().target_names[KIND]
    fitted = LogisticRegression(max_iter=500).fit(IRIS, names)
    agrees(quick(fitted, IRIS, y=names), log_likelihood(fitted, IRIS, names))


def test_the_penalty_is_all_that_is_left_at_the_end():
    fitted = LogisticRegression(C=0.1, tol=1e-10, max_iter=5000).fit(CANCER, BENIGN)
    found = ep.audit(fitted, CANCER, y=BENIGN)
    assert found.regularisers["C"] == pytest.approx(float(np.sum(fitted.coef_**2)) / 0.1)
    assert found.stationary
    assert found.total_share < 1e-3 < 1 < found.gap


@pytest.mark.parametrize("scale", [1.0, 3.0])
def test_liblinear_penalises_the_intercept(scale):
    options = {"solver": "liblinear", "tol": 1e-10, "intercept_scaling": scale}
    fitted = LogisticRegression(**options).fit(CANCER + 1, BENIGN)
    found = ep.audit(fitted, CANCER + 1, y=BENIGN)
    own = np.append(fitted.coef_[0], fitted.intercept_ / scale)
    assert found.regularisers["C"] == pytest.approx(float(own @ own))
    assert found.reading.startswith("stationary but for C")


def test_one_class_against_the_rest_is_no_softmax():
    """As liblinear fitted three classes before scikit-learn 1.8."""
    fitted = LogisticRegression(max_iter=500).fit(IRIS, KIND)
    fitted.solver = "liblinear"
    with pytest.raises(ep.InputError, match="each class by itself"):
        quick(fitted, IRIS, y=KIND)


def test_poisson_regression():
    x, y = DIGITS[:, 20:30] / 16, DIGITS[:, 36]
    for steps in (1, 1000):
        with warnings.catch_warnings(action="ignore"):
            fitted = PoissonRegressor(max_iter=steps, tol=1e-9, alpha=0.1).fit(x, y)
        found = ep.audit(fitted, x, y=y)
        agrees(found, float(poisson(fitted.predict(x)).logpmf(y).sum()))
        assert found.stationary is (steps > 1)
    left = 0.1 * len(x) * float(fitted.coef_ @ fitted.coef_)
    assert found.regularisers["alpha"] == pytest.approx(left)


@pytest.mark.parametrize(
    ("options", "y", "said"),
    [
        ({"class_weight": "balanced"}, BENIGN, "class_weight='balanced'"),
        ({"l1_ratio": 0.5, "solver": "saga"}, BENIGN, "L1"),
        ({}, BENIGN + 1, "labels that are none"),
        ({}, None, "y is needed"),
    ],
)
def test_what_is_not_audited(options, y, said):
    with warnings.catch_warnings(action="ignore"):
        fitted = LogisticRegression(**options).fit(CANCER, BENIGN)
        with pytest.raises(ep.InputError, match=said):
            quick(fitted, CANCER, y=y)
