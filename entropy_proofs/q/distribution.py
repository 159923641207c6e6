"""q of all data points as numbers: from free coordinates to what a bound takes, and back.

The classes differ in what the bound takes: q's own arrays, where expectations have a closed form,
or samples with equal weights.  F - S = v·∇F holds exactly for each.  What is made of samples works
on floats and, once `lifted`, on balls.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from entropy_proofs.families.coordinates import Coordinates, LowerTriangular, Positive

Arrays = dict[str, Any]
Shape = tuple[int, ...]
LOG_DEVIATION = float(np.log(0.5))  # where deviations start


@dataclass(frozen=True)
class FreeArray:
    """An array's shape and its free coordinates."""

    shape: Shape
    coordinates: Coordinates

    @property
    def free(self) -> Shape:
        return self.coordinates.shape(self.shape)


class Distribution(ABC):
    """q^(n) of latents for n = 1..N, in blocks of free coordinates (N, ...) named as q's arrays.

    count: samples for each data point, 1 where there are none.
    """

    count: int

    @abstractmethod
    def own(self) -> dict[str, FreeArray]:
        """q's arrays for one data point, by name: "z.mean", "z.deviation", "z.probabilities"."""

    @abstractmethod
    def start(self, points: int, rng: np.random.Generator) -> Arrays:
        """Where the coordinates start."""

    @abstractmethod
    def arrays(self, blocks: Arrays, given: Mapping[str, Any]) -> tuple[Arrays, Any]:
        """What the bound takes, and (1/N) sum_n H[q^(n)] if the bound cannot tell.

        given: the bound's other arrays.
        """

    @abstractmethod
    def pullback(self, blocks: Arrays, gradients: Arrays) -> Arrays:
        """The gradient by block of F and of H[q], given F's by what the bound takes."""

    @abstractmethod
    def lifted(self, code: Any) -> Distribution:
        """The same q in the numbers of another backend's code."""

    def values(self, blocks: Arrays) -> Arrays:
        """q's arrays (N, ...)."""
        return {n: array.coordinates.forward(blocks[n]) for n, array in self.own().items()}

    def called(self, name: str) -> str:
        """A block of coordinates in words, such as "log deviation z"."""
        latent, _, suffix = name.rpartition(".")
        logs = isinstance(self.own()[name].coordinates, Positive)
        return f"log {suffix} {latent}" if logs else f"{suffix} {latent}"


def near_zero(
    q: Distribution,
    points: int,
    rng: np.random.Generator,
    spread: float = 0.1,
    log_deviation: float = LOG_DEVIATION,
) -> Arrays:
    """Coordinates near zero at random; deviations are all alike."""
    found = {}
    for name, array in q.own().items():
        u = np.zeros((points, *array.free))
        if name.endswith(".deviation"):
            u += log_deviation
        elif isinstance(array.coordinates, LowerTriangular):
            rows, columns = np.tril_indices(array.shape[-1])
            u[..., rows == columns] = log_deviation
        else:
            u += spread * rng.normal(size=u.shape)
        found[name] = u
    return found


class BestAlready(Distribution):
    """q that the rest determines, without coordinates."""

    def own(self) -> dict[str, FreeArray]:
        return {}

    def start(self, points: int, rng: np.random.Generator) -> Arrays:
        return {}

    def pullback(self, blocks: Arrays, gradients: Arrays) -> Arrays:
        return {}


@dataclass(frozen=True)
class ClosedForm(Distribution):
    """q whose expectations are taken in closed form: the bound takes its own arrays."""

    by_name: dict[str, FreeArray]
    count = 1

    def own(self) -> dict[str, FreeArray]:
        return self.by_name

    def start(self, points: int, rng: np.random.Generator) -> Arrays:
        return near_zero(self, points, rng)

    def noise(self, points: int, rng: np.random.Generator) -> Arrays:
        return {}

    def on(self, noise: Arrays) -> ClosedForm:
        return self

    def arrays(self, blocks: Arrays, given: Mapping[str, Any]) -> tuple[Arrays, Any]:
        return self.values(blocks), 0.0

    def pullback(self, blocks: Arrays, gradients: Arrays) -> Arrays:
        return {n: a.coordinates.pullback(blocks[n], gradients[n]) for n, a in self.by_name.items()}

    def lifted(self, code: Any) -> ClosedForm:
        return self
