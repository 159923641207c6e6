"""scikit-learn's factor models: F is `score`; N - 1 and the floor are what they leave."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from adapters.agreement import agrees, quick, standardised
from sklearn import datasets
from sklearn.decomposition import PCA, FactorAnalysis

import entropy_proofs as ep

DIGITS = datasets.load_digits().data
WINE = standardised(datasets.load_wine().data)


@pytest.mark.parametrize("steps", [1, 5, 1000])
def test_factor_analysis_at_any_step(steps):
    for x in (DIGITS, WINE):
        with warnings.catch_warnings(action="ignore"):
            fitted = FactorAnalysis(3, max_iter=steps, random_state=0).fit(x)
        agrees(quick(fitted, x), fitted.score(x) * len(x))


def test_constant_columns_stay_at_the_floor():
    fitted = FactorAnalysis(3, random_state=0).fit(DIGITS)
    constant = int((DIGITS.std(axis=0) == 0).sum())
    found = quick(fitted, DIGITS)
    assert found.regularisers == {"the floor 1e-12": pytest.approx(constant / 2)}
    assert found.total_share < 0.1


def test_a_default_factor_analysis_has_not_converged():
    loose, tight = FactorAnalysis(3).fit(WINE), FactorAnalysis(3, tol=1e-9, max_iter=10_000)
    tight.fit(WINE)
    found = ep.audit(loose, WINE)
    gained = tight.score(WINE) - loose.score(WINE)
    assert not found.stationary
    assert found.to_gain == pytest.approx(gained, rel=0.5)
    assert ep.audit(tight, WINE).stationary


@pytest.mark.parametrize("whiten", [False, True])
def test_pca_is_stationary_but_for_its_divisor(whiten):
    """Whitening is of what it transforms; the model is the same, though `score` changes."""
    found = quick(PCA(10, whiten=whiten).fit(DIGITS), DIGITS)
    agrees(found, PCA(10).fit(DIGITS).score(DIGITS) * len(DIGITS))
    assert found.gap == pytest.approx(64 / (2 * len(DIGITS)), abs=1e-9)
    assert found.regularisers["N - 1"] == pytest.approx(64 / (2 * len(DIGITS)), abs=1e-12)
    assert found.total_share < 1e-9


def test_pca_without_noise_has_no_density():
    with pytest.raises(ep.InputError, match="noise_variance_ is zero"):
        quick(PCA().fit(WINE), WINE)


def test_what_was_not_fitted():
    with pytest.raises(ep.InputError, match="not fitted"):
        quick(FactorAnalysis(2), np.ones((3, 2)))
