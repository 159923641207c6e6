"""Where a command's output goes, and what becomes of it when it cannot go there."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from typing import Any

from entropy_proofs.export import charset


class Guarded:
    """A stream that takes everything, and keeps why it could not pass it on.

    So a full disk, a closed descriptor or a reader that went away never changes what a command
    finds out, and thus its exit status.
    """

    def __init__(self, stream: Any):
        self.stream = stream
        self.failure: Exception | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def write(self, text: str) -> int:
        self._do(lambda: self.stream.write(text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        self._do(self.stream.flush)

    def isatty(self) -> bool:
        return self.failure is None and bool(self.stream.isatty())

    def _do(self, what: Any) -> None:
        if self.failure is None:
            try:
                what()
            except (OSError, ValueError) as error:  # ValueError: closed
                self.failure = error
                self._silence()

    def _silence(self) -> None:
        """What is buffered goes nowhere, as Python would try it again at its end and complain."""
        with contextlib.suppress(OSError, ValueError, io.UnsupportedOperation):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.stream.fileno())
            os.close(nowhere)


@contextlib.contextmanager
def guarded() -> Iterator[tuple[Guarded, Guarded]]:
    """Standard output and standard error, guarded; the first may be closed as well."""
    before = sys.stdout, sys.stderr
    found = []
    for stream in before:
        with contextlib.suppress(OSError, ValueError):
            charset.adapt(stream)
        found.append(Guarded(io.StringIO() if stream is None else stream))
    out, err = found
    sys.stdout, sys.stderr = out, err
    try:
        yield out, err
    finally:
        out.flush()
        err.flush()
        sys.stdout, sys.stderr = before
