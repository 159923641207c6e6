"""The ball arithmetic backend: generated code on python-flint's arb, so that results are proofs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import acb, arb, arb_mat


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


def namespace(common: dict[str, Any]) -> dict[str, Any]:
    """The functions that generated code calls, on object arrays of balls."""

    def lift(function: Callable[..., Any], arity: int = 1) -> Callable[..., Any]:
        return np.frompyfunc(function, arity, 1)

    def matrix(a: Any) -> arb_mat:
        return arb_mat([[to_ball(x) for x in row] for row in a])

    def each(function: Callable[[Any], Any], out: str) -> Callable[[Any], Any]:
        return np.vectorize(function, signature=f"(n,n)->{out}", otypes=[object])

    def logdet(a: Any) -> arb:
        return abs(matrix(a).det()).log()

    def inverse(a: Any) -> Any:
        inverted = matrix(a).inv()
        n = len(a)
        return np.array([[inverted[i, j] for j in range(n)] for i in range(n)], dtype=object)

    def logsumexp(x: Any, axis: int) -> Any:
        return lift(lambda v: v.log())(lift(lambda v: to_ball(v).exp())(x).sum(axis=axis))

    def polygamma(order: Any, x: Any) -> arb:
        n = whole(order)
        return x.digamma() if n == 0 else acb(x).polygamma(acb(n)).real

    def whole(x: Any) -> int:
        return round(float(to_ball(x)))

    names = {"exp": "exp", "log": "log", "sqrt": "sqrt", "sin": "sin", "cos": "cos", "tan": "tan",
             "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "arctan": "atan", "gamma": "gamma",
             "loggamma": "lgamma", "erf": "erf", "sign": "sgn"}  # fmt: skip
    one = {k: lift(lambda x, m=m: getattr(to_ball(x), m)()) for k, m in names.items()}
    return {
        **common,
        **one,
        "mp": _Constants(),
        "mpf": lambda text: arb(text) if isinstance(text, str) else to_ball(text),
        "abs": lift(lambda x: abs(to_ball(x))),
        "arange": lambda n: lift(to_ball)(np.arange(n)),
        "maximum": lift(lambda a, b: to_ball(a).max(to_ball(b)), 2),
        "minimum": lift(lambda a, b: to_ball(a).min(to_ball(b)), 2),
        "logaddexp": lift(lambda a, b: (to_ball(a).exp() + to_ball(b).exp()).log(), 2),
        "equal": lambda a, b: lift(to_ball)(np.equal(np.asarray(a), np.asarray(b)).astype(int)),
        "logsumexp": logsumexp,
        "inverse": each(inverse, "(n,n)"),
        "logdet": each(logdet, "()"),
        "polygamma": lift(polygamma, 2),
        "besselk": lift(lambda order, x: x.bessel_k(to_ball(order)), 2),
        "besseli": lift(lambda order, x: x.bessel_i(to_ball(order)), 2),
        "log_besseli": lift(lambda order, x: x.bessel_i(to_ball(order)).log(), 2),
        "index": np.vectorize(whole, otypes=[np.intp]),
    }


def convert(x: Any) -> Any:
    converted = np.frompyfunc(to_ball, 1, 1)(x)
    return converted if isinstance(converted, np.ndarray) else to_ball(converted)
