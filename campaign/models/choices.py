"""The choices behind a drawn model, and what was declared so far.

Choices are listed from simple to involved, so that hypothesis shrinks towards the simple ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from hypothesis import strategies as st

from campaign.models.describe import (
    Declaration,
    Expression,
    Parameter,
    Shape,
    Size,
)

T = TypeVar("T")
Choice = Callable[[], T]


@dataclass(frozen=True)
class Known:
    """A variable that later ones may have as a parent; kind: of its values."""

    name: str
    kind: str
    shape: Shape


class Choices:
    """Draws from lists, and declares parameters; variables that later ones may have as parents."""

    def __init__(self, draw: st.DrawFn):
        self._draw = draw
        self.declared: list[Declaration] = []
        self.variables: list[Known] = []
        self.variational: list[Parameter] = []
        self.sizes: dict[str, Size] = {}
        self.count = 0

    # choices --------------------------------------------------------------------------------------
    def choose(self, options: Sequence[T]) -> T:
        return options[self._draw(st.integers(0, len(options) - 1))]

    def made(self, *options: Choice[T] | None) -> T:
        """One of the options that there are."""
        return self.choose([o for o in options if o is not None])()

    def preferring(
        self, parented: Sequence[Choice[T] | None], others: Sequence[Choice[T] | None]
    ) -> T:
        """One with a parent, mostly, if there is any."""
        linked = [o for o in parented if o is not None]
        return self.made(*(linked if linked and self.chance(65) else others))

    def chance(self, percent: int) -> bool:
        return self._draw(st.integers(0, 99)) >= 100 - percent

    def name(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def size(self, role: str) -> Size:
        """The size of this role: a symbol, or a number that is the same throughout the model."""
        if role not in self.sizes:
            number = self.choose([2, 3] if role == "K" else [2, 1, 3])
            self.sizes[role] = role if not self.chance(35) else number
        return self.sizes[role]

    def parent(self, *kinds: str, shape: Shape | None = None) -> Known | None:
        fits = [
            v for v in self.variables if v.kind in kinds and (shape is None or v.shape == shape)
        ]
        return self.choose(fits) if fits else None

    # parameters -----------------------------------------------------------------------------------
    def parameter(
        self, *shape: Size, domain: str = "real", fixed: bool | None = None
    ) -> Expression:
        """A new parameter or, at times, one that is there already."""
        fixed = self.chance(12) if fixed is None else fixed
        made = Parameter("", tuple(shape), domain, fixed)
        same = [d.name for d in self.declared if d == replace(made, name=d.name)]
        if same and self.chance(25):
            return self.choose(same)
        name = self.name("a" if fixed else "p")
        self.declared.append(replace(made, name=name))
        return name

    def variational_parameter(self, *shape: Size, domain: str = "real") -> Expression:
        """A parameter of q: a new one or, at times, one that is there already."""
        made = Parameter("", tuple(shape), domain)
        same = [p.name for p in self.variational if p == replace(made, name=p.name)]
        if same and self.chance(20):
            return self.choose(same)
        name = self.name("v")
        self.variational.append(replace(made, name=name))
        return name

    def positive_parameter(self, *shape: Size) -> Expression:
        return self.parameter(*shape, domain="positive")

    def known_or_learned(self, number: int) -> Expression:
        """A positive parameter, or the number."""
        return self.made(self.positive_parameter, lambda: number)


__all__ = ["Choice", "Choices", "Known"]
