"""Gaussian process regression: F is its log marginal likelihood."""

from __future__ import annotations

import pytest
from adapters.agreement import agrees, quick
from sklearn import datasets
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern, WhiteKernel

import entropy_proofs as ep

X, Y = (a[:60] for a in datasets.load_diabetes(return_X_y=True))
KERNELS = [ConstantKernel(2.0) * RBF() + WhiteKernel(), WhiteKernel() + Matern() * ConstantKernel()]


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("optimizer", [None, "fmin_l_bfgs_b"])
def test_f_is_the_log_marginal_likelihood(kernel, optimizer):
    fitted = GaussianProcessRegressor(kernel, normalize_y=True, optimizer=optimizer).fit(X, Y)
    found = quick(fitted, X, y=Y)
    agrees(found, fitted.log_marginal_likelihood_value_)
    options = (name.replace("__", ".") for name in fitted.kernel_.get_params())
    ends = ("constant_value", "noise_level")
    assert set(found.shares) == {f"kernel_.{name}" for name in options if name.endswith(ends)}


def test_what_is_left_to_gain():
    start = GaussianProcessRegressor(KERNELS[0], normalize_y=True, optimizer=None).fit(X, Y)
    ended = GaussianProcessRegressor(KERNELS[0], normalize_y=True).fit(X, Y)
    assert not ep.audit(start, X, y=Y).stationary
    assert ep.audit(ended, X, y=Y).stationary


@pytest.mark.parametrize("scales", [(2.0, 1.0, 1.0), (2.0, 0.1, 1.0), (5.0, 0.2, 5.0)])
def test_how_much_is_left_to_gain(scales):
    """Of the first the gains of updates grow for a while, and then tell little of those to come."""
    amplitude, length, noise = scales
    kernel = ConstantKernel(amplitude) * RBF(length, "fixed") + WhiteKernel(noise)
    start = GaussianProcessRegressor(kernel, normalize_y=True, optimizer=None).fit(X, Y)
    ended = GaussianProcessRegressor(kernel, normalize_y=True).fit(X, Y)
    gained = ended.log_marginal_likelihood_value_ - start.log_marginal_likelihood_value_
    assert ep.audit(start, X, y=Y).to_gain == pytest.approx(gained, rel=0.5)


def test_another_kernel_is_refused():
    fitted = GaussianProcessRegressor(RBF(), alpha=0.1).fit(X, Y)
    with pytest.raises(ep.InputError, match="the kernel is RBF"):
        quick(fitted, X, y=Y)


def test_a_noise_that_is_held_is_refused():
    kernel = ConstantKernel() * RBF() + WhiteKernel(0.1, "fixed")
    fitted = GaussianProcessRegressor(kernel).fit(X, Y)
    with pytest.raises(ep.InputError, match=r"k2\.noise_level was held fixed"):
        quick(fitted, X, y=Y)
