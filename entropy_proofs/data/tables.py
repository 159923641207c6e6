"""Numbers from files: .npy, .csv and .parquet, each as far as it can be trusted."""

from __future__ import annotations

import csv
import io
import math
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from entropy_proofs.errors import InputError, MissingLibrary
from entropy_proofs.families.entering import Array, real_array
from entropy_proofs.files import check_regular, read_bytes, readable, shortened

LARGEST = 8 << 30  # bytes of a file of numbers
_MOST_PACKED = 1100  # times, which is as far as deflating goes
_MALFORMED = ValueError, EOFError, OverflowError, SyntaxError, TypeError, MemoryError, KeyError
_CELL = 40  # characters of a cell that a message shows


def numbers_in(path: Path) -> Array:
    """The finite numbers in a file: one row for each data point.

    Raises:
        InputError: it is missing, of another kind, or holds anything else; one line that begins
            with its name, and says in which row and column where it has these.
    """
    reader = READERS.get(path.suffix)
    if reader is None:
        raise InputError(f"{shortened(path)}: is none of {', '.join(READERS)}")
    if check_regular(path) > LARGEST:
        raise InputError(f"{shortened(path)}: has more than {LARGEST >> 30} GB")
    x = reader(path)
    if not x.size:
        raise InputError(f"{shortened(path)}: holds no numbers")
    _check_finite(path, x)
    return x


def _check_finite(path: Path, x: Array, before: int = 0) -> None:
    """before: how many lines of the file come before the first row."""
    if not (finite := np.isfinite(x)).all():
        row, *column = (int(k) + 1 for k in np.argwhere(~finite)[0])
        where = f"row {row + before}" + (f", column {column[0]}" if column else "")
        raise InputError(f"{shortened(path)}: the data contain NaN or infinity, first in {where}")


# .npy ---------------------------------------------------------------------------------------------
def _npy(path: Path) -> Array:
    """What the header promises is compared with what the file has, before memory is asked for."""
    with readable(path), open(path, "rb") as file:
        return _in_npy(shortened(path), file, check_regular(path))


def _in_npy(name: str, file: BinaryIO, size: int) -> Array:
    _check_header(name, file, size)
    file.seek(0)
    try:
        return real_array(name, np.load(file, allow_pickle=False))
    except _MALFORMED as error:
        raise InputError(f"{name}: cannot be read as .npy: {error}") from None


def check_npy_header(path: Path) -> None:
    """Raises InputError if a .npy file is none, holds no real numbers, or fewer than it says."""
    with readable(path), open(path, "rb") as file:
        _check_header(shortened(path), file, check_regular(path))


def _check_header(name: str, file: BinaryIO, size: int) -> None:
    try:
        version = np.lib.format.read_magic(file)
        read = {1: np.lib.format.read_array_header_1_0, 2: np.lib.format.read_array_header_2_0}
        if version[0] not in read:
            raise ValueError(f"version {version[0]} of the format")
        shape, _, dtype = read[version[0]](file, max_header_size=10_000)
        promised, left = math.prod(shape) * dtype.itemsize, size - file.tell()
    except _MALFORMED as error:
        raise InputError(f"{name}: cannot be read as .npy: {error}") from None
    if dtype.hasobject:
        raise InputError(f"{name}: holds Python objects, which are not read")
    if dtype.kind not in "biuf":
        raise InputError(f"{name}: holds {dtype}, not real numbers")
    if min(shape, default=1) < 0 or promised > left:
        raise InputError(f"{name}: its header says {shape}, but it has {left} bytes")


# .csv ---------------------------------------------------------------------------------------------
def _csv(path: Path) -> Array:
    """With or without one line of headings, none of which is a number."""
    try:
        text = read_bytes(path, LARGEST).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{shortened(path)}: is not UTF-8: {error.reason}") from None
    first = next(_rows(path, text), (1, []))
    numbers = [_is_number(cell) for cell in first[1]]
    if any(numbers) and not all(numbers):
        column = numbers.index(False)
        raise InputError(
            f"{shortened(path)}: row {first[0]}, column {column + 1}: "
            f"{_shown(first[1][column])}, but others in the row are numbers"
        )
    heading = first[0] if first[1] and not any(numbers) else 0
    lines = io.StringIO(text)
    for _ in range(heading):
        lines.readline()
    rest = lines.read()
    if not rest.strip():
        return np.empty((0, 0))
    options: dict[str, Any] = {"delimiter": ",", "ndmin": 2, "comments": None, "quotechar": '"'}
    try:
        x = np.loadtxt(io.StringIO(rest), **options)
    except ValueError as error:
        raise InputError(f"{shortened(path)}: {_reason(path, text, heading) or error}") from None
    _check_finite(path, x, heading)
    return x


def csv_layout(path: Path) -> tuple[int, int, int]:
    """How many lines of headings a .csv file has, rows of numbers, and columns.

    Raises:
        InputError: it is no such file; rows are looked at when they are read.
    """
    check_regular(path)
    heading, rows, columns = 0, 0, 0
    try:
        with readable(path), open(path, encoding="utf-8-sig") as file:
            for line in file:
                if not line.strip():
                    continue
                if not rows and not heading:
                    cells = next(csv.reader([line]))
                    columns = len(cells)
                    if not any(map(_is_number, cells)):
                        heading = 1
                        continue
                rows += 1
    except UnicodeDecodeError as error:
        raise InputError(f"{shortened(path)}: is not UTF-8: {error.reason}") from None
    except csv.Error as error:
        raise InputError(f"{shortened(path)}: {error}") from None
    return heading, rows, columns


def _rows(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """The number of each line that is not blank, from 1, with its cells."""
    reader = csv.reader(io.StringIO(text))
    try:
        for cells in reader:
            if (cells and any(cell.strip() for cell in cells)) or len(cells) > 1:
                yield reader.line_num, cells
    except csv.Error as error:
        raise InputError(f"{shortened(path)}: row {reader.line_num}: {error}") from None


def _reason(path: Path, text: str, heading: int) -> str:
    """Where the first cell is that is no number, or the first row of another length."""
    width = None
    for row, cells in _rows(path, text):
        if row <= heading:
            continue
        width = width or len(cells)
        for column, cell in enumerate(cells, 1):
            if not _is_number(cell):
                return f"row {row}, column {column}: {_shown(cell)}"
        if len(cells) != width:
            return f"row {row}: has {len(cells)} columns, not {width} as those before"
    return ""


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell


def _shown(cell: str) -> str:
    cell = cell.strip()
    return f"{cell[:_CELL]!r} is no number" if cell else "the cell is empty"


# .parquet -----------------------------------------------------------------------------------------
def _parquet(path: Path) -> Array:
    """With pyarrow or polars, whichever is installed."""
    read = _pyarrow() or _polars()
    if read is None:
        raise InputError(f"{shortened(path)}: reading Parquet needs pyarrow or polars installed")
    try:
        columns = read(path)
    except InputError:
        raise
    except Exception as error:  # each library raises its own
        raise InputError(f"{shortened(path)}: cannot be read as Parquet: {error}") from None
    for name, values in columns.items():
        if values.dtype.kind not in "biuf":
            raise InputError(f"{shortened(path)}: column {name!r} holds {values.dtype}")
    arrays = [real_array(f"{shortened(path)}: column {n!r}", v) for n, v in columns.items()]
    return np.column_stack(arrays) if arrays else np.empty((0, 0))


def _pyarrow() -> Callable[[Path], dict[str, Any]] | None:
    try:
        from pyarrow import parquet
    except ImportError:
        return None

    def read(path: Path) -> dict[str, Any]:
        table = parquet.read_table(path)
        return {n: table.column(n).to_numpy() for n in table.column_names}

    return read


def _polars() -> Callable[[Path], dict[str, Any]] | None:
    try:
        import polars
    except ImportError:
        return None

    def read(path: Path) -> dict[str, Any]:
        return {column.name: column.to_numpy() for column in polars.read_parquet(path)}

    return read


@contextmanager
def open_parquet(path: Path) -> Iterator[Any]:
    """An open .parquet file, by pyarrow.

    Raises:
        InputError: the library is missing, or the file cannot be read, also while it is open.
    """
    try:
        from pyarrow import parquet
    except ImportError:
        raise MissingLibrary(f"{shortened(path)}: reading Parquet needs pyarrow") from None
    try:
        with readable(path), parquet.ParquetFile(path) as file:
            yield file
    except InputError:
        raise
    except Exception as error:  # the library raises its own
        raise InputError(f"{shortened(path)}: cannot be read as Parquet: {error}") from None


# .npz ---------------------------------------------------------------------------------------------
def arrays_in(path: Path) -> dict[str, Array]:
    """The arrays of numbers in a .npz file, by name.

    Raises:
        InputError: it is no such file, or an array in it is not one of numbers.
    """
    size, shown = check_regular(path), shortened(path)
    found = {}
    with readable(path), open(path, "rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                for entry in archive.infolist():
                    if entry.file_size > max(size * _MOST_PACKED, 1 << 20):
                        raise InputError(f"{shown}: {entry.filename!r} is packed too tightly")
                    name = entry.filename.removesuffix(".npy")
                    contents = io.BytesIO(archive.read(entry))
                    found[name] = _in_npy(f"{shown}: {name}", contents, entry.file_size)
        except (zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError, zlib.error) as e:
            raise InputError(f"{shown}: cannot be read as .npz: {e}") from None
    return found


# .safetensors -------------------------------------------------------------------------------------
@contextmanager
def open_safetensors(path: Path) -> Iterator[Any]:
    """An open .safetensors file, whose header was compared with what the file has.

    Raises:
        InputError: the library is missing, or the file is none of these.
    """
    try:
        import safetensors
    except ImportError:
        needed = "needs safetensors, which is not installed"
        raise MissingLibrary(f"{shortened(path)}: reading it {needed}") from None
    check_regular(path)
    try:
        with readable(path), safetensors.safe_open(path, framework="numpy") as tensors:
            yield tensors
    except safetensors.SafetensorError as error:
        raise InputError(f"{shortened(path)}: cannot be read as .safetensors: {error}") from None


def tensors_in(path: Path) -> dict[str, Array]:
    """The arrays of numbers in a .safetensors file, by name.

    Raises:
        InputError: it is no such file, or a tensor has a type that NumPy has not.
    """
    with open_safetensors(path) as tensors:
        names = list(tensors.keys())
        try:
            return {n: real_array(f"{shortened(path)}: {n}", tensors.get_tensor(n)) for n in names}
        except TypeError as error:
            raise InputError(f"{shortened(path)}: {error}") from None


READERS: dict[str, Callable[[Path], Array]] = {".npy": _npy, ".csv": _csv, ".parquet": _parquet}
