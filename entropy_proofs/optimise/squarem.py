"""EM and other exact updates, extrapolated: SQUAREM with a value that never falls.

Varadhan & Roland (2008), Scandinavian Journal of Statistics 35, scheme S3: two updates from x tell
a step r and its change v, and x - 2 a r + a^2 v with a = -|r|/|v| goes where many more would.  What
an extrapolation reaches is kept only if F is not lower there than at the last plain update.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from entropy_proofs.optimise.result import Reason, Stop
from entropy_proofs.optimise.to_gain import ROUNDING, SLOWEST, Update, aitken

Array = NDArray[np.float64]

LOOKED = 5  # gains of plain updates in a row, from which Aitken's extrapolation is made
FIRST, NEAREST = 4.0, 2.0  # how far an extrapolation may go: at first, and at least
EARLY = 0.01  # of all gained: earlier, an extrapolation may leave for another optimum
SLACK = 1e-9  # by which rounding may lower F, relative to it or to 1: there it has settled
FACTOR = 4.0  # how much farther or less far after one that helped or did not

Seen = Callable[[Array, float, float], Stop | None]


def unseen(x: Array, value: float, left: float) -> Stop | None:
    return None


class NoUpdate(ArithmeticError):
    """There is no update at a point, as where a covariance is not positive definite.

    why: there is no going on, if that is known.
    """

    def __init__(self, why: Stop | None = None):
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Updated:
    """A point, what an update makes of it, and F there.

    Attributes:
        x, image, value: the point, its update and F at the point.
        first: F where it began.
        updates: how many there were so far.
        farthest: how far the next extrapolation may go.
        plain: F at the plain updates in a row that end here, while it is looked whether to stop.
        pause: cycles before it is looked again; `wait` is how long the next pause is.
    """

    x: Array
    image: Array
    value: float
    first: float
    updates: int = 1
    farthest: float = FIRST
    plain: tuple[float, ...] = ()
    pause: int = 0
    wait: int = 1
    stopped: Stop | None = None


class Squarem:
    """Uphill by exact updates, accelerated, until less than a tolerance is left to gain.

    A step is a cycle of two updates, one of them at an extrapolated point.  Once the cycles seem to
    gain nothing more, it is one plain update, a few times in a row: Aitken's extrapolation from
    extrapolated points would know nothing of the slow directions.  Where gains do not shrink, what
    is left is taken to be at least what the slope gains over a unit of the coordinates.

    Args:
        update: x -> (the next x, F at x); raises `NoUpdate` where there is none.
        tolerance: in units of F.
        most: updates.
        seen: is told (x, F at x, what is left to gain) of each point that is kept, right after its
            update, and may say why to stop; at the point before, if this one failed.
        accelerated: False for plain updates alone.
    """

    def __init__(
        self,
        update: Update[Array],
        tolerance: float,
        most: int,
        seen: Seen = unseen,
        accelerated: bool = True,
    ):
        self.update, self.tolerance, self.most = update, tolerance, most
        self.seen, self.accelerated = seen, accelerated

    def init(self, x: Array) -> Updated:
        try:
            image, value = self.update(x)
        except NoUpdate as none:
            why = none.why or Reason.NO_START()
            return Updated(x, x, -math.inf, -math.inf, stopped=why)
        if not np.isfinite(value):
            return Updated(x, x, value, value, stopped=Reason.NO_START())
        return Updated(x, image, value, value, stopped=self.seen(x, value, math.inf))

    def stop(self, state: Updated) -> Stop | None:
        if state.stopped is None and state.updates >= self.most:
            return Reason.ITERATIONS(most=self.most)
        return state.stopped

    def step(self, state: Updated) -> Updated:
        x = state.image
        try:
            image, value = self.update(x)
        except NoUpdate as none:
            why = none.why or Reason.NOT_FINITE()
            return replace(state, updates=state.updates + 1, stopped=why)
        noise = ROUNDING * max(1.0, abs(state.value))
        count, gain = state.updates + 1, value - state.value
        if not gain >= 0:
            return replace(state, updates=count, stopped=_fallen(state.value, value))
        after = replace(state, x=x, image=image, value=value, updates=count)
        first, second = x - state.x, image - x
        bend, length = float(np.linalg.norm(second - first)), float(np.linalg.norm(first))
        reach = length / bend if bend > 0 else 1.0
        if state.plain or not self.accelerated:
            return self._looked(state, after, (*(state.plain or (state.value,)), value), noise)
        left = aitken_of(gain, 1 - 1 / max(reach, 1.0))
        stopped = self.seen(x, value, left)
        if stopped is not None and stopped.failed:
            return replace(state, updates=count, stopped=stopped)
        after = replace(after, stopped=stopped)
        if stopped is not None or count >= self.most:
            return after
        if gain + left <= self.tolerance and not state.pause:
            return replace(after, plain=(state.value, value))
        if gain > EARLY * (value - state.first):
            return after
        return self._extrapolated(state, after, first, second, reach)

    def _looked(
        self, state: Updated, after: Updated, plain: tuple[float, ...], noise: float
    ) -> Updated:
        """Whether plain updates in a row show that there is nothing left to gain."""
        plain = plain[-1 - LOOKED :]
        gain = plain[-1] - plain[-2]
        still, found = gain <= noise, aitken(plain)
        left = 0.0 if still else found.left
        if not (still or found.known):  # as where F nears a bound and a logarithm goes on for ever
            left = max(left, gain / float(np.linalg.norm(after.x - state.x)))
        stopped = self.seen(after.x, after.value, left)
        if stopped is not None and stopped.failed:
            return replace(state, updates=after.updates, stopped=stopped)
        if stopped is None and (still or len(plain) > LOOKED):
            if left <= self.tolerance:
                stopped = Reason.TO_GAIN(left=left, tolerance=self.tolerance)
            elif self.accelerated:  # it was too early to look
                return replace(after, plain=(), pause=after.wait, wait=2 * after.wait)
        return replace(after, plain=plain, stopped=stopped)

    def _extrapolated(
        self, state: Updated, after: Updated, first: Array, second: Array, reach: float
    ) -> Updated:
        """The extrapolated point, where F is not lower there than after the plain update."""
        after = replace(after, pause=max(after.pause - 1, 0))
        a = min(reach, after.farthest)
        if a <= 1.0:
            return after
        y = state.x + 2 * a * first + a**2 * (second - first)
        image, value = self._updated(y)
        after = replace(after, updates=after.updates + 1)
        if not value >= after.value:
            return replace(after, farthest=max(after.farthest / FACTOR, NEAREST))
        if a == after.farthest:
            after = replace(after, farthest=FACTOR * after.farthest)
        left = aitken_of(value - after.value, 1 - 1 / reach)
        stopped = self.seen(y, value, left)
        if stopped is not None and stopped.failed:
            return replace(after, stopped=stopped)
        return replace(after, x=y, image=image, value=value, stopped=stopped)

    def _updated(self, x: Array) -> tuple[Array, float]:
        try:
            return self.update(x)
        except NoUpdate:
            return x, -math.inf


def _fallen(before: float, value: float) -> Stop:
    """Why an exact update does not raise F: since it is at its top, or since it is not exact."""
    if not np.isfinite(value):
        return Reason.NOT_FINITE()
    small = before - value <= SLACK * max(1.0, abs(before))
    return Reason.SETTLED() if small else Reason.FELL(fall=before - value)


def aitken_of(gain: float, rate: float) -> float:
    """What is left after a gain, if steps shrink by a rate, and gains by its square."""
    factor = min(rate**2, SLOWEST)
    return gain * factor / (1 - factor)
