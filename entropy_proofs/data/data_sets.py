"""What a sweep fits its models to: data sets by name, files, or arrays, each with what tells it
from all others."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from entropy_proofs.data.real_data import NAMES
from entropy_proofs.errors import InputError
from entropy_proofs.families.coordinates import Array
from entropy_proofs.spelling import did_you_mean

DEFAULT = "default"


@dataclass(frozen=True, eq=False)
class DataSet:
    """Data for `verify`.

    Attributes:
        label: what the user calls them.
        identity: a name, or the hash of the values.
        values: what `verify` takes as its data.
    """

    label: str
    identity: str
    values: Any


def data_set(data: Any) -> DataSet:
    """A data set from None (the default), a name, a file's path, or arrays.

    Raises:
        InputError: no such name, an unreadable file, or NaN or infinity; the message names it.
    """
    if data is None:
        return DataSet(DEFAULT, DEFAULT, None)
    if isinstance(data, str) and data in NAMES:
        return DataSet(data, data, data)
    if isinstance(data, (str, Path)):
        x = read(Path(data))
        return DataSet(str(data), _identity(x), x)
    values = data if isinstance(data, Mapping) else np.asarray(data)
    identity = _identity(values)
    return DataSet(f"array {identity.removeprefix('sha256:')[:8]}", identity, values)


def read(path: Path) -> Array:
    """The numbers in a .npy file, or in a .csv file with or without a line of headings.

    Raises:
        InputError: the file is missing or holds anything but finite numbers.
    """
    if path.suffix not in {".npy", ".csv"}:
        names = ", ".join(NAMES)
        near = did_you_mean(path, NAMES)
        raise InputError(f"{path}: data are one of {names}, or a file in .npy or .csv{near}")
    try:
        if path.suffix == ".npy":
            x = np.load(path, allow_pickle=False)
        else:
            with warnings.catch_warnings(action="ignore"):  # of no numbers, an error below
                x = np.loadtxt(path, delimiter=",", ndmin=2, skiprows=_headings(path))
        x = np.asarray(x, dtype=float)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (OSError, ValueError, TypeError, EOFError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    if not x.size:
        raise InputError(f"{path}: holds no numbers")
    if not np.isfinite(x).all():
        row = int(np.argwhere(~np.isfinite(x))[0][0]) + 1
        raise InputError(f"{path}: the data contain NaN or infinity, first in row {row}")
    return x


def _headings(path: Path) -> int:
    """How many lines of a .csv file come before the numbers."""
    with path.open(encoding="utf-8") as lines:
        first = lines.readline().strip().split(",")
    try:
        [float(cell) for cell in first]
    except ValueError:
        return 1
    return 0


def _identity(values: Any) -> str:
    found = hashlib.sha256()
    arrays = values.items() if isinstance(values, Mapping) else [("", values)]
    for name, array in sorted((str(name), np.asarray(array)) for name, array in arrays):
        found.update(f"{name} {array.dtype.str} {array.shape} ".encode())
        found.update(np.ascontiguousarray(array).tobytes())
    return f"sha256:{found.hexdigest()}"
