"""q of a chain of discrete states that is Markov in time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import sympy as sp
from numpy import ndarray
from sympy import Expr

from entropy_proofs.families.spaces import BINARY, PROBABILITY_TABLE, SIMPLEX
from entropy_proofs.q.factor import Arrays, At, Factor, NotAnalytic, Shape
from entropy_proofs.q.markov.forward_backward import forward_backward

_TIED = 1e-6  # how far marginals may be from those of the pairs


class DiscreteMarkovFactor(Factor):
    """A chain by the probabilities of its states and of its pairs of neighbours.

    Coordinates of one step are chains of their own, independent of each other.
    """

    family: ClassVar = "Markov"
    domains: ClassVar = {"probabilities": SIMPLEX, "pairs": PROBABILITY_TABLE}
    meanings: ClassVar = {"pairs": "probabilities of neighbours"}
    reach: ClassVar = 1  # how many steps apart are known together

    @property
    def states(self) -> Expr:
        """How many there are."""
        return sp.sympify(self.variable.support.bounds[0]) if not self.binary else sp.Integer(2)

    @property
    def binary(self) -> bool:
        """Whether they are 0 and 1, as numbers."""
        return self.variable.support == BINARY

    def shapes(self) -> dict[str, Shape]:
        steps, *copies = self.variable.shape
        k = self.states
        return {"probabilities": (steps, *copies, k), "pairs": (steps - 1, *copies, k, k)}

    def mean(self, at: At) -> Expr:
        if not self.binary:
            raise NotAnalytic(f"no closed form is known for the mean of {self.variable.name}")
        return self.element("probabilities", (*at, sp.S.One))

    def variance(self, at: At) -> Expr:
        return self.mean(at) * (1 - self.mean(at))

    def covariance(self, later: At, earlier: At, lag: int) -> Expr:
        """Of two numbers that are `lag` steps apart, where both are of one coordinate."""
        if not lag:
            return self.variance(later)
        both = self.element("pairs", (*earlier, sp.S.One, sp.S.One))
        return both - self.mean(earlier) * self.mean(later)

    def parts(self) -> tuple[tuple[Shape, Callable[[At], Expr]], ...]:
        """log q(s_0), and log q(s_{t+1} | s_t)."""
        steps, *copies = self.variable.shape

        def given_before(at: At) -> Expr:
            t, *own = at
            now, after = self.value((t, *own)), self.value((t + 1, *own))
            pair = self.element("pairs", (t, *own, now, after))
            return sp.log(pair) - sp.log(self.element("probabilities", (t, *own, now)))

        return ((tuple(copies), self.log_density), ((steps - 1, *copies), given_before))

    def log_density(self, at: At) -> Expr:
        """Of the first step."""
        first = (sp.S.Zero, *at)
        return sp.log(self.element("probabilities", (*first, self.value(first))))

    def tied(self, q: Arrays) -> dict[str, ndarray]:
        """With the first step's probabilities, and each step's given the one before."""
        given = q["pairs"] / q["pairs"].sum(axis=-1, keepdims=True)
        single, pairs = [q["probabilities"][:, 0]], []
        for t in range(given.shape[1]):
            pairs.append(single[-1][..., None] * given[:, t])
            single.append(pairs[-1].sum(axis=-2))
        found = np.stack(pairs, axis=1) if pairs else q["pairs"]
        return {"probabilities": np.stack(single, axis=1), "pairs": found}

    def untied(self, q: Arrays) -> str:
        single, pairs = q["probabilities"], q["pairs"]
        before, after = pairs.sum(axis=-1) - single[:, :-1], pairs.sum(axis=-2) - single[:, 1:]
        far = max((float(np.abs(a).max()) for a in (before, after) if a.size), default=0.0)
        return f"{far:.1g} from the sums of the pairs" if far > _TIED else ""

    def natural_step(self, q: Arrays, slope: Arrays) -> dict[str, ndarray]:
        """T are the indicators of states and neighbours: forward-backward."""
        single, pairs = np.log(q["probabilities"]), np.log(q["pairs"])
        node, edge = slope["probabilities"].copy(), slope["pairs"] + pairs + 1
        inner = single + 1
        node[:, :1] += inner[:, :1]
        node[:, :-1] -= inner[:, :-1]
        node, edge = _time_last(node, 1), _time_last(edge, 2)
        found, joint, _ = forward_backward(node, edge)
        return {"probabilities": _time_first(found, 1), "pairs": _time_first(joint, 2)}


def _time_last(a: Any, axes: int) -> Any:
    """(N, T, copies, ...) as (N, copies, T, ...), before so many last axes."""
    return np.moveaxis(a, 1, -1 - axes)


def _time_first(a: Any, axes: int) -> Any:
    return np.moveaxis(a, -1 - axes, 1)
