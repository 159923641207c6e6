"""The functions and constants that a model file needs.

They are SymPy's, and SymPy's own work too; these also take arrays, element by element.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy import E, Expr, FiniteSet, Interval, Range, Rational, Reals, S, Sum, oo, pi

from entropy_proofs.arrays import det, diag, elementwise, eye, inv, logdet, trace

__all__ = [
    "Abs", "E", "FiniteSet", "Interval", "Range", "Rational", "Reals", "S", "Sum", "besseli",
    "besselk", "beta", "cos", "det", "diag", "digamma", "erf", "exp", "eye", "gamma", "inv", "log",
    "logdet", "loggamma", "oo", "pi", "sigmoid", "sin", "softplus", "sqrt", "tanh", "trace",
]  # fmt: skip


def _on_arrays(function: Callable[..., Expr]) -> Callable[..., Any]:
    def apply(*values: Any) -> Any:
        return elementwise(function, *values)

    apply.__name__ = apply.__qualname__ = function.__name__
    apply.__doc__ = f"sympy.{function.__name__}, element by element."
    return apply


Abs = _on_arrays(sp.Abs)
besseli = _on_arrays(sp.besseli)
besselk = _on_arrays(sp.besselk)
beta = _on_arrays(sp.beta)
cos = _on_arrays(sp.cos)
digamma = _on_arrays(sp.digamma)
erf = _on_arrays(sp.erf)
exp = _on_arrays(sp.exp)
gamma = _on_arrays(sp.gamma)
log = _on_arrays(sp.log)
loggamma = _on_arrays(sp.loggamma)
sin = _on_arrays(sp.sin)
sqrt = _on_arrays(sp.sqrt)
tanh = _on_arrays(sp.tanh)


def sigmoid(value: Any) -> Any:
    """1 / (1 + exp(-value)), element by element."""
    return 1 / (1 + exp(-value))


def softplus(value: Any) -> Any:
    """log(1 + exp(value)), element by element."""
    return log(1 + exp(value))
