"""Sequences of different lengths, one after the other in the rows of arrays: data of chains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Symbol

from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.errors import InputError
from entropy_proofs.evaluate.random_values import shape_value
from entropy_proofs.families.entering import Array, real_array
from entropy_proofs.model.model import Model
from entropy_proofs.points.observations import observed_data, observed_names

Whole = NDArray[np.int64]


def checked_lengths(called: str, lengths: Any, rows: int, least: int) -> Whole:
    """Of the sequences in so many rows, (N,).

    Args:
        called: these, in messages.

    Raises:
        InputError: they are no whole numbers from `least` on that add up to the rows.
    """
    given = np.ravel(real_array("lengths", lengths))
    if not all(float(n).is_integer() and n >= least for n in given):
        raise InputError(f"{called} are whole numbers from {least} on")
    total = sum(map(int, given))
    if total != rows:
        raise InputError(f"{called} add up to {total}, but X has {rows} rows")
    return given.astype(np.int64)


def chain_lengths(model: Model) -> set[Expr]:
    """The sizes that a model's chains run over."""
    aliases = (a for t in model.terms for a in t.aliases.values())
    return {model.variables[a.variable].shape[0] for a in aliases}


@dataclass(frozen=True)
class Sequences(Mapping[str, Array]):
    """Data (1, rows, ...) by variable, in which a sequence follows the other.

    As a mapping they are one long sequence, which shows levels, scales and units as well;
    `groups` are the data points.

    Attributes:
        lengths: of the sequences, (N,).
        time: the dim that a length is a value of.
    """

    rows: dict[str, Array]
    lengths: Whole
    time: str

    def __getitem__(self, name: str) -> Array:
        return self.rows[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def count(self) -> int:
        """How many sequences there are."""
        return len(self.lengths)

    def groups(self) -> Iterator[tuple[int, NDArray[np.intp], dict[str, Array]]]:
        """For each length: which sequences have it, and their data (n, length, ...)."""
        starts = np.cumsum(self.lengths) - self.lengths
        for length in np.unique(self.lengths):
            which = np.flatnonzero(self.lengths == length)
            places = starts[which, None] + np.arange(length)
            yield int(length), which, {n: x[0, places] for n, x in self.rows.items()}

    def joined(self, parts: list[tuple[NDArray[np.intp], Array]], over_time: bool) -> Array:
        """Arrays (n, ...) of some sequences each, in the order of all.

        over_time: their second axis is the sequence's own; sequences stand one after the other.
        """
        placed: list[Array] = [np.empty(0)] * self.count
        for which, arrays in parts:
            for k, own in zip(which, arrays, strict=True):
                placed[k] = own
        return np.concatenate(placed) if over_time else np.stack(placed)


def sequences_of(model: Model, data: Any, lengths: Any) -> Sequences:
    """The data of a chain, checked.

    Args:
        data: (rows, ...), a step in each row; a dict by variable where several are observed.
        lengths: of the sequences, (N,).

    Raises:
        InputError: the model has not one length that may differ between data points, or the data
            are refused as those of `observed_data`.
    """
    time = _time_of(model)
    names = observed_names(model)
    if not isinstance(data, Mapping):
        if len(names) != 1:
            raise InputError(f"data: give a dict with arrays for {', '.join(names)}")
        data = {names[0]: data}
    rows = {}
    for name, given in data.items():
        x = real_array(str(name), given)
        v = model.variables.get(name)
        if v is not None and len(v.shape) == 1 and x.ndim == 2 and x.shape[1] == 1:
            x = x[:, 0]
        rows[name] = x[None]
    checked = observed_data(model, rows)
    counts = {name: x.shape[1] for name, x in checked.items()}
    (first, count), *others = counts.items()
    for name, other in others:
        if other != count:
            raise InputError(f"{name}: {other} rows, but {count} of {first}")
    least = model.least_sizes()[time.name]
    return Sequences(checked, checked_lengths("lengths", lengths, count, least), time.name)


def check_steps(model: Model, data: Sequences, sizes: Mapping[str, int]) -> None:
    """Raises InputError where a step is not of the sizes that are known."""
    for name, x in data.items():
        expected = shape_value(model.variables[name].shape[1:], sizes)
        if x.shape[2:] != expected:
            raise InputError(
                f"{name}: a row has shape {x.shape[2:]}, but {expected} when it was fitted"
            )


def count_of(data: Mapping[str, Any]) -> int:
    """How many data points there are."""
    return data.count if isinstance(data, Sequences) else len(next(iter(data.values())))


def _time_of(model: Model) -> Symbol:
    """The dim of which each sequence has a value of its own.

    Raises:
        InputError: there is none; the message says why.
    """
    found = chain_lengths(model)
    if not found:
        raise InputError(f"lengths: {model.name} has no chain, its data points have one size")
    time = next(iter(found))
    if len(found) > 1 or not isinstance(time, Symbol):
        sizes = ", ".join(sorted(map(str, found)))
        raise InputError(f"lengths: the chains of {model.name} have lengths {sizes}, not one dim")
    for p in model.parameters.values():
        if any(time in symbols_in(n) for n in p.shape):
            raise InputError(f"lengths: {p.name} has elements for {time} steps, so that all have")
    for v in model.variables.values():
        if v.observed and (not v.shape or v.shape[0] != time):
            raise InputError(f"lengths: {v.name} is not observed at each of the {time} steps")
    return time
