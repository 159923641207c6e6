"""The best q over joint states, on floats, on balls and traced."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from flint import arb
from scipy import special, stats

from entropy_proofs.q.enumerated import best_weights

LOGS = np.array([[-1.0, 2.0, 0.5], [-700.0, 300.0, 299.0]])


@pytest.mark.parametrize("xp", [np, jnp])
def test_weights_are_softmax_and_the_entropy_theirs(xp):
    weights, entropy = best_weights(xp.asarray(LOGS), xp)
    expected = special.softmax(LOGS, axis=1)
    np.testing.assert_allclose(weights, expected, rtol=1e-5, atol=1e-30)
    assert float(entropy) == pytest.approx(stats.entropy(expected, axis=1).mean(), rel=1e-5)


def test_balls_enclose_them():
    balls = np.frompyfunc(arb, 1, 1)(LOGS)
    weights, entropy = best_weights(balls)
    floats, expected = best_weights(LOGS)
    assert float(entropy.mid()) == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose([[float(w.mid()) for w in row] for row in weights], floats)
