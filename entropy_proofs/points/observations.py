"""Data for the observed variables: checked, or chosen from what scikit-learn ships."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from math import prod
from typing import Any

import numpy as np
import sympy as sp
from sympy import Expr, Symbol, floor, real_roots

from entropy_proofs.data.real_data import real_data
from entropy_proofs.errors import InputError
from entropy_proofs.evaluate.batch import POINTS, SAMPLES
from entropy_proofs.evaluate.random_values import bound_value, number, shape_value
from entropy_proofs.families.coordinates import Array
from entropy_proofs.families.entering import check_values, real_array, tolerance_of
from entropy_proofs.families.space_values import variable_value
from entropy_proofs.families.spaces import (
    BINARY,
    COUNT,
    POSITIVE,
    REAL,
    Category,
    Counts,
    IntegerRange,
    Space,
)
from entropy_proofs.model.model import Model

_COPIES = 4  # of the largest array, at work on it


def observed_names(model: Model) -> list[str]:
    return [v.name for v in model.variables.values() if v.observed]


def default_sizes(model: Model) -> dict[str, int]:
    """2 for all dims but those of observed arrays, 4, or 3 by 2, and the widths of networks, 1.

    Wider networks have no maximum to find: their units come to cancel each other at infinity.
    """
    sizes = {name: max(2, least) for name, least in model.least_sizes().items()}
    sizes.update({name: 1 for name in model.dims_ if name.startswith(("J_", "M_"))})
    for v in model.variables.values():
        if v.observed:
            wanted = {1: (4,), 2: (3, 2)}.get(len(v.shape), (2,) * len(v.shape))
            named = ((str(n), k) for n, k in zip(v.shape, wanted, strict=True) if n.is_Symbol)
            sizes.update({name: max(k, sizes[name]) for name, k in named})
    return sizes


def chosen_data(
    model: Model,
    sizes: Mapping[str, int],
    given: Mapping[str, Any],
    turn: int = 0,
    named: str | None = None,
) -> tuple[dict[str, Array], str]:
    """Data of scikit-learn for all observed variables, and where they are from."""
    found: dict[str, Array] = {}
    names: list[str] = []
    known = {**sizes, **given}
    for place, name in enumerate(observed_names(model)):
        v = model.variables[name]
        support = v.support.mapped(partial(number, values=known))
        shape = shape_value(v.shape, sizes)
        dataset, found[name] = real_data(support, shape, turn + place, named)
        names.append(dataset)
    rows = min(len(x) for x in found.values())
    return {n: x[:rows] for n, x in found.items()}, " and ".join(dict.fromkeys(names))


def random_data(
    model: Model, sizes: Mapping[str, int], given: Mapping[str, Any], rng: np.random.Generator
) -> dict[str, Array]:
    """Random numbers in two groups for all observed variables, real ones with heavy tails.

    Unlike real data they leave probabilities, degrees of freedom and variances away from their
    bounds, even when they are few.
    """
    known, points = {**sizes, **given}, sizes[POINTS.name]
    group = rng.integers(0, 2, points)
    found = {}
    for name in observed_names(model):
        v = model.variables[name]
        shape = points, *shape_value(v.shape, sizes)
        x = np.asarray(
            variable_value(v.support.mapped(partial(number, values=known)), shape, rng), dtype=float
        )
        level = rng.normal(size=(2, *shape[1:]))[group]
        if v.support == REAL:
            x = level + rng.standard_t(3, size=shape)
        elif v.support == POSITIVE:
            x = x * np.exp(level)
        elif v.support == COUNT:
            x = rng.poisson(4 * np.exp(level)).astype(float)
        elif v.support == BINARY:
            x = (rng.random(shape) < 1 / (1 + np.exp(-1.5 * level))).astype(float)
        found[name] = x
    return found


def observed_data(model: Model, data: Any, gaps: bool = False) -> dict[str, Array]:
    """The data by variable, checked.

    Args:
        gaps: whether entries may be missing (NaN), though not all of a column.

    Raises:
        InputError: NaN, a wrong width, values outside the support, or a missing variable.
    """
    names = observed_names(model)
    if not isinstance(data, Mapping):
        if len(names) != 1:
            raise InputError(f"data: give a dict with arrays for {', '.join(names) or 'nothing'}")
        data = {names[0]: data}
    for name in sorted(set(map(str, data)) ^ set(names)):
        raise InputError(f"{name}: {'no data given' if name in names else 'no such observed'}")
    found = {}
    for name in names:
        v = model.variables[name]
        x = real_array(name, data[name])
        if not v.shape and x.ndim == 2 and x.shape[1] == 1:
            x = x[:, 0]
        if x.ndim != len(v.shape) + 1 or not len(x):
            shape = ", ".join(["N", *map(str, v.shape)])
            raise InputError(f"{name}: the data have shape {x.shape}, not ({shape})")
        tolerance = tolerance_of(data[name])
        present = _present(name, x) if gaps else x
        check_values(
            name, present, _without_symbols(v.support), tolerance=tolerance, called="support"
        )
        found[name] = x
    return found


def _present(name: str, x: Array) -> Array:
    """With some value of its column where an entry is missing."""
    holes = np.isnan(x)
    if not holes.any():
        return x
    if (empty := holes.all(axis=0)).any():
        raise InputError(f"{name}: nothing but NaN at {np.argwhere(empty)[0].tolist()}")
    first = np.take_along_axis(x, holes.argmin(axis=0)[None], axis=0)
    return np.where(holes, first, x)


def check_complete(data: Mapping[str, Array]) -> None:
    """Refuse missing entries.

    Raises:
        InputError: there is one; the message names the variable.
    """
    for name, x in data.items():
        if not np.isfinite(x).all():
            raise InputError(f"{name}: contains NaN or infinity, which only EM can take")


def _without_symbols(support: Space) -> Space:
    """What holds of a support's values whatever its bounds are, where these are symbols."""
    if all(sp.sympify(b).is_number or b in {sp.oo, -sp.oo} for b in support.bounds):
        return support
    if not support.discrete:
        return REAL
    return IntegerRange(-sp.oo if support.limits[0] < 0 else sp.S.Zero, sp.oo)


def check_bounds(model: Model, data: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    """Look for data outside supports whose bounds are sizes or known constants.

    Raises:
        InputError: the message names the variable and the value.
    """
    for name, x in data.items():
        support = model.variables[name].support
        if support != _without_symbols(support):
            own = support.mapped(partial(bound_value, values=known))
            check_values(name, x, own, called="support")


def sizes_of(model: Model, data: Mapping[str, Any], sizes: Mapping[str, int]) -> dict[str, int]:
    """The sizes that the data fix, then the given ones, then 2.

    Raises:
        InputError: widths contradict each other or the model.
    """
    found: dict[str, int] = {}
    for name, x in data.items():
        v = model.variables[name]
        rows = found.setdefault(POINTS.name, len(x))
        if rows != len(x):
            raise InputError(f"{name}: {len(x)} data points, but {rows} of another variable")
        for n, width in zip(v.shape, x.shape[1:], strict=True):
            if len(n.free_symbols) == 1:
                (dim,) = n.free_symbols
                found.setdefault(dim.name, _at_width(n, dim, width))
    shown = {name: n for name, n in _counted(model, data).items() if name not in found}
    known = {**dict.fromkeys(model.dims_, 2), **shown, **sizes, **found, SAMPLES.name: 1}
    for name, x in data.items():
        for n, width in zip(model.variables[name].shape, x.shape[1:], strict=True):
            expected = int(number(n, known))
            if expected != width:
                raise InputError(f"{name}: the data are {width} wide, but {n} is {expected}")
    return known


def _at_width(size: Expr, dim: Symbol, width: int) -> int:
    """The largest value of the dim at which the size is no more than the width."""
    return max((int(floor(root)) for root in real_roots(size - width, dim)), default=1)


def check_room(model: Model, sizes: Mapping[str, int]) -> None:
    """Look for an array of the model that no memory has room to work on.

    Raises:
        InputError: the message names it, with its shape.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    shapes = {p.name: shape_value(p.shape, sizes) for p in model.parameters.values()}
    for v in model.variables.values():
        shapes[v.name] = sizes.get(POINTS.name, 1), *shape_value(v.shape, sizes)
    for name, shape in shapes.items():
        needed = 8.0 * prod(shape)
        if needed > memory / _COPIES:
            raise InputError(
                f"{name}: an array of shape {shape} has {needed / 2**30:.3g} GB, which needs "
                f"{_COPIES} times as much to work on; there are {memory / 2**30:.3g} GB"
            )


def _counted(model: Model, data: Mapping[str, Any]) -> dict[str, int]:
    """The least sizes that have the data's categories and totals."""
    found: dict[str, int] = {}
    for name, x in data.items():
        match model.variables[name].support:
            case Category(size) if size.is_Symbol:
                found[str(size)] = max(2, _largest(x) + 1, found.get(str(size), 0))
            case Counts(total) if total.is_Symbol:
                found[str(total)] = max(1, _largest(x.sum(axis=-1)), found.get(str(total), 0))
    return found


def _largest(x: Any) -> int:
    """Of the entries that are there."""
    there = np.isfinite(x)
    return int(x[there].max()) if there.any() else 0
