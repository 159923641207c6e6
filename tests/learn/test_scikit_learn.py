"""scikit-learn's own checks, and what its users do with an estimator."""

from __future__ import annotations

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from entropy_proofs import VariationalEstimator

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@parametrize_with_checks(
    [
        VariationalEstimator("factor_analysis", sizes={"H": 1}, backend="numpy", max_iter=100),
        VariationalEstimator("ppca", sizes={"H": 1}, backend="numpy", max_iter=100),
    ]
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)
