"""Tables in files whose rows are read when they are asked for, so that memory stays flat."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from entropy_proofs.data.tables import check_npy_header, csv_layout, open_parquet, open_safetensors
from entropy_proofs.errors import InputError
from entropy_proofs.families.entering import Array, real_array
from entropy_proofs.files import readable, shortened

_BATCH = 1 << 14  # rows that are taken from a file at once


class RowSource(ABC):
    """An array (N, D) in a file; slices of its rows are arrays in memory.

    Attributes:
        shape: (N, D).
    """

    def __init__(self, path: Path, shape: tuple[int, int]):
        self.path = path
        self.shape = shape

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice) -> Array:
        first, last, _ = rows.indices(len(self))
        return self._checked(first, self.read_rows(first, max(first, last)))

    @abstractmethod
    def read_rows(self, first: int, last: int) -> Array:
        """Rows from the first up to, but not with, the last."""

    def _checked(self, first: int, rows: Array) -> Array:
        finite = np.isfinite(rows)
        if not finite.all():
            row, column = np.argwhere(~finite)[0]
            where = f"row {first + row + 1}, column {column + 1}"
            raise InputError(
                f"{shortened(self.path)}: the data contain NaN or infinity, first in {where}"
            )
        return rows


class MappedRows(RowSource):
    """A .npy file that is mapped into memory."""

    def __init__(self, path: Path):
        check_npy_header(path)
        with readable(path):
            self._array = np.load(path, mmap_mode="r", allow_pickle=False)
        shape = self._array.shape
        if len(shape) == 1:
            self._array, shape = self._array[:, None], (*shape, 1)
        if len(shape) != 2:
            raise InputError(f"{shortened(path)}: a table is wanted, not an array of shape {shape}")
        super().__init__(path, (shape[0], shape[1]))

    def read_rows(self, first: int, last: int) -> Array:
        return real_array(shortened(self.path), np.array(self._array[first:last]))


class _InOrder(RowSource):
    """A file that is read from its start: asked for rows before the last ones, it starts anew."""

    def __init__(self, path: Path, shape: tuple[int, int]):
        super().__init__(path, shape)
        self._batches: Iterator[Array] = iter(())
        self._held: Array = np.empty((0, shape[1]))
        self._start: int | None = None  # of the rows held

    @abstractmethod
    def batches(self) -> Iterator[Array]:
        """All rows in order."""

    def read_rows(self, first: int, last: int) -> Array:
        if self._start is None or first < self._start:
            self._batches, self._start = self.batches(), 0
            self._held = np.empty((0, self.shape[1]))
        while self._start + len(self._held) < last:
            passed = max(0, min(first - self._start, len(self._held)))
            self._held, self._start = self._held[passed:], self._start + passed
            self._held = np.concatenate([self._held, next(self._batches)])
        at = first - self._start
        return self._held[at : at + last - first]


class CsvRows(_InOrder):
    """A .csv file, with or without a line of headings."""

    def __init__(self, path: Path):
        self._heading, rows, columns = csv_layout(path)
        super().__init__(path, (rows, columns))

    def batches(self) -> Iterator[Array]:
        with readable(self.path), open(self.path, encoding="utf-8-sig") as file:
            for _ in range(self._heading):
                file.readline()
            options: dict[str, Any] = {"delimiter": ",", "ndmin": 2, "comments": None}
            while lines := list(itertools.islice(file, _BATCH)):
                try:
                    found = np.loadtxt(lines, quotechar='"', **options)
                except ValueError as error:
                    raise InputError(f"{shortened(self.path)}: {error}") from None
                if found.size:
                    yield found


class ParquetRows(_InOrder):
    """A .parquet file with columns of numbers."""

    def __init__(self, path: Path):
        with open_parquet(path) as file:
            found = file.metadata
        super().__init__(path, (found.num_rows, found.num_columns))

    def batches(self) -> Iterator[Array]:
        with open_parquet(self.path) as file:
            for batch in file.iter_batches(_BATCH):
                columns = zip(batch.schema.names, batch.columns, strict=True)
                arrays = [
                    real_array(f"{shortened(self.path)}: column {name!r}", column.to_numpy(False))
                    for name, column in columns
                ]
                yield np.column_stack(arrays)


class TensorRows(RowSource):
    """The only tensor of a .safetensors file."""

    def __init__(self, path: Path):
        with open_safetensors(path) as tensors:
            names = list(tensors.keys())
            if len(names) != 1:
                raise InputError(f"{shortened(path)}: has tensors {names[:5]}; one is wanted")
            shape = tuple(tensors.get_slice(names[0]).get_shape())
        if len(shape) != 2:
            raise InputError(f"{shortened(path)}: a table is wanted, not a tensor of shape {shape}")
        super().__init__(path, (shape[0], shape[1]))
        self._name = names[0]

    def read_rows(self, first: int, last: int) -> Array:
        with open_safetensors(self.path) as tensors:
            return real_array(self._name, tensors.get_slice(self._name)[first:last])


SOURCES: dict[str, Callable[[Path], RowSource]] = {
    ".npy": MappedRows,
    ".csv": CsvRows,
    ".parquet": ParquetRows,
    ".safetensors": TensorRows,
}


def rows_in(path: Path) -> RowSource:
    """The table in a file.

    Raises:
        InputError: it is missing, of another kind, or no table of finite numbers.
    """
    source = SOURCES.get(path.suffix)
    if source is None:
        raise InputError(f"{shortened(path)}: is none of {', '.join(SOURCES)}")
    found = source(path)
    if not found.shape[0] or not found.shape[1]:
        raise InputError(f"{shortened(path)}: holds no numbers")
    return found
