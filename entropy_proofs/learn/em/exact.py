"""EM on a problem, accelerated: from starting values to where nothing is left to gain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from entropy_proofs.errors import InputError
from entropy_proofs.families.entering import interior
from entropy_proofs.families.spaces import POSITIVE, Space
from entropy_proofs.learn.bound import BoundEvaluation, average
from entropy_proofs.learn.em.condensed import Condensed
from entropy_proofs.learn.em.engines import Engine
from entropy_proofs.learn.em.maximise import MStep
from entropy_proofs.learn.em.posterior import Array, Arrays, Found
from entropy_proofs.learn.em.with_q import WithQ
from entropy_proofs.learn.history import History
from entropy_proofs.learn.optimisers import Layout, norm
from entropy_proofs.learn.problem import Blocks, Problem
from entropy_proofs.learn.stopping import degenerate, trouble
from entropy_proofs.optimise.protocol import solve
from entropy_proofs.optimise.result import Reason, Stop
from entropy_proofs.optimise.squarem import SLACK, NoUpdate, Seen, Squarem

LEAST = 1e-12  # of probabilities and rates of counts: on the boundary coordinates are infinite
SMALLEST = 1e-300  # of what has the data's unit, in which no number is small


@dataclass(frozen=True)
class Reached:
    """Where EM ended.

    Attributes:
        values: the parameters.
        found: F, S, v·∇F there, with the best q.
        updates: how many E-steps there were.
    """

    values: Arrays
    stop: Stop
    found: BoundEvaluation
    updates: int


class ExactUpdates:
    """EM's map in free coordinates: x -> (the next x, F at x).

    Args:
        problem: its bound says F, S and v·∇F of what an E-step leaves.
        with_q: parameters that are solved for together with q; x holds the others alone.
    """

    def __init__(
        self, problem: Problem, engine: Engine, m_step: MStep, with_q: WithQ | None = None
    ):
        self.problem, self.engine, self.m_step, self.with_q = problem, engine, m_step, with_q
        gone = frozenset[str]() if with_q is None else with_q.names
        self.moving = {n: p for n, p in problem.parameters.items() if n not in gone}
        observed = [v for v in problem.bound.model.variables.values() if v.observed]
        self.least = LEAST if all(v.support.discrete for v in observed) else SMALLEST
        self.last: tuple[Arrays, Found] | None = None
        self.count = 0  # of E-steps

    def coordinates(self, values: Arrays) -> Blocks:
        """Free coordinates of what moves, those on the boundary moved off it."""
        domains = self.problem.domains
        free = {
            n: p.coordinates.inverse(_inside(domains[n], np.asarray(values[n]), self.least))
            for n, p in self.moving.items()
        }
        return Blocks(free, {})

    def layout(self) -> Layout:
        return Layout(Blocks({n: np.zeros(p.free) for n, p in self.moving.items()}, {}))

    def __call__(self, x: Array) -> tuple[Array, float]:
        layout, last = self.layout(), Arrays()  # the newest parameters
        try:
            with np.errstate(all="ignore"):
                last = self.values(x)
                values, found = self.arrive(x)
                last = self.m_step(values, found)
                image = layout.vector(self.coordinates(last))
        except (np.linalg.LinAlgError, FloatingPointError):
            raise NoUpdate(degenerate(self.problem, last)) from None
        if not np.isfinite(image).all():
            raise NoUpdate(degenerate(self.problem, last))
        return image, found.value

    def values(self, x: Array) -> Arrays:
        """The parameters at a point, but for those that are solved for together with q."""
        blocks = self.layout().blocks(x).common
        return {n: p.coordinates.forward(blocks[n]) for n, p in self.moving.items()}

    def arrive(self, x: Array) -> tuple[Arrays, Found]:
        """The parameters at a point, and what the E-step leaves there."""
        values = self.values(x)
        if self.with_q is not None:
            values |= self.with_q(values)
        self.count += 1
        found = self.engine.e_step(values)
        self.last = values, found
        return values, found

    @property
    def resolved(self) -> bool:
        """Whether rounding leaves digits of what the last E-step found."""
        if self.last is None or not isinstance(self.engine, Condensed):
            return True
        (part,) = (own for _, own in self.last[1].parts)
        return self.engine.resolves(part)

    def slope(self, values: Arrays, found: BoundEvaluation) -> float:
        """The norm of F's gradient by free coordinates."""
        slopes = {}
        for n, p in self.problem.parameters.items():
            u = p.coordinates.inverse(np.asarray(values[n]))
            slopes[n] = p.coordinates.pullback(u, found.gradients[n])
        return norm(slopes)

    def evaluated(self) -> tuple[Arrays, BoundEvaluation]:
        """The last point's parameters, and F, S and v·∇F there."""
        assert self.last is not None
        values, found = self.last
        return values, self.said(values, found)

    def left_to_gain(self) -> float:
        """At the last point: what gradient steps would gain that none was made of."""
        assert self.last is not None
        return self.m_step.left_to_gain(*self.last)

    def said(self, values: Arrays, found: Found) -> BoundEvaluation:
        """F, S and v·∇F of what an E-step left."""
        given = {**self.problem.given, **values}
        parts = [
            (share, self.problem.bound(part.sizes, {**given, **part.arrays}, part.entropy))
            for share, part in found.parts
        ]
        return parts[0][1] if len(parts) == 1 else average(parts, self.problem.parameters)


def run(
    updates: ExactUpdates, values: Arrays, history: History, max_iter: int, tol: float,
    accelerated: bool = True,
) -> Reached:  # fmt: skip
    """EM from starting values.

    Args:
        max_iter: at most so many E-steps.
        tol: stop once so much is left to gain, in nats per data point.
    """
    problem = updates.problem

    def seen(x: Array, value: float, left: float) -> Stop | None:
        values, found = updates.evaluated()
        history.add(found, updates.slope(values, found), left, updates.count)
        return trouble(problem, values, found)

    if not updates.moving:
        return _at_once(updates, seen)
    solver = Squarem(updates, tol, max_iter, seen, accelerated)
    start = updates.layout().vector(updates.coordinates(values))
    with np.errstate(all="ignore"):
        reached = solve(solver, start)
        try:
            updates.arrive(reached.x)
            last, found = updates.evaluated()
        except (np.linalg.LinAlgError, FloatingPointError):
            raise InputError(f"init: {reached.stop}") from None
    stop = reached.stop
    if stop.converged and not updates.resolved:
        stop = Reason.UNRESOLVED()
    elif stop.converged and (left := updates.m_step.left):
        names = ", ".join(p.name for update in left for p in update.parameters)
        failing = "; ".join(dict.fromkeys(c for update in left for c in update.inside_where))
        stop = Reason.AT_END(name=names, reached=stop, conditions=failing)
    elif stop.converged and updates.m_step.climbed:
        gain = updates.left_to_gain()
        if gain > max(tol, SLACK * max(1.0, abs(found.elbo))):
            names = ", ".join(updates.m_step.climbed)
            stop = Reason.STUCK_STEPS(name=names, left=gain)
    return Reached(last, stop, found, reached.steps)


def _at_once(updates: ExactUpdates, seen: Seen) -> Reached:
    """The global maximum, where all parameters are solved for together with q."""
    nowhere = np.zeros(0)
    values, found = updates.arrive(nowhere)
    stop = seen(nowhere, found.value, 0.0) or Reason.CLOSED_FORM()
    _, evaluated = updates.evaluated()
    return Reached(values, stop, evaluated, 1)


def _inside(domain: Space, value: Array, least: float) -> Array:
    """least: of positive values."""
    if domain == POSITIVE:
        return np.maximum(value, least)
    moved = interior(domain, value)
    return np.clip(moved, LEAST, 1 - LEAST) if moved is not value else moved
