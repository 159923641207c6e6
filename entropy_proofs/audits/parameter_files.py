"""Audits of parameters in files: arrays by the model's own names, and never a pickle."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from entropy_proofs.adapters.fitted import Blocks, FittedModel, each, whole
from entropy_proofs.data.real_data import NAMES, table
from entropy_proofs.data.row_sources import SOURCES, rows_in
from entropy_proofs.data.tables import arrays_in, open_parquet, tensors_in
from entropy_proofs.errors import InputError
from entropy_proofs.families.entering import Array
from entropy_proofs.files import check_regular, readable, shortened
from entropy_proofs.model.model import Model, Parameter
from entropy_proofs.points.observations import observed_data, observed_names
from entropy_proofs.spelling import did_you_mean

PICKLES = (".pkl", ".pickle", ".joblib", ".pt", ".pth", ".ckpt", ".bin")
_COLUMNS = ["parameter", "index", "value"]
_MOST_ROWS = 1_000_000  # numbers of a table of parameters, each with its name and index
_BATCH = 1 << 14  # rows of it that are read at once
_MOST_AXES = 32
_MOST_BLOCKS = 100  # shares of one parameter


def parameters_in(path: Path) -> dict[str, Array]:
    """The arrays in a file, by name.

    A .npz or .safetensors file has them by name.  A .csv or .parquet file has a row for each
    number, with the columns parameter, index ("0 2" for [0, 2]; empty for a number) and value.

    Raises:
        InputError: a pickle, which may run code when it is read; or no such file.
    """
    if path.suffix in PICKLES or _is_pickle(path):
        raise InputError(
            f"{shortened(path)}: is a pickle, which runs code when it is read: if it is trusted, "
            "write its arrays with numpy.savez(FILE, name=array, ...) or safetensors"
        )
    reader = READERS.get(path.suffix)
    if reader is None:
        raise InputError(f"{shortened(path)}: is none of {', '.join(READERS)}")
    found = reader(path)
    if not found:
        raise InputError(f"{shortened(path)}: holds no arrays")
    return found


def _is_pickle(path: Path) -> bool:
    check_regular(path)
    with readable(path), open(path, "rb") as file:
        start = file.read(2)
    return start[:1] == b"\x80" and start[1:] in {b"\x02", b"\x03", b"\x04", b"\x05"}


def _in_csv(path: Path) -> dict[str, Array]:
    import csv

    with readable(path), open(path, encoding="utf-8-sig", newline="") as file:
        try:
            rows = csv.reader(file)
            heading = next(rows, [])
            if heading != _COLUMNS:
                raise InputError(f"{shortened(path)}: its first line is not {','.join(_COLUMNS)}")
            return _gathered(path, (tuple(row) for row in rows if row))
        except (csv.Error, UnicodeDecodeError) as error:
            raise InputError(f"{shortened(path)}: cannot be read as .csv: {error}") from None


def _in_parquet(path: Path) -> dict[str, Array]:
    with open_parquet(path) as file:
        if file.schema_arrow.names != _COLUMNS:
            raise InputError(f"{shortened(path)}: its columns are not {', '.join(_COLUMNS)}")
        return _gathered(path, _rows_of(file))


def _rows_of(file: Any) -> Iterator[tuple[Any, ...]]:
    """A few at once: a small file may say the same row any number of times."""
    for batch in file.iter_batches(_BATCH):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _gathered(path: Path, rows: Any) -> dict[str, Array]:
    """Arrays from (name, index, value): every element once."""
    elements: dict[str, dict[tuple[int, ...], float]] = {}
    for count, row in enumerate(rows, 1):
        where = f"{shortened(path)}: row {count}"
        if count > _MOST_ROWS:
            raise InputError(f"{shortened(path)}: has more than {_MOST_ROWS} rows")
        try:
            name, index, value = row
            place = tuple(int(i) for i in str(index or "").split())
            number = float(value)
        except (TypeError, ValueError):
            raise InputError(f"{where}: is not a parameter, an index and a value") from None
        own = elements.setdefault(str(name), {})
        if len(place) > _MOST_AXES:
            raise InputError(f"{where}: {_named(name)} has {len(place)} axes")
        if place in own or min(place, default=0) < 0:
            said = f"has the index {list(place)} twice, or it is negative"
            raise InputError(f"{where}: {_named(name)} {said}")
        own[place] = number
    return {name: _array(path, name, own) for name, own in elements.items()}


def _named(name: Any) -> str:
    """A name that a file has, in a message of one line."""
    text = str(name)
    return shortened(text if text.isprintable() else repr(text))


def _array(path: Path, name: str, elements: Mapping[tuple[int, ...], float]) -> Array:
    ranks = {len(place) for place in elements}
    shape = tuple(max(axis) + 1 for axis in zip(*elements, strict=False)) if len(ranks) == 1 else ()
    if len(ranks) > 1 or int(np.prod([int(n) for n in shape], dtype=object)) != len(elements):
        raise InputError(f"{shortened(path)}: {_named(name)} has not every element of an array")
    found = np.empty(shape)
    for place, value in elements.items():
        found[place] = value
    return found


READERS: dict[str, Callable[[Path], dict[str, Array]]] = {
    ".npz": arrays_in,
    ".safetensors": tensors_in,
    ".csv": _in_csv,
    ".parquet": _in_parquet,
}


def model_in_file(
    model: Model, parameters: Path, data: str | Mapping[str, Any], sizes: Mapping[str, int]
) -> FittedModel:
    """A model with the numbers in a file, and with data.

    Args:
        data: the name of a data set, a file with a table, which is read in chunks, or arrays by
            variable.
        sizes: dims that no array shows.

    Raises:
        InputError: names or shapes that are not the model's, or a q that is declared.
    """
    for name, q in model.variational_.of.items():
        if not q.is_posterior:
            raise InputError(f"q of {name} is declared, but an audit takes the best q")
    found = parameters_in(parameters)
    shown = shortened(parameters)
    for name in found:
        if name not in model.parameters:
            hint = did_you_mean(name, model.parameters) or f"; it has {', '.join(model.parameters)}"
            raise InputError(f"{shown}: {model.name} has no parameter {_named(name)}{hint}")
    for name, parameter in model.parameters.items():
        if name not in found:
            raise InputError(f"{shown}: {name} is missing")
        wanted = len(parameter.shape)
        if found[name].ndim != wanted:
            shape = ", ".join(map(str, parameter.shape))
            raise InputError(f"{shown}: {name} has shape {found[name].shape}, not ({shape})")
    learned = {name for name, p in model.parameters.items() if not p.fixed}
    observed = _observed(model, data)
    real = [v for v in model.latents() if not v.support.discrete]
    return FittedModel(
        estimator=parameters.name,
        model=model,
        parameters={n: found[n] for n in learned},
        known={**{n: a for n, a in found.items() if n not in learned}, **sizes},
        data=(observed,),
        blocks={p.name: _blocks(model, p, found[p.name]) for p in model.learned().values()},
        rows=len(next(iter(observed.values()))),
        covariance="full" if real and all(len(v.shape) == 1 for v in real) else "diagonal",
    )


def _observed(model: Model, data: str | Mapping[str, Any]) -> dict[str, Any]:
    """The data by variable: a table is read when its rows are asked for."""
    names = observed_names(model)
    if isinstance(data, str) and len(names) == 1:
        shape = model.variables[names[0]].shape
        if data in NAMES:
            return observed_data(model, table(data))
        if Path(data).suffix not in SOURCES:
            known = f"{', '.join(NAMES)}, or a file in {', '.join(SOURCES)}"
            raise InputError(f"{shortened(data)}: data are one of {known}")
        source = rows_in(Path(data))
        if len(shape) == 1:
            return {names[0]: source}
        return observed_data(model, source[:])
    if isinstance(data, str):
        raise InputError(f"--data: give a file for each of {', '.join(names)}, as {names[0]}=FILE")
    return observed_data(model, data)


def _blocks(model: Model, parameter: Parameter, value: Array) -> Blocks:
    """One for each value of a discrete latent that an array's first axis runs along."""
    kinds = {v.support.bounds[0] for v in model.variables.values() if v.support.bounds}
    shape = parameter.shape
    if shape and shape[0] in kinds and len(value) <= _MOST_BLOCKS:
        return each(parameter.name, len(value))
    return whole(parameter.name)
