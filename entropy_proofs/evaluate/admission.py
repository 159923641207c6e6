"""What a batch's arrays have to be, so that code may compute with them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from math import inf, isfinite
from typing import Any
from weakref import ref

import numpy as np
import sympy as sp

from entropy_proofs.errors import InputError
from entropy_proofs.evaluate.batch import Batch
from entropy_proofs.evaluate.random_values import bound_value, whole_parameters
from entropy_proofs.families.entering import check_values, real_array, tolerance_of
from entropy_proofs.families.spaces import (
    POSITIVE,
    REAL,
    SIMPLEX,
    UNIT_COLUMNS,
    IntegerRange,
    Space,
)

_ROWS = 1000
_LARGE = 1 << 12  # elements that an array has for which it is worth remembering that it passed


@dataclass(frozen=True)
class Place:
    """Where the values of an array lie.

    Attributes:
        closed: in the closure of the space, as probabilities of q may.
        smooth: whether it is what code may be differentiated by, in complex steps too.
    """

    space: Space
    closed: bool = False
    smooth: bool = False

    @cached_property
    def above(self) -> float | None:
        """Beyond which all finite numbers lie there; None where that is not all."""
        if self.space == REAL:
            return -inf
        return 0.0 if self.space == POSITIVE else None


def places(batch: Batch) -> dict[str, Place]:
    """Where each array of a batch lies, by name."""
    model = batch.model
    found = {p.name: Place(_defined(p.domain), smooth=True) for p in model.parameters.values()}
    found |= {p.name: Place(p.domain) for p in model.variational_.weights.values()}
    found |= dict.fromkeys(whole_parameters(model), Place(IntegerRange(sp.S.Zero, sp.oo)))
    found |= {label.name: Place(REAL, smooth=True) for label in batch.hidden_shapes()}
    for name, (_, space) in batch.variational().items():
        found[name] = Place(space, closed=True, smooth=True)
    found |= {v.name: Place(v.support) for v in model.variables.values()}
    found[batch.weights_label.name] = Place(SIMPLEX, closed=True)
    return found


def _defined(domain: Space) -> Space:
    """Where a density is one: columns of length one are a convention, it is for any."""
    return REAL if domain == UNIT_COLUMNS else domain


_libraries: dict[type, str] = {}


def _library(value: Any) -> str:
    """Of an array: "numpy", "jax", "traced" by JAX, "torch", or nothing of these."""
    kind = type(value)
    if kind not in _libraries:
        _libraries[kind] = _library_of(kind)
    return _libraries[kind]


def _library_of(kind: type) -> str:
    jax, torch = sys.modules.get("jax"), sys.modules.get("torch")
    if kind is np.ndarray:
        return "numpy"
    if jax is not None and issubclass(kind, jax.core.Tracer):
        return "traced"
    if jax is not None and issubclass(kind, jax.Array):
        return "jax"
    return "torch" if torch is not None and issubclass(kind, torch.Tensor) else ""


def is_known(value: Any) -> bool:
    """Whether an array has numbers, and is not traced by JAX or mapped by PyTorch."""
    library = _library(value)
    if library == "torch":
        return not sys.modules["torch"]._C._functorch.is_functorch_wrapped_tensor(value)
    return library != "traced"


def admitted(
    values: Mapping[str, Any],
    where: Mapping[str, Place],
    known: Mapping[str, Any],
    rows: int | None = None,
    last: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The arrays, their values checked; what slices as an array does stays what it is.

    Args:
        known: the sizes, which bounds of spaces depend on.
        rows: how many rows are read at once of what is no array in memory; None for many.
        last: small arrays that passed before, by name: of one point several functions are asked.

    Raises:
        InputError: an array is no real numbers, or they lie outside of where they must.
    """
    found = {}
    bounds = {**known, **values}
    for name, value in values.items():
        found[name] = value
        if not is_known(value):
            continue
        place = where[name]
        bounded = bool(place.space.bounds)
        if bounded:
            place = replace(place, space=place.space.mapped(partial(bound_value, values=bounds)))
        if _has_passed(value, place):
            continue
        if place.above is not None and _is_above(value, place.above):
            _remember(value, place)
            continue
        check = partial(
            check_values,
            closed=place.closed,
            tolerance=tolerance_of(value),
            called="domain" if place.smooth else "support",
        )
        if _is_lazy(value):
            step = rows or _ROWS
            for start in range(0, len(value), step):
                check(name, real_array(name, value[start : start + step]), place.space)
            continue
        if place.smooth and getattr(getattr(value, "dtype", None), "kind", "") == "c":
            value = value.real  # for derivatives by complex steps
        array = real_array(name, value)
        if not hasattr(found[name], "dtype") or hasattr(found[name], "toarray"):
            found[name] = array
        before = None if last is None or bounded else last.get(name)
        if before is not None and np.array_equal(before, array):
            continue
        check(name, array, place.space)
        if last is not None and array.size < _LARGE:
            last[name] = array.copy()
        _remember(value, place)
    return found


def _is_above(value: Any, least: float) -> bool:
    """Whether these are float64 in memory, all finite and above a number: of most arrays one
    product shows it, and their least element."""
    array = np.asarray(value) if _library(value) == "jax" else value
    if type(array) is not np.ndarray or array.dtype != np.float64 or not array.flags.forc:
        return False
    if least > -inf and not array.min(initial=inf) > least:
        return False
    return isfinite(np.vdot(array, array))


# Where arrays that can't change were found to lie, by `id`: data are not read anew at each step.
_passed: dict[int, tuple[ref[Any], Place]] = {}


def _has_passed(value: Any, place: Place) -> bool:
    array, where = _passed.get(id(value), (None, None))
    return array is not None and array() is value and (where is place or where == place)


def _remember(value: Any, place: Place) -> None:
    if _library(value) != "jax" or value.size < _LARGE:
        return
    if not any(isinstance(b, np.ndarray) for b in place.space.bounds):
        key = id(value)
        _passed[key] = ref(value, lambda _: _passed.pop(key, None)), place


def _is_lazy(value: Any) -> bool:
    """Whether an array's rows are read when they are asked for: it slices, but has no numbers."""
    return (
        hasattr(value, "shape")
        and hasattr(value, "__getitem__")
        and not hasattr(value, "dtype")
        and not hasattr(value, "columns")
        and not hasattr(value, "toarray")
    )


def whole(name: str, value: Any) -> int:
    """A size or a count.

    Raises:
        InputError: anything but a whole number from 1 on.
    """
    if isinstance(value, (bool, np.bool_)) or not hasattr(value, "__index__") or value < 1:
        raise InputError(f"{name}: {value!r} is not a whole number from 1 on")
    return int(value)
