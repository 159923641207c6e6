"""A limit on the processor time of an answer, so that a busy machine makes no hang."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Overrun(BaseException):
    """The limit has passed; no `except Exception` on the way may keep it."""


@contextmanager
def limited(seconds: float | None) -> Iterator[None]:
    """Raises Overrun within the block after this much processor time; None for no limit."""
    if seconds is None:
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Overrun

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


__all__ = ["Overrun", "limited"]
