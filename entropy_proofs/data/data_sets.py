"""What a sweep fits its models to: data sets by name, files, or arrays, each with what tells it
from all others."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from entropy_proofs.data.real_data import NAMES
from entropy_proofs.data.tables import READERS, numbers_in
from entropy_proofs.errors import InputError
from entropy_proofs.families.entering import real_array
from entropy_proofs.files import readable, shortened
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
        if Path(data).suffix not in READERS:
            names, kinds = ", ".join(NAMES), ", ".join(READERS)
            known = f"{names}, or a file in {kinds}{did_you_mean(data, NAMES)}"
            raise InputError(f"{shortened(data)}: data are one of {known}")
        x = numbers_in(Path(data))
        return DataSet(str(data), _identity(x), x)
    values = data if isinstance(data, Mapping) else real_array("data", data)
    identity = _identity(values)
    return DataSet(f"array {identity.removeprefix('sha256:')[:8]}", identity, values)


def named_files(given: Sequence[str]) -> list[str] | dict[str, Any]:
    """What several `--data` mean: data sets, or one data set of arrays by variable, NAME=FILE.

    Raises:
        InputError: some are given by variable and others are not, a variable twice, or as `read`.
    """
    parts = [_by_name(text) for text in given]
    if not any(parts):
        return list(given)
    found: dict[str, Any] = {}
    for text, part in zip(given, parts, strict=True):
        if part is None:
            raise InputError(f"{text}: others are given by variable, as NAME=FILE")
        name, file = part
        if name in found:
            raise InputError(f"{name}: its data are given twice")
        found[name] = numbers_in(Path(file))
    return found


def _by_name(text: str) -> tuple[str, str] | None:
    """The variable and the file in NAME=FILE; None for a file whose own name has that form."""
    name, equals, file = text.partition("=")
    if not equals or not name.isidentifier():
        return None
    with readable(text):
        return None if Path(text).is_file() else (name, file)


def _identity(values: Any) -> str:
    found = hashlib.sha256()
    arrays = values.items() if isinstance(values, Mapping) else [("", values)]
    for name, array in sorted((str(n), real_array(str(n), a)) for n, a in arrays):
        found.update(f"{name} {array.dtype.str} {array.shape} ".encode())
        found.update(np.ascontiguousarray(array).tobytes())
    return f"sha256:{found.hexdigest()}"
