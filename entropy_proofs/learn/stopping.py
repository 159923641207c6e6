"""When learning ends: by the gap itself, or since it came to nothing."""

from __future__ import annotations

from collections import deque

import numpy as np

from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.families.spaces import SIMPLEX, Category
from entropy_proofs.learn.bound import BoundEvaluation
from entropy_proofs.learn.problem import Arrays, Problem
from entropy_proofs.optimise.result import Reason, Stop
from entropy_proofs.points.collapse import collapsed

PATIENCE = 10
DEAD = 1e-3  # a component with less than this of one data point


class GapRule:
    """Stop once |v·∇F| has stayed below a tolerance while F has stood still.

    v·∇F = F - S is how far the bound is from its entropy sum.  A derivative along one direction
    changes its sign now and then, so one small value means nothing: `PATIENCE` of them in a row do,
    and F must not have risen by more than the tolerance meanwhile (the field sees its own
    directions only).
    """

    def __init__(self, tolerance: float, over_data: bool = False):
        """over_data: whether what it is shown are averages over the data."""
        self.tolerance = tolerance
        self._reason = Reason.MEAN_GAP if over_data else Reason.GAP
        self._last: deque[tuple[float, float]] = deque(maxlen=PATIENCE)

    def reached(self, predicted_gap: float, elbo: float) -> Stop | None:
        """Whether to stop after one more iteration."""
        self._last.append((predicted_gap, elbo))
        small = all(abs(gap) <= self.tolerance for gap, _ in self._last)
        still = elbo - self._last[0][1] <= self.tolerance
        if len(self._last) == PATIENCE and small and still:
            return self._reason(tolerance=self.tolerance, patience=PATIENCE)
        return None


def trouble(problem: Problem, values: Arrays, found: BoundEvaluation) -> Stop | None:
    """Why there is no point in going on; None if there is.

    A scale that goes to zero makes F unbounded, a component without data points has no optimum.
    """
    if not np.isfinite([found.elbo, found.entropy_sum, found.predicted_gap]).all():
        return Reason.NOT_FINITE()
    values = {**values, **{n: a for n, a in found.computed.items() if n != "weights"}}
    return _collapsed(problem, values) or _dead(problem, values)


def degenerate(problem: Problem, values: Arrays) -> Stop | None:
    """Why there is no going on from parameters, of which some may not be finite; None if unknown.

    What follows from a component without data points is not finite, so that is looked at first.
    """
    finite = {n: a for n, a in values.items() if np.isfinite(a).all()}
    unknown = [Reason.NO_UPDATE(name=n) for n in values if n not in finite]
    return _dead(problem, finite) or _collapsed(problem, finite) or next(iter(unknown), None)


def _collapsed(problem: Problem, values: Arrays) -> Stop | None:
    name = collapsed(problem.bound.model, values, problem.spread, bounded=False)
    return Reason.COLLAPSED(name=name) if name else None


def _dead(problem: Problem, values: Arrays) -> Stop | None:
    model = problem.bound.model
    for term in model.terms:
        variable = model.variables[term.variable]
        if variable.observed or variable.shape or not isinstance(variable.support, Category):
            continue  # one latent that chooses a component; a chain may never start in a state
        for p in model.learned().values():
            weights = values.get(p.name)
            if p.domain != SIMPLEX or weights is None or np.ndim(weights) != 1:
                continue
            if p.label in symbols_in(term.log_density) and np.min(weights) < DEAD / problem.points:
                return Reason.DEAD(name=p.name, place=int(np.argmin(weights)))
    return None
