"""Exact updates, extrapolated: F never falls, and fewer are needed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from entropy_proofs.optimise.protocol import solve
from entropy_proofs.optimise.result import Reason
from entropy_proofs.optimise.squarem import NoUpdate, Squarem


def quadratic(rates):
    """Updates whose error shrinks by a rate along each axis; F is what such updates climb."""
    rates = np.asarray(rates)

    def update(x):
        return x * rates, float(-(x**2 * (1 - rates)).sum() / 2)

    return update


def factor_analysis(covariance, count):
    """EM by hand (Rubin & Thayer, 1982), in W and log psi."""
    d = len(covariance)

    def update(point):
        w, psi = point[:-d].reshape(d, count), np.exp(point[-d:])
        b = np.linalg.solve(np.eye(count) + w.T @ (w / psi[:, None]), (w / psi[:, None]).T)
        whole = w @ w.T + np.diag(psi)
        value = -(np.linalg.slogdet(whole)[1] + np.trace(np.linalg.solve(whole, covariance))) / 2
        xz = covariance @ b.T
        new = np.linalg.solve(b @ xz + np.eye(count) - b @ w, xz.T).T
        noise = np.diag(covariance) - (new * xz).sum(axis=1)
        return np.concatenate([new.ravel(), np.log(noise)]), float(value)

    return update


def run(update, x, tolerance=1e-8, most=5000, accelerated=True):
    values, points = [], []

    def seen(x, value, left):
        values.append(value)
        points.append(x)

    found = solve(Squarem(update, tolerance, most, seen, accelerated), x)
    return found, values


@given(st.lists(st.floats(0, 0.995), min_size=1, max_size=5), st.integers(0, 9))
def test_f_never_falls_and_little_is_left(rates, seed):
    x = np.random.default_rng(seed).normal(size=len(rates))
    found, values = run(quadratic(rates), x)
    assert found.stop.reason is Reason.TO_GAIN
    assert (np.diff(values) >= 0).all()
    assert -quadratic(rates)(found.x)[1] <= 1e-6


@pytest.mark.parametrize("seed", range(4))
def test_factor_analysis_needs_at_most_half_the_updates(seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(300, 3)) @ rng.normal(size=(3, 12)) + rng.normal(size=(300, 12))
    update = factor_analysis(np.cov(x.T), 3)
    start = np.concatenate([rng.normal(size=36), np.zeros(12)])
    counts = {}
    for accelerated in (True, False):
        done = []

        def counted(x, done=done):
            done.append(0)
            return update(x)

        found, values = run(counted, start, accelerated=accelerated)
        assert found.stop.converged
        assert (np.diff(values) >= 0).all()
        counts[accelerated] = len(done), values[-1]
    assert counts[True][0] <= counts[False][0] / 2
    assert counts[True][1] >= counts[False][1] - 1e-6


def test_the_number_of_updates_is_bounded():
    done = []

    def update(x):
        done.append(0)
        return quadratic([0.999, 0.5])(x)

    found, _ = run(update, np.ones(2), tolerance=1e-15, most=7)
    assert found.stop.reason is Reason.ITERATIONS
    assert len(done) == 7


def test_an_update_that_lowers_f_is_told():
    found, _ = run(lambda x: (2 * x, float(-(x**2).sum())), np.ones(2))
    assert found.stop.reason is Reason.FELL
    assert found.stop.failed


def test_extrapolation_out_of_the_domain_falls_back():
    """Updates towards 1 of points that must stay below it."""

    def update(x):
        if (x >= 1).any():
            raise NoUpdate
        return x + 0.1 * (0.9 - x), float(-((0.9 - x) ** 2).sum())

    found, values = run(update, np.zeros(3))
    assert found.stop.converged
    assert found.x == pytest.approx(0.9, abs=1e-3)
    assert (np.diff(values) >= 0).all()


def test_no_start_and_no_numbers():
    def none(x):
        raise NoUpdate

    assert run(none, np.zeros(1))[0].stop.reason is Reason.NO_START
    steps = iter([(np.ones(1), 0.0)])

    def once(x):
        return next(steps, (x, float("nan")))

    assert run(once, np.zeros(1))[0].stop.reason is Reason.NOT_FINITE


def test_where_a_scale_goes_to_zero_what_is_left_is_not_seen_in_the_gains_but_in_the_slope():
    """F = -exp(u), u to minus infinity by gradient steps: gains soon shrink too little to be seen."""

    def update(u):
        return u - np.exp(u), float(1e5 - np.exp(u[0]))

    tolerance = 1e-4
    found, values = run(update, np.array([0.0]), tolerance, most=10**6, accelerated=False)
    assert found.stop.reason is Reason.TO_GAIN
    assert 1e5 - values[-1] <= 1.5 * tolerance
