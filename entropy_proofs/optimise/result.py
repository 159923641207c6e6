"""Where a search ended, and why: a `Reason` that carries its message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Generic, TypeVar

X = TypeVar("X")


class Ending(Enum):
    CONVERGED = auto()
    ENDED = auto()  # without having converged; the point is sound
    FAILED = auto()  # there is no going on; the point is the last sound one


_SMALL_GAP = "|v·∇F| <= {tolerance:g} for {patience} iterations in a row"
_ROUNDING = "no step raises F to rounding, with |v·∇F| = {gap:.1e}"


class Reason(Enum):
    """Why a solver stopped.  Called with what its message has places for, a `Stop`."""

    STATIONARY = "the gradient vanishes", Ending.CONVERGED
    SETTLED = "a step moves nothing any more", Ending.CONVERGED
    GAP = _SMALL_GAP, Ending.CONVERGED
    MEAN_GAP = f"{_SMALL_GAP} over the data", Ending.CONVERGED
    ROUNDING = _ROUNDING, Ending.CONVERGED
    TO_GAIN = "{left:.1e} nats are left to gain, at most tol = {tolerance:g}", Ending.CONVERGED
    AT_END = (
        "{reached}; {name} has no optimum in its domain, whose end it nears: it is not the case "
        "that {conditions}",
        Ending.CONVERGED,
    )
    CLOSED_FORM = "the global maximum has a closed form", Ending.CONVERGED

    STUCK = _ROUNDING, Ending.ENDED  # with a gap above the tolerance
    NO_STEP = "no step helps", Ending.ENDED
    STUCK_STEPS = "steps of {name} end early: {left:.1e} nats or more are left", Ending.ENDED
    SLOW = "the gradient has not halved in {patience} steps", Ending.ENDED
    ITERATIONS = "max_iter = {most} iterations", Ending.ENDED
    UNRESOLVED = "rounding hides a spread: it is that small beside the data's", Ending.ENDED

    NO_START = "F is not finite at the start", Ending.FAILED
    NOT_FINITE = "F left the finite numbers", Ending.FAILED
    GRADIENT_NOT_FINITE = "the gradient left the finite numbers", Ending.FAILED
    COLLAPSED = "{name} collapsed to zero, where F grows without bound", Ending.FAILED
    DEAD = "{name}[{place}] went to zero: the component has no data points left", Ending.FAILED
    FELL = "an exact update lowered F by {fall:.1e}", Ending.FAILED
    NO_UPDATE = "the update of {name} is no number: the data say nothing of it", Ending.FAILED
    DIVERGED = "steps grow", Ending.FAILED

    def __init__(self, message: str, outcome: Ending):
        self.message, self.outcome = message, outcome

    def __call__(self, **details: Any) -> Stop:
        return Stop(self, details)


@dataclass(frozen=True)
class Stop:
    """A reason with its details.

    >>> str(Reason.ITERATIONS(most=20))
    'max_iter = 20 iterations'
    """

    reason: Reason
    details: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.reason.message.format(**self.details)

    @property
    def converged(self) -> bool:
        return self.reason.outcome is Ending.CONVERGED

    @property
    def failed(self) -> bool:
        return self.reason.outcome is Ending.FAILED


@dataclass(frozen=True)
class Result(Generic[X]):
    """Where a solver ended, why, and after how many of its steps."""

    x: X
    stop: Stop
    steps: int = 0
