"""The backends by name. Each is a file here, and a line in this table."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from entropy_proofs.code.backends.target import Backend

# name -> what it serves: `compile` and `codegen`, or certificates alone
_BACKENDS: dict[str, set[str]] = {
    "numpy": {"compile", "codegen"},
    "jax": {"compile", "codegen"},
    "torch": {"compile", "codegen"},
    "cupy": {"codegen"},
    "mpmath": {"compile"},
    "arb": {"enclose"},
    "dual": {"enclose"},
}


@cache
def backend(name: str) -> Backend:
    """The backend of this name.

    Raises:
        ValueError: there is none.
    """
    if name not in _BACKENDS:
        raise ValueError(f"no backend {name!r}: choose from {', '.join(_BACKENDS)}")
    found: Backend = import_module(f"{__name__}.{name}").BACKEND
    return found


def serving(use: str) -> tuple[str, ...]:
    """The backends that serve "compile", "codegen" or "enclose"."""
    return tuple(name for name, uses in _BACKENDS.items() if use in uses)


@cache
def function_names() -> frozenset[str]:
    """What the functions of all backends are called, whatever the library's own terms."""
    return frozenset(name for key in _BACKENDS for name in backend(key).calls)
