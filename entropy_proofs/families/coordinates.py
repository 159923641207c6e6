"""Free coordinates of constrained arrays: smooth maps, their pullbacks and volumes.

`forward` takes free coordinates u (any numbers) to values in the domain, `pullback` a gradient with
respect to the values to one with respect to u, `inverse` values to coordinates.  All work on stacks
of arrays: leading axes are left alone.  `forward`, `pullback` and `log_volume` also take balls.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from entropy_proofs.families.number_functions import constant, expit, log_expit, softmax

Array = NDArray[np.float64]


def in_shapes(flat: NDArray[Any], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    """Arrays by name, whose elements follow one another along the last axis."""
    found, start = {}, 0
    for name, shape in shapes.items():
        stop = start + prod(shape)
        found[name] = flat[..., start:stop].reshape((*flat.shape[:-1], *shape))
        start = stop
    return found


class Coordinates(ABC):
    """A smooth map from free coordinates onto a domain."""

    def shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of the coordinates of an array."""
        return shape

    @abstractmethod
    def forward(self, u: Array) -> Array: ...

    @abstractmethod
    def pullback(self, u: Array, gradient: Array) -> Array: ...

    @abstractmethod
    def inverse(self, value: Array) -> Array: ...

    def log_volume(self, u: Array) -> tuple[Any, Array]:
        """sum log |d value / d u| over the stack, and its gradient."""
        raise NotImplementedError(f"{type(self).__name__} has no volume")


class Real(Coordinates):
    def forward(self, u: Array) -> Array:
        return u

    def pullback(self, u: Array, gradient: Array) -> Array:
        return gradient

    def inverse(self, value: Array) -> Array:
        return value

    def log_volume(self, u: Array) -> tuple[Any, Array]:
        return 0.0, np.zeros_like(u)


@dataclass(frozen=True, eq=False)
class InUnits(Coordinates):
    """Real numbers in units that broadcast with them."""

    unit: Array

    def forward(self, u: Array) -> Array:
        return u * self.unit

    def pullback(self, u: Array, gradient: Array) -> Array:
        return gradient * self.unit

    def inverse(self, value: Array) -> Array:
        return value / self.unit


class Positive(Coordinates):
    """exp."""

    def forward(self, u: Array) -> Array:
        return np.exp(u)

    def pullback(self, u: Array, gradient: Array) -> Array:
        return gradient * np.exp(u)

    def inverse(self, value: Array) -> Array:
        return np.log(value)

    def log_volume(self, u: Array) -> tuple[Any, Array]:
        return u.sum(), u * 0 + 1


class BetweenZeroAndOne(Coordinates):
    """The logistic curve, between 0 and 1."""

    def forward(self, u: Array) -> Array:
        return expit(u)

    def pullback(self, u: Array, gradient: Array) -> Array:
        return gradient * expit(u) * expit(-u)

    def inverse(self, value: Array) -> Array:
        return np.log(value) - np.log(1 - value)

    def log_volume(self, u: Array) -> tuple[Any, Array]:
        return (log_expit(u) + log_expit(-u)).sum(), 1 - 2 * expit(u)


@dataclass(frozen=True)
class Stretched(Coordinates):
    """start + width times the values of other coordinates."""

    of: Coordinates
    start: float | Array
    width: float | Array

    def forward(self, u: Array) -> Array:
        return self.start + self.width * self.of.forward(u)

    def pullback(self, u: Array, gradient: Array) -> Array:
        return self.of.pullback(u, self.width * gradient)

    def inverse(self, value: Array) -> Array:
        return self.of.inverse((value - self.start) / self.width)

    def log_volume(self, u: Array) -> tuple[Any, Array]:
        volume, gradient = self.of.log_volume(u)
        return volume + np.broadcast_to(np.log(np.abs(self.width)), u.shape).sum(), gradient


class Simplex(Coordinates):
    """Softmax along the last axis, the last logit fixed at zero."""

    def shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return (*shape[:-1], shape[-1] - 1)

    def forward(self, u: Array) -> Array:
        return softmax(u)

    def pullback(self, u: Array, gradient: Array) -> Array:
        p = self.forward(u)
        return (p * (gradient - (p * gradient).sum(axis=-1, keepdims=True)))[..., :-1]

    def inverse(self, value: Array) -> Array:
        return np.log(value[..., :-1]) - np.log(value[..., -1:])

    def log_volume(self, u: Array) -> tuple[Any, Array]:
        p = self.forward(u)
        return np.log(p).sum(), 1 - p.shape[-1] * p[..., :-1]


class Increasing(Coordinates):
    """The first number along the last axis, and the logarithms of the steps after it."""

    def forward(self, u: Array) -> Array:
        steps = np.concatenate([u[..., :1], np.exp(u[..., 1:])], axis=-1)
        return np.cumsum(steps, axis=-1)

    def pullback(self, u: Array, gradient: Array) -> Array:
        later = np.cumsum(gradient[..., ::-1], axis=-1)[..., ::-1]  # a step moves all after it
        return np.concatenate([later[..., :1], later[..., 1:] * np.exp(u[..., 1:])], axis=-1)

    def inverse(self, value: Array) -> Array:
        return np.concatenate([value[..., :1], np.log(np.diff(value, axis=-1))], axis=-1)


class LowerTriangular(Coordinates):
    """Lower triangular with a positive diagonal, the logarithms of which are coordinates."""

    def shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        n = shape[-1]
        return (*shape[:-2], n * (n + 1) // 2)

    def forward(self, u: Array) -> Array:
        rows, columns = self._places(u)
        n = rows[-1] + 1
        root = np.zeros((*u.shape[:-1], n, n), dtype=u.dtype)
        root[..., rows, columns] = np.where(rows == columns, np.exp(u * (rows == columns)), u)
        return root

    def pullback(self, u: Array, gradient: Array) -> Array:
        rows, columns = self._places(u)
        by_u = gradient[..., rows, columns]
        return np.where(rows == columns, by_u * np.exp(u * (rows == columns)), by_u)

    def inverse(self, value: Array) -> Array:
        n = value.shape[-1]
        rows, columns = np.tril_indices(n)
        u = value[..., rows, columns]
        return np.where(rows == columns, np.log(np.where(rows == columns, u, 1.0)), u)

    @staticmethod
    def _places(u: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        n = int((np.sqrt(8 * u.shape[-1] + 1) - 1) / 2)
        return np.tril_indices(n)


class PositiveDefinite(LowerTriangular):
    """L L' with a lower triangular L, the logarithms of its diagonal as coordinates."""

    def forward(self, u: Array) -> Array:
        root = super().forward(u)
        return root @ np.swapaxes(root, -1, -2)

    def pullback(self, u: Array, gradient: Array) -> Array:
        by_root = (gradient + np.swapaxes(gradient, -1, -2)) @ super().forward(u)
        return super().pullback(u, by_root)

    def inverse(self, value: Array) -> Array:
        return super().inverse(np.asarray(np.linalg.cholesky(value), dtype=np.float64))

    def log_volume(self, u: Array) -> tuple[Any, Array]:
        rows, columns = self._places(u)
        n = rows[-1] + 1
        weights = np.where(rows == columns, n + 1.0 - rows, 0.0)
        stack = u.size // u.shape[-1]
        total = (weights * u).sum() + stack * n * np.log(constant(2, u))
        return total, u * 0 + weights


class UnitColumns(Coordinates):
    """Columns divided by their norms."""

    def forward(self, u: Array) -> Array:
        return u / self._norm(u)

    def pullback(self, u: Array, gradient: Array) -> Array:
        w = self.forward(u)
        return (gradient - w * (w * gradient).sum(axis=-2, keepdims=True)) / self._norm(u)

    def inverse(self, value: Array) -> Array:
        return value

    @staticmethod
    def _norm(u: Array) -> Array:
        return np.sqrt((u**2).sum(axis=-2, keepdims=True))
