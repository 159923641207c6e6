"""The time that an answer took, with what is computed only when it is asked for."""

from __future__ import annotations

import time
from functools import cached_property
from typing import Any


class Clock:
    """Adds up the time of what is computed, once where one thing asks for another."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.running = False


class timed(cached_property):
    """A cached property whose first computing counts on the object's clock."""

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None or self.attrname in vars(instance) or instance._clock.running:
            return super().__get__(instance, owner)
        clock, start = instance._clock, time.perf_counter()
        clock.running = True
        try:
            return super().__get__(instance, owner)
        finally:
            clock.running = False
            clock.seconds += time.perf_counter() - start
