"""Numbers that refute: points at which two sides differ, and stationary points among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp
from mpmath import mp

from entropy_proofs.algebra.normal import normal
from entropy_proofs.evaluate.batch import POINT, POINTS, SAMPLE, SAMPLES
from entropy_proofs.evaluate.model_code import ModelCode
from entropy_proofs.evaluate.random_values import random_instance, random_sizes
from entropy_proofs.model.model import Model
from entropy_proofs.model.pointwise import GenericConditional, Identity
from entropy_proofs.proof.outcome import Difference
from entropy_proofs.proof.record import ProofRecord

DIGITS = 30
_DIFFERENT = 1e-8  # relative; both sides are computed to 30 digits
_SMALL = 1e-4  # nats: differences of less than 1e-12 are never told apart


def field_difference(
    proof: ProofRecord, candidate: Identity, served: Sequence[GenericConditional]
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
        try:
            kernel = code.compile({"residual": (written, (POINT, SAMPLE))})
        except (NotImplementedError, TypeError):
            continue  # a function without a numeric form
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
    """Whether two numbers are different beyond doubt, on an absolute scale near zero too."""
    return bool(abs(left - right) > _DIFFERENT * (_SMALL + abs(left) + abs(right)))


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
