"""CuPy, for modules of their own: as NumPy's, with what its copy of SciPy has not written anew."""

from __future__ import annotations

from typing import Any

from entropy_proofs.code.backends import numpy
from entropy_proofs.code.backends.target import Backend, Import, Module, Runtime
from entropy_proofs.errors import InputError

np: Any = None  # CuPy, in the modules that quote these functions
special: Any = None


def _besseli(order: int, x: Any) -> Any:
    return np.exp(_log_besseli(order, x))


def _log_besseli(order: int, x: Any) -> Any:
    """log I_order(x) without overflow."""
    return np.log(_scaled_besseli(order, x)) + np.abs(x)


def _scaled_besseli(order: int, x: Any) -> Any:
    """exp(-|x|) I_order(x)."""
    scaled = {0: special.i0e, 1: special.i1e}.get(order)
    if scaled is None:
        raise NotImplementedError(f"CuPy has no Bessel function I of order {order}")
    return scaled(x)


_MISSING = ("besselk", "besseli", "loggamma")
_CALLS = {
    **{name: code for name, code in numpy.BACKEND.calls.items() if name not in _MISSING},
    "loggamma": "special.gammaln",
    "besseli": "_besseli",
}
_IMPORTS = {"np": Import("cupy", alias="np"), "special": Import("cupyx.scipy", "special")}
_HELPERS = {
    **vars(numpy),
    "_besseli": _besseli,
    "_log_besseli": _log_besseli,
    "_scaled_besseli": _scaled_besseli,
}


def _load() -> Runtime:
    raise InputError("cupy: modules are written for it, but it is not run here")


BACKEND = Backend(
    "cupy",
    _load,
    _CALLS,
    _IMPORTS,
    _HELPERS,
    module=Module(
        "CuPy",
        accepted="ArrayLike",
        returned="np.ndarray",
        types={"ArrayLike": Import("numpy.typing", "ArrayLike")},
        precision="Arguments are arrays or what `cupy.asarray` takes, on the current device.",
    ),
    in_place=True,
)
