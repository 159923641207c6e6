"""How every search runs: a solver says where it starts, how it steps and when it stops."""

from __future__ import annotations

from typing import Protocol, TypeVar

from entropy_proofs.optimise.result import Reason, Result, Stop

X = TypeVar("X")
X_co = TypeVar("X_co", covariant=True)
X_contra = TypeVar("X_contra", contravariant=True)


class State(Protocol[X_co]):
    """What a solver remembers between steps: its point, and what else it needs."""

    @property
    def x(self) -> X_co: ...


S = TypeVar("S", bound=State)


class Solver(Protocol[X_contra, S]):
    """One way to search."""

    def init(self, x: X_contra) -> S:
        """The state at a point to start from."""

    def step(self, state: S) -> S:
        """One step further; a state that says why, if there is none."""

    def stop(self, state: S) -> Stop | None:
        """Why to stop here, if so."""


def solve(solver: Solver[X, S], x: X, most: int | None = None) -> Result[X]:
    """The solver's steps until it stops, or so many of them."""
    state, steps = solver.init(x), 0
    while (stop := solver.stop(state)) is None:
        if steps == most:
            stop = Reason.ITERATIONS(most=most)
            break
        state, steps = solver.step(state), steps + 1
    return Result(state.x, stop, steps)
