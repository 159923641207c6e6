"""Stationary points built to order: weighted data at which every condition holds.

At random parameters, weights of a random sample of (data, latents) are sought for which every
stationarity condition holds and two expectations differ most: a linear programme.  Its basic
solution is then solved again to 30 digits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import mpmath
import numpy as np
import sympy as sp
from mpmath import mp
from scipy.linalg import qr
from scipy.optimize import linprog
from sympy import Expr

from entropy_proofs.algebra.nodes import Expectation, is_bound
from entropy_proofs.evaluate.batch import POINT, POINTS, SAMPLE, SAMPLES
from entropy_proofs.evaluate.model_code import ModelCode
from entropy_proofs.evaluate.random_values import random_instance, random_sizes
from entropy_proofs.families.space_values import tangential
from entropy_proofs.families.spaces import COUNT, Space
from entropy_proofs.model.model import Model
from entropy_proofs.proof.record import ProofRecord
from entropy_proofs.refute.witness import (
    DIGITS,
    Difference,
    data_of,
    differ,
    place,
    scalar,
    show,
    to_mp,
)

_ATTEMPTS = 5
_VANISHING = 10.0**-DIGITS  # of a condition that no data can break
_STEPS_EACH = 50  # of the simplex method, for each row and column
_PER_UNKNOWN = 6  # candidate data points for each stationarity condition

Sizes = Mapping[str, int]
Values = Mapping[str, Any]
Move = Callable[[Sizes, Values], Values | None]  # puts parameters where they are to be
Sides = Callable[[Sizes, Values], tuple[Any, Any]]  # what is averaged, at one data point
#: Two sides at weighted data points, and what the weights are chosen to make large.
Total = Callable[[Sizes, Mapping[int, Values], Mapping[int, Any]], tuple[Any, Any]]
Aim = Callable[[Sizes, Sequence[Values]], Sequence[float]]


def stationary_difference(proof: ProofRecord, claimed: Expr, derived: Expr) -> Difference | None:
    """A stationary point of the ELBO at which two functions of expectations differ, or None.

    What depends on data or latents stands inside `Expectation` in both.
    """
    code = ModelCode(proof.model, "mpmath")
    batch = code.batch
    arguments = sorted({e.args[0] for e in _expectations(claimed, derived)}, key=str)
    first = {i: sp.Integer(0) for e in arguments for i in e.free_symbols if is_bound(i)}
    each = {
        f"argument {k}": (batch.write(e.xreplace(first)), (POINT, SAMPLE))
        for k, e in enumerate(arguments)
    }

    def averaged(expr: Expr) -> Expr:
        if isinstance(expr, Expectation):
            return batch.average(batch.write(expr.args[0]))
        if not expr.args or not expr.has(Expectation):
            return batch.write(expr)
        return expr.func(*map(averaged, expr.args))

    sides = {"claimed": (averaged(claimed), ()), "derived": (averaged(derived), ())}
    try:
        inside, outside = code.compile(each), code.compile(sides)
    except (NotImplementedError, TypeError):
        return None  # a function without a numeric form
    rng = np.random.default_rng(3)

    def total(sizes: Sizes, points: Mapping[int, Values], weights: Mapping[int, Any]) -> Any:
        together = dict(next(iter(points.values())))
        for v in proof.model.variables:
            together[v] = np.concatenate([np.asarray(p[v], dtype=object) for p in points.values()])
        own = [[w * len(weights)] for w in weights.values()]
        together[batch.weights_label.name] = np.array(own, dtype=object)
        found = outside({**sizes, POINTS.name: len(weights)}, together)
        return tuple(_real(found[side]) for side in ("claimed", "derived"))

    def aim(sizes: Sizes, points: Sequence[Values]) -> Sequence[float]:
        """The arguments of expectations with random signs and sizes: any will do."""
        factors = rng.normal(size=len(arguments))
        found = [inside(sizes, p) for p in points]
        return [
            sum(float(_real(f[f"argument {k}"])) * r for k, r in enumerate(factors)) for f in found
        ]

    flows = {f.variable for f in proof.identity.flows} if proof.identity else set()
    try:
        return stationary_point(proof.model, flows, total, aim, any_point=True)
    except (NotImplementedError, TypeError):
        return None  # the model has no numeric form


def _real(value: Any) -> Any:
    """Raises TypeError for what is no real number, such as the logarithm of a negative one."""
    found = mp.mpmathify(scalar(value))
    if found.imag:
        raise TypeError(f"{found} is no real number")
    return found.real


def _expectations(*expressions: Expr) -> set[Expectation]:
    """The innermost ones."""
    found = set[Expectation]().union(*(e.atoms(Expectation) for e in expressions))
    return {e for e in found if not e.args[0].has(Expectation)}


def stationary_point(
    model: Model,
    flows: set[str],
    total: Total,
    aim: Aim,
    moves: Sequence[Move] = (lambda _, values: values,) * _ATTEMPTS,
    any_point: bool = False,
) -> Difference | None:
    """A stationary point, along the flows too, at which both sides differ.

    It is confirmed at twice the digits.  Weighted latents are a q of any family: where q is
    declared, they need be none of it, and there is no such point.

    moves: where each attempt's parameters go from random ones; None to give the attempt up.
    any_point: whether points will do at which what was aimed at is small.
    """
    if model.variational_.of:
        return None
    code = ModelCode(model, "mpmath")
    rng = np.random.default_rng(1)
    with mp.workdps(2 * DIGITS + 20):
        for attempt, move in enumerate(moves):
            sizes = {**random_sizes(model, rng, high=2), POINTS.name: 1, SAMPLES.name: 1}
            moved = move(sizes, random_instance(code, rng, sizes, to_mp))
            if moved is None:
                continue
            values = moved
            unknowns = len(_conditions(code, flows, sizes, values))
            count = (1 + attempt) * _PER_UNKNOWN * unknowns + 10
            points = [{**values, **_fresh_data(code, rng, sizes)} for _ in range(count)]
            conditions = [_conditions(code, flows, sizes, p) for p in points]
            rows = _in_doubles(conditions)
            if not _has_weights(rows):
                continue  # whatever is aimed at, which takes long to evaluate
            try:
                found = _best_weights(conditions, rows, aim(sizes, points), any_point)
                if found is None:
                    continue
                weights, gradient = found
                at_points = {k: points[k] for k in weights}
                total_left, total_right = total(sizes, at_points, weights)
                with mp.workdps(DIGITS + 10):
                    again = total(sizes, at_points, weights)
            except (ArithmeticError, TypeError, ValueError):
                continue  # a side is no number there
            if not (_agree(total_left, again[0]) and _agree(total_right, again[1])):
                continue
            if differ(total_left, total_right):
                at = place(model, sizes, values, data=False)
                at["data"] = [
                    {"weight": show(w), **data_of(model, points[k])} for k, w in weights.items()
                ]
                return Difference(show(total_left), show(total_right), at, mp.nstr(gradient, 3))
    return None


def averages(sides: Sides) -> Total:
    """Both sides, averaged."""

    def total(
        sizes: Sizes, points: Mapping[int, Values], weights: Mapping[int, Any]
    ) -> tuple[Any, Any]:
        both = {k: sides(sizes, point) for k, point in points.items()}
        left, right = (mp.fsum(w * both[k][j] for k, w in weights.items()) for j in (0, 1))
        return left, right

    return total


def difference_of(sides: Sides) -> Aim:
    """That the sides differ."""

    def aim(sizes: Sizes, points: Sequence[Values]) -> Sequence[float]:
        return [float(a - b) for a, b in (sides(sizes, p) for p in points)]

    return aim


def _agree(a: Any, b: Any) -> bool:
    return bool(abs(a - b) < mp.mpf(10) ** (5 - DIGITS) * (1 + abs(a)))


def _has_weights(rows: Any) -> bool:
    """Whether any weights >= 0 that sum to one make all conditions zero."""
    rows = rows[:, np.isfinite(rows).all(axis=0)]
    return bool(rows.shape[1] and _solved(rows, np.zeros(rows.shape[1])).success)


def _in_doubles(conditions: Sequence[Sequence[Any]]) -> Any:
    """A row for each condition, a column for each point."""
    return np.array([[float(x) for x in column] for column in conditions]).T


def _solved(rows: Any, costs: Any) -> Any:
    """The linear programme: the weights of least cost at which the rows vanish.

    Without a limit, the solver can go in circles where rows nearly depend on each other.
    """
    scale = np.abs(rows).max(axis=1, keepdims=True)
    counting = scale[:, 0] > _VANISHING
    equal = np.vstack([rows[counting] / scale[counting], np.ones(len(costs))])
    target = np.append(np.zeros(len(equal) - 1), 1.0)
    limit = {"maxiter": _STEPS_EACH * sum(equal.shape)}
    return linprog(
        costs, A_eq=equal, b_eq=target, bounds=(0, None), method="highs-ds", options=limit
    )


def _best_weights(
    conditions: Sequence[Sequence[Any]], rows: Any, aimed: Sequence[float], any_point: bool
) -> tuple[dict[int, Any], Any] | None:
    """Weights >= 0 that sum to one, make all conditions zero, and what is aimed at large.

    rows: the conditions in doubles.
    """
    delta = np.array(aimed, dtype=float)
    usable = np.flatnonzero(np.isfinite(delta) & np.isfinite(rows).all(axis=0))
    if not len(usable):
        return None
    rows, delta = rows[:, usable], delta[usable]
    best = None
    for sign in (1.0, -1.0):
        solved = _solved(rows, sign * delta)
        if solved.success and (best is None or abs(solved.fun) > abs(best.fun)):
            best = solved
    if best is None or (abs(best.fun) < 1e-6 and not any_point):
        return None
    support = [int(k) for k in usable[best.x > 1e-9]]
    return _polished(conditions, support)


def _polished(
    conditions: Sequence[Sequence[Any]], support: Sequence[int]
) -> tuple[dict[int, Any], Any] | None:
    """The weights on this support, solved to full precision."""
    every = np.array([[*conditions[k], mp.mpf(1)] for k in support], dtype=object).T
    rows = every[(abs(every) > _VANISHING).any(axis=1)]  # not of a component without data, say
    rows = rows / abs(rows).max(axis=1, keepdims=True)
    independent = sorted(qr(rows.astype(float).T, mode="r", pivoting=True)[1][: len(support)])
    target = [mp.mpf(k == len(rows) - 1) for k in range(len(rows))]
    try:
        square = mp.matrix(rows[independent].tolist())
        solution = mp.lu_solve(square, mp.matrix([target[k] for k in independent]))
    except (ZeroDivisionError, ValueError):
        return None
    residual = mp.matrix(rows.tolist()) * solution - mp.matrix(target)
    left = mp.matrix(every[:-1].tolist()) * solution if len(every) > 1 else []
    worst = max([abs(r) for r in residual] + [abs(r) for r in left])
    if worst > mpmath.mpf(10) ** -DIGITS or min(solution) <= 0:
        return None
    return {k: solution[j] for j, k in enumerate(support)}, worst


def _conditions(
    code: ModelCode, flows: set[str], sizes: Mapping[str, int], values: Mapping[str, Any]
) -> list[Any]:
    """Everything that vanishes at a stationary point, for one data point."""
    gradients = code.gradients(sizes, values)
    found: list[Any] = []
    for p in code.model.learned().values():
        g = np.asarray(gradients[p.name], dtype=object)
        found += list(tangential(p.domain, values[p.name], g).ravel())
    for name in sorted(flows):
        z = np.asarray(values[name], dtype=object)
        slope = np.asarray(gradients[name], dtype=object)
        found.append((z * slope).sum() + code.times_q_weight(z.size, sizes, values))
    return found


def _fresh_data(
    code: ModelCode, rng: np.random.Generator, sizes: Mapping[str, int]
) -> dict[str, Any]:
    """Random data and latents, each on a scale from a half to eight where it can be scaled."""
    fresh = random_instance(code, rng, dict(sizes), to_mp)

    def scale(support: Space) -> float:
        drawn = 2.0 ** int(rng.integers(-1, 4))
        if support == COUNT:
            return max(drawn, 1.0)
        return drawn if support.can_scale else 1.0

    return {v.name: fresh[v.name] * scale(v.support) for v in code.model.variables.values()}
