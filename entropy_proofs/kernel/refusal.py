"""What the kernel says no to, and the bound on the work that it does before it says so."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf

WORK = 400_000  # elementary steps for one certificate; the catalogue's largest takes 10,000
DEPTH = 60  # of nested terms
NODES = 200_000  # of all terms of one file
DIGITS = 2_000  # of a number


class Refused(Exception):
    """The input is not well formed, not in scope, or not checked within the bound."""


class _Meter(threading.local):
    """Each thread's own: what one may still do is no other's."""

    left: float = inf


_METER = _Meter()


def spend(steps: int) -> None:
    """Count steps of work; raise when the innermost `bounded` block has used up what it may use."""
    _METER.left -= steps
    if _METER.left < 0:
        raise Refused("too large to be checked")


@contextmanager
def bounded(steps: int | None = None) -> Iterator[None]:
    """Within the block, so many steps and no more; WORK if not said.  Whoever asks anything of the
    kernel's terms brings its own bound: none is left over from, or to, anything else."""
    outer, _METER.left = _METER.left, WORK if steps is None else steps
    try:
        yield
    finally:
        _METER.left = outer
