"""Where parameters start: at the data's level and scale where their shapes say how, else random.

Shapes and domains decide, never a model's name: what has an observed variable's shape is a level or
a scale of it, one more leading axis makes it one of several components, one more trailing axis a
loading.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from entropy_proofs.errors import InputError
from entropy_proofs.model import Model, Parameter, Variable
from entropy_proofs.numeric.coordinates import Array
from entropy_proofs.numeric.instance import parameter_value, shape_value

Arrays = dict[str, Any]
RIDGE = 1e-3  # of a covariance that starts from the data's, relative


class Starts:
    """Draws where a model's parameters start on data."""

    def __init__(
        self, model: Model, data: Arrays, sizes: Mapping[str, int], rng: np.random.Generator
    ):
        self.model, self.data, self.sizes, self.rng = model, data, sizes, rng
        self._groups: dict[tuple[str, int], NDArray[np.intp]] = {}

    def values(self, shapes: Mapping[str, tuple[tuple[int, ...], str]]) -> Arrays:
        """Values for parameters and hidden weights.

        Args:
            shapes: shape and domain by name.
        """
        return {name: self._value(name, *of) for name, of in shapes.items()}

    def _value(self, name: str, shape: tuple[int, ...], domain: str) -> Any:
        p = self.model.parameters.get(name)
        if p is None:
            return _spread(self.rng.normal(size=shape))
        if "." not in name:
            for v in self.model.variables.values():
                if v.observed and p.label in self._symbols(v):
                    value = self._scale(p, v) if _is_scale(p, v) else self._level(p, v)
                    if value is not None:
                        return value
        if domain == "simplex" and len(shape) == 1:
            return np.full(shape, 1 / shape[0])
        value = parameter_value(domain, shape, self.rng)
        if domain != "real":
            return value
        return value / np.sqrt(shape[-1]) if len(shape) > 1 else 0.1 * value

    def _symbols(self, v: Variable) -> Any:
        terms = (t for t in self.model.terms if t.variable == v.name)
        return set().union(*(t.log_density.free_symbols for t in terms))

    def _scale(self, p: Parameter, v: Variable) -> Any | None:
        """The data's variances or covariance; those within groups for several components."""
        shape, x = shape_value(p.shape, self.sizes), self.data[v.name]
        axes = 2 if p.domain == "positive definite" else len(v.shape)
        several = len(shape) > axes and len(v.shape) == 1
        components = p.shape[: len(shape) - axes]
        alone = p.domain == "positive" and v.shape and len(p.shape) == 1 and p.shape != v.shape
        within = x - x.mean(axis=0)
        if len(v.shape) == 1 and len(components) == 1 and several:
            groups = self._grouped(v, shape[0])
            within = x - _centres(x, groups, shape[0])[groups]
        variances = _variances(within)
        if p.domain == "positive definite":
            if len(v.shape) != 1 or p.shape[-1] != v.shape[0]:
                return None
            covariance = within.T @ within / len(x) + RIDGE * np.diag(variances)
            return np.broadcast_to(covariance, shape).copy()
        if v.shape and p.shape[-len(v.shape) :] == v.shape:
            return np.broadcast_to(variances, shape).copy()
        if not p.shape or alone:
            return np.full(shape, float(variances.mean()))
        return None

    def _level(self, p: Parameter, v: Variable) -> Any | None:
        """Means (D), centres of components (K, D) or principal components (D, H)."""
        kinds = {"real", "positive", "nonnegative integer", "binary"}
        if not v.shape or v.support.kind not in kinds:
            return None
        shape, x = shape_value(p.shape, self.sizes), self.data[v.name]
        mean, several = x.mean(axis=0), p.shape[1:] == v.shape
        if several and len(v.shape) == 1:
            groups = self._grouped(v, shape[0])
            level = _centres(x, groups, shape[0])
        elif p.shape == v.shape:
            level = mean
        elif p.domain == v.support.kind == "real" and p.shape[:1] == v.shape and len(shape) == 2:
            return _loadings(x - mean, shape[1], self.rng)
        else:
            return None
        if p.domain == v.support.kind == "real":
            return level
        if p.domain == "positive":
            return np.abs(level) + 0.1 * (np.abs(mean).mean() or 1.0)
        if p.domain == "unit interval" and v.support.kind == "binary":
            return (level + 0.1) / 1.2
        return None

    def _grouped(self, v: Variable, count: int) -> NDArray[np.intp]:
        """The groups of the data points that components start from."""
        key = v.name, count
        if key not in self._groups:
            self._groups[key] = _groups(self.data[v.name], count, self.rng)
        return self._groups[key]


def _spread(weights: Array) -> Array:
    """Weights with singular values of one, so that no hidden unit repeats another."""
    if weights.ndim < 2:
        return 0.1 * weights
    u, _, v = np.linalg.svd(weights, full_matrices=False)
    return u @ v


def _is_scale(p: Parameter, v: Variable) -> bool:
    return v.support.kind == "real" and p.domain in {"positive", "positive definite"}


def _variances(centred: Array) -> Array:
    """Of each column; constant ones are taken to vary as the others do."""
    found = (centred**2).mean(axis=0)
    ordinary = found.mean() or 1.0
    return np.where(found > 1e-12 * ordinary, found, ordinary)


def _groups(x: Array, count: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """k-means on columns of variance one, from data points far from each other."""
    x = (x - x.mean(axis=0)) / np.sqrt(_variances(x - x.mean(axis=0)))
    centres = x[rng.integers(len(x), size=1)]
    while len(centres) < count:
        far = _squares(x, centres).min(axis=1)
        total = far.sum()
        row = rng.choice(len(x), p=far / total) if total > 0 else rng.integers(len(x))
        centres = np.concatenate([centres, x[row][None]])
    for _ in range(20):
        centres = _centres(x, _squares(x, centres).argmin(axis=1), count)
    return _squares(x, centres).argmin(axis=1)


def _centres(x: Array, groups: NDArray[np.intp], count: int) -> Array:
    """The groups' means; of an empty one, the data's."""
    rows = [x[groups == k] for k in range(count)]
    return np.array([(own if len(own) else x).mean(axis=0) for own in rows])


def _squares(x: Array, centres: Array) -> Array:
    found = (x**2).sum(axis=1)[:, None] - 2 * x @ centres.T + (centres**2).sum(axis=1)
    return np.maximum(found, 0)


def _loadings(centred: Array, count: int, rng: np.random.Generator) -> Array:
    """The first principal components, as long as their deviations; a little off the symmetry."""
    _, lengths, directions = np.linalg.svd(centred, full_matrices=False)
    found = 0.1 * rng.normal(size=(centred.shape[1], count)) * np.sqrt(_variances(centred))[:, None]
    kept = min(count, len(lengths))
    found[:, :kept] += (directions[:kept] * lengths[:kept, None]).T / np.sqrt(len(centred))
    return found


def given_values(init: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> Arrays:
    """What the user gives, as arrays of the right shapes.

    Raises:
        InputError: a name is unknown, a shape is wrong or a number is not finite.
    """
    found = {}
    for name, value in init.items():
        if name not in shapes:
            raise InputError(f"init: {name} is none of {', '.join(shapes)}")
        try:
            array = np.array(value, dtype=float)
        except (TypeError, ValueError):
            raise InputError(f"init: {name} is no array of numbers") from None
        if array.shape != shapes[name]:
            raise InputError(f"init: {name} has shape {array.shape}, not {shapes[name]}")
        if not np.isfinite(array).all():
            raise InputError(f"init: {name} contains NaN or infinity")
        found[name] = array
    return found
