"""Where parameters start: at the data's level and scale where their shapes say how, else random.

Shapes and domains decide, never a model's name: what has an observed variable's shape is a level or
a scale of it, one more leading axis makes it one of several components, one more trailing axis a
loading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.errors import InputError
from entropy_proofs.evaluate.random_values import apart, shape_value
from entropy_proofs.families.coordinates import Array
from entropy_proofs.families.entering import check_values, real_array
from entropy_proofs.families.space_values import parameter_value
from entropy_proofs.families.spaces import (
    BINARY,
    COUNT,
    POSITIVE,
    POSITIVE_DEFINITE,
    REAL,
    SCALES,
    SIMPLEX,
    UNIT_INTERVAL,
    Space,
)
from entropy_proofs.model.model import Model, Parameter, Variable
from entropy_proofs.points.sequences import chain_lengths
from entropy_proofs.spelling import none_of

Arrays = dict[str, Any]
CERTAIN = 0.9  # how sure q starts of its component
SOME = 20_000  # rows of large data that starts are drawn from
RIDGE = 1e-3  # of a covariance that starts from the data's, relative


def data_units(model: Model, data: Arrays, weights: Array | None = None) -> dict[str, Array]:
    """By parameter: the deviations of the observed real vector that one of its axes runs along.

    They are units for means, loadings and a decoder's last layer, which then are of order one; one
    for all where one scale serves all coordinates.  A parameter under an exponential (a
    log-variance) has no such unit.
    """
    found: dict[str, Array] = {}
    learned = model.learned().values()
    for v in model.variables.values():
        if not (v.observed and v.support == REAL and len(v.shape) == 1):
            continue
        densities = [t.log_density for t in model.terms if t.variable == v.name]
        seen = set[sp.Basic]().union(*map(symbols_in, densities))
        powers = set[sp.Basic]().union(*(symbols_in(e) for d in densities for e in d.atoms(sp.exp)))
        along = [
            p for p in learned
            if p.domain == REAL and v.shape[0] in p.shape and p.label in seen - powers
            and p.name not in found
        ]  # fmt: skip
        if not along:
            continue
        x = data[v.name]
        variances = _variances(x - _mean(x, weights), weights)
        own = any(v.shape[0] in q.shape for q in learned if q.domain in SCALES)
        deviations = np.sqrt(variances if own else np.full_like(variances, variances.mean()))
        for p in along:
            axis = p.shape.index(v.shape[0])
            found[p.name] = deviations.reshape(-1, *[1] * (len(p.shape) - axis - 1))
    return found


class Starts:
    """Draws where a model's parameters start on data.

    What is observed over the time of a chain is taken as so many data points.

    Args:
        weights: of the data points, (N,), of mean one; None if all count alike.
    """

    def __init__(
        self,
        model: Model,
        data: Arrays,
        sizes: Mapping[str, int],
        rng: np.random.Generator,
        weights: Array | None = None,
    ):
        self.model, self.data, self.sizes, self.rng = model, dict(data), sizes, rng
        self.weights = weights
        self._variables = dict(model.variables)
        self._groups: dict[tuple[str, int], NDArray[np.intp]] = {}
        steps = chain_lengths(model)
        for name, v in model.variables.items():
            if v.observed and v.shape and v.shape[0] in steps:
                self._variables[name] = replace(v, shape=v.shape[1:])
                x = np.asarray(data[name])
                self.data[name] = x.reshape(-1, *x.shape[2:])

    @property
    def _over_time(self) -> bool:
        return self._variables != self.model.variables

    @cached_property
    def _units(self) -> dict[str, Array]:
        return {} if self._over_time else data_units(self.model, self.data, self.weights)

    def values(self, shapes: Mapping[str, tuple[tuple[int, ...], Space]]) -> Arrays:
        """Values for parameters and hidden weights.

        Args:
            shapes: shape and domain by name.
        """
        return {name: self._value(name, *of) for name, of in shapes.items()}

    def _value(self, name: str, shape: tuple[int, ...], domain: Space) -> Any:
        p = self.model.parameters.get(name)
        if p is None:
            weights = self.rng.normal(size=shape)
            return 0.1 * weights if weights.ndim < 2 else apart(weights)
        unit = self._units.get(name)
        for v in self._variables.values():
            if v.observed and p.label in self._symbols(v):
                scale = v.support == REAL and domain in SCALES
                level = unit is not None or domain != REAL or self._over_time
                value = self._scale(p, v) if scale else self._level(p, v) if level else None
                if value is not None:
                    return value
        if domain == SIMPLEX and len(shape) == 1:
            return np.full(shape, 1 / shape[0])
        value = parameter_value(domain, shape, self.rng)
        if domain != REAL:
            return value
        value = value / np.sqrt(shape[-1]) if len(shape) > 1 else 0.1 * value
        return value if unit is None else value * unit

    def _symbols(self, v: Variable) -> Any:
        terms = (t for t in self.model.terms if t.variable == v.name)
        return set().union(*(symbols_in(t.log_density) for t in terms))

    def _scale(self, p: Parameter, v: Variable) -> Any | None:
        """The data's variances or covariance; those within groups for several components."""
        shape, x = shape_value(p.shape, self.sizes), self.data[v.name]
        axes = 2 if p.domain == POSITIVE_DEFINITE else len(v.shape)
        several = len(shape) > axes and len(v.shape) == 1
        components = p.shape[: len(shape) - axes]
        alone = p.domain == POSITIVE and v.shape and len(p.shape) == 1 and p.shape != v.shape
        within = x - _mean(x, self.weights)
        if len(v.shape) == 1 and len(components) == 1 and several:
            groups = self._grouped(v, shape[0])
            within = x - _centres(x, groups, shape[0], self.weights)[groups]
        variances = _variances(within, self.weights)
        if p.domain == POSITIVE_DEFINITE:
            if len(v.shape) != 1 or p.shape[-1] != v.shape[0]:
                return None
            covariance = _weighed(within, self.weights).T @ within / len(x) + RIDGE * np.diag(
                variances
            )
            return np.broadcast_to(covariance, shape).copy()
        if v.shape and p.shape[-len(v.shape) :] == v.shape:
            return np.broadcast_to(variances, shape).copy()
        if not p.shape or alone:
            return np.full(shape, float(variances.mean()))
        return None

    def _level(self, p: Parameter, v: Variable) -> Any | None:
        """Means (D), centres of components (K, D) or principal components (D, H)."""
        kinds = {REAL, POSITIVE, COUNT, BINARY}
        if not v.shape or v.support not in kinds:
            return None
        shape, x = shape_value(p.shape, self.sizes), self.data[v.name]
        mean, several = _mean(x, self.weights), p.shape[1:] == v.shape
        if several and len(v.shape) == 1:
            groups = self._grouped(v, shape[0])
            level = _centres(x, groups, shape[0], self.weights)
        elif p.shape == v.shape:
            level = mean
        elif p.domain == REAL and p.shape[:1] == v.shape and len(shape) == 2 and "." not in p.name:
            return _loadings(x - mean, shape[1], self.rng, self.weights)
        else:
            return None
        if p.domain == v.support == REAL:
            return level
        if p.domain == POSITIVE:
            return np.abs(level) + 0.1 * (np.abs(mean).mean() or 1.0)
        if p.domain == UNIT_INTERVAL and v.support == BINARY:
            return (level + 0.1) / 1.2
        return None

    def probabilities(self, count: int) -> Array | None:
        """Of a data point's component (N, count), where components start from groups."""
        found = next((g for (_, k), g in self._groups.items() if k == count), None)
        if found is None:
            return None
        return CERTAIN * np.eye(count)[found] + (1 - CERTAIN) / count

    def _grouped(self, v: Variable, count: int) -> NDArray[np.intp]:
        """The groups of the data points that components start from."""
        key = v.name, count
        if key not in self._groups:
            self._groups[key] = _groups(self.data[v.name], count, self.rng, self.weights)
        return self._groups[key]


def _weighed(x: Array, weights: Array | None) -> Array:
    return x if weights is None else x * weights.reshape(-1, *[1] * (x.ndim - 1))


def _mean(x: Array, weights: Array | None) -> Array:
    return np.asarray(_weighed(x, weights).mean(axis=0))


def _variances(centred: Array, weights: Array | None = None) -> Array:
    """Of each column; constant ones are taken to vary as the others do."""
    found = _mean(centred**2, weights)
    ordinary = found.mean() or 1.0
    return np.where(found > 1e-12 * ordinary, found, ordinary)


def _groups(
    x: Array, count: int, rng: np.random.Generator, weights: Array | None
) -> NDArray[np.intp]:
    """k-means on columns of variance one, from data points far from each other."""
    x = x - _mean(x, weights)
    x = x / np.sqrt(_variances(x, weights))
    often = np.ones(len(x)) if weights is None else weights
    centres = x[rng.choice(len(x), p=often / often.sum())][None]
    while len(centres) < count:
        far = often * _squares(x, centres).min(axis=1)
        total = far.sum()
        row = rng.choice(len(x), p=(far if total > 0 else often) / (total or often.sum()))
        centres = np.concatenate([centres, x[row][None]])
    for _ in range(20):
        centres = _centres(x, _squares(x, centres).argmin(axis=1), count, weights)
    return _squares(x, centres).argmin(axis=1)


def _centres(x: Array, groups: NDArray[np.intp], count: int, weights: Array | None = None) -> Array:
    """The groups' means; of an empty one, the data's."""
    often = np.ones(len(x)) if weights is None else weights
    found = np.empty((count, x.shape[1]))
    for k in range(count):
        own = np.where(groups == k, often, 0.0)
        own = own if own.any() else often
        found[k] = own @ x / own.sum()
    return found


def _squares(x: Array, centres: Array) -> Array:
    found = (x**2).sum(axis=1)[:, None] - 2 * x @ centres.T + (centres**2).sum(axis=1)
    return np.maximum(found, 0)


def _loadings(centred: Array, count: int, rng: np.random.Generator, weights: Array | None) -> Array:
    """The first principal components, as long as their deviations; a little off the symmetry."""
    rooted = _weighed(centred, None if weights is None else np.sqrt(weights))
    _, lengths, directions = np.linalg.svd(rooted, full_matrices=False)
    ends = np.abs(directions).argmax(axis=1)
    directions = directions * np.sign(directions[np.arange(len(ends)), ends])[:, None]
    deviations = np.sqrt(_variances(centred, weights))
    found = 0.1 * rng.normal(size=(centred.shape[1], count)) * deviations[:, None]
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
            raise InputError(f"init: {none_of(name, shapes)}")
        array = real_array(f"init: {name}", value)
        if array.shape != shapes[name]:
            raise InputError(f"init: {name} has shape {array.shape}, not {shapes[name]}")
        check_values(f"init: {name}", array, REAL)
        found[name] = array
    return found


def sample_weights(given: Any, points: int) -> Array | None:
    """How often each data point counts, (N,), of mean one.

    Raises:
        InputError: they are not one number >= 0 for each data point, or all zero.
    """
    if given is None:
        return None
    weights = real_array("sample_weight", given)
    if weights.shape != (points,):
        raise InputError(f"sample_weight: has shape {weights.shape}, not {(points,)}")
    check_values("sample_weight", weights, REAL)
    if (weights < 0).any() or not weights.any():
        raise InputError("sample_weight: weights are numbers >= 0, not all of them zero")
    return weights / weights.mean()


def some(data: Mapping[str, Any], weights: Array | None) -> tuple[Arrays, Array | None]:
    """Evenly spread rows of large data, which tell where to start and what units are."""
    points = len(next(iter(data.values())))
    step = max(1, points // SOME)
    few = {n: np.array(x[::step]) for n, x in data.items()}
    if weights is None:
        return few, None
    chosen = weights[::step]
    return few, chosen / chosen.mean() if chosen.any() else None
