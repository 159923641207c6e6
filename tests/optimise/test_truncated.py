"""Newton's method without a Hessian: the same optima, in work that grows with the coordinates."""

from __future__ import annotations

import numpy as np
import pytest

from entropy_proofs.optimise.protocol import solve
from entropy_proofs.optimise.result import Reason
from entropy_proofs.optimise.truncated import TruncatedNewton, extreme_signs, product


class Counted:
    """sum_k (c_k x_k^2 / 2 - s x_k^4 / 4 - b_k x_k), and how often it is asked for."""

    def __init__(self, curvatures, slopes=None, quartic=0.0):
        self.c = np.asarray(curvatures, dtype=float)
        self.b = np.zeros_like(self.c) if slopes is None else slopes
        self.s, self.calls = quartic, 0

    def __call__(self, x):
        self.calls += 1
        value = self.c @ x**2 / 2 - self.s * (x**4).sum() / 4 - self.b @ x
        return float(value), self.c * x - self.s * x**3 - self.b

    def independent(self):
        return len(self.c), np.zeros((0, 0), dtype=int)


@pytest.mark.parametrize("n", [50, 5000])
def test_the_maximum_of_an_uneven_quadratic(n):
    curvatures = -np.geomspace(1, 100, n)
    slopes = np.random.default_rng(0).normal(size=n)
    function = Counted(curvatures, slopes)
    found = solve(TruncatedNewton(function), np.zeros(n), most=40)
    assert found.stop.reason is Reason.STATIONARY
    np.testing.assert_allclose(found.x, slopes / curvatures, rtol=1e-6, atol=1e-8)
    assert function.calls < 1000  # whatever n is; a Hessian takes 2 n


def test_uphill_where_it_curves_upwards():
    n = 100
    function = Counted(np.ones(n), quartic=1.0)
    start = 0.01 * np.random.default_rng(0).normal(size=n)
    found = solve(TruncatedNewton(function), start, most=60)
    np.testing.assert_allclose(np.abs(found.x), 1, rtol=1e-8)


@pytest.mark.parametrize("climbs", [False, True])
def test_a_long_step_to_a_minimum_is_taken_unless_steps_have_to_climb(climbs):
    """Newton's step of the cosine from 1.35 leads to -3.1, where it is lowest and nearly flat."""
    step = TruncatedNewton(lambda x: (float(np.cos(x[0])), -np.sin(x)), climbs=climbs)
    start = step.init(np.array([1.35]))
    after = step.step(start)
    assert (after.value > start.value) is climbs
    assert after.norm < 0.9 * start.norm


@pytest.mark.parametrize(
    ("ends", "rising", "falling"),
    [
        ((-3, -1), False, True),
        ((-3, 0), False, True),
        ((-2, 1), True, True),
        ((0.5, 2), True, False),
    ],
)
def test_signs_of_the_ends_of_the_spectrum(ends, rising, falling):
    function = Counted(np.linspace(*ends, 3000))
    found = extreme_signs(function, np.zeros(3000), np.random.default_rng(0))
    assert (found[0] > 0, found[1] > 0) == (rising, falling)
    assert function.calls <= 120


def test_a_hessian_that_is_not_finite_has_no_signs():
    function = Counted([np.nan] * 5)
    assert extreme_signs(function, np.zeros(5), np.random.default_rng(0)) is None


def test_a_product_is_the_hessians():
    function = Counted([1.0, -2.0], quartic=3.0)
    x, v = np.array([0.3, 0.4]), np.array([5.0, -7.0])
    exact = (function.c - 9 * x**2) * v
    np.testing.assert_allclose(product(function, x, v), exact, rtol=1e-8)
    assert not product(function, x, 0 * v).any()
