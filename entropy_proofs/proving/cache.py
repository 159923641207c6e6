"""Proofs by the content of their models: one that is reused costs nothing, and none is stale.

A model can still change after it was proved, so what identifies it is all that it declares at the
moment of asking.  Proofs are kept within a process only: SymPy evaluates what it unpickles (a
log-factorial comes back as another function), so a proof from a file may not be the one that was
checked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

import sympy as sp
from sympy import Basic

from entropy_proofs.families.family import Family
from entropy_proofs.model.declared import snapshot
from entropy_proofs.model.model import Model

MOST = 256  # proofs


class Proofs:
    """The most recent results of one function of a model."""

    def __init__(self, most: int = MOST):
        self._most = most
        self._found: dict[bytes, Any] = {}
        self._lock = Lock()

    def get(self, model: Model, prove: Callable[[Model], Any]) -> Any:
        """What `prove` makes of the model, which it gets as a copy of its own.

        The result has that copy as its `model`; if somebody has changed it, the result is found
        anew.
        """
        key = fingerprint(model)
        with self._lock:
            found = self._found.pop(key, None)
        if found is None or fingerprint(found.model) != key:
            found = prove(snapshot(model))
        with self._lock:
            self._found[key] = found
            while len(self._found) > self._most:
                del self._found[next(iter(self._found))]
        return found

    def clear(self) -> None:
        with self._lock:
            self._found.clear()


def fingerprint(model: Model) -> bytes:
    """A hash of all that a model declares, the same in every process."""
    return _digest({name: v for name, v in vars(model).items() if not name.startswith("_")})


def _digest(what: Any) -> bytes:
    """The hash of nested records, containers and expressions."""
    kind = type(what).__qualname__
    if isinstance(what, Basic):
        return _of_expression(what)
    if isinstance(what, Family):  # its functions are in the term's log density
        return _hashed(kind, _digest(what.arguments()))
    if isinstance(what, dict):
        return _hashed(kind, *(_digest(part) for pair in what.items() for part in pair))
    if isinstance(what, (tuple, list)):
        return _hashed(kind, *map(_digest, what))
    if is_dataclass(what):
        return _hashed(kind, *(_digest(getattr(what, f.name)) for f in fields(what)))
    if what is None or isinstance(what, (str, bool, int, float)):
        return _hashed(kind, repr(what).encode())
    raise TypeError(f"nothing identifies {what!r}")


@lru_cache(maxsize=65536)
def _of_expression(expr: Basic) -> bytes:
    kind = f"{type(expr).__module__}.{type(expr).__qualname__}"
    if isinstance(expr, sp.Symbol):  # with all that equality looks at
        return _hashed(kind, repr(expr._hashable_content()).encode())
    if not expr.args:
        return _hashed(kind, sp.srepr(expr).encode())
    parts = map(_of_expression, expr.args)
    unordered = isinstance(expr, (sp.Add, sp.Mul))
    return _hashed(kind, *(sorted(parts) if unordered else parts))


def _hashed(kind: str, *parts: bytes) -> bytes:
    found = hashlib.sha256(kind.encode())
    for part in parts:
        found.update(hashlib.sha256(part).digest())
    return found.digest()
