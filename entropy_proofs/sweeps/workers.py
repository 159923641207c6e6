"""Runs on executors: local processes that may die, or whatever executor the caller brings.

A process that dies breaks its pool, and the pool says of every run in flight that it failed.  So
local pools have no more runs in flight than workers, and each of those is done again alone: what
kills its second worker, too, is the culprit.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    as_completed,
    wait,
)
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait as wait_for

from threadpoolctl import threadpool_limits

from entropy_proofs.sweeps.runs import Run, RunOutcome, failed, perform

Done = tuple[Run, RunOutcome]


class ExecutorLost(RuntimeError):
    """The executor gave runs back undone, e.g. as its cluster went away."""


def on_executor(executor: Executor, runs: Iterable[Run]) -> Generator[Done, None, None]:
    """Runs with their outcomes, as they are done; each exactly once.

    A run is a result if `perform` returned it. Whatever else comes out of an executor is of the
    executor, which was shut down, lost its cluster or cannot send what it was given; the one
    exception is Dask's word that this run killed worker after worker.

    Raises:
        ExecutorLost: a run came back undone.
    """
    futures: dict[Future[RunOutcome], Run] = {}
    broken: list[Run] = []
    try:
        for run in runs:
            try:
                futures[executor.submit(perform, run)] = run
            except BrokenExecutor:
                broken.append(run)
            except Exception as error:
                raise ExecutorLost(_lost(error)) from None
        for future in as_completed(futures):
            run = futures[future]
            try:
                outcome = future.result()
            except BrokenExecutor:
                broken.append(run)
                continue
            except CancelledError:
                raise ExecutorLost("the executor cancelled runs") from None
            except Exception as error:
                if type(error).__name__ != "KilledWorker":
                    raise ExecutorLost(_lost(error)) from None
                outcome = failed(error)
            if not isinstance(outcome, RunOutcome):
                raise ExecutorLost("the executor lost runs")
            yield run, outcome
    finally:
        for future in futures:
            future.cancel()
    yield from on_processes(broken)


def _lost(error: Exception) -> str:
    return f"the executor lost runs ({type(error).__name__}: {error})"[:200]


def on_processes(runs: Iterable[Run], jobs: int | None = None) -> Generator[Done, None, None]:
    """The same on local processes.

    jobs: how many processes; None for one on each processor.
    """
    waiting = deque(runs)
    jobs = min(jobs or os.cpu_count() or 1, max(1, len(waiting)))
    while waiting:
        for suspect in (yield from _until_broken(waiting, jobs)):
            yield suspect, _alone(suspect)


def _until_broken(waiting: deque[Run], jobs: int) -> Generator[Done, None, list[Run]]:
    """Outcomes until all is done or a worker dies; then the runs that were in flight."""
    running: dict[Future[RunOutcome], Run] = {}
    suspects: list[Run] = []
    pool = _pool(jobs)
    try:
        while running or (waiting and not suspects):
            while waiting and len(running) < jobs and not suspects:
                try:
                    future = _submit(pool, waiting[0])
                except BrokenExecutor:  # before it was in flight, so it stays in the queue
                    break
                running[future] = waiting.popleft()
            if not running:  # died idle
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                run = running.pop(future)
                try:
                    outcome = future.result()
                except BrokenExecutor:
                    suspects.append(run)
                    continue
                yield run, outcome
    except BaseException:
        _terminate(pool)
        raise
    finally:
        pool.shutdown(cancel_futures=True)
    return suspects


def _alone(run: Run) -> RunOutcome:
    """The outcome of a run in a fresh process of its own."""
    pool = _pool(1)
    try:
        return _submit(pool, run).result()
    except BrokenExecutor:
        return failed("its worker process died, and so did a second one that did nothing else")
    except BaseException:
        _terminate(pool)
        raise
    finally:
        pool.shutdown(cancel_futures=True)


# processes ----------------------------------------------------------------------------------------
def _pool(jobs: int) -> ProcessPoolExecutor:
    fresh = get_context("spawn")  # a fork of BLAS threads can hang
    return ProcessPoolExecutor(jobs, mp_context=fresh, initializer=_prepare)


def _submit(pool: ProcessPoolExecutor, run: Run) -> Future[RunOutcome]:
    """Submit with SIGINT blocked: a worker that starts inherits that, so Ctrl-C is ours alone."""
    if not hasattr(signal, "pthread_sigmask"):
        return pool.submit(perform, run)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(perform, run)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _terminate(pool: ProcessPoolExecutor) -> None:
    """End a pool's processes, whatever they are at."""
    for process in list((pool._processes or {}).values()):
        process.terminate()


def _prepare() -> None:
    """One thread for each process, as there are processes for all; and none that outlives us.

    Model files that print must not spoil what the parent prints.
    """
    sys.stdout = sys.stderr
    threadpool_limits(1)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_die_with, args=[parent.sentinel], daemon=True).start()


def _die_with(sentinel: int) -> None:
    """A parent that is killed cannot tell its workers, which would wait for work for ever."""
    wait_for([sentinel])
    os._exit(1)
