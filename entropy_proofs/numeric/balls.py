"""The ball arithmetic backend: generated code on python-flint's arb, so that results are proofs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import acb, arb, arb_mat

from entropy_proofs.numeric import duals


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

    def matrix(a: Any) -> arb_mat:
        return arb_mat([[to_ball(x) for x in row] for row in a])

    def logdet(a: Any) -> arb:
        return abs(matrix(a).det()).log()

    def inverse(a: Any) -> Any:
        inverted = matrix(a).inv()
        n = len(a)
        return np.array([[inverted[i, j] for j in range(n)] for i in range(n)], dtype=object)

    def polygamma(order: int, x: Any) -> arb:
        return x.digamma() if order == 0 else acb(x).polygamma(acb(order)).real

    def whole(x: Any) -> int:
        return round(float(to_ball(x)))

    return _namespace(common, to_ball, logdet, inverse, polygamma, whole)


def dual_namespace(common: dict[str, Any]) -> dict[str, Any]:
    """The same on balls that carry derivatives."""

    def whole(x: Any) -> int:
        n = duals.whole_or_dual(x).value.unique_fmpz()
        if n is None:
            raise duals.Undecided(f"which whole number {x} is")
        return int(n)

    return _namespace(
        common,
        duals.whole_or_dual,
        duals.logdet,
        duals.inverse,
        lambda order, x: x.polygamma(order),
        whole,
    )


def _namespace(
    common: dict[str, Any],
    number: Callable[[Any], Any],
    logdet: Callable[[Any], Any],
    inverse: Callable[[Any], Any],
    polygamma: Callable[[int, Any], Any],
    whole: Callable[[Any], int],
) -> dict[str, Any]:
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
    return {
        **common,
        **one,
        "mp": _Constants(),
        "mpf": lambda text: number(arb(text)) if isinstance(text, str) else number(text),
        "abs": lift(lambda x: abs(number(x))),
        "arange": lambda n: lift(number)(np.arange(n)),
        "maximum": lift(lambda a, b: number(a).max(number(b)), 2),
        "minimum": lift(lambda a, b: number(a).min(number(b)), 2),
        "logaddexp": lift(lambda a, b: (number(a).exp() + number(b).exp()).log(), 2),
        "equal": lambda a, b: lift(number)(np.equal(np.asarray(a), np.asarray(b)).astype(int)),
        "logsumexp": logsumexp,
        "inverse": each(inverse, "(n,n)"),
        "logdet": each(logdet, "()"),
        "polygamma": lift(lambda order, x: polygamma(whole(order), x), 2),
        "besselk": lift(lambda order, x: x.bessel_k(number(order)), 2),
        "besseli": lift(lambda order, x: x.bessel_i(number(order)), 2),
        "log_besseli": lift(lambda order, x: x.bessel_i(number(order)).log(), 2),
        "index": np.vectorize(whole, otypes=[np.intp]),
    }


def convert(x: Any) -> Any:
    return _converted(to_ball, x)


def convert_to_duals(x: Any) -> Any:
    """Floats are taken as exactly what they store."""
    return _converted(duals.to_dual, x)


def _converted(number: Callable[[Any], Any], x: Any) -> Any:
    converted = np.frompyfunc(number, 1, 1)(x)
    return converted if isinstance(converted, np.ndarray) else number(converted)
