"""F on data as a function of named blocks of free coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from entropy_proofs.evaluate.batch import POINTS, SAMPLES
from entropy_proofs.families.coordinates import Array
from entropy_proofs.families.spaces import Space
from entropy_proofs.learn.annealing import Schedule, weights_at
from entropy_proofs.learn.bound import Bound, BoundEvaluation
from entropy_proofs.learn.encoder import Encoder
from entropy_proofs.points.collapse import Spreads
from entropy_proofs.q.distribution import ClosedForm, FreeArray
from entropy_proofs.q.sampled import Normals

Arrays = dict[str, Any]


class Blocks(NamedTuple):
    """Free coordinates, or a gradient by them: those that all data points share, and each one's."""

    common: Arrays
    local: Arrays


@dataclass(frozen=True, eq=False)
class Problem:
    """A bound with data, in free coordinates: `common` blocks (of parameters, hidden and encoder
    weights) and `local` ones (N, ...), of each data point's own q.

    Attributes:
        sizes: all dims.
        data: observed variables (N, ...).
        given: known parameters, and the joint states of enumerated latents.
        parameters: what moves besides q: shape and coordinates.
        domains: of the parameters.
        encoder: amortises q; without it q's blocks are local.
        schedules: of weights on the bound's terms, by variable.
        spread: of the data, by variable, which scales are compared with.
        points: how many data points there are, which may be sequences in one row of `data`.
    """

    bound: Bound
    sizes: dict[str, int]
    data: Arrays
    given: Arrays
    parameters: dict[str, FreeArray]
    domains: dict[str, Space]
    posterior: ClosedForm | Normals
    encoder: Encoder | None
    schedules: Mapping[str, Schedule]
    spread: Spreads
    points: int

    def only(self, rows: NDArray[np.intp] | slice) -> Problem:
        """The same problem on some of the data points."""
        some = {name: x[rows] for name, x in self.data.items()}
        return replace(self, data=some, points=len(next(iter(some.values()))))

    # annealing --------------------------------------------------------------------------------
    def at(self, iteration: int) -> Problem:
        """The problem with the weights of an iteration, from 0."""
        if not self.schedules:
            return self
        return replace(self, given={**self.given, **weights_at(self.schedules, iteration)})

    @property
    def settled(self) -> int:
        """From which iteration on the weights do not change."""
        return max((schedule.steps for schedule in self.schedules.values()), default=0)

    # coordinates ------------------------------------------------------------------------------
    def values(self, common: Arrays) -> Arrays:
        """The moving parameters' values."""
        return {n: p.coordinates.forward(common[n]) for n, p in self.parameters.items()}

    def blocks(self, common: Arrays, local: Arrays) -> Arrays:
        """q's coordinates, (N, ...)."""
        return local if self.encoder is None else self.encoder(common, inputs(self.data))

    def evaluate(
        self, common: Arrays, local: Arrays, noise: Arrays
    ) -> tuple[BoundEvaluation, Arrays, Arrays]:
        """The point, and the gradients of F by common and local blocks."""
        blocks = self.blocks(common, local)
        posterior = self.posterior.on(noise)
        sizes = {**self.sizes, POINTS.name: self.points, SAMPLES.name: posterior.count}
        given = {**self.data, **self.given, **self.values(common)}
        q, entropy = posterior.arrays(blocks, given)
        found = self.bound(sizes, {**given, **q}, float(entropy))
        by_common = {
            name: p.coordinates.pullback(common[name], found.gradients[name])
            for name, p in self.parameters.items()
        }
        by_block = _pulled_back(posterior, blocks, found)
        if self.encoder is None:
            return found, by_common, by_block
        weights = {n: w for n, w in common.items() if n not in self.parameters}
        if weights:
            by_common |= self.encoder.pullback(weights, inputs(self.data), by_block)
        return found, by_common, {}


def _pulled_back(posterior: ClosedForm | Normals, blocks: Arrays, found: BoundEvaluation) -> Arrays:
    """The gradient by q's coordinates: of F / w_q, in which H[q] counts once, times w_q."""
    w = found.q_weight
    if w == 1:
        return posterior.pullback(blocks, found.gradients)
    scaled = {name: g / w for name, g in found.gradients.items()}
    return {n: w * g for n, g in posterior.pullback(blocks, scaled).items()}


def inputs(data: Arrays) -> Array:
    """All observed variables of a data point as one vector, (N, inputs)."""
    flat = [np.asarray(x, dtype=float).reshape(len(x), -1) for x in data.values()]
    return np.concatenate(flat, axis=1)
