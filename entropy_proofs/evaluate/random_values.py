"""Random concrete instances of a model: sizes, parameters, data, samples and weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
import sympy as sp
from sympy import Expr, Indexed

from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.arrays.array import Array
from entropy_proofs.evaluate.batch import POINTS, SAMPLES
from entropy_proofs.evaluate.model_code import ModelCode, ProofCode
from entropy_proofs.families.space_values import Lift, parameter_value, shares, variable_value
from entropy_proofs.model.model import Model

Sizes = dict[str, int]
Values = dict[str, Any]
_ATTEMPTS, _ALIKE = 24, 4  # at values where conditions hold; so many at sizes up to the same


def random_sizes(model: Model, rng: np.random.Generator, high: int = 3) -> Sizes:
    """Sizes for all dims, from 2 to `high` or what literal indices need, and for the batch."""
    least = {name: max(2, n) for name, n in model.least_sizes().items()}
    sizes = {n: int(rng.integers(least[n], max(high, least[n]) + 1)) for n in model.dims_}
    sizes |= {n: int(rng.integers(2, max(high, 2) + 1)) for n in model.variational_.dims}
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
    known = (p for p in model.variational_.weights.values() if p.fixed)
    for p in (*model.parameters.values(), *known):
        values[p.name] = parameter_value(p.domain, shape_value(p.shape, sizes), rng, lift)
    for name in whole_parameters(model):
        values[name] = np.full(shape_value(model.parameters[name].shape, sizes), 5.0)
    for label, shape in code.batch.hidden_shapes().items():
        values[label.name] = lift(rng.normal(size=shape_value(shape, sizes)))
    shapes = {s.name: shape_value(n, sizes) for s, n in code.batch.shapes().items()}
    for v in model.variables.values():
        if v.name in shapes:
            support = v.support.mapped(partial(number, values={**sizes, **values}))
            values[v.name] = variable_value(support, shapes[v.name], rng, lift)
    for name, (_, domain) in code.batch.variational().items():
        if name not in values:
            values[name] = parameter_value(domain, shapes[name], rng, lift)
    values |= code.batch.tied(values)
    values |= code.batch.rule(exact=code.exact)
    weights = code.batch.weights_label.name
    if weights in shapes:
        values[weights] = shares(rng.uniform(0.5, 1.5, shapes[weights]), lift)
    return values


def random_points(
    code: ProofCode, rng: np.random.Generator, high: int = 3, lift: Lift = np.asarray
) -> Iterator[tuple[Sizes, Values]]:
    """Sizes, up to `high` first and then larger, and all arrays, where the proof's conditions hold.

    They are few: none where sizes and values that are tried do not meet the conditions.
    """
    for attempt in range(_ATTEMPTS):
        sizes = random_sizes(code.model, rng, high + attempt // _ALIKE)
        values = random_instance(code, rng, sizes, lift)
        if not code.failing(sizes, values):
            yield sizes, values


def whole_parameters(model: Model) -> set[str]:
    """The names of known constants that bound a support of whole numbers (trials)."""
    bounds = model.whole_bounds()
    return {p.name for p in model.parameters.values() if p.label in bounds}


def number(expr: Expr, values: Mapping[str, Any]) -> Any:
    """The value of an expression of dims and constants: a float, or an array of them."""
    if isinstance(expr, Array):
        shape = shape_value(expr.shape, values)
        elements = [number(expr.at(*map(sp.Integer, i)), values) for i in np.ndindex(shape)]
        return np.array(elements).reshape(shape)
    placed = {
        a: sp.Float(float(values[a.base.label.name][tuple(map(int, a.indices))]))
        for a in expr.atoms(Indexed)
    }
    expr = expr.xreplace(placed)
    known = {s: sp.Float(float(values[s.name])) for s in symbols_in(expr)}
    return float(expr.xreplace(known))


def bound_value(bound: Any, values: Mapping[str, Any]) -> Any:
    """The same of a bound of a space, which may be infinite."""
    return bound if bound in {sp.oo, -sp.oo} else number(bound, values)


def shape_value(shape: tuple[Expr, ...], sizes: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(int(number(n, sizes)) for n in shape)


def apart(weights: Any) -> Any:
    """Weights with singular values of one, so that no hidden unit repeats another."""
    u, _, v = np.linalg.svd(weights, full_matrices=False)
    return u @ v
