"""Writing a generated file whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from entropy_proofs.errors import InputError


def check_writable(output: str, model: str) -> Path:
    """The file to write, looked at before the work that its contents take.

    Args:
        model: the name or path of the model's own file, which is never overwritten.

    Raises:
        InputError: it cannot be written; the message names the folder or the file.
    """
    target = Path(os.path.realpath(output))  # a link stays a link
    if not target.parent.is_dir():
        raise InputError(f"{output}: there is no folder {target.parent}")
    if target.exists() and not target.is_file():
        raise InputError(f"{output}: is no regular file")
    if target == Path(os.path.realpath(model)):
        raise InputError(f"{output}: is the model's own file")
    if not os.access(target.parent, os.W_OK):
        raise InputError(f"{output}: nothing can be written to the folder {target.parent}")
    return target


def write(target: Path, contents: str | bytes) -> None:
    """Replace or create a file in one step, so that nobody ever sees a part of it.

    Text is written in UTF-8.

    Raises:
        InputError: it cannot be written; what was there before is still there.
    """
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        try:
            beside.write_bytes(contents.encode() if isinstance(contents, str) else contents)
            os.replace(beside, target)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{target}: cannot be written: {error.strerror or error}") from error
