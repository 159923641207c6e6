"""What generated code calls: the same names for NumPy, JAX, PyTorch, mpmath and ball arithmetic.

A generated function refers to arrays and to these names, to nothing else. A backend's library
loads when a generated function first runs, so code can be written for one that is not installed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from types import ModuleType
from typing import Any

import numpy as np
from sympy import Expr

Namespace = dict[str, Any]


@dataclass(frozen=True)
class Runtime:
    """A backend's library, loaded.

    Attributes:
        namespace: the functions that generated code calls.
        convert: turns an input (array-like) into what the functions expect.
        compiled: wraps the generated function `f(dims, arrays)`.
    """

    namespace: Namespace
    convert: Callable[[Any], Any]
    compiled: Callable[[Callable[..., Any]], Callable[..., Any]] = lambda function: function


@dataclass(frozen=True)
class Backend:
    """One target of the emitter.

    Attributes:
        name: what the user calls it.
        exact: numbers are written as exact quotients, to be rounded when the code runs.
        load: loads the library.
        calls: the code of each function in the library's own terms; a name with an underscore is
            a function of ours in the file `<name>_functions.py`.
        scalar: the function that a dim has to pass before it can be computed with, if any.
        in_place: it has add_to, subtract_from and multiply_by, which change their first argument.
        fuses: a product that is summed right away is never stored.
    """

    name: str
    exact: bool
    load: Callable[[], Runtime]
    calls: Mapping[str, str]
    scalar: str = ""
    in_place: bool = False
    fuses: bool = False

    def number(self, value: Expr) -> str | None:
        """The code of a constant, or None if it has to be built from parts."""
        if value.is_Integer:
            return str(value)
        if not self.exact:
            return repr(float(value.evalf(25)))
        if value.is_Rational:
            return f"(mpf({value.p}) / {value.q})"
        if value.is_NumberSymbol:
            return {"Pi": "(+mp.pi)", "Exp1": "(+mp.e)", "EulerGamma": "(+mp.euler)"}[
                type(value).__name__
            ]
        return f"mpf('{value}')" if value.is_Float else None


def backend(name: str) -> Backend:
    """The backend of this name.

    Raises:
        ValueError: there is none.
    """
    if name not in _BACKENDS:
        raise ValueError(f"no backend {name!r}: choose from {', '.join(_BACKENDS)}")
    return _BACKENDS[name]


def _resolved(calls: Mapping[str, str], module: ModuleType) -> Namespace:
    return {name: attrgetter(code)(module) for name, code in calls.items()}


@cache
def _numpy() -> Runtime:
    from entropy_proofs.numeric import numpy_functions

    return Runtime(_resolved(_NUMPY, numpy_functions), np.asarray)


@cache
def _jax() -> Runtime:
    import jax

    from entropy_proofs.numeric import jax_functions

    jax.config.update("jax_enable_x64", True)

    def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
        jitted = jax.jit(lambda sizes, arrays: function(dict(sizes), arrays), static_argnums=0)
        return lambda dims, arrays: jitted(tuple(sorted(dims.items())), arrays)

    return Runtime(_resolved(_JAX, jax_functions), jax_functions._asarray, compiled)


@cache
def _torch() -> Runtime:
    from entropy_proofs.numeric import torch_functions

    return Runtime(_resolved(_TORCH, torch_functions), torch_functions._asarray)


@cache
def _mpmath() -> Runtime:
    from entropy_proofs.numeric import mpmath_functions

    namespace = mpmath_functions.namespace(_ELEMENTWISE, _structural())
    return Runtime(namespace, mpmath_functions.convert)


@cache
def _balls() -> Runtime:
    from entropy_proofs.numeric import balls

    return Runtime(balls.namespace(_structural()), balls.convert)


@cache
def _duals() -> Runtime:
    from entropy_proofs.numeric import balls

    return Runtime(balls.dual_namespace(_structural()), balls.convert_to_duals)


def _structural() -> Namespace:
    """What NumPy does for arrays of any objects."""
    names = ("where", "broadcast_to", "einsum", "tensordot", "transpose")
    return {name: getattr(np, name) for name in names}


_ELEMENTWISE = ("exp", "log", "sqrt", "sign", "sin", "cos", "tan", "sinh", "cosh", "tanh")
_COMMON = (
    *(*_ELEMENTWISE, "abs", "arctan", "where", "maximum", "minimum", "arange"),
    *("broadcast_to", "logaddexp", "transpose"),
)
_NUMPY = {
    **{name: f"np.{name}" for name in _COMMON},
    "index": "_index",
    "equal": "_equal",
    "einsum": "np.einsum",
    "tensordot": "np.tensordot",
    "logsumexp": "_logsumexp",
    "inverse": "np.linalg.inv",
    "logdet": "_logdet",
    "loggamma": "_loggamma",
    "polygamma": "_polygamma",
    "gamma": "special.gamma",
    "besseli": "special.iv",
    "besselk": "special.kv",
    "log_besseli": "_log_besseli",
    "erf": "special.erf",
    "add_to": "_add_to",
    "subtract_from": "_subtract_from",
    "multiply_by": "_multiply_by",
}
_JAX = {
    **{name: f"jnp.{name}" for name in _COMMON},
    "index": "_index",
    "equal": "_equal",
    "tensordot": "jnp.tensordot",
    "logsumexp": "_logsumexp",
    "inverse": "jnp.linalg.inv",
    "logdet": "_logdet",
    "loggamma": "special.gammaln",
    "polygamma": "_polygamma",
    "gamma": "special.gamma",
    "besseli": "_besseli",
    "log_besseli": "_log_besseli",
    "erf": "special.erf",
}
_TORCH = {
    **{name: f"torch.{name}" for name in (*_ELEMENTWISE, "abs", "arctan", "einsum", "tensordot")},
    "scalar": "_asarray",
    "where": "_where",
    "maximum": "_maximum",
    "minimum": "_minimum",
    "arange": "_arange",
    "broadcast_to": "_broadcast_to",
    "logaddexp": "_logaddexp",
    "transpose": "torch.permute",
    "index": "_index",
    "equal": "_equal",
    "logsumexp": "torch.logsumexp",
    "inverse": "torch.linalg.inv",
    "logdet": "_logdet",
    "loggamma": "torch.lgamma",
    "polygamma": "_polygamma",
    "gamma": "_gamma",
    "besseli": "_besseli",
    "log_besseli": "_log_besseli",
    "erf": "torch.erf",
}
# what no input may be called in generated code, whatever the backend
RESERVED = frozenset({*_NUMPY, *_JAX, *_TORCH, "mp", "mpf"})
_BACKENDS = {
    "numpy": Backend("numpy", False, _numpy, _NUMPY, in_place=True),
    "jax": Backend("jax", False, _jax, _JAX, fuses=True),
    "torch": Backend("torch", False, _torch, _TORCH, scalar="scalar"),
    "mpmath": Backend("mpmath", True, _mpmath, {}, scalar="mpf"),
    "arb": Backend("arb", True, _balls, {}, scalar="mpf"),
    "dual": Backend("dual", True, _duals, {}, scalar="mpf"),
}
