"""What generated code calls: the same names for NumPy, JAX and mpmath.

A generated function refers to arrays and to the names in a `Backend.namespace`, to nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from math import prod
from typing import Any

import numpy as np
from sympy import Expr

Namespace = dict[str, Any]


@dataclass(frozen=True)
class Backend:
    """One target of the emitter.

    Attributes:
        name: "numpy", "jax", "mpmath", "arb" (balls) or "dual" (balls with derivatives).
        namespace: the functions that generated code calls.
        exact: numbers are written as exact quotients, to be rounded when the code runs.
        convert: turns an input (array-like) into what the functions expect.
        compiled: wraps the generated function `f(dims, arrays)`.
    """

    name: str
    namespace: Namespace
    exact: bool
    convert: Callable[[Any], Any]
    compiled: Callable[[Callable[..., Any]], Callable[..., Any]]

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
    return _BACKENDS[name]()


@cache
def _numpy() -> Backend:
    from scipy import special

    def polygamma(order: int, x: Any) -> Any:
        return special.digamma(x) if order == 0 else special.polygamma(order, x)

    def log_besseli(order: Any, x: Any) -> Any:
        return np.log(special.ive(order, x)) + np.abs(np.real(x))

    namespace = {
        **{name: getattr(np, name) for name in _COMMON},
        "index": lambda x: np.asarray(x).astype(np.intp),
        "equal": lambda a, b: np.equal(a, b).astype(float),
        "einsum": _einsum,
        "logsumexp": lambda x, axis: special.logsumexp(x, axis=axis),
        "inverse": np.linalg.inv,
        "logdet": lambda a: np.linalg.slogdet(a)[1],
        "loggamma": lambda x: special.loggamma(x) if np.iscomplexobj(x) else special.gammaln(x),
        "polygamma": polygamma,
        "gamma": special.gamma,
        "besseli": special.iv,
        "besselk": special.kv,
        "log_besseli": log_besseli,
        "erf": special.erf,
    }
    return Backend("numpy", namespace, False, np.asarray, lambda function: function)


def _einsum(spec: str, *arrays: Any) -> Any:
    return np.einsum(spec, *arrays, optimize=_path(spec, *(a.shape for a in arrays)))


@lru_cache(maxsize=4096)
def _path(spec: str, *shapes: tuple[int, ...]) -> Any:
    """The order of contraction; none where the plain loop is short."""
    sizes: dict[str, int] = {}
    for letters, shape in zip(spec.partition("->")[0].split(","), shapes, strict=True):
        sizes.update(zip(letters, shape, strict=True))
    if prod(sizes.values()) < 50_000:
        return False
    arrays = [np.broadcast_to(0.0, shape) for shape in shapes]
    return np.einsum_path(spec, *arrays, optimize="greedy")[0]


@cache
def _jax() -> Backend:
    import jax
    from jax import numpy as jnp
    from jax.scipy import special

    jax.config.update("jax_enable_x64", True)

    def polygamma(order: int, x: Any) -> Any:
        return special.digamma(x) if order == 0 else special.polygamma(order, x)

    def besseli(order: Any, x: Any) -> Any:
        return jnp.exp(log_besseli(order, x))

    def log_besseli(order: Any, x: Any) -> Any:
        scaled = {0: special.i0e, 1: special.i1e}.get(order)
        if scaled is None:
            raise NotImplementedError(f"JAX has no Bessel function I of order {order}")
        return jnp.log(scaled(x)) + jnp.abs(x)

    def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
        jitted = jax.jit(lambda sizes, arrays: function(dict(sizes), arrays), static_argnums=0)
        return lambda dims, arrays: jitted(tuple(sorted(dims.items())), arrays)

    namespace = {
        **{name: getattr(jnp, name) for name in _COMMON},
        "index": lambda x: jnp.asarray(x).astype(int),
        "equal": lambda a, b: jnp.equal(a, b).astype(float),
        "einsum": jnp.einsum,
        "logsumexp": lambda x, axis: special.logsumexp(x, axis=axis),
        "inverse": jnp.linalg.inv,
        "logdet": lambda a: jnp.linalg.slogdet(a)[1],
        "loggamma": special.gammaln,
        "polygamma": polygamma,
        "gamma": special.gamma,
        "besseli": besseli,
        "log_besseli": log_besseli,
        "erf": special.erf,
    }
    return Backend("jax", namespace, False, jnp.asarray, compiled)


@cache
def _mpmath() -> Backend:
    from mpmath import mp, mpf

    def lift(function: Callable[..., Any], arity: int = 1) -> Callable[..., Any]:
        return np.frompyfunc(function, arity, 1)

    def real(x: Any) -> Any:
        return mpf(int(x)) if isinstance(x, (int, np.integer, np.bool_)) else mp.mpmathify(x)

    to_real = lift(real)

    def each_matrix(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return np.vectorize(function, signature="(n,n)->()", otypes=[object])

    def logdet(a: Any) -> Any:
        return mp.log(abs(mp.det(mp.matrix(a.tolist()))))

    def inverse(a: Any) -> Any:
        flat = a.reshape((-1, *a.shape[-2:]))
        inverses = [(mp.matrix(m.tolist()) ** -1).tolist() for m in flat]
        return np.array(inverses, dtype=object).reshape(a.shape)

    def logsumexp(x: Any, axis: int) -> Any:
        top = x.max(axis=axis, keepdims=True)
        total = lift(mp.exp)(x - top).sum(axis=axis)
        return lift(mp.log)(total) + top.squeeze(axis)

    def convert(x: Any) -> Any:
        converted = to_real(x)
        return converted if isinstance(converted, np.ndarray) else mp.mpmathify(converted)

    namespace = {
        **{name: lift(getattr(mp, name)) for name in _ELEMENTWISE},
        "mp": mp,
        "mpf": mpf,
        "abs": lift(abs),
        "where": np.where,
        "maximum": lift(max, 2),
        "minimum": lift(min, 2),
        "broadcast_to": np.broadcast_to,
        "arange": lambda n: to_real(np.arange(n)),
        "logaddexp": lift(lambda a, b: max(a, b) + mp.log1p(mp.exp(-abs(a - b))), 2),
        "arctan": lift(mp.atan),
        "index": lambda x: np.asarray(x).astype(np.intp),
        "equal": lambda a, b: to_real(np.equal(a, b)),
        "einsum": np.einsum,
        "logsumexp": logsumexp,
        "inverse": inverse,
        "logdet": each_matrix(logdet),
        "loggamma": lift(mp.loggamma),
        "polygamma": lift(mp.polygamma, 2),
        "gamma": lift(mp.gamma),
        "besseli": lift(mp.besseli, 2),
        "besselk": lift(mp.besselk, 2),
        "log_besseli": lift(lambda order, x: mp.log(mp.besseli(order, x)), 2),
        "erf": lift(mp.erf),
    }
    return Backend("mpmath", namespace, True, convert, lambda function: function)


@cache
def _balls() -> Backend:
    from entropy_proofs.numeric import balls

    return Backend("arb", balls.namespace(_SHAPING), True, balls.convert, lambda function: function)


@cache
def _duals() -> Backend:
    from entropy_proofs.numeric import balls

    space = balls.dual_namespace(_SHAPING)
    return Backend("dual", space, True, balls.convert_to_duals, lambda function: function)


_SHAPING = {"where": np.where, "broadcast_to": np.broadcast_to, "einsum": np.einsum}
_ELEMENTWISE = ("exp", "log", "sqrt", "sign", "sin", "cos", "tan", "sinh", "cosh", "tanh")
_COMMON = (
    *_ELEMENTWISE,
    *("abs", "arctan", "where", "maximum", "minimum", "arange", "broadcast_to", "logaddexp"),
)
_BACKENDS: dict[str, Callable[[], Backend]] = {
    "numpy": _numpy,
    "jax": _jax,
    "mpmath": _mpmath,
    "arb": _balls,
    "dual": _duals,
}
