"""A formula that can be shown in any format."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Formula:
    """Mathematics ready to be written: `latex` on one line.

    >>> Formula("a = b").latex
    'a = b'
    """

    latex: str
