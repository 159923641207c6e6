"""The M-step: parameters with closed-form optima are solved for, the others take gradient steps.

So do those whose optimum is outside of their domain on the data at hand: a positive mean of
negative numbers.  There F has no maximum along the block, but grows to the domain's end.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from entropy_proofs.evaluate.model_code import ELBO, ProofCode
from entropy_proofs.learn.em.posterior import Array, Arrays, Found
from entropy_proofs.learn.optimisers import Layout
from entropy_proofs.learn.problem import Blocks, Problem
from entropy_proofs.optimise.lbfgs import LBFGS
from entropy_proofs.optimise.protocol import solve
from entropy_proofs.proving.proof import Proof
from entropy_proofs.updates.compiled_updates import UpdateCode
from entropy_proofs.updates.m_step import Update, stages

STEPS = 20  # of L-BFGS in one M-step


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
        """A few steps of L-BFGS, in free coordinates."""
        given, code = self.problem.given, self.problem.bound.code
        own = {n: self.problem.parameters[n].coordinates for n in names}
        start = Blocks({n: c.inverse(np.asarray(values[n])) for n, c in own.items()}, {})
        layout = Layout(start)

        def cost(x: Array) -> tuple[float, Array]:
            free = layout.blocks(x).common
            moved = {n: c.forward(free[n]) for n, c in own.items()}
            value, slope = 0.0, np.zeros_like(x)
            with np.errstate(all="ignore"):
                for share, part in found.parts:
                    arrays = {**given, **part.arrays, **values, **moved}
                    by_value = code.gradients(part.sizes, arrays, set(own))
                    slopes = {
                        n: c.pullback(free[n], np.asarray(by_value[n])) for n, c in own.items()
                    }
                    value += share * float(by_value[ELBO])
                    slope += share * layout.vector(Blocks(slopes, {}), power=1)
            if not (np.isfinite(value) and np.isfinite(slope).all()):
                return 1e100, np.zeros_like(x)
            return -value, -slope

        options: dict[str, Any] = {"maxiter": STEPS, "ftol": 0.0, "gtol": 1e-12}
        reached = solve(LBFGS(cost, options), layout.vector(start)).x
        free = layout.blocks(reached).common
        return {n: c.forward(free[n]) for n, c in own.items()}


@lru_cache(maxsize=16)
def _compiled(proof: Proof, code: ProofCode) -> tuple[UpdateCode, ...]:
    """The updates in a code's batches, one for each time that statistics are taken anew."""
    runs = stages(proof.updates.m_step)
    return tuple(UpdateCode(proof, code.backend, code.batch, run) for run in runs)
