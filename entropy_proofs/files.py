"""Where files come in and go out: read to a bound, written whole or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from entropy_proofs.errors import InputError


@contextmanager
def readable(path: str | Path) -> Iterator[None]:
    """Around whatever reads a file: names that are none, missing files, folders, devices that fail.

    Raises:
        InputError: one line that begins with the file's name.
    """
    try:
        yield
    except InputError:
        raise
    except FileNotFoundError:
        raise InputError(f"{shortened(path)}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{shortened(path)}: is a folder, not a file") from None
    except OSError as error:
        why = error.strerror or str(error)
        raise InputError(f"{shortened(path)}: cannot be read: {why}") from None
    except ValueError as error:  # a null character in the name
        raise InputError(f"{shortened(path)}: cannot be read: {error}") from None


def shortened(path: str | Path) -> str:
    """A file's name for a message of one line."""
    name = str(path)
    return name if len(name) <= 200 else f"{name[:100]}...{name[-40:]}"


def read_bytes(path: str | Path, most: int) -> bytes:
    """The contents of a file, a pipe or a device that has at most so many bytes.

    Raises:
        InputError: it cannot be read, or has more.
    """
    with readable(path), open(path, "rb") as file:
        found = file.read(most + 1)
    if len(found) > most:
        raise InputError(f"{shortened(path)}: has more than {most:,} bytes")
    return found


def check_regular(path: str | Path) -> int:
    """The size of a file in bytes.

    Raises:
        InputError: there is none, or it is a folder, a pipe or a device, which may have no end.
    """
    with readable(path):
        found = os.stat(path)
    if stat.S_ISDIR(found.st_mode):
        raise InputError(f"{shortened(path)}: is a folder, not a file")
    if not stat.S_ISREG(found.st_mode):
        raise InputError(f"{shortened(path)}: is no regular file")
    return found.st_size


def check_writable(output: str, model: str) -> Path:
    """The file to write, looked at before the work that its contents take.

    Args:
        model: the name or path of the model's own file, which is never overwritten.

    Raises:
        InputError: it cannot be written; the message names the folder or the file.
    """
    if not output:
        raise InputError("the name of the file to write is empty")
    shown = shortened(output)
    try:
        target = Path(os.path.realpath(output))  # a link stays a link
        folder_exists, exists, regular = target.parent.is_dir(), target.exists(), target.is_file()
        same = target == Path(os.path.realpath(model))
    except (OSError, ValueError) as error:
        raise InputError(f"{shown}: cannot be written: {_why(error)}") from None
    if not folder_exists:
        raise InputError(f"{shown}: there is no folder {shortened(target.parent)}")
    if exists and not regular:
        raise InputError(f"{shown}: is no regular file")
    if same:
        raise InputError(f"{shown}: is the model's own file")
    if not os.access(target.parent, os.W_OK):
        raise InputError(f"{shown}: nothing can be written to the folder {target.parent}")
    try:  # whether the file system takes the name, also that of the file beside it
        os.lstat(_beside(target))
    except FileNotFoundError:
        return target
    except OSError as error:
        raise InputError(f"{shown}: cannot be written: {_why(error)}") from None
    return target


def _beside(target: Path) -> Path:
    """A file that becomes the target once it is complete."""
    return target.with_name(f".{target.name}.{os.getpid()}")


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def write(target: Path, contents: str | bytes) -> None:
    """Replace or create a file in one step, so that nobody ever sees a part of it.

    Text is written in UTF-8.  A file that was there keeps its mode.

    Raises:
        InputError: it cannot be written; what was there before is still there.
    """
    beside = _beside(target)
    try:
        try:
            mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
            with open(beside, "xb") as file:
                if mode is not None:  # before there is anything to read
                    os.chmod(beside, mode)
                file.write(contents.encode() if isinstance(contents, str) else contents)
            os.replace(beside, target)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{shortened(target)}: cannot be written: {_why(error)}") from error
