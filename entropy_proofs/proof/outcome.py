"""What can be said of an equation, and the point at which its sides differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from entropy_proofs.document.blocks import Block, Paragraph
from entropy_proofs.notebook.displays import Displayed, table


@dataclass(frozen=True)
class Difference(Displayed):
    """A point at which two sides differ.

    left, right: the two values (nats), decimal strings of 15 digits, or "undefined".
    at: sizes, parameters and data of the point, by name.
    gradient_norm: for a stationary point, the largest stationarity condition there.
    sides: what left and right are.  where: what is special about the point, such as "w = 0".
    """

    left: str
    right: str
    at: Mapping[str, Any]
    gradient_norm: str | None = None
    sides: tuple[str, str] = ("claimed", "derived")
    where: str = ""

    def __str__(self) -> str:
        where = "at a stationary point" if self.gradient_norm is not None else "at a point"
        where += self.where and f" where {self.where}"
        sizes = ", ".join(f"{k}={v}" for k, v in self.at.items() if isinstance(v, int))
        left, right = self.sides
        shown = f" ({sizes})" if sizes else "" if self.where else " (scalars)"
        return f"{left} {self.left}, {right} {self.right} {where}{shown}"

    def __repr__(self) -> str:
        return f"<{self}>"

    def _blocks(self) -> tuple[Block, ...]:
        place = [(name, str(value)) for name, value in self.at.items() if name != "data"]
        place += [
            ("data", ", ".join(f"{name} = {value}" for name, value in point.items()))
            for point in self.at.get("data", ())
        ]
        return (Paragraph((str(self),)), *([table(("At", ""), place)] if place else []))


@dataclass(frozen=True)
class Equal:
    """Equal at every declared value, or both undefined there, where the conditions are met.

    conditions: what must not be zero ("x ≠ 0") or must be invertible ("A invertible"); sorted.
    """

    conditions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Different:
    """Not equal at one declared point, in ball arithmetic: balls that do not meet, or one side
    that is undefined there while the other is not."""

    witness: Difference


@dataclass(frozen=True)
class NotDecided:
    """Neither was shown; the reason in one line."""

    reason: str


Outcome = Equal | Different | NotDecided
