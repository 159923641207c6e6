"""Runs a campaign in batches, in other processes, and keeps what fails."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context

from campaign.outcome import FAILURES, Outcome
from campaign.registry import CAMPAIGNS
from campaign.report import Run
from campaign.saved import save

BATCH = 25  # inputs of one seed, at most
_ROUNDS = 4  # batches of a process before it is replaced: caches grow


@dataclass(frozen=True)
class Options:
    """number: of inputs.  minutes: after which no batch is begun.  limit: seconds per answer."""

    number: int
    seed: int
    workers: int
    minutes: float
    limit: float

    @property
    def batches(self) -> Iterator[tuple[int, int]]:
        """(seed, count): the last has what is left of the number."""
        for k, done in enumerate(range(0, self.number, BATCH)):
            yield self.seed + k, min(BATCH, self.number - done)


@dataclass(frozen=True)
class Batch:
    """The outcomes of one seed; and its failures, made small."""

    seed: int
    outcomes: list[Outcome]
    smallest: list[Outcome]


def batch(which: int, seed: int, count: int, limit: float | None) -> Batch:
    campaign = CAMPAIGNS[which]
    found = list(campaign.batch(seed, count, limit))
    failing = {(x.finding, x.answer): x for x in found if x.finding in FAILURES}
    small = [campaign.smallest(seed, count, x, limit) for x in failing.values()]
    return Batch(seed, found, small)


def run(which: int, options: Options) -> Run:
    """One campaign, to the number of inputs or the time that was asked for, or to Ctrl-C."""
    campaign = CAMPAIGNS[which]
    outcomes: dict[str, Outcome] = {}
    smallest: dict[str, Outcome] = {}
    done: list[int] = []
    with suppress(KeyboardInterrupt):
        for b in _batches(which, options):
            done.append(b.seed)
            outcomes |= {json.dumps(x.described): x for x in b.outcomes}
            for x in b.smallest:
                smallest[json.dumps(x.described)] = x
                _say(f"{x.finding} {save(campaign, x).name}: {x.reason}")
            _say(f"{campaign.name}: {len(outcomes)}")
    return Run(campaign, done, list(outcomes.values()), list(smallest.values()))


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _batches(which: int, options: Options) -> Iterator[Batch]:
    """In the order of their seeds; as many are at work as there are processes."""
    end = time.monotonic() + 60 * options.minutes
    pool = ProcessPoolExecutor(
        options.workers, mp_context=get_context("spawn"), max_tasks_per_child=_ROUNDS
    )
    with pool:
        rest = options.batches

        def begun(count: int) -> list[Future[Batch]]:
            return [pool.submit(batch, which, *b, options.limit) for b in islice(rest, count)]

        waiting = begun(options.workers)
        while waiting:
            done = waiting.pop(0).result()
            if time.monotonic() < end:
                waiting += begun(1)
            yield done


__all__ = ["BATCH", "Batch", "Options", "batch", "run"]
