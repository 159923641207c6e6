"""The functions and constants that a model file needs.

They are SymPy's, and SymPy's own work too; these also take arrays, element by element.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy import E, Expr, FiniteSet, Interval, Range, Rational, Reals, S, Sum, Symbol, oo, pi

from entropy_proofs.algebra import nodes
from entropy_proofs.arrays.array import elementwise, generate, lift
from entropy_proofs.arrays.linear_algebra import det, diag, eye, inv, logdet, trace
from entropy_proofs.arrays.ranges import is_size
from entropy_proofs.errors import InputError

__all__ = [
    "Abs", "E", "Expectation", "FiniteSet", "Interval", "KroneckerDelta", "Range", "Rational",
    "Reals", "S", "Sum", "arange", "array", "atan2", "besseli", "besselk", "beta", "cos", "det",
    "diag", "digamma", "erf", "exp", "eye", "gamma", "inv", "log", "logdet", "loggamma", "oo",
    "pi", "sigmoid", "sin", "softplus", "sqrt", "tanh", "trace",
]  # fmt: skip

_LARGE = 21  # of a number whose gamma function is not written out


def _on_arrays(function: Callable[..., Expr], *first: int) -> Callable[..., Any]:
    def apply(*values: Any) -> Any:
        return elementwise(function, *values)

    name = function.__name__
    given = ", ".join([*map(str, first), "x"])
    apply.__name__ = apply.__qualname__ = name
    apply.__doc__ = f"""sympy.{name}, element by element.

    >>> import entropy_proofs as ep
    >>> x = ep.Model("m").parameter("x", 3)
    >>> ep.{name}({given})[0]
    {function(*first, Symbol("x[0]", real=True))}
    """
    return apply


def array(values: Any) -> Expr:
    """An array of numbers and expressions in nested lists, which variables may index too.

    >>> import entropy_proofs as ep
    >>> model = ep.Model("m")
    >>> p = model.parameter("p", domain="unit interval")
    >>> c = model.latent("c", ep.Bernoulli(probability=0.5))
    >>> ep.array([[p, 1 - p], [0.5, 0.5]])[c].shape
    (2,)
    """
    return lift(values)


def arange(n: Any) -> Expr:
    """The whole numbers from 0 to n - 1: a trend, or the place of each row beside what it looks up.

    >>> import entropy_proofs as ep
    >>> model = ep.Model("m")
    >>> H, K = model.dims("H", "K")
    >>> w = model.parameter("w", H, K, domain="simplex")
    >>> mu = model.parameter("mu", H, K)
    >>> c = model.latent("c", ep.Categorical(probabilities=w), H)
    >>> ep.arange(H).at(2), mu[ep.arange(H), c].shape
    (2, (H,))
    """
    n = lift(n)
    if not is_size(n) or not n.is_positive:
        raise InputError(f"arange needs a size, not {n}")
    return generate(lambda i: i, (n,))


Abs = _on_arrays(sp.Abs)
KroneckerDelta = _on_arrays(sp.KroneckerDelta, 0)
atan2 = _on_arrays(sp.atan2, 1)
besseli = _on_arrays(sp.besseli, 2)
besselk = _on_arrays(sp.besselk, 2)
beta = _on_arrays(sp.beta, 2)
cos = _on_arrays(sp.cos)
digamma = _on_arrays(sp.digamma)
erf = _on_arrays(sp.erf)
exp = _on_arrays(sp.exp)
gamma = _on_arrays(sp.gamma)
log = _on_arrays(sp.log)
sin = _on_arrays(sp.sin)
sqrt = _on_arrays(sp.sqrt)
tanh = _on_arrays(sp.tanh)


def loggamma(value: Any) -> Any:
    """log of the gamma function, element by element.

    Of a large number it is a sum of logarithms: the gamma function itself has hundreds of digits.

    >>> import entropy_proofs as ep
    >>> from math import lgamma
    >>> ep.loggamma(4), f"{float(ep.loggamma(1000)):.8g}", f"{lgamma(1000):.8g}"
    (log(6), '5905.2204', '5905.2204')
    """
    return elementwise(_log_gamma, value)


def _log_gamma(z: Expr) -> Expr:
    if not (z.is_Rational and z > _LARGE):
        return sp.loggamma(z)
    steps = sp.ceiling(z) - 1
    start = z - steps
    return sp.loggamma(start) + generate(lambda k: log(k + start), (steps,)).sum()


def Expectation(value: Any) -> Any:
    """The average over data and q, element by element.

    >>> from entropy_proofs import Expectation, Model
    >>> Expectation(Model("m").parameter("w") ** 2)
    E_q[w**2]
    """
    return elementwise(nodes.Expectation, value)


def sigmoid(value: Any) -> Any:
    """1 / (1 + exp(-value)), element by element.

    >>> sigmoid(0)
    1/2
    """
    return 1 / (1 + exp(-value))


def softplus(value: Any) -> Any:
    """log(1 + exp(value)), element by element.

    >>> softplus(0)
    log(2)
    """
    return log(1 + exp(value))
