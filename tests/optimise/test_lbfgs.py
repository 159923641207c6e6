"""L-BFGS on Rosenbrock's function: where and why its runs end."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import rosen, rosen_der

from entropy_proofs.optimise.lbfgs import LBFGS
from entropy_proofs.optimise.protocol import solve
from entropy_proofs.optimise.result import Reason


def downhill(x):
    return rosen(x), rosen_der(x)


def test_lbfgs_runs_as_long_as_it_is_told_or_to_the_end():
    short = solve(LBFGS(downhill, {"maxiter": 3}), np.array([-1.0, 1.5]))
    assert short.stop == Reason.ITERATIONS(most=3)
    long = solve(LBFGS(downhill, {"maxiter": 300, "gtol": 1e-10}), np.array([-1.0, 1.5]))
    np.testing.assert_allclose(long.x, 1, rtol=1e-5)
    assert long.stop == Reason.NO_STEP()


@pytest.mark.parametrize("reason", [Reason.SETTLED, Reason.NOT_FINITE])
def test_a_watch_ends_a_run_where_it_is_or_before_what_failed(reason):
    seen = []

    def watch(x):
        seen.append(x.copy())
        return reason() if len(seen) == 4 else None

    found = solve(LBFGS(downhill, {"maxiter": 300}, watch), np.array([-1.0, 1.5]))
    assert found.stop == reason()
    np.testing.assert_array_equal(found.x, seen[-2] if found.stop.failed else seen[-1])
