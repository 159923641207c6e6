"""Numeric checks of many models on many data sets, from many seeds and starts, in parallel."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import closing, nullcontext
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

from entropy_proofs.data.data_sets import DataSet, data_set
from entropy_proofs.document.blocks import Block
from entropy_proofs.errors import InputError, told_of
from entropy_proofs.model import catalogue
from entropy_proofs.model.source_hash import model_hash, software
from entropy_proofs.notebook.displays import Displayed, headed, table
from entropy_proofs.points.fits import check_data
from entropy_proofs.points.observations import observed_data
from entropy_proofs.sweeps.runs import Run, RunKey, RunOutcome
from entropy_proofs.sweeps.store import ResultStore
from entropy_proofs.sweeps.workers import on_executor, on_processes

Progress = Callable[[int, int, int], None]


@dataclass(frozen=True)
class Finished:
    """A run and its outcome, which may be an earlier sweep's."""

    run: Run
    outcome: RunOutcome


@dataclass(frozen=True)
class ModelRuns:
    """All runs of one model.

    Attributes:
        model: its name.
        source: the catalogue name or path that the sweep was given.
    """

    model: str
    source: str
    runs: tuple[Finished, ...]

    @property
    def failures(self) -> tuple[Finished, ...]:
        """The runs that did not pass."""
        return tuple(f for f in self.runs if not f.outcome.passed)

    @property
    def passed(self) -> bool:
        """Whether there were runs and all passed."""
        return bool(self.runs) and not self.failures

    @property
    def points(self) -> int:
        """How many random points were tried in all runs."""
        return sum(v.points for v in self._verifications)

    @property
    def worst_residual(self) -> float:
        """The largest relative |F - S - v·∇F| at random points; NaN if one is, or there is none."""
        return _worst(v.max_identity_residual for v in self._verifications)

    @property
    def worst_residual_mpmath(self) -> float:
        """The same with 50 digits."""
        return _worst(v.max_identity_residual_mpmath for v in self._verifications)

    @property
    def worst_gap(self) -> float:
        """The largest |F - S| at stationary points, in nats per data point; NaN as above."""
        return _worst(abs(p.gap) for v in self._verifications for p in v.stationary_points)

    @cached_property
    def _verifications(self) -> list[Any]:
        return [f.outcome.verification for f in self.runs if f.outcome.verification is not None]


@dataclass(frozen=True)
class Sweep(Displayed):
    """What a sweep found: the runs of each model, in the order in which they were asked for.

    >>> import entropy_proofs as ep
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> with ThreadPoolExecutor(1) as executor:
    ...     found = ep.sweep(["exponential_regression"], executor=executor)
    >>> [run.outcome.verdict for run in found.runs]
    ['proved']
    """

    models: tuple[ModelRuns, ...]

    @property
    def runs(self) -> tuple[Finished, ...]:
        """The runs of all models."""
        return tuple(run for model in self.models for run in model.runs)

    @property
    def passed(self) -> bool:
        """Whether there were models and all runs of each passed."""
        return bool(self.models) and all(model.passed for model in self.models)

    def __repr__(self) -> str:
        failed = sum(len(model.failures) for model in self.models)
        return f"<Sweep of {len(self.models)} models: {len(self.runs)} runs, {failed} failed>"

    def _blocks(self) -> tuple[Block, ...]:
        headings = "Model", "Runs", "Failed", "Random points", "Worst residual", "Worst |F - S|"
        rows = (
            (
                m.model,
                *(str(n) for n in (len(m.runs), len(m.failures), m.points)),
                *(f"{value:.1e}" for value in (m.worst_residual, m.worst_gap)),
            )
            for m in self.models
        )
        return (headed("Sweep", ": passed" if self.passed else ": failed"), table(headings, rows))


def sweep(
    models: str | Path | Sequence[str | Path],
    data: Any = None,
    seeds: int = 1,
    starts: int = 1,
    executor: Executor | None = None,
    results: str | Path | None = None,
    *,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Sweep:
    """`verify` every model on every data set with every seed and start.

    A run that raises, or whose worker process dies twice, is a failed run with its reason, never a
    lost one. Each is written to the results as soon as it is done; a sweep that was interrupted
    (Ctrl-C is a KeyboardInterrupt as ever) continues there when it is called again.

    Args:
        models: catalogue names and paths of model files. Workers read the files themselves.
        data: a list of data sets, or one: the name of a data set of scikit-learn ("iris", "wine",
            "digits"), the path of a .npy or .csv file, an array (N, ...), or {variable: array}.
            None takes data of scikit-learn that fit each model.
        seeds: how many seeds, from 0.
        starts: how many of the optimiser's random initial points to start from for each seed.
        executor: where runs are done: any of `concurrent.futures`, or Dask's
            `Client(address).get_executor()`. None takes fresh local processes; a script that does
            so keeps its own work under `if __name__ == "__main__":`, as for multiprocessing.
        results: an SQLite file to keep results in, one row for each run.
        jobs: how many local processes; None for one on each processor.
        progress: called with the number of runs that are done, that failed, and of all.

    Raises:
        InputError: a model or data set cannot be used, the two do not fit together, or results
            cannot be written; before any run is done where that can be told.

    >>> import entropy_proofs as ep
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> with ThreadPoolExecutor(1) as executor:
    ...     found = ep.sweep(["linear_regression"], seeds=2, executor=executor)
    >>> len(found.runs), found.passed
    (2, True)
    """
    if min(seeds, starts) < 1:
        raise InputError("a sweep needs at least one seed and one start")
    sources = [models] if isinstance(models, (str, Path)) else list(models)
    named = {str(source): catalogue.load(source) for source in sources}
    chosen = [data_set(d) for d in _listed(data)]
    for (source, model), one in product(named.items(), chosen):
        with told_of(f"{source} on {one.label}"):
            _check(model, one)
    planned = {source: _runs(source, chosen, seeds, starts) for source in named}
    wanted = {run.key: (named[source].name, run) for source in named for run in planned[source]}
    with nullcontext() if results is None else ResultStore(results) as store:
        found = {} if store is None else store.finished()
        done: dict[RunKey, RunOutcome] = {key: found[key] for key in wanted if key in found}
        missing = [run for key, (_, run) in wanted.items() if key not in done]
        failed = sum(not outcome.passed for outcome in done.values())
        reported = -1

        def report() -> None:
            nonlocal reported
            if progress is not None and len(done) > reported:
                reported = len(done)
                progress(reported, failed, len(wanted))

        report()
        outcomes = (
            on_processes(missing, jobs) if executor is None else on_executor(executor, missing)
        )
        try:
            with closing(outcomes):
                for run, outcome in outcomes:
                    if store is not None:
                        store.add(wanted[run.key][0], run, outcome)
                    done[run.key] = outcome
                    failed += not outcome.passed
                    report()
        except KeyboardInterrupt:
            if store is not None:  # a row may be there that was not counted yet
                done |= {key: o for key, o in store.finished().items() if key in wanted}
                failed = sum(not outcome.passed for outcome in done.values())
            report()
            raise
    return Sweep(
        tuple(
            ModelRuns(
                named[str(source)].name,
                str(source),
                tuple(Finished(run, done[run.key]) for run in planned[str(source)]),
            )
            for source in sources
        )
    )


def _listed(data: Any) -> list[Any]:
    one = data is None or isinstance(data, (str, Path, Mapping)) or hasattr(data, "__array__")
    return [data] if one else list(data) or [None]


def _check(model: Any, data: DataSet) -> None:
    named = data.values if isinstance(data.values, str) else None
    given = None if named or data.values is None else observed_data(model, data.values)
    if named or given is not None:
        check_data(model, given, named)


def _runs(source: str, data: list[DataSet], seeds: int, starts: int) -> list[Run]:
    path = catalogue.resolve(source)
    is_name = path.parent == catalogue.folder()
    where = source if is_name and source == path.stem else str(path.resolve())
    content = model_hash(where)
    return [
        Run(where, content, one, seed, start, software())
        for one, seed, start in product(data, range(seeds), range(starts))
    ]


def _worst(values: Iterable[float]) -> float:
    found = list(values)
    return max(found) if found and not any(map(math.isnan, found)) else math.nan
