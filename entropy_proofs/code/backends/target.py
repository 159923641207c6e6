"""What a backend is: the library's names for what generated code calls, and how it is run.

Generated code refers to arrays and to these functions, to nothing else. A library loads when a
generated function first runs, so code can be written for one that is not installed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sympy import Expr


Namespace = dict[str, Any]


@dataclass(frozen=True, order=True)
class Import:
    """`import module as alias`, or `from module import name`."""

    module: str
    name: str = ""
    alias: str = ""

    def load(self) -> Any:
        module = import_module(self.module)
        return getattr(module, self.name) if self.name else module


@dataclass(frozen=True)
class Runtime:
    """A backend's library, loaded.

    Attributes:
        functions: what generated code calls, by the names that all backends share.
        scope: all names that generated code may refer to.
        convert: turns an input (array-like) into what the functions expect.
        compiled: wraps the generated function `f(dims, arrays)`.
    """

    functions: Namespace
    scope: Namespace
    convert: Callable[[Any], Any]
    compiled: Callable[[Callable[..., Any]], Callable[..., Any]] = lambda function: function


@dataclass(frozen=True)
class Module:
    """How a generated module speaks of a backend's arrays.

    Attributes:
        title: what the library calls itself.
        accepted, returned: the types of an argument and of an array that a function returns.
        types: what provides the names in them.
        precision: what arguments may be, and how exactly they are computed with.
        floats: code for the dtype of what is no float, if arguments keep their precision.
    """

    title: str
    accepted: str
    returned: str
    types: Mapping[str, Import]
    precision: str
    floats: str = ""


@dataclass(frozen=True)
class Manner:
    """What array code depends on of a backend: what is written for one serves all that are alike.

    Attributes: as of a `Backend`.
    """

    exact: bool
    lifts_sizes: bool
    fuses: bool

    def is_number(self, value: Expr) -> bool:
        """Whether a constant can be written as it is, or has to be built from parts."""
        return not self.exact or bool(value.is_Rational or value.is_NumberSymbol or value.is_Float)


@dataclass(frozen=True)
class Backend:
    """One target of generated code.

    Attributes:
        name: what the user calls it.
        load: loads the library.
        calls: the code of each function in the library's own terms; a name with an underscore is
            a function of ours in the backend's file.
        imports: what provides the names in them.
        helpers: where the functions of ours are.
        module: how a module of its own is written, if it can be.
        exact: numbers are written as exact quotients, to be rounded when the code runs; functions
            have the names that all backends share.
        lifts_sizes: a size has to pass the function "scalar" before it can be computed with.
        in_place: it has functions that change their first argument: `IN_PLACE`.
        fuses: a product that is summed right away is never stored.
    """

    name: str
    load: Callable[[], Runtime]
    calls: Mapping[str, str] = field(default_factory=dict)
    imports: Mapping[str, Import] = field(default_factory=dict)
    helpers: Mapping[str, Any] = field(default_factory=dict)
    module: Module | None = None
    exact: bool = False
    lifts_sizes: bool = False
    in_place: bool = False
    fuses: bool = False

    def code(self, function: str) -> str | None:
        """What the backend calls a function, if it has it."""
        return self.calls.get(function, function if self.exact else None)

    @property
    def manner(self) -> Manner:
        return Manner(self.exact, self.lifts_sizes, self.fuses)


def runtime(
    calls: Mapping[str, str],
    imports: Mapping[str, Import],
    own: Namespace,
    convert: Callable[[Any], Any],
    **options: Any,
) -> Runtime:
    """The runtime of a library.

    Args:
        own: the globals of the backend's file, where the library's names are bound.
    """
    own.update({name: found.load() for name, found in imports.items()})
    paths = {name: code.split(".") for name, code in calls.items()}
    functions = {name: reduce(getattr, path[1:], own[path[0]]) for name, path in paths.items()}
    scope = {path[0]: own[path[0]] for path in paths.values()}
    return Runtime(functions, {"math": math, **scope}, convert, **options)


def structural(zero: Callable[[], Any]) -> Namespace:
    """What NumPy does for arrays of any objects.

    zero: makes the number that an array is filled up with.
    """
    import numpy as np

    def pad(a: Any, axis: int, before: int, after: int) -> Any:
        around = [(before, after) if k == axis else (0, 0) for k in range(a.ndim)]
        return np.pad(a, around, constant_values=zero())

    names = ("where", "broadcast_to", "einsum", "tensordot", "transpose")
    return {"pad": pad, **{name: getattr(np, name) for name in names}}


COMMON = (
    *("exp", "log", "sqrt", "sign", "sin", "cos", "tan", "sinh", "cosh", "tanh", "abs", "arctan"),
    *("arctan2", "where", "arange", "broadcast_to", "logaddexp", "transpose", "tensordot"),
)
IN_PLACE = {"+": "add_to", "-": "subtract_from", "*": "multiply_by"}
