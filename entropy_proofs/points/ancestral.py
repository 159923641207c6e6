"""Data drawn from a model: each conditional given its parents, by its log density alone.

A coordinate is drawn by inverting its distribution function: on whole numbers, or on a grid in free
coordinates that narrows down to where the density is.  Coordinates of vectors and matrices are
drawn in turn, given the others (Gibbs sampling).  All uniform numbers are drawn once, so a pass
over the model is a map: after as many as the longest chain has steps, nothing moves any more, and
every step was drawn given those before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from entropy_proofs.algebra.nodes import index
from entropy_proofs.evaluate.batch import POINT, POINTS, SAMPLE, SAMPLES, Batch
from entropy_proofs.evaluate.model_code import ModelCode
from entropy_proofs.evaluate.random_values import number, shape_value
from entropy_proofs.families.coordinates import Array, Coordinates, Stretched
from entropy_proofs.families.number_functions import expit
from entropy_proofs.families.space_values import coordinates, variable_value
from entropy_proofs.families.spaces import (
    POSITIVE_DEFINITE,
    REAL,
    SIMPLEX,
    Counts,
    OpenInterval,
    Scalars,
    Space,
)
from entropy_proofs.model.model import Model, ModelTerm, Variable

_GRID = 33  # points of a line, narrowed down so often
_NARROWED = 6
_SWEEPS = 20  # over the coordinates of an event
_MOST_NUMBERS = 2**12  # that a count without a bound is tried with

LogDensity = Callable[[Array], Array]


def drawn_from_model(
    code: ModelCode, sizes: Mapping[str, int], values: Mapping[str, Any], rng: np.random.Generator
) -> dict[str, Array]:
    """All variables (N, ...) by name; nothing where some cannot be drawn.

    Args:
        sizes: all dims, and N by the name of the data points.
        values: of parameters, constants and hidden weights.
    """
    model, known = code.model, {**sizes, **values}
    arrays: dict[str, Array] = {}
    for v in model.variables.values():
        support = v.support.mapped(partial(number, values=known))
        shape = sizes[POINTS.name], *shape_value(v.shape, sizes)
        arrays[v.name] = np.asarray(variable_value(support, shape, rng))
    conditionals = [_Conditional(model, term, sizes, values) for term in model.terms]
    chains = {a.variable for term in model.terms for a in term.aliases.values()}
    passes = max((arrays[name].shape[1] for name in chains), default=1)
    seeds = rng.integers(2**32, size=len(conditionals))
    with np.errstate(all="ignore"):  # what is not finite has density zero
        for _ in range(passes):
            for conditional, seed in zip(conditionals, seeds, strict=True):
                conditional.draw(arrays, np.random.default_rng(seed))
    found = {name: x.astype(float) for name, x in arrays.items()}
    return found if all(np.isfinite(x).all() for x in found.values()) else {}


class _OwnValue(Batch):
    """A batch in which the value of a chain's step is an array apart from the steps before it."""

    def __init__(self, model: Model, term: ModelTerm):
        super().__init__(model)
        part, v = self._aliases.pop(term.value, None), model.variables[term.variable]
        if part is not None:
            shape = part.shape(v.shape)
            self._by_label[term.value] = Variable(v.name, term.value, shape, v.observed, v.support)
            self._shapes[term.value] = shape


class _Conditional:
    """log p(v | parents) as a function of arrays, and v drawn from it."""

    def __init__(
        self, model: Model, term: ModelTerm, sizes: Mapping[str, int], values: Mapping[str, Any]
    ):
        batch = _OwnValue(model, term)
        at = tuple(index(f"drawn.{k}") for k in range(len(term.plates)))
        plates = dict(zip((i for i, _ in term.plates), at, strict=True))
        lengths = dict(zip(at, (n for _, n in term.plates), strict=True))
        density = batch.write(term.log_density).xreplace(plates)
        outputs = {"log density": (density, (POINT, SAMPLE, *at))}
        self._kernel = ModelCode(model, batch=batch).compile(outputs, lengths)
        self._model, self._term, self._sizes, self._values = model, term, sizes, values
        self._observed = {v.name: v.observed for v in model.variables.values()}
        self._event = len(term.event)
        bounds = partial(number, values={**sizes, **values})
        self._support = model.variables[term.variable].support.mapped(bounds)

    def _own(self, arrays: dict[str, Array]) -> Array:
        """The part of the variable's array that the conditional is about, as a view."""
        whole = arrays[self._term.variable]
        part = self._term.aliases.get(self._term.value)
        if part is None:
            return whole
        if part.steps is None:
            return whole[:, part.start]
        (steps,) = shape_value((part.steps,), self._sizes)
        return whole[:, part.start : part.start + steps]

    def log_density(self, arrays: dict[str, Array], own: Array) -> Array:
        """(N, G, plates) for values of the own variable (N, G, plates, event)."""
        points, tried = own.shape[:2]
        given = dict(self._values)
        rows = {name: np.repeat(a, tried, axis=0) for name, a in arrays.items()}
        observed = self._observed[self._term.variable]
        rows[self._term.value.name] = own.reshape(-1, *own.shape[2:])
        for name, a in rows.items():
            given[name] = a if self._observed.get(name, observed) else a[:, None]
        sizes = {**self._sizes, POINTS.name: points * tried, SAMPLES.name: 1}
        found = np.asarray(self._kernel(sizes, given)["log density"], dtype=float)
        plates = own.shape[2 : own.ndim - self._event]
        found = np.broadcast_to(found[:, 0], (points * tried, *plates))
        return np.where(np.isnan(found), -np.inf, found).reshape(points, tried, *plates)

    # drawing ----------------------------------------------------------------------------------
    def draw(self, arrays: dict[str, Array], rng: np.random.Generator) -> None:
        """Puts a draw given all other variables' values into the variable's array."""
        own = self._own(arrays)
        log_density = partial(self.log_density, arrays)
        if isinstance(self._support, Counts):
            for _ in range(_SWEEPS):
                for k in range(own.shape[-1] - 1):
                    self._exchange(own, k, log_density, rng)
        elif self._support.discrete:
            own[...] = self._whole_number(own.shape, log_density, rng)
        elif not self._event:
            own[...] = self._scalar(own.shape, log_density, rng)
        else:
            self._sweep(own, log_density, rng)

    def _scalar(
        self, shape: tuple[int, ...], log_density: LogDensity, rng: np.random.Generator
    ) -> Array:
        chart = _chart(self._support)

        def line(u: Array) -> Array:
            slope = chart.pullback(u, np.ones_like(u))
            return log_density(chart.forward(u)) + np.log(np.abs(slope))

        return chart.forward(_on_line(shape, line, self._farthest, rng))

    @property
    def _farthest(self) -> float:
        """In free coordinates, whose values are exponential where the support is not real."""
        return 1e6 if self._support == REAL else 500.0

    def _sweep(self, own: Array, log_density: LogDensity, rng: np.random.Generator) -> None:
        """A vector's or matrix's coordinates one after the other."""
        chart = coordinates(self._support)
        u = chart.inverse(own)
        free = u.shape[own.ndim - self._event :]
        for _ in range(_SWEEPS if np.prod(free) > 1 else 1):
            for place in np.ndindex(free):
                at = (..., *place)

                def line(tried: Array, at: Any = at) -> Array:
                    moved = np.repeat(u[:, None], tried.shape[1], axis=1)
                    moved[at] = tried
                    value = chart.forward(moved)
                    return log_density(value) + _log_volume(self._support, moved, value)

                u[at] = _on_line(u[at].shape, line, self._farthest, rng)
        own[...] = chart.forward(u)

    def _whole_number(
        self, shape: tuple[int, ...], log_density: LogDensity, rng: np.random.Generator
    ) -> Array:
        assert isinstance(self._support, Scalars)
        low, high = (np.asarray(b, dtype=float) for b in self._support.ends)
        last, uniform = 64, rng.random(shape)
        if np.isfinite(high - low).all():
            last = int(min((high - low).max(), _MOST_NUMBERS))
        while True:
            # from the end that there is, or around zero
            first = np.where(
                np.isfinite(low), low, np.where(np.isfinite(high), high, last // 2) - last
            )
            steps = np.arange(last + 1).reshape(1, -1, *(1 for _ in shape[1:]))
            tried = np.broadcast_to(first + steps, (shape[0], last + 1, *shape[1:])).astype(int)
            logs = np.where(tried <= high, log_density(tried), -np.inf)
            least = logs.max(axis=1) - 30
            above = (logs[:, -1] > least).any() and not np.isfinite(high).all()
            below = (logs[:, 0] > least).any() and not np.isfinite(low).all()
            if not (above or below) or last >= _MOST_NUMBERS:
                return np.asarray(first + _inverted(logs, uniform))
            last *= 4

    def _exchange(
        self, own: Array, k: int, log_density: LogDensity, rng: np.random.Generator
    ) -> None:
        """How much of x[k] + x[k + 1] is x[k]'s."""
        both = own[..., k] + own[..., k + 1]
        tried = np.arange(int(both.max()) + 1).reshape(1, -1, *(1 for _ in both.shape[1:]))
        moved = np.repeat(own[:, None], tried.shape[1], axis=1)
        moved[..., k] = np.minimum(tried, both[:, None])
        moved[..., k + 1] = both[:, None] - moved[..., k]
        logs = np.where(tried <= both[:, None], log_density(moved), -np.inf)
        place = _inverted(logs, rng.random(both.shape))
        own[..., k], own[..., k + 1] = place, both - place


def _chart(support: Space) -> Coordinates:
    """Free coordinates of scalars."""
    if isinstance(support, OpenInterval):
        standard, start, width = support.standard
        return Stretched(coordinates(standard), start, width)  # arrays, where the ends differ
    return coordinates(support)


def _log_volume(support: Space, u: Array, value: Array) -> Array | float:
    """log |d value / d u| of each event."""
    if support == SIMPLEX:
        return np.log(value).sum(axis=-1)
    if support == POSITIVE_DEFINITE:
        rows, columns = np.tril_indices(value.shape[-1])
        weights = np.where(rows == columns, value.shape[-1] + 1.0 - rows, 0.0)
        return (weights * u).sum(axis=-1)
    return 0.0


def _inverted(logs: Array, uniform: Array) -> NDArray[np.intp]:
    """Of choices (N, G, ...) with these log weights, the place of the one drawn."""
    weights = np.exp(logs - logs.max(axis=1, keepdims=True))
    totals = np.cumsum(weights, axis=1)
    below = totals < uniform[:, None] * totals[:, -1:]
    return np.minimum(below.sum(axis=1), logs.shape[1] - 1)


def _on_line(
    shape: tuple[int, ...], log_density: LogDensity, farthest: float, rng: np.random.Generator
) -> Array:
    """Real numbers of these log densities, each by its own grid, finer where it weighs more."""
    ends = np.arcsinh(farthest)
    grid = _column(np.sinh(np.linspace(-ends, ends, _GRID)), shape)
    tail = expit(np.linspace(-20, -4, _GRID // 4))
    middle = np.linspace(0, 1, _GRID - 2 * len(tail) + 2)[1:-1]
    even = _column(np.concatenate([tail, middle, 1 - tail[::-1]]), shape)
    for _ in range(_NARROWED):
        grid = _quantiles(grid, log_density(grid), even, narrows=True)
    uniform = rng.random((shape[0], 1, *shape[1:]))
    return _quantiles(grid, log_density(grid), uniform, narrows=False)[:, 0]


def _column(line: Array, shape: tuple[int, ...]) -> Array:
    """The same line of numbers for every element, along the second axis."""
    alone = line.reshape(1, -1, *(1 for _ in shape[1:]))
    return np.broadcast_to(alone, (shape[0], len(line), *shape[1:]))


def _quantiles(grid: Array, logs: Array, at: Array, narrows: bool) -> Array:
    """Where the distribution function has these values, for a log density linear in each cell.

    narrows: in cells that may hide a peak, as the density is only looked for; it is then taken to
        be as large in all of a cell as at the higher end.
    """
    logs = np.maximum(logs - logs.max(axis=1, keepdims=True), -700.0)
    left, right = logs[:, :-1], logs[:, 1:]
    rise = np.zeros_like(left) if narrows else right - left
    steep = np.where(np.abs(rise) < 1e-6, 1e-6, rise)
    mean = np.exp(left) * np.expm1(steep) / steep
    mass = np.diff(grid, axis=1) * (np.exp(np.maximum(left, right)) if narrows else mean)
    mass = mass / mass.sum(axis=1, keepdims=True)
    totals = np.cumsum(mass, axis=1)
    place = np.minimum((totals[:, None] < at[:, :, None]).sum(axis=2), mass.shape[1] - 1)

    def of(a: Array) -> Array:
        return np.take_along_axis(a, place, axis=1)

    share = np.clip((at - of(totals) + of(mass)) / np.maximum(of(mass), 1e-300), 0, 1)
    inside = np.log1p(share * np.expm1(of(steep))) / of(steep)
    return of(grid[:, :-1]) + inside * of(np.diff(grid, axis=1))
