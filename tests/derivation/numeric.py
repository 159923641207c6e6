"""Displayed equalities as numbers, by the oracle: derivatives are differences along the motions."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import mpmath as mp
import numpy as np
from oracle.expressions import value
from oracle.numbers import Numbers, slices

DIGITS = 30
CLOSE = 1e-12  # relative: differences of 30 digits leave 1e-15


def numbers(model: Any, seed: int, **sizes: int) -> Numbers:
    """Random numbers; what counts draws counts as many as there are."""
    at = Numbers(model, seed, **sizes)
    for v in model.variables.values():
        if str(v.support) == "counts":
            (total,) = v.support.bounds
            at.here[total] = int(np.sum(at[v.name]))
    return at


def evaluated(at: Numbers, expr: Any, place: dict[Any, int]) -> Any:
    """An expression at these numbers and this place."""
    return value(expr, at.here | slices(at.model, at.arrays) | place)


def side(at: Numbers, given: Any, place: dict[Any, int]) -> Any:
    """The number that one side of an equality is; of a derivative, by differences."""
    if not hasattr(given, "components"):
        return evaluated(at, given, place)
    moves = dict(directions(at, given, place))
    return mp.diff(lambda t: evaluated(at.moved(moves, t), given.of, place), 0)


def directions(at: Numbers, moved: Any, place: dict[Any, int]) -> Iterator[tuple[Any, Any]]:
    """Each label that moves, with its direction as an array."""
    for c in moved.components:
        shape = np.shape(at[c.label.name])
        found = np.empty(shape, dtype=object)
        for i in np.ndindex(*shape):
            slots = dict(zip(c.slots, i, strict=True))
            found[i] = evaluated(at, c.element, place | slots)
        yield c.label, found
    for f in moved.flows:
        label = at.model.variables[f.variable].label
        own = np.asarray(at[label.name], dtype=object)
        shift = np.empty(own.shape, dtype=object)
        for i in np.ndindex(*own.shape):
            slots = dict(zip(f.slots, i, strict=False))
            shift[i] = evaluated(at, f.shift, place | slots)
        yield label, evaluated(at, f.rate, place) * own + shift


def place_of(at: Numbers, axes: Any, random: Random) -> dict[Any, int]:
    """A random index for each axis."""
    return {i: random.randrange(int(value(n, at.here))) for i, n in axes}


def residual(at: Numbers, equality: Any, random: Random) -> Any:
    """|left - right| at a random place, relative to their sizes."""
    place = place_of(at, equality.axes, random)
    with mp.workdps(DIGITS):
        left, right = (side(at, s, place) for s in (equality.left, equality.right))
        return abs(left - right) / (1 + abs(left) + abs(right))
