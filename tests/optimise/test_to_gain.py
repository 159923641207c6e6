"""Estimates of what is left to gain, against long runs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from entropy_proofs.optimise.to_gain import SLOWEST, aitken, to_gain


def mixture_update(x):
    """EM of a mixture of two normals of variance one, by hand: (weight, means) -> (next, F)."""

    def update(point):
        weight, means = point
        log_joint = np.log([weight, 1 - weight]) - (x[:, None] - means) ** 2 / 2
        top = log_joint.max(axis=1, keepdims=True)
        each = np.exp(log_joint - top)
        value = (top[:, 0] + np.log(each.sum(axis=1))).mean() - np.log(2 * np.pi) / 2
        r = each / each.sum(axis=1, keepdims=True)
        return (r[:, 0].mean(), (r * x[:, None]).sum(axis=0) / r.sum(axis=0)), value

    return update


def after(update, x, steps):
    for _ in range(steps):
        x, _ = update(x)
    return x


@pytest.mark.parametrize("apart", [2.0, 3.0, 5.0])
@pytest.mark.parametrize("steps", [0, 5, 40])
def test_the_estimate_is_near_what_a_long_run_gains(apart, steps):
    rng = np.random.default_rng(0)
    x = rng.normal(size=400) + apart * (rng.random(400) < 0.4)
    update = mixture_update(x)
    point = after(update, (0.5, np.array([x.min(), x.max()])), steps)
    truth = update(after(update, point, 5000))[1] - update(point)[1]
    found = to_gain(update, point)
    assert found.updates <= 10
    assert 0.3 * truth - 1e-12 <= found.nats <= 3 * truth + 1e-12


@given(st.floats(0.05, 0.99), st.floats(1e-6, 10), st.integers(2, 11))
def test_geometric_gains_are_summed(rate, first, count):
    values = -first * rate ** np.arange(count + 1) - 5
    found = aitken(values)
    assert found.nats == pytest.approx(first, rel=1e-4)
    assert found.left == pytest.approx(first * rate**count, rel=1e-3, abs=1e-13)


def test_gains_that_grow_are_no_sign_of_an_end():
    found = aitken([0, 1e-6, 3e-6, 7e-6])
    assert found.rate == SLOWEST
    assert found.nats > 1e-2


def test_rounding_is_nothing():
    values = -800.0 + 1e-13 * np.array([0.0, 1, -2, 3, 0, 1])
    assert aitken(values).nats == 0


def test_what_falls_gains_nothing():
    assert aitken([0.0, -1.0, -2.0]).nats == 0


def test_updates_end_where_nothing_moves():
    calls = []

    def still(x):
        calls.append(x)
        return x, -3.0

    assert to_gain(still, 1.0).nats == 0
    assert len(calls) == 2
