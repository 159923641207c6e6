"""EM on mini-batches: running averages of the statistics (Cappé & Moulines, 2009).

Each mini-batch moves the averages a step towards its own, by steps that shrink; the M-step is that
of EM, from the running averages.  Memory does not depend on how many data points there are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from entropy_proofs.learn.em.condensed import Averages, Condensed
from entropy_proofs.learn.em.exact import ExactUpdates
from entropy_proofs.learn.em.posterior import Arrays
from entropy_proofs.learn.history import History
from entropy_proofs.learn.stopping import degenerate
from entropy_proofs.optimise.result import Reason, Stop
from entropy_proofs.optimise.to_gain import aitken

POWER = 0.6  # of the steps' decay: between 1/2 and 1
DELAY = 2


@dataclass(frozen=True)
class Running:
    """Parameters after a mini-batch.

    Attributes:
        x: the parameters by name.
        averages: of the statistics; None before the first.
        order: the mini-batches that this pass has still to see.
        steps: mini-batches so far.
        value: the sum of F over this pass's mini-batches.
        passes: the mean F of each pass, with the parameters of its own steps.
    """

    x: Arrays
    order: tuple[int, ...]
    averages: Averages | None = None
    steps: int = 0
    value: float = 0.0
    passes: tuple[float, ...] = ()
    stopped: Stop | None = None


class RunningEM:
    """Running averages over passes of the data, mini-batches in random order.

    Args:
        updates: on data whose features stand for them.
        size: of a mini-batch.
        tolerance: stop once passes promise to gain no more than this.
        history: gets a row for each mini-batch, of the running averages.
    """

    def __init__(
        self,
        updates: ExactUpdates,
        size: int,
        tolerance: float,
        rng: np.random.Generator,
        history: History,
    ):
        assert isinstance(updates.engine, Condensed)
        self.updates, self.engine, self.rng = updates, updates.engine, rng
        self.history = history
        self.size = min(size, self.engine.points)
        self.tolerance = tolerance
        self.count = -(-self.engine.points // self.size)

    def init(self, x: Arrays) -> Running:
        return Running(x, self._order())

    def _order(self) -> tuple[int, ...]:
        return tuple(int(k) for k in self.rng.permutation(self.count))

    def step(self, state: Running) -> Running:
        batch, *rest = state.order
        rows = slice(batch * self.size, min((batch + 1) * self.size, self.engine.points))
        new: Arrays = {}
        try:
            with np.errstate(all="ignore"):
                eta = self.engine.coefficients(state.x)
                sums = self.engine.sums(self.engine.within(rows), eta)
                own = Averages(sums.features / sums.mass, sums.value / sums.mass)
                share = (state.steps + DELAY) ** -POWER
                mixed = own if state.averages is None else state.averages.mixed(own, share)
                found = self.engine.standing_for(state.x, mixed)
                new = self.updates.m_step(state.x, found)
            sound = all(np.isfinite(a).all() for a in new.values())
        except (np.linalg.LinAlgError, FloatingPointError):
            sound = False
        if not sound:
            stopped = degenerate(self.updates.problem, new) or Reason.NOT_FINITE()
            return Running(state.x, state.order, state.averages, state.steps, stopped=stopped)
        said = self.updates.said(state.x, found)
        self.history.add(said, math.nan, math.nan)
        value = state.value + own.value
        passes, order = state.passes, tuple(rest)
        if not rest:
            passes, value, order = (*passes, value / self.count), 0.0, self._order()
        return Running(new, order, mixed, state.steps + 1, value, passes)

    def stop(self, state: Running) -> Stop | None:
        if state.stopped is None and len(state.passes) > 2 and len(state.order) == self.count:
            found = aitken(state.passes[-3:])
            if found.known and found.left <= self.tolerance:
                return Reason.TO_GAIN(left=found.left, tolerance=self.tolerance)
        return state.stopped
