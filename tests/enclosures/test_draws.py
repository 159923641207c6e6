"""Data with given moments and frequencies, to the last digit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from entropy_proofs.enclosures import draws


@pytest.mark.parametrize("mean", [0.0, [1.0, -2.0, 0.5]])
def test_spread_points_have_the_moments_that_are_asked_for(mean):
    root = np.random.default_rng(0).normal(size=(3, 3))
    covariance = root @ root.T
    points = draws.spread(covariance, mean)
    assert points.shape == (6, 3)
    np.testing.assert_allclose(points.mean(axis=0), np.zeros(3) + mean, atol=1e-12)
    np.testing.assert_allclose(np.cov(points.T, bias=True), covariance, atol=1e-12)


@pytest.mark.parametrize("rows", [1, 7, 150])
def test_rows_are_in_proportion_by_largest_remainders(rows):
    """The shares of a sum, each off by less than one row."""
    outcomes, weights = draws.bits(3), np.array([1.0, 4, 2, 0, 3, 1, 5, 2])
    found = draws.in_proportion(outcomes, weights, rows)
    assert found.shape == (rows, 3)
    counted = np.array([(found == outcome).all(axis=1).sum() for outcome in outcomes])
    assert counted[3] == 0
    assert (abs(counted - rows * weights / weights.sum()) < 1).all()


def test_bits_have_the_probabilities_of_independent_coins():
    """Of all rows together one, and of those with a bit that bit's own."""
    shares = np.array([0.3, 0.6, 0.9])
    each, rows = draws.independent(shares), draws.bits(3)
    assert each.sum() == pytest.approx(1)
    np.testing.assert_allclose(each @ rows, shares)


def test_what_is_caused_has_the_mixture_s_frequencies():
    prior, weights = np.array([0.25, 0.75]), np.array([[2.0, -1.0]])

    def likelihood(z):
        return expit(z @ weights)

    found = draws.caused(prior, np.array([[0.0], [1.0]]), likelihood, 10_000)
    for row in draws.bits(2):
        share = sum(
            p * np.where(row > 0, likelihood(z), 1 - likelihood(z)).prod()
            for p, z in zip(prior, np.array([[0.0], [1.0]]), strict=True)
        )
        assert (found == row).all(axis=1).mean() == pytest.approx(share, abs=1e-4)


def test_a_walk_has_the_covariance_of_its_steps():
    """min(s, t) steps are shared: 2 + 0.7 min(s, t), and 1/2 more on the diagonal."""
    points = draws.random_walk(np.random.default_rng(0), {})
    t = np.arange(4)
    expected = 2 + 0.7 * np.minimum(t[:, None], t) + np.eye(4) / 2
    np.testing.assert_allclose(np.cov(points.T, bias=True), expected, atol=1e-12)
    np.testing.assert_allclose(points.mean(axis=0), 1)
