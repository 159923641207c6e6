"""Numbers that refute: points at which two sides differ, and stationary points among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np
import sympy as sp
from mpmath import mp
from scipy.optimize import linprog
from sympy import Expr

from entropy_proofs.algebra.normal import normal
from entropy_proofs.model import Model
from entropy_proofs.numeric.batch import POINT, POINTS, SAMPLE, SAMPLES
from entropy_proofs.numeric.evaluate import ModelCode
from entropy_proofs.numeric.instance import random_instance, random_sizes
from entropy_proofs.pointwise import Conditional, Identity

if TYPE_CHECKING:
    from entropy_proofs.proof import Proof

DIGITS = 30
_DIFFERENT = 1e-8  # relative; both sides are computed to 30 digits
_ATTEMPTS = 3
_PER_UNKNOWN = 6  # candidate data points for each stationarity condition


@dataclass(frozen=True)
class Difference:
    """A point at which two sides differ.

    left, right: the claimed and the derived value (nats), decimal strings of 15 digits.
    at: sizes, parameters and data of the point, by name.
    gradient_norm: for a stationary point, the largest stationarity condition there.
    """

    left: str
    right: str
    at: Mapping[str, Any]
    gradient_norm: str | None = None

    def __str__(self) -> str:
        where = "at a stationary point" if self.gradient_norm is not None else "at a point"
        sizes = ", ".join(f"{k}={v}" for k, v in self.at.items() if isinstance(v, int))
        return f"claimed {self.left}, derived {self.right} {where} ({sizes or 'scalars'})"


def difference(proof: Proof, claimed: Expr, derived: Expr) -> Difference | None:
    """A random point at which two functions of parameters and variables differ."""
    code = ModelCode(proof.model, "mpmath")
    batch = code.batch
    outputs = {
        "claimed": (batch.average(batch.write(claimed)), ()),
        "derived": (batch.average(batch.write(derived)), ()),
    }
    kernel = code.compile(outputs)
    rng = np.random.default_rng(0)
    with mp.workdps(DIGITS):
        for _ in range(_ATTEMPTS):
            sizes = {**random_sizes(proof.model, rng), POINTS.name: 1, SAMPLES.name: 1}
            values = random_instance(code, rng, sizes, _to_mp)
            found = kernel(sizes, values)
            left, right = (mp.mpmathify(found[k].item() if hasattr(found[k], "item") else found[k])
                           for k in ("claimed", "derived"))  # fmt: skip
            if abs(left - right) > _DIFFERENT * (abs(left) + abs(right)):
                return Difference(_show(left), _show(right), _point(proof.model, sizes, values))
    return None


def stationary_difference(proof: Proof, claimed: Expr, derived: Expr) -> Difference | None:
    """A stationary point of the ELBO at which two expectations differ.

    At random parameters, weights of a random sample of (data, latents) are sought for which every
    stationarity condition holds and the difference is largest: a linear programme.  Its basic
    solution is then solved again to 30 digits.
    """
    model = proof.model
    code = ModelCode(model, "mpmath")
    batch = code.batch
    kernel = code.compile(
        {
            "claimed": (batch.write(claimed), (POINT, SAMPLE)),
            "derived": (batch.write(derived), (POINT, SAMPLE)),
        }
    )
    rng = np.random.default_rng(1)
    flows = {f.variable for f in proof.identity.flows} if proof.identity else set()
    with mp.workdps(DIGITS + 10):
        for _ in range(_ATTEMPTS):
            sizes = {**random_sizes(model, rng, high=2), POINTS.name: 1, SAMPLES.name: 1}
            values = random_instance(code, rng, sizes, _to_mp)
            rows = len(_conditions(code, flows, sizes, values))
            points = [
                {**values, **_fresh_data(code, rng, sizes)} for _ in range(_PER_UNKNOWN * rows + 10)
            ]
            conditions = [_conditions(code, flows, sizes, p) for p in points]
            both = [kernel(sizes, p) for p in points]
            left = [_scalar(b["claimed"]) for b in both]
            right = [_scalar(b["derived"]) for b in both]
            found = _best_weights(conditions, left, right)
            if found is None:
                continue
            weights, gradient = found
            total_left = mp.fsum(w * left[k] for k, w in weights.items())
            total_right = mp.fsum(w * right[k] for k, w in weights.items())
            if abs(total_left - total_right) > _DIFFERENT * (abs(total_left) + abs(total_right)):
                at = _point(model, sizes, values)
                at["data"] = [
                    {"weight": _show(w), **_data(model, points[k])} for k, w in weights.items()
                ]
                return Difference(_show(total_left), _show(total_right), at, mp.nstr(gradient, 3))
    return None


def _best_weights(
    conditions: Sequence[Sequence[Any]], left: Sequence[Any], right: Sequence[Any]
) -> tuple[dict[int, Any], Any] | None:
    """Weights >= 0 that sum to one, make all conditions zero, and differ most."""
    rows = np.array([[float(x) for x in column] for column in conditions]).T
    scale = np.abs(rows).max(axis=1, keepdims=True)
    rows = rows[scale[:, 0] > 0] / scale[scale[:, 0] > 0]
    delta = np.array([float(a - b) for a, b in zip(left, right, strict=True)])
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
    count = len(conditions[0])
    matrix = mp.matrix(count + 1, len(support))
    for j, k in enumerate(support):
        for i in range(count):
            matrix[i, j] = conditions[k][i]
        matrix[count, j] = 1
    target = mp.matrix(count + 1, 1)
    target[count] = 1
    try:
        solution, _ = mp.qr_solve(matrix, target)
    except (ZeroDivisionError, ValueError):
        return None
    residual = matrix * solution - target
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
        found.append((z * slope).sum() + z.size)
    return found


def field_difference(
    proof: Proof, candidate: Identity, served: Sequence[Conditional]
) -> Difference | None:
    """Numbers which show that D log p - log p is no sum of a function of v and one of (a, theta).

    Four values, of two v at two (a, theta): r11 - r21 and r12 - r22 would have to agree.
    """
    model = proof.model
    code = ModelCode(model, "mpmath")
    d = candidate.derivation()
    rng = np.random.default_rng(2)
    by_name = {t.name: t for t in model.terms}
    for c in served:
        residual = (candidate.left(c, d) - normal(c.log_density)).expr()
        first = {i: sp.Integer(0) for i, _ in by_name[c.name].plates}
        written = code.batch.write(residual.xreplace(first))
        kernel = code.compile({"residual": (written, (POINT, SAMPLE))})
        own = by_name[c.name].variable
        with mp.workdps(DIGITS):
            sizes = {**random_sizes(model, rng), POINTS.name: 1, SAMPLES.name: 1}
            a, b = (random_instance(code, rng, sizes, _to_mp) for _ in range(2))
            r11, r22 = (_scalar(kernel(sizes, v)["residual"]) for v in (a, b))
            r21 = _scalar(kernel(sizes, {**a, own: b[own]})["residual"])
            r12 = _scalar(kernel(sizes, {**b, own: a[own]})["residual"])
            left, right = r11 - r21, r12 - r22
            if abs(left - right) > _DIFFERENT * (abs(r11) + abs(r22)):
                return Difference(_show(left), _show(right), _point(model, sizes, a))
    return None


def _fresh_data(
    code: ModelCode, rng: np.random.Generator, sizes: Mapping[str, int]
) -> dict[str, Any]:
    fresh = random_instance(code, rng, dict(sizes), _to_mp)
    return {name: fresh[name] for name in code.model.variables}


def _to_mp(array: Any) -> Any:
    return np.frompyfunc(mp.mpf, 1, 1)(np.asarray(array, dtype=float))


def _scalar(value: Any) -> Any:
    return np.asarray(value, dtype=object).ravel()[0]


def _show(value: Any) -> str:
    return str(mp.nstr(value, 15))


def _point(model: Model, sizes: Mapping[str, int], values: Mapping[str, Any]) -> dict[str, Any]:
    dims = {name: n for name, n in sizes.items() if name in model.dims_}
    return {**dims, **{p: _plain(values[p]) for p in model.parameters}, **_data(model, values)}


def _data(model: Model, values: Mapping[str, Any]) -> dict[str, Any]:
    return {v: _plain(np.asarray(values[v], dtype=object).squeeze()) for v in model.variables}


def _plain(value: Any) -> Any:
    return np.vectorize(lambda x: float(mp.nstr(mp.mpmathify(x), 12)), otypes=[float])(
        value
    ).tolist()


__all__ = ["Difference", "difference", "field_difference", "stationary_difference"]
