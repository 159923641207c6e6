"""Updates at numbers: statistics of batches, and data that do not determine them."""

from __future__ import annotations

import numpy as np
import pytest
from block_checks import derived

import entropy_proofs as ep


def test_statistics_of_batches_add_up():
    functions = derived("gaussian_mixture").compile()
    rng = np.random.default_rng(0)
    x, r = rng.normal(size=(30, 2)), rng.dirichlet(np.ones(3), size=30)
    at = {
        "rho": np.full(3, 1 / 3),
        "mu": rng.normal(size=(3, 2)),
        "Sigma": np.stack([np.eye(2)] * 3),
    }
    parts = [
        functions.statistics({**at, "x": x[part], "c.probabilities": r[part]})
        for part in (slice(0, 10), slice(10, 30))
    ]
    added = {name: (parts[0][name] + 2 * parts[1][name]) / 3 for name in parts[0]}
    new = functions.solve(added, at)
    whole = functions.update({**at, "x": x, "c.probabilities": r})
    count = r.sum(0)
    np.testing.assert_allclose(whole["mu"], r.T @ x / count[:, None], atol=1e-12)
    for name, value in whole.items():
        np.testing.assert_allclose(new[name], value, atol=1e-12)
    with pytest.raises(ep.InputError, match="statistic is not given"):
        functions.solve({}, at)


def test_too_few_data_for_an_update_are_said_so():
    found = derived("linear_regression")
    functions = found.compile()
    with pytest.raises(ep.InputError, match=r"w: not determined by these data: .* invertible"):
        functions.update(
            {"Phi": np.ones((3, 2)), "w": np.zeros(2), "sigma2": 1.0, "y": np.ones((1, 3))}
        )
