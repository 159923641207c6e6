"""Updates at numbers: statistics of batches, and data that do not determine them."""

from __future__ import annotations

import numpy as np
import pytest
from block_checks import derived

import entropy_proofs as ep
from entropy_proofs.code.backends import backend


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
    unchecked = functions.update({**at, "x": x, "c.probabilities": r}, checked=False)
    for name, value in whole.items():
        np.testing.assert_allclose(unchecked[name], value, atol=1e-12)
    with pytest.raises(ep.InputError, match="statistic is not given"):
        functions.solve({}, at)
    with pytest.raises(ep.InputError, match=r"^mu: not given$"):
        functions.solve(added, {n: at[n] for n in ("rho", "Sigma")})


def designs():
    """Fewer rows than columns, a column that others add up to, one twice, one of zeros, none."""
    rng = np.random.default_rng(1)
    wide, sums, twice, empty, full = (rng.normal(size=(n, 4)) for n in (3, 6, 6, 6, 6))
    sums[:, 3] = sums[:, 0] - 2 * sums[:, 1]
    twice[:, 3] = twice[:, 2]
    empty[:, 1] = 0
    return {"wide": wide, "sums": sums, "twice": twice, "empty": empty, "full": full}


@pytest.mark.parametrize("units", [1.0, [1e-9, 1.0, 1e6, 10.0]])
@pytest.mark.parametrize("design", designs())
def test_collinear_columns_leave_least_squares(design, units):
    """Many solutions are a maximum then: one of them is taken, and no rounding error."""
    columns = designs()[design] * units
    y = np.random.default_rng(0).normal(size=(20, len(columns)))
    functions = derived("linear_regression").compile()
    at = {"Phi": columns, "w": np.zeros(4), "sigma2": 1.0, "y": y}
    new = functions.update(at)
    best = designs()[design] @ np.linalg.lstsq(designs()[design], y.mean(axis=0), rcond=None)[0]
    np.testing.assert_allclose(columns @ new["w"], best, atol=1e-8)
    assert new["sigma2"] == pytest.approx(((y - best) ** 2).mean(), rel=1e-8)


def test_singular_matrices_of_no_maximum_are_refused():
    inverse = backend("numpy").load().functions["least_norm_inverse"]
    saddle = np.array([[1.0, 1, 0], [1, 1, 0], [0, 0, -1]])
    skew = np.array([[1.0, 2], [2, 4 + 1e-6]]) @ np.array([[1.0, 1], [1, 1]])
    for matrix in (saddle, skew):
        with pytest.raises(np.linalg.LinAlgError):
            inverse(matrix)
    regular = np.array([[2.0, 1], [1, 3]]) * np.array([1.0, 1e-30])[:, None, None]
    np.testing.assert_array_equal(inverse(regular), np.linalg.inv(regular))
    both = np.stack([regular[0], np.ones((2, 2))])
    np.testing.assert_allclose(inverse(both), np.linalg.pinv(both), atol=1e-12)
