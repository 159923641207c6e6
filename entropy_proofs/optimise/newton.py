"""Second-order steps in the Hessian's eigenvectors: to maxima, and to any zero of the gradient."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from entropy_proofs.optimise.result import Reason, Stop

Array = NDArray[np.float64]

FLAT = 1e-6  # eigenvalues of the Hessian, relative to the largest


class SmoothFunction(Protocol):
    """A smooth F of coordinates, of which some groups have no second derivatives in common."""

    def __call__(self, x: Array) -> tuple[float, Array]:
        """F and its gradient."""

    def independent(self) -> tuple[int, NDArray[np.intp]]:
        """How many coordinates, the first, are common; the others, a row for each group."""


def hessian(function: SmoothFunction, x: Array, h: float = 1e-5) -> Array:
    """Second derivatives by central differences of the gradient.

    The coordinates of different data points' q have none in common, so they are moved together.
    """
    common, groups = function.independent()
    found = np.zeros((len(x), len(x)))

    def difference(moved: Any) -> Array:
        step = np.zeros_like(x)
        step[moved] = h
        return (function(x + step)[1] - function(x - step)[1]) / (2 * h)

    for k in range(common):
        found[k] = found[:, k] = difference(k)
    for k in range(groups.shape[1]):
        column = difference(groups[:, k])
        for other in range(groups.shape[1]):
            found[groups[:, k], groups[:, other]] = column[groups[:, other]]
    return (found + found.T) / 2


def signs(function: SmoothFunction, x: Array) -> tuple[int, int, int] | None:
    """How many of the Hessian's eigenvalues are positive, negative and (nearly) zero.

    None if it is not finite.
    """
    curved = hessian(function, x)
    if not np.all(np.isfinite(curved)):
        return None
    values = np.linalg.eigvalsh(curved)
    flat = FLAT * np.abs(values).max(initial=0)
    rising, falling = int((values > flat).sum()), int((values < -flat).sum())
    return rising, falling, len(values) - rising - falling


@dataclass(frozen=True)
class Iterate:
    """A point with F and its gradient there.

    Attributes:
        norms: of the gradients so far, this one's last.
        damping: that the next step begins with.
        stopped: why there is no next one.
    """

    x: Array
    value: float
    gradient: Array
    norms: tuple[float, ...]
    damping: float = 1e-3
    stopped: Stop | None = None

    @property
    def norm(self) -> float:
        return self.norms[-1]


class ToStationary:
    """What steps to where a gradient vanishes."""

    tolerance: float  # gradient norm of a stationary point

    def __init__(self, function: SmoothFunction):
        self.function = function

    def init(self, x: Array) -> Iterate:
        value, gradient = self.function(x)
        return Iterate(x, value, gradient, (float(np.linalg.norm(gradient)),))

    def stop(self, state: Iterate) -> Stop | None:
        return Reason.STATIONARY() if state.norm <= self.tolerance else state.stopped


class Damped(ToStationary, ABC):
    """Steps along the Hessian's eigenvectors, damped ten times more until one helps."""

    trials: ClassVar[int]
    least: ClassVar[float]  # damping after a step that did not help
    negligible: ClassVar[float]  # damping that is none

    @abstractmethod
    def move(self, curvatures: Array, slopes: Array, damping: float) -> Array:
        """How far to go along each eigenvector, given the Hessian's and the gradient's there."""

    @abstractmethod
    def better(self, new: Iterate, old: Iterate) -> bool:
        """Whether a step helped."""

    def step(self, state: Iterate) -> Iterate:
        curved = hessian(self.function, state.x)
        if not np.all(np.isfinite(curved)):
            return replace(state, stopped=Reason.NOT_FINITE())
        curvatures, vectors = np.linalg.eigh(curved)
        slopes = vectors.T @ state.gradient
        damping = state.damping
        for _ in range(self.trials):
            x = state.x + vectors @ self.move(curvatures, slopes, damping)
            value, gradient = self.function(x)
            less = damping / 30 if damping > self.negligible else 0.0
            norms = *state.norms, float(np.linalg.norm(gradient))
            new = Iterate(x, value, gradient, norms, less)
            if self.better(new, state):
                return new
            damping = max(10 * damping, self.least)
        return replace(state, stopped=Reason.NO_STEP())


class Newton(Damped):
    """Uphill; where F curves upwards, as if it curved downwards as much."""

    tolerance, trials, least, negligible = 1e-11, 10, 1e-8, 1e-14

    def move(self, curvatures: Array, slopes: Array, damping: float) -> Array:
        curvatures = np.abs(curvatures)
        flat = curvatures <= 1e-10 * curvatures.max()
        return np.where(flat, 0, slopes) / (curvatures + damping)

    def better(self, new: Iterate, old: Iterate) -> bool:
        higher = new.value - old.value > 1e-12 * (1 + abs(old.value))
        return bool(np.isfinite(new.norm) and (higher or new.norm < 0.9 * old.norm))


class LevenbergMarquardt(Damped):
    """To a zero of the gradient, of whatever kind.

    Levenberg (1944) and Marquardt (1963), for the gradient's squared norm.
    """

    tolerance, trials, least, negligible = 1e-13, 12, 1e-15, 1e-18
    patience: ClassVar = 6  # steps that may pass before the gradient halves

    def move(self, curvatures: Array, slopes: Array, damping: float) -> Array:
        largest = np.abs(curvatures).max(initial=0)
        curved = np.where(np.abs(curvatures) <= 1e-9 * largest, 0, curvatures)  # or flat
        return -curved * slopes / (curved**2 + damping * largest**2 + 1e-300)

    def better(self, new: Iterate, old: Iterate) -> bool:
        return new.norm < old.norm

    def stop(self, state: Iterate) -> Stop | None:
        slow = len(state.norms) > self.patience
        if slow and state.norm > state.norms[-1 - self.patience] / 2:
            return Reason.SLOW(patience=self.patience)
        return super().stop(state)
