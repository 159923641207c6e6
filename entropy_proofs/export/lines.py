"""Long formulas broken into lines."""

from __future__ import annotations


def broken(text: str, width: int) -> str:
    return text
