"""The M-step: parameters with closed-form optima are solved for, the others take gradient steps.

So do those whose optimum is outside of their domain on the data at hand: a positive mean of
negative numbers.  There F has no maximum along the block, but grows to the domain's end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from entropy_proofs.evaluate.model_code import ELBO, ProofCode
from entropy_proofs.learn.em.posterior import Array, Arrays, Found
from entropy_proofs.learn.optimisers import Layout
from entropy_proofs.learn.problem import Blocks, Problem
from entropy_proofs.optimise.lbfgs import LBFGS
from entropy_proofs.optimise.protocol import solve
from entropy_proofs.optimise.result import Reason, Result
from entropy_proofs.proving.proof import Proof
from entropy_proofs.updates.compiled_updates import UpdateCode
from entropy_proofs.updates.m_step import Update, stages

STEPS = 20  # of L-BFGS in one M-step
STEEP = 1e-6  # a gradient that is more than rounding, in units of F or 1
LENGTHS = tuple(10.0**-k for k in range(8))  # of the steps that are tried at the end


class MStep:
    """New parameters from what an E-step left, q held.

    Args:
        problem: what moves, and what is given besides.
        proof: whose updates solve for some of the parameters.

    Attributes:
        left: the updates of the last step that would have left their domain.
        climbed: names of the parameters that take gradient steps, those that ever did included.
    """

    def __init__(self, problem: Problem, proof: Proof):
        self.problem = problem
        self.solved = _compiled(proof, problem.bound.code)
        closed = {p.name for update in proof.updates.m_step for p in update.parameters}
        self._open = [n for n in problem.parameters if n not in closed]
        self.left: list[Update] = []
        self.climbed = list(self._open)

    def __call__(self, values: Arrays, found: Found) -> Arrays:
        """Values of all parameters, given those so far."""
        values, sizes, left = dict(values), found.sizes, list[Update]()
        given = self.problem.given
        for code in self.solved:
            averages = Arrays()
            for share, part in found.parts:
                own = code.statistics(part.sizes, {**given, **part.arrays, **values})
                for name, average in own.items():
                    averages[name] = averages.get(name, 0.0) + share * np.asarray(average)
            values |= code.solved(sizes, averages, {**given, **values}, left)
        self.left = left
        moved = [*self._open, *(p.name for update in left for p in update.parameters)]
        self.climbed += [n for n in moved if n not in self.climbed]
        if moved:
            values |= self._uphill(moved, values, found)
        return values

    def _uphill(self, names: Sequence[str], values: Arrays, found: Found) -> Arrays:
        """A few steps of L-BFGS, in free coordinates; block by block where none helps in all, as
        at a kink in one of them."""
        bound = _Held(self.problem, names, values, found)
        reached = bound.climbed()
        if reached.stop.reason is not Reason.ITERATIONS and bound.is_steep(reached.x):
            moved = bound.values(reached.x)
            for name in names:
                own = _Held(self.problem, [name], {**values, **moved}, found)
                moved |= own.values(own.climbed().x)
            return moved
        return bound.values(reached.x)

    def left_to_gain(self, values: Arrays, found: Found) -> float:
        """What a step along the gradient would gain, of the blocks that take such steps."""
        blocks = [[n] for n in self.climbed]
        sets = [*blocks, self.climbed] if len(blocks) > 1 else blocks
        return max([0.0, *(_Held(self.problem, n, values, found).gain() for n in sets)])


class _Held:
    """-F as a function of some parameters' free coordinates, all else held."""

    def __init__(self, problem: Problem, names: Sequence[str], values: Arrays, found: Found):
        self.problem, self.held, self.found = problem, values, found
        self.own = {n: problem.parameters[n].coordinates for n in names}
        start = Blocks({n: c.inverse(np.asarray(values[n])) for n, c in self.own.items()}, {})
        self.layout = Layout(start)
        self.start = self.layout.vector(start)

    def values(self, x: Array) -> Arrays:
        free = self.layout.blocks(x).common
        return {n: c.forward(free[n]) for n, c in self.own.items()}

    def cost(self, x: Array) -> tuple[float, Array]:
        """-F and its gradient."""
        free, moved = self.layout.blocks(x).common, self.values(x)
        value, slope = 0.0, np.zeros_like(x)
        with np.errstate(all="ignore"):
            for share, part in self.found.parts:
                arrays = {**self.problem.given, **part.arrays, **self.held, **moved}
                by_value = self.problem.bound.code.gradients(part.sizes, arrays, set(self.own))
                slopes = {
                    n: c.pullback(free[n], np.asarray(by_value[n])) for n, c in self.own.items()
                }
                value += share * float(by_value[ELBO])
                slope += share * self.layout.vector(Blocks(slopes, {}), power=1)
        return -value, -slope

    def climbed(self) -> Result[Array]:
        """A few steps of L-BFGS."""
        options: dict[str, Any] = {"maxiter": STEPS, "ftol": 0.0, "gtol": 1e-12}
        return solve(LBFGS(_Fenced(self.cost), options), self.start)

    def is_steep(self, x: Array) -> bool:
        """Whether the gradient is more than rounding."""
        value, slope = self.cost(x)
        return bool(np.linalg.norm(slope) > STEEP * max(1.0, abs(value)))

    def gain(self) -> float:
        """The most that F rises by along its gradient, for steps of several lengths.

        No more than the gradient promises: what rises faster may be another optimum's.
        """
        value, slope = self.cost(self.start)
        length = float(np.linalg.norm(slope))
        if not (np.isfinite(length) and self.is_steep(self.start)):
            return 0.0
        found = [(h, value - self.cost(self.start - h * slope / length)[0]) for h in LENGTHS]
        return max([0.0, *(min(gain, h * length) for h, gain in found if np.isfinite(gain))])


class _Fenced:
    """A cost that rises where it has no number, so that a line search comes back from there."""

    def __init__(self, cost: Callable[[Array], tuple[float, Array]]):
        self.cost = cost
        self.best: tuple[float, Array, Array] | None = None

    def __call__(self, x: Array) -> tuple[float, Array]:
        value, slope = self.cost(x)
        if np.isfinite(value) and np.isfinite(slope).all():
            if self.best is None or value <= self.best[0]:
                self.best = value, slope, np.array(x)
            return value, slope
        if self.best is None:
            return 1e100, np.zeros_like(x)
        least, before, near = self.best
        away, rise = x - near, float(np.linalg.norm(before))
        length = float(np.linalg.norm(away))
        if not length > 0:
            return 1e100, np.zeros_like(x)
        return least + rise * length, 2 * rise * away / length


@lru_cache(maxsize=16)
def _compiled(proof: Proof, code: ProofCode) -> tuple[UpdateCode, ...]:
    """The updates in a code's batches, one for each time that statistics are taken anew."""
    runs = stages(proof.updates.m_step)
    return tuple(UpdateCode(proof, code.backend, code.batch, run) for run in runs)
