"""Numeric checks of a declaration: arguments in their domains, densities that integrate to one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp
from sympy import Expr, Indexed

from entropy_proofs.algebra.nodes import index
from entropy_proofs.algebra.positivity import positive
from entropy_proofs.arrays import Array, shape_of
from entropy_proofs.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from entropy_proofs.declarations import Variable
    from entropy_proofs.families.base import Support
    from entropy_proofs.model import Model, Term
    from entropy_proofs.numeric.kernel import Kernel

_TOLERANCE = 1e-3  # of an integral; a missing factor is further off
_COUNTS = {"nonnegative integer", "integer range"}
POINTS_NAME = "data points"
_STEP, _REACH = 0.002, 2000  # of the double-exponential rule
_TRIALS = 10
_WINDOW = 200_000  # whole numbers around a mode
_LONGEST = 20_000  # terms of a sum over whole numbers that are taken one by one


def validate(model: Model) -> None:
    """Raises InputError if an argument leaves its domain or the model declares nothing."""
    if not model.terms:
        raise InputError(f"{model.name}: the model declares no variable")
    for term in model.terms:
        for name, value in term.family.arguments().items():
            domain = term.family.domains.get(name, "real")
            if domain != "real" and not _evident(model, value, domain):
                _check_argument(model, term, name, value, domain)


def _evident(model: Model, value: Expr, domain: str) -> bool:
    """Whether the argument is in its domain by its form."""
    element = value.args[0] if isinstance(value, Array) else value
    if domain == "positive":
        return positive(element)
    label = element.base.label if isinstance(element, Indexed) else element
    return any(p.label == label and p.domain == domain for p in model.parameters.values())


def _check_argument(model: Model, term: Term, name: str, value: Expr, domain: str) -> None:
    from entropy_proofs.numeric.batch import POINT, SAMPLE
    from entropy_proofs.numeric.evaluate import ModelCode
    from entropy_proofs.numeric.instance import random_instance, random_sizes

    shape = shape_of(value)
    at = tuple(index(f"a{k}@") for k in range(len(shape)))
    code = ModelCode(model)
    element = value.at(*at) if isinstance(value, Array) else value
    plates = dict(term.plates)
    free = tuple(i for i in plates if i in element.free_symbols)
    sizes_of = {**dict(zip(at, shape, strict=True)), **{i: plates[i] for i in free}}
    try:
        written = code.batch.write(_whole(model, term, element))
        kernel = code.compile({"value": (written, (POINT, SAMPLE, *free, *at))}, sizes_of)
        rng = np.random.default_rng(0)
        for _ in range(_TRIALS):
            sizes = random_sizes(model, rng)
            with np.errstate(all="ignore"):
                found = np.asarray(kernel(sizes, random_instance(code, rng, sizes))["value"])
            fault = _outside(found.astype(float), domain)
            if fault:
                raise InputError(f"{term.variable}: {name} must be {fault[0]}, but it is {fault[1]}"
                                 f" at random parameters: {value}")  # fmt: skip
    except (TypeError, NotImplementedError):
        return  # no numeric form: the proof does not need it


def _whole(model: Model, term: Term, element: Expr) -> Expr:
    from entropy_proofs.results import dealiased

    return dealiased(model, term, element)


def _outside(values: np.ndarray, domain: str) -> tuple[str, str] | None:
    if domain == "positive" and not (values > 0).all():
        return "positive", f"{values.min():.3g}"
    if domain == "unit interval" and not ((values > 0) & (values < 1)).all():
        worst = values.min() if values.min() <= 0 else values.max()
        return "in the unit interval", f"{worst:.3g}"
    if domain == "simplex":
        totals = values.sum(axis=-1)
        if not (np.allclose(totals, 1) and (values >= 0).all()):
            return "probabilities that sum to one", f"a vector of sum {totals.ravel()[0]:.3g}"
    if domain == "positive definite":
        lowest = np.linalg.eigvalsh((values + np.swapaxes(values, -1, -2)) / 2).min()
        if not np.allclose(values, np.swapaxes(values, -1, -2)):
            return "positive definite", "not symmetric"
        if not lowest > 0:
            return "positive definite", f"a matrix with eigenvalue {lowest:.3g}"
    return None


def check_density(model: Model, term: Term) -> bool:
    """Whether the term's density was seen to integrate (or sum) to one.

    False if it has no numeric form; raises InputError if it does not.
    """
    from entropy_proofs.numeric.batch import POINT, POINTS, SAMPLE, SAMPLES
    from entropy_proofs.numeric.evaluate import ModelCode
    from entropy_proofs.numeric.instance import random_instance, random_sizes
    from entropy_proofs.numeric.quadrature import rule

    code = ModelCode(model)
    first = {i: sp.Integer(0) for i, _ in term.plates}
    log_p = code.batch.write(term.log_density.xreplace(first))
    try:
        kernel = code.compile({"log_p": (log_p, (POINT, SAMPLE))}, {})
    except (TypeError, NotImplementedError):
        return False  # a function without a numeric form
    variable = model.variables[term.variable]
    rng = np.random.default_rng(0)
    for _ in range(_TRIALS):
        sizes = {**random_sizes(model, rng), SAMPLES.name: 1}
        values = random_instance(code, rng, {**sizes, POINTS.name: 1})
        nodes, weights = rule(term.support, values | sizes, _STEP, _REACH, _LONGEST, exact=False)
        log_density = partial(_along, kernel, variable, sizes, values, model)
        total = _mass(log_density(nodes), weights)
        if not abs(total - 1) < _TOLERANCE and term.support.kind in {"real", *_COUNTS}:
            centred = _centred(log_density, nodes, weights, term.support)
            if centred is None:
                return False  # no number anywhere: parameters of an unstated domain
            total = _mass(log_density(centred[0]), centred[1])
        if not abs(total - 1) < _TOLERANCE:
            verb = "sums" if term.support.discrete else "integrates"
            raise InputError(f"{term.variable}: its density {verb} to {total:.4g}, not to one")
    return True


def _along(
    kernel: Kernel, variable: Variable, sizes: dict, values: dict, model: Model, at: np.ndarray
) -> np.ndarray:
    """log p at these values of the variable, all else fixed."""
    dims = {s: sp.Integer(sizes[k]) for k, s in model.dims_.items()}
    shape = tuple(int(n.xreplace(dims)) for n in variable.shape)
    own = np.empty((len(at), *(() if variable.observed else (1,)), *shape))
    own[...] = at.reshape(-1, *[1] * (own.ndim - 1))
    batch = {v.name: np.repeat(values[v.name], len(at), axis=0) for v in model.variables.values()}
    with np.errstate(all="ignore"):
        point = {**values, **batch, variable.name: own}
        found = kernel({**sizes, POINTS_NAME: len(at)}, point)["log_p"]
    return np.broadcast_to(np.asarray(found, dtype=float), (len(at), 1))[:, 0]


def _mass(log_p: np.ndarray, weights: np.ndarray) -> float:
    with np.errstate(all="ignore"):
        density = np.exp(log_p)
        return float(np.sum(np.where(np.isfinite(density), density, 0) * weights))


def _centred(
    log_density: Callable[[np.ndarray], np.ndarray],
    nodes: np.ndarray,
    weights: np.ndarray,
    support: Support,
) -> tuple[np.ndarray, np.ndarray] | None:
    """The rule moved to where the density is largest: it may be far away, or narrow."""
    counts = support.kind in _COUNTS
    grid = np.unique(np.round(np.geomspace(1, 1e12, 20_000))) if counts else nodes
    found = log_density(grid)
    if np.isnan(found).all():
        return None
    peak = grid[np.nanargmax(found)]
    if not counts:
        return nodes + peak, weights
    start = max(nodes[0], np.round(peak - _WINDOW / 2))
    return start + np.arange(_WINDOW), np.ones(_WINDOW)
