"""Ball arithmetic on python-flint's arb, so that results are proofs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from flint import acb, arb, arb_mat

from entropy_proofs.code.backends.target import Backend, Runtime, structural


class _Constants:
    """pi, e and Euler's constant at the working precision."""

    @property
    def pi(self) -> arb:
        return arb.pi()

    @property
    def e(self) -> arb:
        return arb.const_e()

    @property
    def euler(self) -> arb:
        return arb.const_euler()


def to_ball(x: Any) -> arb:
    """A whole number, a float (taken exactly) or a ball."""
    if isinstance(x, arb):
        return x
    return arb(int(x)) if isinstance(x, (int, np.integer, np.bool_)) else arb(float(x))


def _matrix(a: Any) -> arb_mat:
    return arb_mat([[to_ball(x) for x in row] for row in a])


def _logdet(a: Any) -> arb:
    return abs(_matrix(a).det()).log()


def _inverse(a: Any) -> Any:
    inverted, n = _matrix(a).inv(), len(a)
    return np.array([[inverted[i, j] for j in range(n)] for i in range(n)], dtype=object)


def polygamma(order: int, x: arb) -> arb:
    """The derivative of this order of digamma."""
    return x.digamma() if order == 0 else acb(x).polygamma(acb(order)).real


def _whole(x: Any) -> int:
    return round(float(to_ball(x)))


def runtime(
    number: Callable[[Any], Any],
    logdet: Callable[[Any], Any],
    inverse: Callable[[Any], Any],
    polygamma: Callable[[int, Any], Any],
    whole: Callable[[Any], int],
    atan2: Callable[[Any, Any], Any],
    convert: Callable[[Any], Any],
) -> Runtime:
    """Generated code on object arrays of such numbers.

    Args:
        number: lifts whole numbers, and what else is exact.
        convert: lifts the inputs.
    """

    def lift(function: Callable[..., Any], arity: int = 1) -> Callable[..., Any]:
        return np.frompyfunc(function, arity, 1)

    def each(function: Callable[[Any], Any], out: str) -> Callable[[Any], Any]:
        return np.vectorize(function, signature=f"(n,n)->{out}", otypes=[object])

    def logsumexp(x: Any, axis: int) -> Any:
        return lift(lambda v: v.log())(lift(lambda v: number(v).exp())(x).sum(axis=axis))

    names = {"exp": "exp", "log": "log", "sqrt": "sqrt", "sin": "sin", "cos": "cos", "tan": "tan",
             "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "arctan": "atan", "gamma": "gamma",
             "loggamma": "lgamma", "erf": "erf", "sign": "sgn"}  # fmt: skip
    one = {k: lift(lambda x, m=m: getattr(number(x), m)()) for k, m in names.items()}

    def scalar(x: Any) -> Any:
        return number(arb(x)) if isinstance(x, str) else number(x)

    functions = {
        **structural(lambda: number(0)),
        **one,
        "scalar": scalar,
        "abs": lift(lambda x: abs(number(x))),
        "arange": lambda n: lift(number)(np.arange(n)),
        "arctan2": lift(lambda y, x: atan2(number(y), number(x)), 2),
        "logaddexp": lift(lambda a, b: (number(a).exp() + number(b).exp()).log(), 2),
        "equal": lambda a, b: lift(number)(np.equal(np.asarray(a), np.asarray(b)).astype(int)),
        "logsumexp": logsumexp,
        "inverse": each(inverse, "(n,n)"),
        "least_norm_inverse": each(inverse, "(n,n)"),
        "logdet": each(logdet, "()"),
        "polygamma": lift(lambda order, x: polygamma(whole(order), x), 2),
        "besselk": lift(lambda order, x: number(x).bessel_k(number(order)), 2),
        "besseli": lift(lambda order, x: number(x).bessel_i(number(order)), 2),
        "log_besseli": lift(lambda order, x: number(x).bessel_i(number(order)).log(), 2),
        "entr": lift(lambda p: -number(p) * number(p).log()),
        "index": np.vectorize(whole, otypes=[np.intp]),
    }

    def converted(x: Any) -> Any:
        found = np.frompyfunc(convert, 1, 1)(x)
        return found if isinstance(found, np.ndarray) else convert(found)

    return Runtime(functions, {**functions, "mp": _Constants(), "mpf": scalar}, converted)


@cache
def _load() -> Runtime:
    return runtime(to_ball, _logdet, _inverse, polygamma, _whole, arb.atan2, to_ball)


BACKEND = Backend("arb", _load, exact=True, lifts_sizes=True)
