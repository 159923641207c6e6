"""mpmath's numbers at the working precision, in object arrays."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from mpmath import mp, mpf

from entropy_proofs.code.backends.target import Backend, Runtime, structural


def lift(function: Callable[..., Any], arity: int = 1) -> Callable[..., Any]:
    return np.frompyfunc(function, arity, 1)


@lift
def to_real(x: Any) -> Any:
    return mpf(int(x)) if isinstance(x, (int, np.integer, np.bool_)) else mp.mpmathify(x)


def convert(x: Any) -> Any:
    converted = to_real(x)
    return converted if isinstance(converted, np.ndarray) else mp.mpmathify(converted)


def _logdet(a: Any) -> Any:
    return mp.log(abs(mp.det(mp.matrix(a.tolist()))))


def _inverse(a: Any) -> Any:
    flat = a.reshape((-1, *a.shape[-2:]))
    inverses = [(mp.matrix(m.tolist()) ** -1).tolist() for m in flat]
    return np.array(inverses, dtype=object).reshape(a.shape)


def _logsumexp(x: Any, axis: int) -> Any:
    top = x.max(axis=axis, keepdims=True)
    total = lift(mp.exp)(x - top).sum(axis=axis)
    return lift(mp.log)(total) + top.squeeze(axis)


_ELEMENTWISE = ("exp", "log", "sqrt", "sign", "sin", "cos", "tan", "sinh", "cosh", "tanh")


@cache
def _load() -> Runtime:
    functions = {
        **structural(lambda: mpf(0)),
        **{name: lift(getattr(mp, name)) for name in _ELEMENTWISE},
        "scalar": mpf,
        "abs": lift(abs),
        "arange": lambda n: to_real(np.arange(n)),
        "logaddexp": lift(lambda a, b: max(a, b) + mp.log1p(mp.exp(-abs(a - b))), 2),
        "arctan": lift(mp.atan),
        "arctan2": lift(mp.atan2, 2),
        "index": lambda x: np.asarray(x).astype(np.intp),
        "equal": lambda a, b: to_real(np.equal(a, b)),
        "logsumexp": _logsumexp,
        "inverse": _inverse,
        "least_norm_inverse": _inverse,
        "logdet": np.vectorize(_logdet, signature="(n,n)->()", otypes=[object]),
        "loggamma": lift(mp.loggamma),
        "polygamma": lift(mp.polygamma, 2),
        "gamma": lift(mp.gamma),
        "besseli": lift(mp.besseli, 2),
        "besselk": lift(mp.besselk, 2),
        "log_besseli": lift(lambda order, x: mp.log(mp.besseli(order, x)), 2),
        "erf": lift(mp.erf),
        "entr": lift(lambda p: -p * mp.log(p) if p else mpf(0)),
    }
    return Runtime(functions, {**functions, "mp": mp, "mpf": mpf}, convert)


BACKEND = Backend("mpmath", _load, exact=True, lifts_sizes=True)
