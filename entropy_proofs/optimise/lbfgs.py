"""SciPy's L-BFGS-B, watched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from entropy_proofs.optimise.result import Reason, Stop

Array = NDArray[np.float64]


def unwatched(x: Array) -> Stop | None:
    return None


@dataclass(frozen=True)
class Climbed:
    """Where a run ended, and why; before it, nothing is said."""

    x: Array
    stopped: Stop | None = None


@dataclass(frozen=True)
class LBFGS:
    """Downhill.  SciPy owns the loop, so that a step is a whole run of it.

    Attributes:
        cost: what is minimised, and its gradient.
        options: of SciPy; "maxiter" is how many iterations make a run.
        watch: is shown the point after each iteration and may stop there; at the point before, if
            this one failed.
    """

    cost: Callable[[Array], tuple[float, Array]]
    options: Mapping[str, Any]
    watch: Callable[[Array], Stop | None] = unwatched

    def init(self, x: Array) -> Climbed:
        return Climbed(x)

    def step(self, state: Climbed) -> Climbed:
        best, stopped = state.x, None

        def after(intermediate_result: Any) -> None:
            nonlocal best, stopped
            stopped = self.watch(intermediate_result.x)
            if stopped is None or not stopped.failed:
                best = intermediate_result.x.copy()
            if stopped is not None:
                raise StopIteration

        run = minimize(
            self.cost, best, jac=True, method="L-BFGS-B", callback=after, options=dict(self.options)
        )
        if stopped is None and run.nit >= self.options["maxiter"]:
            stopped = Reason.ITERATIONS(most=run.nit)
        return Climbed(best, stopped or Reason.NO_STEP())

    def stop(self, state: Climbed) -> Stop | None:
        return state.stopped
