"""The work that something takes, counted: it is the same on a busy machine."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from cProfile import Profile
from pathlib import Path
from typing import Any

import entropy_proofs as ep

PACKAGE = Path(ep.__file__).parent


def calls(function: Callable[..., Any], *arguments: Any) -> tuple[Any, int]:
    """The function's result, and how many calls of the package's functions it took."""
    before, profile = sys.getprofile(), Profile(subcalls=False, builtins=False)
    profile.enable()
    try:
        result = function(*arguments)
    finally:
        profile.disable()
        sys.setprofile(before)
    inside = str(PACKAGE)
    found = (entry for entry in profile.getstats() if not isinstance(entry.code, str))
    own = (entry for entry in found if entry.code.co_filename.startswith(inside))
    return result, sum(entry.callcount for entry in own)


@contextmanager
def at_most(most: int) -> Iterator[None]:
    """Raises RuntimeError after so many calls of any function that is written in Python."""
    left = most

    def count(_frame: Any, event: str, _: Any) -> None:
        nonlocal left
        left -= event == "call"
        if left < 0:
            raise RuntimeError(f"not done in {most} calls")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(before)
