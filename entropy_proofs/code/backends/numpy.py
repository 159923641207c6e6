"""NumPy with SciPy's special functions; and what they lack.

A generated module quotes these functions, hence the underscores: its public names are others.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from entropy_proofs.code.backends.target import COMMON, Backend, Import, Module, Runtime, runtime

np: Any = None  # bound when the backend loads, as is
special: Any = None


def _asarray(x: Any) -> Any:
    """Numbers in double precision; complex ones stay complex."""
    array = np.asarray(x)
    if array.dtype.kind not in "biufcO":
        raise TypeError(f"it holds {array.dtype}")
    return array if array.dtype.kind == "c" else array.astype(float, copy=False)


def _holds(right: Any) -> bool:
    """Whether it is true of all elements."""
    return bool(np.all(right))


def _index(x: Any) -> Any:
    """Positions in an array."""
    return np.asarray(x).astype(np.intp)


def _equal(a: Any, b: Any) -> Any:
    """1.0 where a == b, else 0.0."""
    return np.equal(a, b).astype(float)


def _pad(a: Any, axis: int, before: int, after: int) -> Any:
    """Zeros around an array along an axis."""
    shapes = ((*a.shape[:axis], n, *a.shape[axis + 1 :]) for n in (before, after))
    first, last = (np.zeros(shape, dtype=a.dtype) for shape in shapes)
    return np.concatenate([first, a, last], axis=axis)


def _logdet(a: Any) -> Any:
    """log |det a| of the last two axes."""
    return np.linalg.slogdet(a)[1]


def _least_norm_inverse(a: Any) -> Any:
    """The inverse; of what is singular up to rounding and positive semi-definite, the one of least
    norm, in units in which the diagonal is one."""
    scale = np.sqrt(np.abs(np.diagonal(a, axis1=-2, axis2=-1)))
    scale = np.where(scale > 0, scale, 1.0)
    units = scale[..., :, None] * scale[..., None, :]
    whole = a / units
    try:
        found = np.linalg.inv(a)
        sizes = [np.abs(b).sum(axis=-1).max(axis=-1) for b in (whole, found * units)]
        singular = sizes[0] * sizes[1] > 1e12
    except np.linalg.LinAlgError:
        found, singular = 0.0, np.ones(a.shape[:-2], dtype=bool)
    if not np.any(singular):
        return found
    values, vectors = np.linalg.eigh(whole)
    least = 1e-12 * values[..., -1:]
    even = np.abs(whole - np.swapaxes(whole, -1, -2)) <= 1e-9
    if not np.all(even) or np.any(values < -least):
        raise np.linalg.LinAlgError("singular, and not positive semi-definite")
    kept = np.where(values > least, 1 / np.where(values > least, values, 1.0), 0.0)
    by_values = (vectors * kept[..., None, :]) @ np.swapaxes(vectors, -1, -2) / units
    return np.where(singular[..., None, None], by_values, found)


def _logsumexp(x: Any, axis: int) -> Any:
    return special.logsumexp(x, axis=axis)


def _loggamma(x: Any) -> Any:
    """log |gamma(x)|; complex steps pass."""
    return special.loggamma(x) if np.iscomplexobj(x) else special.gammaln(x)


def _entr(p: Any) -> Any:
    """-p log p, 0 at p = 0; complex steps pass."""
    return -p * np.log(np.where(p == 0, 1, p))


def _polygamma(order: int, x: Any) -> Any:
    return special.digamma(x) if order == 0 else special.polygamma(order, x)


def _log_besseli(order: Any, x: Any) -> Any:
    """log I_order(x) without overflow."""
    return np.log(special.ive(order, x)) + np.abs(np.real(x))


def _scaled_besseli(order: Any, x: Any) -> Any:
    """exp(-x) I_order(x) of positive x."""
    return special.ive(order, x)


def _log1p_erf(x: Any) -> Any:
    """log(1 + erf(x)), whose tail keeps its digits."""
    return math.log(2) + special.log_ndtr(math.sqrt(2) * x)


def _room(a: Any, b: Any) -> Any:
    """The array a, if it can store the numbers that an operation with b has."""
    return a if a.dtype == np.result_type(a, b) else None


def _add_to(a: Any, b: Any) -> Any:
    """a + b, in a's memory if there is room."""
    return np.add(a, b, out=_room(a, b))


def _subtract_from(a: Any, b: Any) -> Any:
    """a - b, in a's memory if there is room."""
    return np.subtract(a, b, out=_room(a, b))


def _multiply_by(a: Any, b: Any) -> Any:
    """a * b, in a's memory if there is room."""
    return np.multiply(a, b, out=_room(a, b))


_OURS = (
    *("index", "equal", "pad", "logsumexp", "logdet", "loggamma", "polygamma", "log_besseli"),
    *("scaled_besseli", "log1p_erf", "least_norm_inverse", "entr"),
    *("add_to", "subtract_from", "multiply_by"),
)
_CALLS = {
    **{name: f"np.{name}" for name in (*COMMON, "einsum")},
    **{name: f"_{name}" for name in _OURS},
    "inverse": "np.linalg.inv",
    "gamma": "special.gamma",
    "besseli": "special.iv",
    "besselk": "special.kv",
    "erf": "special.erf",
}
_IMPORTS = {"np": Import("numpy", alias="np"), "special": Import("scipy", "special")}


@cache
def _load() -> Runtime:
    return runtime(_CALLS, _IMPORTS, globals(), _asarray)


BACKEND = Backend(
    "numpy",
    _load,
    _CALLS,
    _IMPORTS,
    globals(),
    Module(
        "NumPy",
        accepted="ArrayLike",
        returned="np.ndarray",
        types={"ArrayLike": Import("numpy.typing", "ArrayLike")},
        precision="Arguments are arrays or what `numpy.asarray` takes; complex ones pass.",
    ),
    in_place=True,
)
