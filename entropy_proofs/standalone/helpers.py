"""The functions that a generated module quotes, and the imports that it needs."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Mapping
from types import FunctionType

from entropy_proofs.code.backends.target import Backend, Import

_STANDARD = {
    "math": Import("math"),
    **{name: Import("typing", name) for name in ("Any", "TypeVar")},
}


def quoted(target: Backend, names: Iterable[str]) -> list[FunctionType]:
    """The backend's own functions among the names, and those that they call, as in its file."""
    functions = {n: f for n, f in target.helpers.items() if isinstance(f, FunctionType)}
    known = {"_asarray", "_holds", *target.calls.values()}
    needed = {name for name in names if name in known and name in functions}
    while more := {n for f in needed for n in called(functions[f]) if n in functions} - needed:
        needed |= more
    return [function for name, function in functions.items() if name in needed]


def called(function: FunctionType) -> tuple[str, ...]:
    """The names that a function refers to."""
    return function.__code__.co_names


def source(function: FunctionType) -> str:
    return inspect.getsource(function).rstrip()


def imports(provided: Mapping[str, Import], names: Iterable[str]) -> str:
    """The import statements for some names, in isort's order.

    Args:
        provided: what provides the names beyond the standard library's.
    """
    known = {**_STANDARD, **provided}
    needed = sorted({known[name] for name in names if name in known})
    blocks = []
    for standard in (True, False):
        chosen = [i for i in needed if (i.module in sys.stdlib_module_names) == standard]
        lines = [
            f"import {i.module}{f' as {i.alias}' if i.alias else ''}" for i in chosen if not i.name
        ]
        for module in sorted({i.module for i in chosen if i.name}):
            own = ", ".join(i.name for i in chosen if i.module == module and i.name)
            lines.append(f"from {module} import {own}")
        if lines:
            blocks.append("\n".join(lines))
    return "\n\n".join(blocks)
