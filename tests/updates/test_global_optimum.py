"""Optima of all parameters at once."""

from __future__ import annotations

import numpy as np
from block_checks import derived


def test_the_global_optimum_of_ppca_is_a_fixed_point_and_its_maximum():
    """Tipping & Bishop's eigenvectors against the updates, and against runs from random starts."""
    found = derived("ppca")
    assert "eigenvalues" in found.global_optimum
    functions = found.compile(covariance="full")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 4)) @ rng.normal(size=(4, 4))
    values, vectors = np.linalg.eigh(np.cov(x.T, bias=True))
    sigma2 = values[:2].mean()
    best = {"W": vectors[:, 2:] * np.sqrt(values[2:] - sigma2), "mu": x.mean(0), "sigma2": sigma2}

    def stepped(at):
        q = functions.optimal_q({**at, "x": x})
        return {**at, **functions.update({**at, **q, "x": x})}, functions.elbo({**at, **q, "x": x})

    after, f = stepped(best)
    for name, value in best.items():
        np.testing.assert_allclose(after[name], value, atol=1e-8)
    for seed in range(2):
        start = np.random.default_rng(seed)
        at = {"W": start.normal(size=(4, 2)), "mu": start.normal(size=4), "sigma2": 2.0}
        for _ in range(100):
            at, reached = stepped(at)
        assert f - 1 < reached <= f + 1e-9


def test_without_latents_one_m_step_is_the_global_maximum():
    found = derived("linear_regression")
    assert found.global_optimum == "one M-step is the global maximum of the likelihood"
    assert not derived("factor_analysis").global_optimum
    assert not derived("heteroscedastic_regression").global_optimum
