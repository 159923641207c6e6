"""A declaration in numbers: arguments in their domains, densities that integrate to one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import product
from math import floor, log10
from typing import Any, NamedTuple

import numpy as np
import sympy as sp
from flint import ctx
from mpmath import mp
from sympy import Expr

from entropy_proofs.algebra.nodes import index
from entropy_proofs.arrays.array import Array, generic, shape_of
from entropy_proofs.code.kernel import Kernel
from entropy_proofs.errors import NORMALISED, InputError
from entropy_proofs.evaluate.batch import POINT, POINTS, SAMPLE, SAMPLES
from entropy_proofs.evaluate.model_code import ModelCode
from entropy_proofs.evaluate.quadrature import Nodes, adaptive, ends, mapped, rule
from entropy_proofs.evaluate.random_values import random_instance, random_sizes
from entropy_proofs.families.space_values import fault, is_singular
from entropy_proofs.families.spaces import (
    POSITIVE,
    POSITIVE_DEFINITE,
    IntegerRange,
    NaturalNumbers,
    PositiveNumbers,
    RealNumbers,
    Scalars,
    Space,
    UnitInterval,
)
from entropy_proofs.model.model import Model, ModelTerm, Variable
from entropy_proofs.printing.plain import plain
from entropy_proofs.proof.term_results import dealiased

_TOLERANCE = 1e-3  # of an integral that is not known better; a missing factor is further off
_SLACK = 1e-8  # of one that is: rounding
_ROUGHLY = 0.1  # of one that double precision may be too coarse for
_DOUBT = 10  # how many times its estimate an error may be
_CHECKED, _DIGITS = 100, 30  # nodes at which log p is evaluated with so many digits too
_ENOUGH = 1000  # digits, for numbers that are close to the ends of their domain
_COUNTS = NaturalNumbers, IntegerRange
POINTS_NAME = "data points"
_STEP, _REACH = 0.002, 2000  # of the double-exponential rule
_TRIALS = 10
_FACTORS = {8: 1e-3, 9: 1e3}  # of positive parameters, in some of these
_SHORT, _PLACES = 8, 3  # coordinates of a long axis are tried one by one, so many of them
_PANELS, _ZOOM, _NEAREST, _NEARER = 64, 401, 1e-13, 40  # of an integral by panels
_PEAKS = 8  # around which panels are small
_END, _LARGEST = 6.0, 600.0  # of its variable t, and of the logarithm of what is integrated
_MIDDLE = 20.0  # farther out a density may overflow
_WINDOW = 200_000  # whole numbers around a mode
_LONGEST = 20_000  # terms of a sum over whole numbers that are taken one by one


def check_argument(model: Model, term: ModelTerm, name: str, value: Expr, domain: Space) -> None:
    shape = shape_of(value)
    at = tuple(index(f"a{k}@") for k in range(len(shape)))
    code = ModelCode(model)
    element = value.at(*at) if isinstance(value, Array) else value
    plates = dict(term.plates)
    free = tuple(i for i in plates if i in element.free_symbols)
    sizes_of = {**dict(zip(at, shape, strict=True)), **{i: plates[i] for i in free}}
    try:
        written = code.batch.write(dealiased(model, term, element))
        output = {"value": (written, (POINT, SAMPLE, *free, *at))}
        kernel = code.compile(output, sizes_of)
        rng = np.random.default_rng(0)
        regular, singular = False, None  # at some sizes: that it is regular at all is assumed
        for _ in range(_TRIALS):
            sizes = random_sizes(model, rng)
            values = random_instance(code, rng, sizes)
            try:
                with np.errstate(all="ignore"):
                    found = np.asarray(kernel(sizes, values)["value"])
            except np.linalg.LinAlgError:  # the inverse of what is singular at these sizes
                continue
            wrong = fault(domain, found.astype(float))
            regular |= wrong is None
            if wrong and domain == POSITIVE_DEFINITE and is_singular(found):
                singular = wrong
            elif wrong and not _is_rounding(model, output, sizes_of, sizes, values, domain):
                raise _refusal(model, term, name, value, wrong)
        if singular and not regular:
            raise _refusal(model, term, name, value, singular)
    except (TypeError, NotImplementedError):
        return  # no numeric form: the proof does not need it


def _refusal(
    model: Model, term: ModelTerm, name: str, value: Expr, wrong: tuple[str, str]
) -> InputError:
    must, found = wrong
    with model.names().used():
        shown = plain(value)
    return InputError(
        f"{term.variable}: {name} must be {must}, but it is {found} at random parameters: {shown}"
    )


def _is_rounding(
    model: Model,
    output: Mapping[str, Any],
    sizes_of: dict,
    sizes: dict,
    values: dict,
    domain: Space,
) -> bool:
    """Whether numbers in double precision are at an end that they only come close to, as the
    1 - exp(-exp(w)) of a complementary log-log link does: balls show it."""
    if not isinstance(domain, (PositiveNumbers, UnitInterval)):
        return False
    code = ModelCode(model, "arb")
    try:
        with ctx.workdps(_ENOUGH):
            exact = {name: code.lift(array) for name, array in values.items()}
            found = np.asarray(code.compile(output, sizes_of)(sizes, exact)["value"])
            return fault(domain, found) is None
    except (ArithmeticError, NotImplementedError, TypeError, ValueError):
        return False


def check_density(model: Model, term: ModelTerm) -> bool:
    """Whether the term's density was seen to integrate (or sum) to one, at every coordinate.

    Of an axis with many coordinates the first, the last and one at random are tried.
    False if it has no numeric form; raises InputError if it does not.
    """
    code = ModelCode(model)
    variable = model.variables[term.variable]
    rng = np.random.default_rng(0)
    long = {i: int(n) for i, n in term.plates if n.is_Integer and n > _SHORT}
    free = tuple(i for i, _ in term.plates if i not in long)
    seen = True
    for trial in range(_TRIALS):
        if trial == 0 or (long and trial < _PLACES):
            places = {i: (0, n - 1, int(rng.integers(n)))[trial] for i, n in long.items()}
            here = {i: sp.Integer(k) for i, k in places.items()}
            log_p = code.batch.write(term.log_density.xreplace(here))
            try:
                output = {"log_p": (log_p, (POINT, SAMPLE, *free))}
                kernel = code.compile(output, {i: dict(term.plates)[i] for i in free})
            except (TypeError, NotImplementedError):
                return False  # a function without a numeric form
        sizes = {**random_sizes(model, rng), SAMPLES.name: 1}
        values = random_instance(code, rng, {**sizes, POINTS.name: 1})
        if trial in _FACTORS:
            values |= _scaled(model, term, values, _FACTORS[trial])
        log_density = partial(_along, kernel, variable, sizes, values, model)
        known = values | sizes
        nodes, weights = rule(term.support, known, _STEP, _REACH, _LONGEST, exact=False)
        found = log_density(nodes)
        total, wrong = _mass(found, weights), np.zeros((), dtype=bool)
        if (abs(total - 1) > _SLACK).any() or not np.isfinite(total).all():
            unbounded = isinstance(term.support, (RealNumbers, *_COUNTS))
            nowhere = np.isnan(found[1:] if len(found) > 1 else found).all(axis=0) & unbounded
            seen &= not nowhere.any()  # no number: parameters of an unstated domain
            closer = _summed if term.support.discrete else _integrated
            total, error, beyond, last = closer(log_density, term.support, known)
            wrong = _wrong(total, error) & ~nowhere
            if (wrong & (abs(total - 1) < _ROUGHLY)).any():
                digits = partial(_exact_integrand, model, term, output, sizes, values)
                total, wrong = _reconsidered(total, error, last, log_density, digits, term, known)
                wrong &= ~nowhere
            missing = (total < 1) & (1 - total <= _DOUBT * beyond)
            if wrong.any() and missing[wrong].all():
                seen, wrong[:] = False, False  # what is missing may be beyond the largest number
        if wrong.any():
            verb = "sums" if term.support.discrete else "integrates"
            raise InputError(
                f"{term.variable}: its density {verb} to {_shown(total[wrong][0])}, not to one; "
                f"{NORMALISED}"
            )
        gap = _undefined(nodes, found)
        if gap is not None:
            raise InputError(
                f"{term.variable}: its density is no number at {gap:.4g}, within its support"
            )
    return seen


def _scaled(
    model: Model, term: ModelTerm, values: Mapping[str, Any], factor: float
) -> dict[str, Any]:
    """Scales of another size than a support that ends: what its ends cut off shows there alone."""
    support = term.support
    if not isinstance(support, Scalars):
        return {}
    if any(end.is_infinite for end in map(generic, map(sp.sympify, support.ends))):
        return {}
    positive = (p.name for p in model.parameters.values() if p.domain == POSITIVE)
    return {n: factor * values[n] for n in positive}


def _wrong(total: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Which of these are not one, whatever their errors may be."""
    return ~(abs(total - 1) <= np.minimum(_SLACK + _DOUBT * error, _TOLERANCE))


def _reconsidered(
    total: np.ndarray,
    error: np.ndarray,
    rule: Nodes,
    log_density: Callable[[np.ndarray], np.ndarray],
    exactly: Callable[[np.ndarray], np.ndarray],
    term: ModelTerm,
    known: Mapping[str, Any],
) -> tuple[np.ndarray, np.ndarray]:
    """The integrals of columns, and which are not one, as double precision may be too coarse: for
    log p, or for the points at which it is taken.  More digits show it, at some of the nodes."""
    with np.errstate(over="ignore"):
        p = np.exp(_log_integrand(log_density, term.support, known, rule[0]))
    weighty = rule[1][:, None] * np.where(np.isfinite(p), p, 0) > _SLACK**3
    at = np.flatnonzero(weighty.any(axis=1))
    stride = max(1, len(at) // _CHECKED)
    try:
        some = at[::stride]
        rounding = stride * rule[1][some] @ abs(exactly(rule[0][some]) - np.nan_to_num(p[some]))
        wrong = _wrong(total, error + rounding)
        if not term.support.discrete and (wrong & (abs(total - 1) <= _DOUBT * rounding)).any():
            total = rule[1][at] @ exactly(rule[0][at])
            wrong = _wrong(total, np.ones(()))
    except (ArithmeticError, NotImplementedError, TypeError, ValueError):
        wrong = _wrong(total, error)
    return total, wrong


def _exact_integrand(
    model: Model,
    term: ModelTerm,
    output: Mapping[str, Any],
    sizes: dict,
    values: dict,
    t: np.ndarray,
) -> np.ndarray:
    """What is integrated over t, or summed, rounded only when it is there."""
    code = ModelCode(model, "mpmath")
    with mp.workdps(_DIGITS), np.errstate(all="ignore"):
        kernel = code.compile(output, {i: n for i, n in term.plates if i in output["log_p"][1]})
        exact = {name: code.lift(array) for name, array in values.items()}
        log_density = partial(_along, kernel, model.variables[term.variable], sizes, exact, model)
        known = values | sizes
        logs = _log_integrand(log_density, term.support, known, code.lift(t), exact=True)
        return np.nan_to_num(np.exp(logs))


def _log_integrand(
    log_density: Callable[[np.ndarray], np.ndarray],
    support: Space,
    known: Mapping[str, Any],
    t: np.ndarray,
    exact: bool = False,
    sloped: bool = True,
) -> np.ndarray:
    """The logarithm of what is integrated over t, or summed; or that of p alone, not sloped."""
    if support.discrete:
        return log_density(t)
    with np.errstate(all="ignore"):
        nodes, slopes = mapped(support, known, t, exact)
        logs = log_density(nodes)
        return logs + np.log(slopes.astype(float))[:, None] if sloped else logs


def _undefined(nodes: np.ndarray, log_p: np.ndarray) -> float | None:
    """Where log p is no number though it is one elsewhere: the support is another, and may move."""
    middle = np.abs(nodes) < _MIDDLE
    bad = np.isnan(log_p[middle]) & ~np.isnan(log_p).all(axis=0)
    return float(nodes[middle][bad.any(axis=1)][0]) if bad.any() else None


def _along(
    kernel: Kernel, variable: Variable, sizes: dict, values: dict, model: Model, at: np.ndarray
) -> np.ndarray:
    """log p at these values of the variable, all else fixed: a column for each coordinate."""
    dims = {s: sp.Integer(sizes[k]) for k, s in model.dims_.items()}
    shape = tuple(int(n.xreplace(dims)) for n in variable.shape)
    own = np.empty((len(at), *(() if variable.observed else (1,)), *shape), dtype=at.dtype)
    own[...] = at.reshape(-1, *[1] * (own.ndim - 1))
    batch = {v.name: np.repeat(values[v.name], len(at), axis=0) for v in model.variables.values()}
    with np.errstate(all="ignore"):
        point = {**values, **batch, variable.name: own}
        found = kernel({**sizes, POINTS_NAME: len(at)}, point)["log_p"]
    found = np.asarray(found, dtype=float)
    return np.broadcast_to(found, (len(at), *found.shape[1:])).reshape(len(at), -1)


def _mass(log_p: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The integral of each column."""
    with np.errstate(all="ignore"):
        density = np.exp(log_p)
        return weights @ np.where(np.isfinite(density), density, 0)


class _Integral(NamedTuple):
    """Integrals of columns, how far off they may be, what may lie beyond all nodes, and the rule:
    of what a support's points are mapped from, or of a discrete support's points."""

    total: np.ndarray
    error: np.ndarray
    beyond: np.ndarray
    rule: Nodes


def _integrated(
    log_density: Callable[[np.ndarray], np.ndarray], support: Space, known: Mapping[str, Any]
) -> _Integral:
    """The integrals of a density's columns: the error includes its tails.

    The panels are small around each column's modes, which may be far away, or narrow; and around
    those in the variable of integration, which are others.
    """

    def logs(t: np.ndarray, sloped: bool = True) -> np.ndarray:
        found = _log_integrand(log_density, support, known, t, sloped=sloped)
        found = np.nan_to_num(found, nan=-np.inf, posinf=-np.inf, neginf=-np.inf)
        return np.minimum(found, _LARGEST)

    def integrand(t: np.ndarray) -> np.ndarray:
        return np.exp(logs(t))

    def column(k: int, sloped: bool) -> Callable[[np.ndarray], np.ndarray]:
        return lambda t: logs(t, sloped)[:, k]

    inside = np.linspace(-_END, _END, _ZOOM)
    inside = inside[mapped(support, known, inside)[1] > 0]
    edges = [np.linspace(-_END, _END, _PANELS + 1)]
    for k, sloped in product(range(logs(np.zeros(1)).shape[1]), (False, True)):
        for mode in _modes(column(k, sloped)):
            away = _END * 0.5 ** np.arange(_NEARER)
            edges.append(np.clip([*(mode - away), mode, *(mode + away)], -_END, _END))
    total, error, last = adaptive(integrand, np.unique(np.concatenate(edges)))
    tails = integrand(inside[[0, -1]]).sum(axis=0)
    return _Integral(total, error + tails, tails, last)


def _modes(logs: Callable[[np.ndarray], np.ndarray]) -> Iterator[float]:
    """Where a density's logarithm is largest, and where else it has a maximum, as is seen."""
    t = np.linspace(-_END, _END, _ZOOM)
    found = np.pad(logs(t), 1, constant_values=-np.inf)
    peaks = np.flatnonzero((found[1:-1] >= found[:-2]) & (found[1:-1] > found[2:]))
    peaks = peaks[np.argsort(found[1:-1][peaks])][-_PEAKS:]
    for mode in t[peaks] if len(peaks) else [0.0]:
        near = 4 * _END / _ZOOM
        while near > _NEAREST:
            t = np.clip(mode + near * np.linspace(-1, 1, _ZOOM), -_END, _END)
            mode, near = t[np.argmax(logs(t))], 4 * near / _ZOOM
        yield mode


def _summed(
    log_density: Callable[[np.ndarray], np.ndarray], support: Space, known: Mapping[str, Any]
) -> _Integral:
    """The sums of a density's columns; how far off they are is seen by half as many terms.

    Each is summed from the start, and around its mode, which may be far away.
    """
    (nodes, weights), fewer = (
        rule(support, known, _STEP, _REACH, n, exact=False) for n in (_LONGEST, _LONGEST // 2)
    )
    total, half = _mass(log_density(nodes), weights), _mass(log_density(fewer[0]), fewer[1])
    with np.errstate(all="ignore"):
        error = abs(total - half)
    low, high = (float(end) for end in ends(support, known))
    if high - low < len(nodes):  # these are all
        return _Integral(total, error, np.zeros_like(error), (nodes, weights))
    away = np.round(np.geomspace(1, 1e12, 20_000))
    grid = np.unique(np.clip([*-away, *away], low, high))
    modes = grid[np.argmax(np.nan_to_num(log_density(grid), nan=-np.inf), axis=0)]
    for k, mode in enumerate(modes):
        at = max(low, mode - _WINDOW // 2) + np.arange(_WINDOW)
        at = at[at <= high]
        log_p = log_density(at)[:, [k]]
        inner = (at > mode - _WINDOW // 4) & (at < mode + _WINDOW // 4)
        (near,), (nearer,) = _mass(log_p, np.ones(len(at))), _mass(log_p, inner.astype(float))
        if abs(near - 1) < abs(total[k] - 1):
            far = abs(mode)
            rounding = 1e-16 * far * np.log(far + 1)  # of log k!, which log p is the rest of
            total[k], error[k] = near, near - nearer + rounding
    return _Integral(total, error, np.zeros_like(error), (nodes, weights))


def _shown(total: float) -> str:
    """With as many digits as show that it is not one."""
    off = abs(total - 1)
    return f"{total:.{max(4, 3 - floor(log10(off))) if 0 < off < 1 else 4}g}"
