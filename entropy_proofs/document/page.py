"""The page that a document is laid out for, where a format has pages."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from entropy_proofs.errors import InputError

#: Widths of text in points: what LaTeX's article leaves on A4 and on letter, and the narrowest
#: column of its two-column pages.
WIDTHS = {"a4": 345.0, "letter": 345.0, "column": 221.0}
_MILLIMETRE = 72.27 / 25.4
_POINTS = {"pt": 1.0, "mm": _MILLIMETRE, "cm": 10 * _MILLIMETRE, "in": 72.27}
_SHORTEST = 550.0  # the height of article's text on letter paper
_NARROWEST = 100.0

#: How LaTeX sets tables: `longtable` breaks across pages, `tabular` needs no package for that.
ENVIRONMENTS = ("tabular", "longtable")


@dataclass(frozen=True)
class Page:
    """The area of text, in TeX's points: by itself that of A4 with margins of 25 mm.

    environment: how LaTeX sets tables; fragment: for a place inside another document.
    """

    width: float = 160 * _MILLIMETRE
    height: float = 245 * _MILLIMETRE
    environment: str = "longtable"
    fragment: bool = False


def inside(width: float, environment: str = "tabular") -> Page:
    """For a place inside a paper whose lines have this width, in points.

    >>> inside(221.0).fragment
    True
    """
    return Page(width, _SHORTEST, environment, fragment=True)


def points(width: str) -> float:
    """A width by its name, or as a length, in TeX's points.

    Raises:
        InputError: it is neither.

    >>> points("letter"), round(points("88 mm"), 2)
    (345.0, 250.38)
    """
    if width in WIDTHS:
        return WIDTHS[width]
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(pt|mm|cm|in)", width.strip(), re.ASCII)
    if match is None:
        known = ", ".join(WIDTHS)
        raise InputError(f"{width!r} is no width: {known}, or a length such as 240pt or 88mm")
    found = float(match[1]) * _POINTS[match[2]]
    if not _NARROWEST <= found < math.inf:
        raise InputError(f"{width!r} is too narrow for a table: {_NARROWEST:.0f}pt at least")
    return found
