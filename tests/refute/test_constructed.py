"""The linear programmes that look for stationary points with given conditions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from entropy_proofs.refute import constructed


@pytest.mark.parametrize(
    ("rows", "there_are"),
    [
        ([[1.0, -2.0]], True),
        ([[1.0, 2.0]], False),
        ([[1.0, -1.0, 0.0], [1.0, 0.0, -1.0]], True),
        ([[1.0, -1.0, 0.0], [1.0, 1.0, -1.0], [0.0, 1.0, 0.0]], False),
        ([[np.nan, 1.0, -1.0]], True),
        ([[np.inf, 1.0]], False),
    ],
)
def test_weights_of_points_make_all_conditions_zero(rows, there_are):
    assert constructed._has_weights(np.array(rows)) is there_are


def test_no_programme_runs_without_end(monkeypatch):
    """The solver goes in circles where rows nearly depend on each other, as those of a VAE with a
    noise floor do: it did not return."""
    limits = []

    def limited(*args, options, **known):
        limits.append(options["maxiter"])
        return linprog(*args, options=options, **known)

    monkeypatch.setattr(constructed, "linprog", limited)
    rng = np.random.default_rng(0)
    for count in (3, 30):
        assert constructed._has_weights(rng.normal(size=(count, 20 * count)))
    assert 10 * 60 < limits[0] < limits[1] < 100 * 630
