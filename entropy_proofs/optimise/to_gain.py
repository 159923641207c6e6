"""What is left to gain: a bounded number of exact updates, and Aitken's extrapolation of the rest.

A gradient says where F can still rise; how much is of second order in it.  Near a maximum the gains
of exact updates (EM's steps, say) shrink by a factor that tends to a constant, so that a few tell
the sum of all to come (Aitken, 1926; for mixtures: Böhning et al., 1994).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

X = TypeVar("X")

#: x -> (x after one exact update, F at x before it): EM's E-step tells F, its M-step the next x.
Update = Callable[[X], tuple[X, float]]

UPDATES = 10
SLOWEST = 1 - 1e-4  # rates are taken to be at most this: gains that shrink slower, or grow
ROUNDING = 16 * float(np.finfo(float).eps)  # of F, relative to it or to 1


@dataclass(frozen=True)
class ToGain:
    """How much F would still rise, in the units of F (here nats per data point).

    Attributes:
        nats: what is left to gain from the first value on.
        left: the same from the last value on: the extrapolated part.
        rate: the factor from one gain to the next; at `SLOWEST` both are lower bounds.
        updates: how many gains the estimate was made from.
        known: whether they are more than lower bounds.

    >>> found = aitken([1 - 0.5**k for k in range(4)])
    >>> found.nats, found.left, found.rate
    (1.0, 0.125, 0.5)
    """

    nats: float
    left: float
    rate: float
    updates: int

    @property
    def known(self) -> bool:
        return self.rate < SLOWEST


def aitken(values: Sequence[float]) -> ToGain:
    """What is left to gain, of values of F after 0, 1, 2, ... exact updates.

    The rate is that of the later half of the gains, since the fast directions are done with first.
    Gains below rounding are none.

    Args:
        values: at least two.

    >>> aitken([-1.0, -1.0]).nats  # nothing moves
    0.0
    """
    found = np.asarray(values, dtype=float)
    gains = np.diff(found)
    noise = ROUNDING * max(1.0, float(np.abs(found).max()))
    gained, last = float(max(found[-1] - found[0], 0.0)), float(gains[-1])
    if not last > noise:
        return ToGain(gained if gained > noise else 0.0, 0.0, 0.0, len(gains))
    rate = 0.0
    if len(gains) > 1:
        steps = len(gains) // 2
        before = float(gains[-1 - steps])
        slow = last + noise >= SLOWEST**steps * before  # as far as rounding lets see
        rate = SLOWEST if slow else (last / before) ** (1 / steps)
    left = last * rate / (1 - rate)
    return ToGain(gained + left, left, rate, len(gains))


def to_gain(update: Update[X], x: X, most: int = UPDATES) -> ToGain:
    """What is left to gain at a point, from so many exact updates at most.

    It ends as soon as an update gains nothing but rounding.

    >>> to_gain(lambda x: (x / 2, -(x**2)), 1.0).nats
    1.0
    """
    values: list[float] = []
    for _ in range(most + 1):
        x, value = update(x)
        values.append(float(value))
        if len(values) > 1 and aitken(values[-2:]).nats == 0:
            break
    return aitken(values)
