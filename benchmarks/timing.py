"""Timing two ways of computing the same thing against each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from statistics import median
from time import perf_counter, sleep
from typing import Any

import numpy as np

Result = tuple[Any, Mapping[str, Any]]  # a value, and its gradient by name
Rounds = list[list[float]]  # seconds of the runs of each round
TOLERANCE = 1e-9
SETTLING = 0.25  # seconds: the threads of some libraries go on spinning after their work
WARMING = 0.15  # seconds
COUNTED = 3  # runs in a row


@dataclass(frozen=True)
class Ratio:
    """How much longer one side takes than the other, in usual rounds and in the fastest runs.

    Attributes:
        target: what it should be: at most (at_most=True) or at least; None: for information.
        note: why it misses the target, where it does.
    """

    objective: str
    name: str
    median: float
    fastest: float
    target: float | None = None
    at_most: bool = True
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the ratio in usual rounds meets the target."""
        if self.target is None:
            return None
        return bool(self.median <= self.target if self.at_most else self.median >= self.target)


def race(sides: Mapping[str, Callable[[], Any]], repeats: int) -> dict[str, Rounds]:
    """Seconds of each run of each side; a round runs every side, so noise hits all alike.

    The order is random. Before the runs that count come a rest, in which the last side's threads go
    to sleep, and runs of the side itself, as in training: the machine is slow after a rest.
    """
    for run in sides.values():
        _finished(run())
    seconds: dict[str, Rounds] = {name: [] for name in sides}
    rng = Random(0)
    for _ in range(repeats):
        for name, run in rng.sample(list(sides.items()), len(sides)):
            sleep(SETTLING)
            warm = perf_counter() + WARMING
            while perf_counter() < warm:
                _finished(run())
            seconds[name].append([])
            for _ in range(COUNTED):
                start = perf_counter()
                _finished(run())
                seconds[name][-1].append(perf_counter() - start)
    return seconds


def ratio(seconds: Mapping[str, Rounds], above: str, below: str) -> tuple[float, float]:
    """above / below: the median over the rounds, and of the fastest runs.

    A round takes few seconds, and the machine may be slow for longer than that.
    """
    over, under = seconds[above], seconds[below]
    return (
        median(median(a) / median(b) for a, b in zip(over, under, strict=True)),
        min(map(min, over)) / min(map(min, under)),
    )


def check_agreement(name: str, found: Result, expected: Result) -> float:
    """The largest relative difference of two results.

    Raises:
        AssertionError: it is above 1e-9, or an array is missing.
    """
    (f, gradient), (g, wanted) = found, expected
    assert gradient.keys() == wanted.keys(), f"{name}: {sorted(gradient)} != {sorted(wanted)}"
    pairs = [(f, g), *((gradient[k], wanted[k]) for k in wanted)]
    worst = 0.0
    for a, b in pairs:
        a, b = np.asarray(a), np.asarray(b)
        assert a.shape == b.shape, f"{name}: {a.shape} != {b.shape}"
        worst = max(worst, float(np.abs(a - b).max() / np.abs(b).max()))
    assert worst < TOLERANCE, f"{name}: the sides differ by {worst:.1e}"
    return worst


def _finished(result: Any) -> None:
    """JAX returns before it has computed."""
    import jax

    jax.block_until_ready(result)
