"""F is the library's own number at any parameters, not only at those that fitting leads to."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from adapters.agreement import agrees, quick, standardised
from scipy.linalg import qr
from scipy.stats import multivariate_normal, poisson
from sklearn import datasets
from sklearn.decomposition import PCA, FactorAnalysis
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
from sklearn.linear_model import (
    ARDRegression,
    BayesianRidge,
    LogisticRegression,
    PoissonRegressor,
)
from sklearn.mixture import GaussianMixture

SETS = {
    "iris": datasets.load_iris(return_X_y=True),
    "wine": datasets.load_wine(return_X_y=True),
    "breast cancer": datasets.load_breast_cancer(return_X_y=True),
    "digits": datasets.load_digits(return_X_y=True),
    "diabetes": datasets.load_diabetes(return_X_y=True),
}
EVERY = pytest.mark.parametrize("data", SETS)
SEEDS = pytest.mark.parametrize("seed", range(2))


def drawn(seed: int, data: str) -> tuple[np.random.Generator, np.ndarray, np.ndarray]:
    """Columns that vary, standardised."""
    x, y = SETS[data]
    return np.random.default_rng(seed), standardised(x[:, x.std(axis=0) > 0]), y


def spread(rng: np.random.Generator, D: int, *count: int) -> np.ndarray:
    root = rng.normal(size=(*count, D, D)) / np.sqrt(D)
    return root @ np.swapaxes(root, -1, -2) + 0.5 * np.eye(D)


@EVERY
@SEEDS
@pytest.mark.parametrize("kind", ["full", "tied", "diag", "spherical"])
def test_gaussian_mixtures(kind, seed, data):
    rng, x, _ = drawn(seed, data)
    D = x.shape[1]
    covariances = {
        "full": lambda: spread(rng, D, 3), "tied": lambda: spread(rng, D),
        "diag": lambda: rng.uniform(0.5, 2, (3, D)), "spherical": lambda: rng.uniform(0.5, 2, 3),
    }[kind]()  # fmt: skip
    fitted = GaussianMixture(3, covariance_type=kind)
    fitted.weights_, fitted.means_ = rng.dirichlet(np.ones(3)), rng.normal(size=(3, D))
    fitted.covariances_ = covariances
    matrices = kind in {"full", "tied"}
    precisions = np.linalg.inv(covariances) if matrices else 1 / covariances
    fitted.precisions_cholesky_ = np.linalg.cholesky(precisions) if matrices else precisions**0.5
    agrees(quick(fitted, x), fitted.score(x) * len(x))


@EVERY
@SEEDS
def test_factor_models(seed, data):
    rng, x, _ = drawn(seed, data)
    D = x.shape[1]
    factors = FactorAnalysis(2)
    factors.components_, factors.mean_ = rng.normal(size=(2, D)), rng.normal(size=D)
    factors.noise_variance_, factors.n_components_ = rng.uniform(0.3, 2, D), 2
    agrees(quick(factors, x), factors.score(x) * len(x))
    pca = PCA(2).fit(x)
    pca.mean_, pca.components_ = rng.normal(size=D), qr(rng.normal(size=(D, 2)))[0][:, :2].T
    pca.noise_variance_ = rng.uniform(0.3, 1)
    pca.explained_variance_ = pca.noise_variance_ + rng.uniform(0.5, 3, 2)
    agrees(quick(pca, x), pca.score(x) * len(x))


@EVERY
@SEEDS
@pytest.mark.parametrize("kind", [BayesianRidge, ARDRegression])
def test_bayesian_regressions(kind, seed, data):
    rng, x, y = drawn(seed, data)
    x, y = x[:200, :10], y[:200].astype(float)
    fitted = kind().fit(x, y)
    fitted.alpha_ = float(np.exp(rng.normal()) / y.var())
    weights = np.exp(rng.normal(size=x.shape[1]))
    fitted.lambda_ = float(weights[0]) if kind is BayesianRidge else weights
    x_, y_ = x - x.mean(axis=0), y - y.mean()
    covariance = np.eye(len(y)) / fitted.alpha_ + (x_ / fitted.lambda_) @ x_.T
    expected = multivariate_normal(np.zeros(len(y)), covariance).logpdf(y_)
    agrees(quick(fitted, x, y=y), float(expected))


@EVERY
@SEEDS
def test_gaussian_processes(seed, data):
    rng, x, y = drawn(seed, data)
    x, y = x[:80, :5], y[:80].astype(float) + rng.normal(size=80)
    a, s = np.exp(rng.normal(size=2))
    kernel = ConstantKernel(a) * RBF(np.exp(rng.normal())) + WhiteKernel(s)
    fitted = GaussianProcessRegressor(kernel, normalize_y=True, optimizer=None).fit(x, y)
    agrees(quick(fitted, x, y=y), fitted.log_marginal_likelihood_value_)


@pytest.mark.parametrize("data", ["iris", "wine", "breast cancer", "digits"])
@SEEDS
def test_generalised_linear_models(seed, data):
    rng, x, y = drawn(seed, data)
    x, y = x[:, :10], y.astype(int)
    kinds = len(np.unique(y))
    with warnings.catch_warnings(action="ignore"):  # a step is no fit
        classes = LogisticRegression(C=float(np.exp(rng.normal())), max_iter=1).fit(x, y)
        counts = PoissonRegressor(alpha=float(np.exp(rng.normal())), max_iter=1).fit(x, y)
    outputs = 1 if kinds == 2 else kinds
    classes.coef_ = rng.normal(size=(outputs, x.shape[1]))
    classes.intercept_ = rng.normal(size=outputs)
    own = classes.predict_log_proba(x)[np.arange(len(y)), y]
    agrees(quick(classes, x, y=y), float(own.sum()))
    counts.coef_, counts.intercept_ = 0.3 * rng.normal(size=x.shape[1]), float(rng.normal())
    agrees(quick(counts, x, y=y), float(poisson(counts.predict(x)).logpmf(y).sum()))


@EVERY
@SEEDS
@pytest.mark.parametrize("kind", ["full", "tied", "diag", "spherical"])
def test_gaussian_hidden_markov_models(hmmlearn, kind, seed, data):
    rng, x, _ = drawn(seed, data)
    x = x[:150, :5]
    D = x.shape[1]
    fitted = hmmlearn.GaussianHMM(2, kind)
    fitted.n_features, fitted.means_ = D, rng.normal(size=(2, D))
    fitted.startprob_, fitted.transmat_ = rng.dirichlet([1, 1]), rng.dirichlet([1, 1], size=2)
    fitted.covars_ = {
        "full": lambda: spread(rng, D, 2), "tied": lambda: spread(rng, D),
        "diag": lambda: rng.uniform(0.5, 2, (2, D)), "spherical": lambda: rng.uniform(0.5, 2, 2),
    }[kind]()  # fmt: skip
    lengths = [40, 70, 40] if len(x) == 150 else None
    agrees(quick(fitted, x, lengths=lengths), fitted.score(x, lengths))


@SEEDS
def test_hidden_markov_models_of_counts_and_categories(hmmlearn, seed):
    rng = np.random.default_rng(seed)
    x = SETS["digits"][0][:200, 20:22].astype(int)
    counts, levels = hmmlearn.PoissonHMM(2), hmmlearn.CategoricalHMM(2)
    for fitted in (counts, levels):
        fitted.startprob_, fitted.transmat_ = rng.dirichlet([1, 1]), rng.dirichlet([1, 1], size=2)
    counts.n_features, counts.lambdas_ = 2, rng.uniform(1, 15, (2, 2))
    levels.n_features, levels.emissionprob_ = 17, rng.dirichlet(np.ones(17), size=2)
    agrees(quick(counts, x, lengths=[50, 150]), counts.score(x, [50, 150]))
    agrees(quick(levels, x[:, :1], lengths=[50, 150]), levels.score(x[:, :1], [50, 150]))


@SEEDS
def test_a_local_level(statsmodels, seed):
    rng = np.random.default_rng(seed)
    series = np.cumsum(rng.normal(size=150)) + rng.normal(size=150)
    model = statsmodels.tsa.UnobservedComponents(series, "llevel")
    there = model.smooth(np.exp(rng.normal(size=2)))
    agrees(quick(there, series), there.llf)
