"""Numbers that refute: points at which two sides differ, and stationary points among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp
from mpmath import mp
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

    left, right: the two values (nats), decimal strings of 15 digits.
    at: sizes, parameters and data of the point, by name.
    gradient_norm: for a stationary point, the largest stationarity condition there.
    sides: what left and right are.
    """

    left: str
    right: str
    at: Mapping[str, Any]
    gradient_norm: str | None = None
    sides: tuple[str, str] = ("claimed", "derived")

    def __str__(self) -> str:
        where = "at a stationary point" if self.gradient_norm is not None else "at a point"
        sizes = ", ".join(f"{k}={v}" for k, v in self.at.items() if isinstance(v, int))
        left, right = self.sides
        return f"{left} {self.left}, {right} {self.right} {where} ({sizes or 'scalars'})"


def difference(model: Model, claimed: Expr, derived: Expr) -> Difference | None:
    """A random point at which two functions of a model's parameters and variables differ."""
    code = ModelCode(model, "mpmath")
    batch = code.batch
    outputs = {
        "claimed": (batch.average(batch.write(claimed)), ()),
        "derived": (batch.average(batch.write(derived)), ()),
    }
    kernel = code.compile(outputs)
    rng = np.random.default_rng(0)
    with mp.workdps(DIGITS):
        for _ in range(_ATTEMPTS):
            sizes = {**random_sizes(model, rng), POINTS.name: 1, SAMPLES.name: 1}
            values = random_instance(code, rng, sizes, to_mp)
            found = kernel(sizes, values)
            left, right = (mp.mpmathify(found[k].item() if hasattr(found[k], "item") else found[k])
                           for k in ("claimed", "derived"))  # fmt: skip
            if differ(left, right):
                return Difference(show(left), show(right), place(model, sizes, values))
    return None


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
            a, b = (random_instance(code, rng, sizes, to_mp) for _ in range(2))
            r11, r22 = (scalar(kernel(sizes, v)["residual"]) for v in (a, b))
            r21 = scalar(kernel(sizes, {**a, own: b[own]})["residual"])
            r12 = scalar(kernel(sizes, {**b, own: a[own]})["residual"])
            left, right = r11 - r21, r12 - r22
            if abs(left - right) > _DIFFERENT * (abs(r11) + abs(r22)):
                return Difference(show(left), show(right), place(model, sizes, a))
    return None


def differ(left: Any, right: Any) -> bool:
    """Whether two numbers are different beyond doubt."""
    return bool(abs(left - right) > _DIFFERENT * (abs(left) + abs(right)))


def to_mp(array: Any) -> Any:
    return np.frompyfunc(mp.mpf, 1, 1)(np.asarray(array, dtype=float))


def scalar(value: Any) -> Any:
    return np.asarray(value, dtype=object).ravel()[0]


def show(value: Any) -> str:
    return str(mp.nstr(value, 15))


def place(
    model: Model, sizes: Mapping[str, int], values: Mapping[str, Any], data: bool = True
) -> dict[str, Any]:
    dims = {name: n for name, n in sizes.items() if name in model.dims_}
    parameters = {p: _plain(values[p]) for p in model.parameters}
    return {**dims, **parameters, **(data_of(model, values) if data else {})}


def data_of(model: Model, values: Mapping[str, Any]) -> dict[str, Any]:
    return {v: _plain(np.asarray(values[v], dtype=object).squeeze()) for v in model.variables}


def _plain(value: Any) -> Any:
    return np.vectorize(lambda x: float(mp.nstr(mp.mpmathify(x), 12)), otypes=[float])(
        value
    ).tolist()
