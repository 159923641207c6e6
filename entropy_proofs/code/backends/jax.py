"""JAX, whose results have the inputs' precision; and what it lacks.

A generated module quotes these functions, hence the underscores: its public names are others.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

from entropy_proofs.code.backends.target import COMMON, Backend, Import, Module, Runtime, runtime

jnp: Any = None  # bound when the backend loads, as is
special: Any = None
jax: Any = None


def _asarray(x: Any) -> Any:
    """An array; half precision, which overflows, becomes single."""
    array = x if isinstance(x, jnp.ndarray) else jnp.asarray(x)  # which takes its time
    if jnp.iscomplexobj(array):
        raise TypeError("it is complex")
    half = array.dtype in (jnp.float16, jnp.bfloat16)
    return array.astype(jnp.float32) if half else array


def _holds(right: Any) -> bool:
    """Whether it is true of all elements; what is traced has none to look at yet."""
    return isinstance(right, jax.core.Tracer) or bool(right.all())


def _index(x: Any) -> Any:
    """Positions in an array."""
    return jnp.asarray(x).astype(int)


def _equal(a: Any, b: Any) -> Any:
    """1 where a == b, else 0: whole numbers take on the precision that they meet."""
    return jnp.equal(a, b).astype(int)


def _pad(a: Any, axis: int, before: int, after: int) -> Any:
    """Zeros around an array along an axis."""
    return jnp.pad(a, [(before, after) if k == axis else (0, 0) for k in range(a.ndim)])


def _logdet(a: Any) -> Any:
    """log |det a| of the last two axes."""
    return jnp.linalg.slogdet(a)[1]


def _logsumexp(x: Any, axis: int) -> Any:
    return special.logsumexp(x, axis=axis)


def _polygamma(order: int, x: Any) -> Any:
    return special.digamma(x) if order == 0 else special.polygamma(order, x)


def _besseli(order: int, x: Any) -> Any:
    return jnp.exp(_log_besseli(order, x))


def _log_besseli(order: int, x: Any) -> Any:
    """log I_order(x) without overflow."""
    return jnp.log(_scaled_besseli(order, x)) + jnp.abs(x)


def _scaled_besseli(order: int, x: Any) -> Any:
    """exp(-|x|) I_order(x)."""
    scaled = {0: special.i0e, 1: special.i1e}.get(order)
    if scaled is None:
        raise NotImplementedError(f"JAX has no Bessel function I of order {order}")
    return scaled(x)


def _log1p_erf(x: Any) -> Any:
    """log(1 + erf(x)), whose tail keeps its digits."""
    return math.log(2) + special.log_ndtr(math.sqrt(2) * x)


_OURS = (
    *("index", "equal", "pad", "logsumexp", "logdet", "polygamma"),
    *("besseli", "log_besseli", "scaled_besseli", "log1p_erf"),
)
_CALLS = {
    **{name: f"jnp.{name}" for name in COMMON},
    **{name: f"_{name}" for name in _OURS},
    "inverse": "jnp.linalg.inv",
    "least_norm_inverse": "jnp.linalg.inv",
    "loggamma": "special.gammaln",
    "gamma": "special.gamma",
    "erf": "special.erf",
    "entr": "special.entr",
}
_IMPORTS = {
    "jax": Import("jax"),
    "jnp": Import("jax.numpy", alias="jnp"),
    "special": Import("jax.scipy", "special"),
}


@cache
def _load() -> Runtime:
    loaded = Import("jax").load()
    loaded.config.update("jax_enable_x64", True)

    def double(x: Any) -> Any:
        if isinstance(x, jnp.ndarray) and x.dtype == jnp.float64:
            return x  # what follows takes its time
        return jnp.asarray(x, jnp.float64)

    def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
        jitted = loaded.jit(lambda sizes, arrays: function(dict(sizes), arrays), static_argnums=0)
        return lambda dims, arrays: jitted(tuple(sorted(dims.items())), arrays)

    return runtime(_CALLS, _IMPORTS, globals(), double, compiled=compiled)


BACKEND = Backend(
    "jax",
    _load,
    _CALLS,
    _IMPORTS,
    globals(),
    Module(
        "JAX",
        accepted="ArrayLike",
        returned="jax.Array",
        types={"ArrayLike": Import("jax.typing", "ArrayLike"), "jax": Import("jax")},
        precision=(
            "Arguments are arrays or what `jax.numpy.asarray` takes. Results have the arguments' "
            "precision, so enable `jax_enable_x64` and pass float64 for more than seven digits. "
            "All functions can be jitted, differentiated and mapped."
        ),
        floats="jnp.result_type(float, *given.values())",
    ),
    fuses=True,
)
