"""What is left to gain at fitted parameters: a bounded number of exact updates, extrapolated.

Blocks with an optimum in closed form are updated exactly, by `proof.updates`, as the estimator
itself would with its regularisers.  Where a block has none, as the weights of a generalised linear
model have none, all take Newton steps on F at its best q.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from entropy_proofs.audits.at_best_q import AtBestQ
from entropy_proofs.errors import InputError
from entropy_proofs.families.coordinates import Array, in_shapes
from entropy_proofs.families.space_values import coordinates
from entropy_proofs.optimise.to_gain import ToGain, aitken
from entropy_proofs.optimise.truncated import TruncatedNewton

PATIENCE = 10
NEAR = 0.5  # near a maximum Newton steps gain less and less by more than this factor


@dataclass(frozen=True)
class Gain:
    """What is left to gain.

    Attributes:
        nats: per data point.
        updates: of how many steps it is an extrapolation.
        by: "exact updates" or "Newton steps".
        at_least: whether the steps gained more and more, so that nothing bounds what is to come,
            and `nats` is what they gained.
    """

    nats: float
    updates: int
    by: str
    at_least: bool


def left_to_gain(functions: AtBestQ, most: int) -> Gain:
    """How much F, with the estimator's own terms, still rises from its parameters on.

    Gains that grow lead away from a saddle point, and what they come to is not seen until they
    shrink, so far that most of it was gained: up to `PATIENCE` times as many updates are made then.
    Far from a maximum the gains of Newton steps tell nothing of those to come.

    Raises:
        InputError: updates end in a collapse, where nothing bounds F.
    """
    if not functions.updates_serve:
        found = aitken(_newton(functions, most))
        far = found.rate >= NEAR
        return Gain(found.nats - far * found.left, found.updates, "Newton steps", far)
    parameters, values = dict(functions.fitted.parameters), list[float]()
    grew = False
    while True:
        parameters, value = _updated(functions, parameters, bool(values))
        values.append(value)
        steps = len(values) - 1
        if not steps:
            continue
        found = aitken(values[-most - 1 :])
        gained = max(0.0, max(values) - values[0])
        grew |= steps >= most and _grows(found)
        unknown = _grows(found) or (grew and found.left > gained)
        settled = aitken(values[-2:]).nats == 0
        if settled or (steps >= most and not (unknown and steps < PATIENCE * most)):
            break
    if steps <= most and not _grows(found):
        return Gain(found.nats, steps, "exact updates", False)
    left = 0.0 if settled or unknown else found.left
    return Gain(gained + left, steps, "exact updates", unknown and not settled)


def _updated(
    functions: AtBestQ, parameters: dict[str, Any], moved: bool
) -> tuple[dict[str, Any], float]:
    """After one more update, and F before it; moved: whether updates led to these parameters."""
    try:
        after, value = functions.update(parameters)
        if np.isfinite(value):
            return after, value
        said = "F is not finite"
    except InputError as error:
        if not moved:
            raise
        said = str(error)
    name = functions.fitted.estimator
    raise InputError(f"{name}: exact updates end in a collapse, where nothing bounds F: {said}")


def _grows(found: ToGain) -> bool:
    """Whether the gains do not shrink."""
    return not found.known


def _newton(functions: AtBestQ, most: int) -> list[float]:
    """F + R after each of at most so many steps."""
    objective = _Objective(functions)
    solver = TruncatedNewton(objective, climbs=True)
    state = solver.init(objective.start)
    values = [float(state.value)]
    while len(values) <= most and solver.stop(state) is None:
        state = solver.step(state)
        values.append(float(state.value))
    return values if len(values) > 1 else 2 * values


class _Objective:
    """F + R by the free coordinates of all parameters."""

    def __init__(self, functions: AtBestQ):
        self.functions = functions
        given = functions.fitted.parameters
        self.maps = {p.name: coordinates(p.domain) for p in functions.learned}
        blocks = {n: m.inverse(np.asarray(given[n], float)) for n, m in self.maps.items()}
        self.shapes = {name: block.shape for name, block in blocks.items()}
        self.start: Array = np.concatenate([block.ravel() for block in blocks.values()])

    def __call__(self, x: Array) -> tuple[float, Array]:
        blocks = in_shapes(x, self.shapes)
        parameters = {n: self.maps[n].forward(u) for n, u in blocks.items()}
        try:
            value, gradients = self.functions.objective_and_gradient(parameters)
        except InputError:  # too long a step, out of the domains or of what numbers can hold
            return np.nan, np.full_like(x, np.nan)
        slopes = (self.maps[n].pullback(u, gradients[n]) for n, u in blocks.items())
        return value, np.concatenate([np.ravel(slope) for slope in slopes])

    def independent(self) -> tuple[int, NDArray[np.intp]]:
        """No group of coordinates is apart from the others."""
        return len(self.start), np.empty((0, 0), dtype=np.intp)
