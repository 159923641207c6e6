"""Random concrete instances of a model: sizes, parameters, data, samples and weights.

The same arithmetic works on floats and on arrays of mpmath numbers, so a constraint (a simplex, a
unit column) holds to the precision of the numbers that are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import sympy as sp
from sympy import Expr

from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.errors import InputError
from entropy_proofs.families.base import Support
from entropy_proofs.model import Model
from entropy_proofs.numeric.batch import POINTS, SAMPLES, WEIGHTS
from entropy_proofs.numeric.evaluate import ModelCode

Sizes = dict[str, int]
Values = dict[str, Any]
Lift = Callable[[Any], Any]


def random_sizes(model: Model, rng: np.random.Generator, high: int = 3) -> Sizes:
    """Sizes for all dims, from 2 to `high`, and for the batch."""
    sizes = {name: int(rng.integers(2, high + 1)) for name in model.dims_}
    return {**sizes, POINTS.name: 2, SAMPLES.name: int(rng.integers(1, 3))}


def random_instance(
    code: ModelCode, rng: np.random.Generator, sizes: Sizes, lift: Lift = np.asarray
) -> Values:
    """All arrays of a batch, by name.

    Args:
        lift: turns a float array into the arrays to compute with (np.asarray for float64, an
            elementwise conversion to mpf for mpmath).
    """
    model = code.model
    values: Values = {}
    for p in model.parameters.values():
        values[p.name] = parameter_value(p.domain, shape_value(p.shape, sizes), rng, lift)
    for name in whole_parameters(model):
        values[name] = np.full(shape_value(model.parameters[name].shape, sizes), 5.0)
    for label, shape in code.batch.hidden_shapes().items():
        values[label.name] = lift(rng.normal(size=shape_value(shape, sizes)))
    shapes = {s.name: shape_value(n, sizes) for s, n in code.batch.shapes().items()}
    for v in model.variables.values():
        if v.name in shapes:
            own = shapes[v.name]
            values[v.name] = variable_value(v.support, own, rng, lift, {**sizes, **values})
    for name, (_, domain) in code.batch.variational().items():
        if name not in values:
            values[name] = parameter_value(domain, shapes[name], rng, lift)
    values |= code.batch.rule(exact=code.exact)
    if WEIGHTS.name in shapes:
        values[WEIGHTS.name] = simplex(rng.uniform(0.5, 1.5, shapes[WEIGHTS.name]), lift)
    return values


def parameter_value(
    domain: str, shape: tuple[int, ...], rng: np.random.Generator, lift: Lift = np.asarray
) -> Any:
    """A random parameter in its domain, well inside it."""
    if domain == "positive":
        return lift(rng.uniform(0.5, 2.0, shape))
    if domain == "unit interval":
        return lift(rng.uniform(0.1, 0.9, shape))
    if domain == "simplex":
        return simplex(rng.uniform(0.3, 1.5, shape), lift)
    if domain == "positive definite":
        return positive_definite(rng.normal(size=shape), lift)
    if domain == "lower triangular":
        root = np.tril(0.3 * rng.normal(size=shape), -1)
        return lift(root + rng.uniform(0.5, 2.0, shape) * np.eye(shape[-1]))
    if domain == "unit columns":
        raw = lift(rng.normal(size=shape))
        return raw / (raw**2).sum(axis=-2, keepdims=True) ** lift(0.5)
    return lift(rng.normal(size=shape))


def variable_value(
    support: Support,
    shape: tuple[int, ...],
    rng: np.random.Generator,
    lift: Lift,
    values: Mapping[str, Any],
) -> Any:
    """Random values in a support, not drawn from the model (no identity needs that)."""
    kind, bounds = support.kind, [number(b, values) for b in support.bounds]
    if kind == "real":
        return lift(1.5 * rng.normal(size=shape))
    if kind == "positive":
        return lift(rng.gamma(2.0, size=shape))
    if kind == "unit interval":
        return lift(rng.uniform(0.05, 0.95, shape))
    if kind == "simplex":
        return simplex(rng.uniform(0.2, 1.5, shape), lift)
    if kind == "positive definite":
        return positive_definite(rng.normal(size=shape), lift)
    if kind == "interval":
        low, high = bounds
        return lift(low + (high - low) * rng.uniform(0.05, 0.95, shape))
    if kind == "binary":
        return rng.integers(0, 2, shape)
    if kind == "category":
        return rng.integers(0, int(bounds[0]), shape)
    if kind == "counts":
        n = shape[-1]
        return rng.multinomial(int(bounds[0]), np.full(n, 1 / n), shape[:-1])
    if kind == "integer range":
        low, high = bounds
        return rng.integers(int(low), int(min(high, low + 6)) + 1, shape)
    if kind == "nonnegative integer":
        return rng.poisson(3.0, shape)
    raise InputError(f"no random values for the support {kind!r}")


def simplex(raw: Any, lift: Lift) -> Any:
    raw = lift(raw)
    return raw / raw.sum(axis=-1, keepdims=True)


def positive_definite(raw: Any, lift: Lift) -> Any:
    raw = lift(raw)
    return np.matmul(raw, np.swapaxes(raw, -1, -2)) + np.eye(raw.shape[-1], dtype=int)


def whole_parameters(model: Model) -> set[str]:
    """The names of known constants that bound a support of whole numbers (trials)."""
    bounds = [
        b
        for v in model.variables.values()
        if v.support.kind in {"counts", "integer range"}
        for b in v.support.bounds
    ]
    used = frozenset[sp.Symbol]().union(*(symbols_in(b) for b in bounds))
    return {p.name for p in model.parameters.values() if p.label in used}


def number(expr: Expr, values: Mapping[str, Any]) -> float:
    """The value of an expression of dims and scalar parameters."""
    known = {s: sp.Float(float(values[s.name])) for s in symbols_in(expr)}
    return float(expr.xreplace(known))


def shape_value(shape: tuple[Expr, ...], sizes: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(int(number(n, sizes)) for n in shape)
