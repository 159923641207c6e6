"""What cannot be audited is one line that names it, whatever was done to an estimator or data."""

from __future__ import annotations

import warnings
from copy import copy
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn import datasets
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA, FactorAnalysis
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
from sklearn.linear_model import (
    ARDRegression,
    BayesianRidge,
    LinearRegression,
    LogisticRegression,
    PoissonRegressor,
)
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import make_pipeline

import entropy_proofs as ep

X, KIND = datasets.load_iris(return_X_y=True)
INPUTS, Y = (a[:60] for a in datasets.load_diabetes(return_X_y=True))


@cache
def fitted(kind: type):
    """A fit of each kind, which no test may change."""
    with warnings.catch_warnings(action="ignore"):
        if kind is GaussianProcessRegressor:
            kernel = ConstantKernel() * RBF() + WhiteKernel()
            return kind(kernel, optimizer=None).fit(INPUTS, Y)
        if kind in {BayesianRidge, ARDRegression}:
            return kind().fit(INPUTS, Y)
        if kind in {LogisticRegression, PoissonRegressor}:
            return kind().fit(X, KIND)
        return (kind(2, random_state=0) if kind is not PCA else kind(2)).fit(X)


def altered(kind: type, **attributes):
    found = copy(fitted(kind))
    for name, value in attributes.items():
        setattr(found, name, value)
    return found


def at(array: np.ndarray, value: float) -> np.ndarray:
    found = array.copy()
    found[3, 1] = value
    return found


DATA = {
    "one row as a vector": (X[0], "X: a table"),
    "three axes": (X[None], "X: a table"),
    "NaN": (at(X, np.nan), "row 3, column 1"),
    "infinity": (at(X, np.inf), "row 3, column 1"),
    "no rows": (X[:0], "is empty"),
    "another width": (X[:, :3], "has 3 columns"),
    "1e5 columns": (np.zeros((3, 100_000)), "has 100000 columns"),
    "a sparse table too large to write out": (sparse.csr_matrix((10**6, 10**6)), "too large"),
    "nothing": (None, "X: a table"),
    "a name": ("iris", "not an array of numbers"),
    "words": (np.array([["a"] * 4]), "not an array of numbers"),
    "complex": (X.astype(complex), "is complex"),
    "masked": (np.ma.masked_greater(X, 5), "masked"),
    "ragged": ([[1, 2], [3]], "not an array of numbers"),
    "a dict": ({"a": 1}, "not an array of numbers"),
    "a generator": ((row for row in X), "not an array of numbers"),
    "bytes": (b"abc", "not an array of numbers"),
    "dates": (np.zeros((3, 4), "datetime64[s]"), "not an array of numbers"),
    "a frame with words": (pd.DataFrame({c: ["x"] for c in "abcd"}), "not an array of numbers"),
    "beyond double precision": (X * 1e200, "F is not finite"),
}


@pytest.mark.parametrize("data", DATA)
def test_data(data):
    x, said = DATA[data]
    refused(said, fitted(GaussianMixture), x)


def refused(said: str, estimator: object, *data: object, **options: object) -> None:
    with pytest.raises(ep.InputError, match=said) as caught, warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        ep.audit(estimator, *data, **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("estimator", "said"),
    [
        (3, "no adapter for builtins.int"),
        ("GaussianMixture", "no adapter for builtins.str"),
        (None, "no adapter"),
        (b"\x80\x04", "no adapter for builtins.bytes"),
        (GaussianMixture, "GaussianMixture: is a class"),
        (GaussianMixture(2), "not fitted"),
        (make_pipeline(PCA(2)), "no adapter for sklearn.Pipeline"),
        (KMeans(2), "no adapter for sklearn.KMeans"),
        (LinearRegression(), "no adapter for sklearn.LinearRegression"),
    ],
)
def test_what_is_no_fitted_estimator(estimator, said):
    refused(said, estimator, X)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"updates": 0}, "updates: 0"),
        ({"updates": 2.5}, "updates: 2.5"),
        ({"updates": "a"}, "updates: 'a'"),
        ({"updates": True}, "updates: True"),
        ({"tolerance": np.nan}, "tolerance: nan"),
        ({"tolerance": -1}, "tolerance: -1"),
        ({"tolerance": "x"}, "tolerance: 'x'"),
        ({"y": KIND}, "takes no y"),
        ({"lengths": [150]}, "takes no lengths"),
    ],
)
def test_options(options, said):
    refused(said, fitted(GaussianMixture), X, **options)


NONE_OF_A_FIT = "none of a fit"


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"means_": np.full((2, 4), np.nan)}, "means_ has NaN"),
        ({"means_": np.zeros(4)}, NONE_OF_A_FIT),
        ({"means_": None}, "not fitted"),
        ({"weights_": np.array([1.0, 1.0])}, "rho: sums to 2"),
        ({"weights_": np.array([-0.5, 1.5])}, "rho: the value -0.5"),
        ({"weights_": np.ones(1)}, "K is"),
        ({"weights_": np.array([0.0, 1.0])}, "rho: the value 0"),
        ({"covariances_": np.eye(4)}, NONE_OF_A_FIT),
        ({"covariances_": np.zeros((2, 4, 4))}, r"covariances_\[0\] is singular"),
        ({"covariances_": -np.stack([np.eye(4)] * 2)}, r"covariances_\[0\] is singular"),
        ({"covariances_": np.stack([np.eye(4) + np.eye(4, k=1)] * 2)}, "not symmetric"),
        ({"covariances_": "x"}, "covariances_: is not an array"),
        ({"covariance_type": "diag"}, NONE_OF_A_FIT),
        ({"covariance_type": "tied"}, "Sigma: an array of shape"),
        ({"covariance_type": "other"}, NONE_OF_A_FIT),
        ({"reg_covar": np.nan}, "reg_covar leaves is not finite|collapse"),
        ({"reg_covar": "x"}, NONE_OF_A_FIT),
    ],
)
def test_attributes_of_a_mixture(attributes, said):
    refused(said, altered(GaussianMixture, **attributes), X)


@pytest.mark.parametrize(
    ("kind", "attributes", "said"),
    [
        (FactorAnalysis, {"components_": np.ones(4)}, NONE_OF_A_FIT),
        (FactorAnalysis, {"noise_variance_": -np.ones(4)}, "psi: the value -1"),
        (PCA, {"noise_variance_": 0.0}, "noise_variance_ is zero"),
        (PCA, {"n_samples_": 0}, "N - 1 leaves is not finite"),
        (PCA, {"components_": np.ones((2, 3))}, "D is"),
    ],
)
def test_attributes_of_factor_models(kind, attributes, said):
    refused(said, altered(kind, **attributes), X)


@pytest.mark.parametrize(
    ("kind", "attributes", "said"),
    [
        (BayesianRidge, {"alpha_": -1.0}, "beta: the value -1"),
        (BayesianRidge, {"alpha_": np.nan}, "alpha_ has NaN"),
        (BayesianRidge, {"alpha_1": "x"}, NONE_OF_A_FIT),
        (BayesianRidge, {"coef_": np.ones(3)}, "X: has 10 columns"),
        (ARDRegression, {"lambda_": np.full(10, 1e30)}, "all features were dropped"),
        (ARDRegression, {"lambda_": np.ones(3)}, NONE_OF_A_FIT),
        (ARDRegression, {"lambda_": 1.0}, NONE_OF_A_FIT),
        (GaussianProcessRegressor, {"kernel_": None}, "the kernel is None"),
        (GaussianProcessRegressor, {"alpha": np.ones(60)}, "alpha for each row"),
        (GaussianProcessRegressor, {"_y_train_mean": np.ones(2)}, NONE_OF_A_FIT),
    ],
)
def test_attributes_of_regressions(kind, attributes, said):
    refused(said, altered(kind, **attributes), INPUTS, y=Y)


@pytest.mark.parametrize(
    ("kind", "attributes", "said"),
    [
        (LogisticRegression, {"C": 0.0}, "C=0.0 is not positive"),
        (LogisticRegression, {"C": -1.0}, "C=-1.0 is not positive"),
        (LogisticRegression, {"C": "x"}, NONE_OF_A_FIT),
        (LogisticRegression, {"coef_": np.ones(4)}, NONE_OF_A_FIT),
        (LogisticRegression, {"intercept_": np.ones(1)}, NONE_OF_A_FIT),
        (LogisticRegression, {"coef_": np.full((3, 4), 1e300)}, "F is not finite"),
        (LogisticRegression, {"classes_": None}, NONE_OF_A_FIT),
        (PoissonRegressor, {"coef_": np.full(4, 1e6)}, "F is not finite"),
        (PoissonRegressor, {"alpha": "x"}, NONE_OF_A_FIT),
    ],
)
def test_attributes_of_generalised_linear_models(kind, attributes, said):
    refused(said, altered(kind, **attributes), X, y=KIND)


@pytest.mark.parametrize(
    ("y", "said"),
    [
        (KIND + 5, r"classes_ \[0, 1, 2\]"),
        (KIND * np.nan, "labels that are none"),
        (KIND[:, None], "y: has shape"),
        (np.array([None] * 150), "labels that are none"),
    ],
)
def test_labels(y, said):
    refused(said, fitted(LogisticRegression), X, y=y)


@pytest.mark.parametrize("lengths", ["abc", [[1], [2, 3]], [10**30], [np.inf], [-5, 155], [1, 149]])
def test_lengths_of_sequences(hmmlearn, lengths):
    hmm = hmmlearn.GaussianHMM(2, n_iter=2, random_state=0).fit(X)
    refused("lengths", hmm, X, lengths=lengths)


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"covars_prior": np.ones(7)}, NONE_OF_A_FIT),
        ({"covars_weight": "x"}, NONE_OF_A_FIT),
        ({"_covars_": np.zeros((2, 4))}, "sigma2: the value 0"),
        ({"transmat_": np.ones((2, 2))}, "A: sums to 2"),
        ({"startprob_": np.array([np.nan, 1])}, "startprob_ has NaN"),
    ],
)
def test_attributes_of_a_hidden_markov_model(hmmlearn, attributes, said):
    hmm = hmmlearn.GaussianHMM(2, n_iter=2, random_state=0).fit(X)
    for name, value in attributes.items():
        setattr(hmm, name, value)
    refused(said, hmm, X)
