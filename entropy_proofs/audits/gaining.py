"""What is left to gain at fitted parameters: a bounded number of exact updates, extrapolated.

Blocks with an optimum in closed form are updated exactly, by `proof.updates`, as the estimator
itself would with its regularisers.  A model without latents whose blocks have none, such as a
generalised linear one, takes Newton steps.
"""

from __future__ import annotations

from math import prod

import numpy as np
from numpy.typing import NDArray

from entropy_proofs.audits.at_best_q import AtBestQ
from entropy_proofs.errors import InputError
from entropy_proofs.families.entering import Array
from entropy_proofs.families.spaces import REAL
from entropy_proofs.optimise.to_gain import ToGain, aitken, to_gain
from entropy_proofs.optimise.truncated import TruncatedNewton


def left_to_gain(functions: AtBestQ, most: int) -> ToGain:
    """How much F, with the estimator's own terms, still rises from its parameters on.

    Raises:
        InputError: some block has neither an exact update nor Newton steps.
    """
    updates = functions.updates
    if not updates.remaining:
        return to_gain(functions.update, dict(functions.fitted.parameters), most)
    domains = {p.name: p.domain for p in functions.learned}
    if set(domains.values()) != {REAL}:
        names = ", ".join(map(str, updates.remaining))
        raise InputError(f"{names}: no exact update is known; --quick audits without them")
    return _by_newton(functions, most)


def _by_newton(functions: AtBestQ, most: int) -> ToGain:
    objective = _Objective(functions)
    solver = TruncatedNewton(objective)
    state = solver.init(objective.start)
    values = [float(state.value)]
    while len(values) <= most and solver.stop(state) is None:
        state = solver.step(state)
        values.append(float(state.value))
    return aitken(values if len(values) > 1 else [values[0], values[0]])


class _Objective:
    """F + R of all parameters in a row."""

    def __init__(self, functions: AtBestQ):
        self.functions = functions
        given = functions.fitted.parameters
        self.shapes = {name: np.shape(value) for name, value in given.items()}
        self.start: Array = np.concatenate([np.ravel(given[name]) for name in self.shapes])

    def __call__(self, x: Array) -> tuple[float, Array]:
        parameters, first = {}, 0
        for name, shape in self.shapes.items():
            parameters[name] = x[first : first + prod(shape)].reshape(shape)
            first += prod(shape)
        value, gradients = self.functions.objective_and_gradient(parameters)
        return value, np.concatenate([np.ravel(gradients[name]) for name in self.shapes])

    def independent(self) -> tuple[int, NDArray[np.intp]]:
        """No group of coordinates is apart from the others."""
        return len(self.start), np.empty((0, 0), dtype=np.intp)


__all__ = ["left_to_gain"]
