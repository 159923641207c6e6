"""Learning's solvers: L-BFGS on all data, and optax's optimisers on mini-batches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from entropy_proofs.families.coordinates import Array, in_shapes
from entropy_proofs.learn.bound import BoundEvaluation
from entropy_proofs.learn.history import History
from entropy_proofs.learn.problem import Arrays, Blocks, Problem
from entropy_proofs.learn.stopping import GapRule, trouble
from entropy_proofs.optimise.lbfgs import LBFGS
from entropy_proofs.optimise.optax import OPTAX, Moments, OptaxSteps
from entropy_proofs.optimise.protocol import solve
from entropy_proofs.optimise.result import Reason, Stop

LARGE = 100_000  # coordinates, from which on L-BFGS remembers fewer steps
RUNS = 6  # of L-BFGS, as its memory may lead nowhere
HELD = 10  # iterations of L-BFGS with the same weights
OPTIMIZERS = ("auto", "em", "l-bfgs", *OPTAX)


def norm(*gradients: Arrays) -> float:
    """Of all blocks together."""
    return float(np.sqrt(sum(np.sum(np.square(g)) for found in gradients for g in found.values())))


# L-BFGS -------------------------------------------------------------------------------------------
class Layout:
    """Blocks as one vector; the local ones scaled so that each point's curvature is of order one.

    F is an average, so its curvature along one data point's own coordinates is 1/N of the
    parameters'; multiplied by sqrt(N), all are alike.
    """

    def __init__(self, given: Blocks):
        common, local = given
        blocks = [*common.items(), *local.items()]
        self.common, self.local = list(common), list(local)
        self.shapes = {name: np.shape(block) for name, block in blocks}
        points = len(next(iter(local.values()))) if local else 1
        self.scales = {name: np.sqrt(points) if name in local else 1.0 for name, _ in blocks}

    def vector(self, given: Blocks, power: int = -1) -> Array:
        """Coordinates (power -1) or a gradient (power 1)."""
        blocks = {**given.common, **given.local}
        parts = [np.ravel(blocks[n]) * self.scales[n] ** power for n in self.shapes]
        return np.concatenate(parts) if parts else np.zeros(0)

    def blocks(self, x: Array) -> Blocks:
        parts = in_shapes(x, self.shapes)
        found = {n: np.asarray(part * self.scales[n]) for n, part in parts.items()}
        return Blocks({n: found[n] for n in self.common}, {n: found[n] for n in self.local})


class _Cost:
    """What scipy calls: minus F, which remembers its last point, so that nothing is done twice."""

    def __init__(self, problem: Problem, layout: Layout, noise: Arrays):
        self.problem, self.layout, self.noise = problem, layout, noise
        self.worst = 1.0
        self.last: tuple[Array, BoundEvaluation, float] | None = None

    def __call__(self, x: Array) -> tuple[float, Array]:
        common, local = self.layout.blocks(x)
        try:
            with np.errstate(all="ignore"):
                found, *gradients = self.problem.evaluate(common, local, self.noise)
            gradient = self.layout.vector(Blocks(*gradients), power=1)
            finite = np.isfinite(found.elbo) and np.isfinite(gradient).all()
        except np.linalg.LinAlgError:
            finite = False
        if not finite:  # a step too far: the line search comes back
            return self.worst, np.zeros_like(x)
        self.last = x.copy(), found, norm(*gradients)
        self.worst = max(self.worst, 1e3 + 10 * abs(found.elbo))
        return -found.elbo, -gradient

    def evaluated(self, x: Array) -> tuple[BoundEvaluation, float]:
        """The evaluation at a point and the gradient's norm."""
        if self.last is None or not np.array_equal(self.last[0], x):
            self(x)
        assert self.last is not None
        return self.last[1:]


@dataclass(frozen=True)
class Stage:
    """Blocks, and how they came about.

    Attributes:
        weights: the iteration whose weights were held last.
        runs: of L-BFGS with the final weights.
        stopped: why the last of these ended.
        moved: whether it did anything.
    """

    x: Blocks
    weights: int = 0
    runs: int = 0
    stopped: Stop | None = None
    moved: bool = True


class Climb:
    """scipy's L-BFGS on all data with fixed noise, stopped by the gap.

    A step is a run of it.  Weights that change keep their values for `HELD` iterations each, as
    L-BFGS learns the curvature of one function.
    """

    def __init__(
        self, problem: Problem, noise: Arrays, history: History, max_iter: int, tol: float
    ):
        self.problem, self.noise, self.history = problem, noise, history
        self.max_iter, self.tol = max_iter, tol
        self.moving = min(problem.settled, max_iter)  # iterations with weights that change

    def init(self, x: Blocks) -> Stage:
        return Stage(x)

    def step(self, state: Stage) -> Stage:
        held = state.weights
        if held < self.moving:
            steps = min(HELD, self.moving - held)
            found, stopped = self._run(state.x, held, steps, None)
            return Stage(found, held + steps, stopped=stopped if stopped.failed else None)
        done = len(self.history)
        found, stopped = self._run(state.x, held, self._left, GapRule(self.tol))
        return Stage(found, held, state.runs + 1, stopped, len(self.history) > done)

    def stop(self, state: Stage) -> Stop | None:
        stopped, going = state.stopped, state.weights < self.moving
        if stopped is not None and (stopped.failed or stopped.converged):
            return stopped
        if going or (self._left > 0 and state.moved and state.runs < RUNS):
            return None
        return stopped or Reason.ITERATIONS(most=self.max_iter)

    @property
    def _left(self) -> int:
        """How many iterations with the final weights are left."""
        return self.max_iter - max(len(self.history), self.moving)

    def _run(
        self, x: Blocks, weights: int, steps: int, rule: GapRule | None
    ) -> tuple[Blocks, Stop]:
        """One run of L-BFGS; without a rule, so many steps."""
        problem, layout = self.problem.at(weights), Layout(x)
        cost = _Cost(problem, layout, self.noise)
        start = layout.vector(x)
        cost(start)
        if cost.last is None:
            return x, Reason.NO_START()

        def watch(x: Array) -> Stop | None:
            found, length = cost.evaluated(x)
            self.history.add(found, length)
            said = trouble(problem, problem.values(layout.blocks(x).common), found)
            if said is None and rule is not None:
                said = rule.reached(found.predicted_gap, found.elbo)
            return said

        options: dict[str, Any] = {
            "maxiter": steps, "maxfun": 50 * steps, "maxcor": 20 if start.size < LARGE else 8,
            "maxls": 40, "ftol": 0.0, "gtol": 1e-12,
        }  # fmt: skip
        run = solve(LBFGS(cost, options, watch), start)
        stop = run.stop
        if stop.reason is Reason.ITERATIONS:
            stop = Reason.ITERATIONS(most=len(self.history))
        elif stop.reason is Reason.NO_STEP:
            gap = abs(cost.evaluated(run.x)[0].predicted_gap)
            small = rule is not None and gap <= rule.tolerance
            stop = (Reason.ROUNDING if small else Reason.STUCK)(gap=gap)
        return layout.blocks(run.x), stop


# mini-batches -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Batches:
    """Blocks after a mini-batch.

    Attributes:
        moments: what the optimiser remembers.
        order: the data points that this epoch has still to see.
        epoch: (v·∇F, F) of its mini-batches so far.
        before: the common blocks before the last step, its rows, and their local blocks.
    """

    x: Blocks
    moments: Moments
    order: Any
    epoch: tuple[tuple[float, float], ...] = ()
    before: tuple[Arrays, Any, Arrays] | None = None
    stopped: Stop | None = None


class Descent:
    """One of optax's optimisers on mini-batches, with fresh noise for each.

    Each data point's own coordinates have an optimiser state of their own and climb their own
    point's bound.  The gap is averaged over an epoch before it is compared with the tolerance.
    """

    def __init__(
        self,
        problem: Problem,
        history: History,
        rng: np.random.Generator,
        steps: OptaxSteps,
        batch_size: int | None,
        tol: float,
    ):
        self.problem, self.history, self.rng, self.steps = problem, history, rng, steps
        self.size = min(batch_size or problem.points, problem.points)
        self.whole = self.size == problem.points
        self.rule = GapRule(tol, over_data=not self.whole)

    def init(self, x: Blocks) -> Batches:
        return Batches(x, self.steps.init(*x), np.zeros(0, dtype=np.intp))

    def step(self, state: Batches) -> Batches:
        order, points = state.order, self.problem.points
        if not len(order):
            order = np.arange(points) if self.whole else self.rng.permutation(points)
        rows, order = order[: self.size], order[self.size :]
        batch = self.problem if len(rows) == points else self.problem.only(rows)
        batch = batch.at(len(self.history))
        common, local = state.x
        mine = {name: block[rows] for name, block in local.items()}
        noise = batch.posterior.noise(len(rows), self.rng)
        try:
            with np.errstate(all="ignore"):
                found, *gradients = batch.evaluate(common, mine, noise)
                stopped = trouble(batch, batch.values(common), found)
        except np.linalg.LinAlgError:
            stopped = Reason.NOT_FINITE()
        if stopped is None and not np.isfinite(length := norm(*gradients)):
            stopped = Reason.GRADIENT_NOT_FINITE()
        if stopped is not None:
            return replace(state, x=_before(state), stopped=stopped)
        self.history.add(found, length)
        epoch = state.epoch
        if len(self.history) > self.problem.settled:
            epoch += ((found.predicted_gap, found.elbo),)
        *moved, moments = self.steps(common, local, state.moments, rows, *gradients)
        if epoch and not len(order):
            stopped, epoch = self.rule.reached(*np.mean(epoch, axis=0)), ()
        return Batches(Blocks(*moved), moments, order, epoch, (common, rows, mine), stopped)

    def stop(self, state: Batches) -> Stop | None:
        return state.stopped


def _before(state: Batches) -> Blocks:
    """The blocks before the last step."""
    if state.before is None:
        return state.x
    common, rows, mine = state.before
    for name, block in state.x.local.items():
        block[rows] = mine[name]
    return Blocks(common, state.x.local)
