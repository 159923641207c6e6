"""Second-order solvers on functions whose optima and zeros are known."""

from __future__ import annotations

import numpy as np
import pytest

from entropy_proofs.optimise.newton import LevenbergMarquardt, Newton
from entropy_proofs.optimise.protocol import solve
from entropy_proofs.optimise.result import Reason


class Function:
    """F and its gradient, with all coordinates common."""

    def __init__(self, value, slope):
        self.value, self.slope = value, slope

    def __call__(self, x):
        return float(self.value(x)), self.slope(x)

    def independent(self):
        return 2, np.zeros((0, 0), dtype=int)


def quadratic(*curvatures):
    c = np.array(curvatures, dtype=float)
    return Function(lambda x: c @ x**2 / 2 - x.sum(), lambda x: c * x - 1.0)


ROSENBROCK = Function(
    lambda x: -((1 - x[0]) ** 2) - 100 * (x[1] - x[0] ** 2) ** 2,
    lambda x: np.array(
        [
            2 * (1 - x[0]) + 400 * x[0] * (x[1] - x[0] ** 2),
            -200 * (x[1] - x[0] ** 2),
        ]
    ),
)


@pytest.mark.parametrize(
    ("function", "top"), [(quadratic(-1, -1e4), [-1, -1e-4]), (ROSENBROCK, [1, 1])]
)
def test_newton_finds_a_maximum(function, top):
    found = solve(Newton(function), np.array([-1.0, 1.5]), 40)
    np.testing.assert_allclose(found.x, top, rtol=1e-8)
    assert found.stop == Reason.STATIONARY()
    assert found.stop.converged


@pytest.mark.parametrize("curvatures", [(-1, -30), (1, -2), (5, 2e3)])
def test_levenberg_marquardt_finds_roots_of_every_kind(curvatures):
    found = solve(LevenbergMarquardt(quadratic(*curvatures)), np.array([3.0, -4.0]), 40)
    np.testing.assert_allclose(found.x, 1 / np.array(curvatures), rtol=1e-9)


def test_without_a_root_the_search_gives_up():
    slope = Function(lambda x: x.sum(), lambda x: np.ones(2) + x**2)
    found = solve(LevenbergMarquardt(slope), np.array([3.0, -4.0]), 40)
    assert not found.stop.converged
    assert found.steps < 40


def test_what_is_not_finite_stops_where_it_is():
    broken = Function(lambda x: x.sum(), lambda x: np.where(x > 0, np.nan, x - 1))
    found = solve(Newton(broken), np.zeros(2), 40)
    assert found.stop == Reason.NOT_FINITE()
    assert found.stop.failed
    np.testing.assert_array_equal(found.x, 0)
