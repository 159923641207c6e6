"""Stationary points built to order: weighted data at which every condition holds.

At random parameters, weights of a random sample of (data, latents) are sought for which every
stationarity condition holds and two expectations differ most: a linear programme.  Its basic
solution is then solved again to 30 digits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np
from mpmath import mp
from scipy.linalg import qr
from scipy.optimize import linprog
from sympy import Expr

from entropy_proofs.families.base import Support
from entropy_proofs.model import Model
from entropy_proofs.numeric.batch import POINT, POINTS, SAMPLE, SAMPLES
from entropy_proofs.numeric.evaluate import ModelCode
from entropy_proofs.numeric.instance import random_instance, random_sizes
from entropy_proofs.numeric.witness import (
    DIGITS,
    Difference,
    data_of,
    differ,
    place,
    scalar,
    show,
    to_mp,
)

if TYPE_CHECKING:
    from entropy_proofs.proof import Proof

_ATTEMPTS = 5
_PER_UNKNOWN = 6  # candidate data points for each stationarity condition

Sizes = Mapping[str, int]
Values = Mapping[str, Any]
Sides = Callable[[Sizes, Values], tuple[Any, Any]]  # what is averaged, at one data point


def stationary_difference(proof: Proof, claimed: Expr, derived: Expr) -> Difference | None:
    """A stationary point of the ELBO at which two expectations differ, or None."""
    code = ModelCode(proof.model, "mpmath")
    batch = code.batch
    kernel = code.compile(
        {
            "claimed": (batch.write(claimed), (POINT, SAMPLE)),
            "derived": (batch.write(derived), (POINT, SAMPLE)),
        }
    )

    def sides(sizes: Sizes, values: Values) -> tuple[Any, Any]:
        found = kernel(sizes, values)
        return scalar(found["claimed"]), scalar(found["derived"])

    flows = {f.variable for f in proof.identity.flows} if proof.identity else set()
    return stationary_point(proof.model, flows, sides)


def stationary_point(
    model: Model, flows: set[str], sides: Sides, rough: Sides | None = None
) -> Difference | None:
    """A stationary point, along the flows too, at which the averages of both sides differ.

    rough: the same sides in double precision, if that is much cheaper.
    """
    code = ModelCode(model, "mpmath")
    rng = np.random.default_rng(1)
    with mp.workdps(DIGITS + 10):
        for attempt in range(_ATTEMPTS):
            sizes = {**random_sizes(model, rng, high=2), POINTS.name: 1, SAMPLES.name: 1}
            values = random_instance(code, rng, sizes, to_mp)
            unknowns = len(_conditions(code, flows, sizes, values))
            count = (1 + attempt) * _PER_UNKNOWN * unknowns + 10
            points = [{**values, **_fresh_data(code, rng, sizes)} for _ in range(count)]
            conditions = [_conditions(code, flows, sizes, p) for p in points]
            both = [(rough or sides)(sizes, p) for p in points]
            found = _best_weights(conditions, [float(a - b) for a, b in both])
            if found is None:
                continue
            weights, gradient = found
            exact = {k: sides(sizes, points[k]) for k in weights}
            total_left = mp.fsum(w * exact[k][0] for k, w in weights.items())
            total_right = mp.fsum(w * exact[k][1] for k, w in weights.items())
            if differ(total_left, total_right):
                at = place(model, sizes, values, data=False)
                at["data"] = [
                    {"weight": show(w), **data_of(model, points[k])} for k, w in weights.items()
                ]
                return Difference(show(total_left), show(total_right), at, mp.nstr(gradient, 3))
    return None


def _best_weights(
    conditions: Sequence[Sequence[Any]], differences: Sequence[float]
) -> tuple[dict[int, Any], Any] | None:
    """Weights >= 0 that sum to one, make all conditions zero, and differ most."""
    rows = np.array([[float(x) for x in column] for column in conditions]).T
    scale = np.abs(rows).max(axis=1, keepdims=True)
    rows = rows[scale[:, 0] > 0] / scale[scale[:, 0] > 0]
    delta = np.array(differences)
    equal = np.vstack([rows, np.ones(len(delta))])
    target = np.append(np.zeros(len(rows)), 1.0)
    best = None
    for sign in (1.0, -1.0):
        solved = linprog(sign * delta, A_eq=equal, b_eq=target, bounds=(0, None), method="highs-ds")
        if solved.success and (best is None or abs(solved.fun) > abs(best.fun)):
            best = solved
    if best is None or abs(best.fun) < 1e-6:
        return None
    support = [int(k) for k in np.flatnonzero(best.x > 1e-9)]
    return _polished(conditions, support)


def _polished(
    conditions: Sequence[Sequence[Any]], support: Sequence[int]
) -> tuple[dict[int, Any], Any] | None:
    """The weights on this support, solved to full precision."""
    rows = np.array([[*conditions[k], mp.mpf(1)] for k in support], dtype=object).T
    rows = rows[(rows != 0).any(axis=1)]  # of a component without data, say
    rows = rows / abs(rows).max(axis=1, keepdims=True)
    independent = sorted(qr(rows.astype(float).T, mode="r", pivoting=True)[1][: len(support)])
    target = [mp.mpf(k == len(rows) - 1) for k in range(len(rows))]
    try:
        square = mp.matrix(rows[independent].tolist())
        solution = mp.lu_solve(square, mp.matrix([target[k] for k in independent]))
    except (ZeroDivisionError, ValueError):
        return None
    residual = mp.matrix(rows.tolist()) * solution - mp.matrix(target)
    worst = max(abs(r) for r in residual)
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
        if p.domain == "simplex":
            g = g[..., :-1] - g[..., -1:]
        elif p.domain == "unit columns":
            w = values[p.name]
            g = g - w * (w * g).sum(axis=-2, keepdims=True)
        found += list(g.ravel())
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

    def scale(support: Support) -> float:
        drawn = 2.0 ** int(rng.integers(-1, 4))
        if support.kind == "nonnegative integer":
            return max(drawn, 1.0)
        return drawn if support.can_scale else 1.0

    return {v.name: fresh[v.name] * scale(v.support) for v in code.model.variables.values()}
