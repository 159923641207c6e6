"""Sweeps from Python: every run counted once, whatever happens to it."""

from __future__ import annotations

import math
import sqlite3
import threading
from collections import Counter
from concurrent.futures import (
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from multiprocessing import active_children, get_context

import numpy as np
import pytest
from sweep_models import DIES, DIES_ONCE, GAUSSIAN, RAISES

import entropy_proofs as ep
from entropy_proofs import InputError
from entropy_proofs.sweeps.store import ResultStore
from entropy_proofs.sweeps.workers import ExecutorLost, on_processes

POISSON = """
from entropy_proofs import *

model = Model("Counts")
D = model.dims("D")
r = model.parameter("r", D, domain="positive")
x = model.observed("x", Poisson(rate=r), D)
"""


@pytest.fixture
def threads():
    with ThreadPoolExecutor(1) as executor:
        yield executor


def rows(path) -> list[tuple[object, ...]]:
    with sqlite3.connect(path) as connection:
        return connection.execute("SELECT source, data_identity, seed, start FROM runs").fetchall()


def keys(found: ep.Sweep) -> Counter:
    return Counter(f.run.key for f in found.runs)


# what is run --------------------------------------------------------------------------------------
def test_all_combinations_are_run_once(write, tmp_path, threads):
    models = [write(), write(POISSON, "counts.py")]
    data = [None, "digits"]
    results = tmp_path / "r.sqlite"
    found = ep.sweep(models, data, seeds=2, starts=2, executor=threads, results=results)
    assert found.passed
    assert [m.model for m in found.models] == ["Scalar Gaussian", "Counts"]
    assert [m.source for m in found.models] == list(map(str, models))
    assert len(found.runs) == 16 == len(set(rows(results)))
    assert set(keys(found).values()) == {1}
    for m in found.models:
        assert m.points == 8 * 8
        assert m.worst_residual < 1e-12
        assert m.worst_residual_mpmath < 1e-40
        assert m.worst_gap < 1e-8
        assert not m.failures
    labels = {p.dataset for f in found.runs for p in f.outcome.verification.stationary_points}
    assert any(label.startswith("digits") for label in labels)


def test_seeds_change_everything_and_starts_the_initial_point(threads):
    found = ep.sweep("poisson_mixture", seeds=2, starts=2, executor=threads)
    points = {
        (f.run.seed, f.run.start): f.outcome.verification.stationary_points[0] for f in found.runs
    }
    same = {f.run.seed: f.outcome.verification.max_identity_residual for f in found.runs}
    assert same[0] != same[1]
    assert abs(points[0, 0].elbo - points[1, 0].elbo) > 1e-3  # other rows of the data
    assert points[0, 0] != points[0, 1]  # by rounding errors
    assert points[0, 0].elbo == pytest.approx(points[0, 1].elbo)  # the same maximum


def test_a_restart_of_what_scikit_learn_fits_is_scipy_on_the_same_data(threads):
    found = ep.sweep("gaussian_mixture", starts=2, executor=threads)
    assert found.passed
    first, second = (f.outcome.verification.stationary_points[0] for f in found.runs)
    assert first.fitted_by.startswith("sklearn")
    assert second.fitted_by.startswith("scipy")
    assert first.dataset == second.dataset == "iris"


def test_given_arrays_are_data(write, threads):
    x = np.random.default_rng(0).normal(3.0, 2.0, 50)
    found = ep.sweep(write(), [x, {"x": x}, x + 1], executor=threads)
    assert found.passed
    elbos = [f.outcome.verification.stationary_points[0].elbo for f in found.runs]
    expected = -np.log(2 * np.pi * np.e * x.var()) / 2
    np.testing.assert_allclose(elbos, expected, atol=1e-9)
    assert len({f.run.data.identity for f in found.runs}) == 3


def test_two_paths_of_one_content_are_one_run(write, tmp_path, threads):
    paths = write(name="a.py"), write(name="b.py")
    found = ep.sweep(paths, executor=threads, results=tmp_path / "r.sqlite")
    assert [m.source for m in found.models] == list(map(str, paths))
    assert len(found.runs) == 2
    assert len(rows(tmp_path / "r.sqlite")) == 1


# unusable input -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (np.array([1.0, -1.0])[:, None], "Counts|counts.py on array .*: x: the value -1"),
        (np.array([[1.0, math.nan]]), "NaN or infinity"),
        (np.array([[1.0, math.inf]]), "NaN or infinity"),
        ("mnist", "mnist: data are one of iris, wine, digits, or a file"),
        ("none.npy", "none.npy: no such file"),
    ],
)
def test_unusable_data_cost_no_run(write, tmp_path, threads, data, message):
    results = tmp_path / "r.sqlite"
    with pytest.raises(InputError, match=message):
        ep.sweep(write(POISSON, "counts.py"), [None, data], executor=threads, results=results)
    assert not results.exists()


def test_a_data_set_that_is_too_narrow_is_refused(write, threads):
    wide = POISSON.replace('model.dims("D")', "5")
    with pytest.raises(InputError, match="iris has 4 columns, not 5"):
        ep.sweep(write(wide), "iris", executor=threads)


def test_no_seeds_are_refused(write):
    with pytest.raises(InputError, match="at least one seed"):
        ep.sweep(write(), seeds=0)


# failed runs --------------------------------------------------------------------------------------
@pytest.mark.end_to_end
def test_a_run_that_raises_is_a_failed_row(write, tmp_path):
    results = tmp_path / "r.sqlite"
    models = [write(RAISES, "raises.py"), write()]
    found = ep.sweep(models, seeds=2, jobs=1, results=results)
    bad, good = found.models
    assert good.passed
    assert not bad.passed
    assert not found.passed
    assert len(bad.failures) == 2
    for f in bad.failures:
        assert "RuntimeError: first line second line" in f.outcome.reason
        assert f.outcome.verification is None
    with sqlite3.connect(results) as connection:
        kept = connection.execute("SELECT model, passed, reason, points FROM runs").fetchall()
    assert len(kept) == 4
    assert {(m, p) for m, p, _, _ in kept} == {("Scalar Gaussian", 0), ("Scalar Gaussian", 1)}
    assert all((reason == "") == bool(passed) for _, passed, reason, _ in kept)
    assert all((points is None) != bool(passed) for _, passed, _, points in kept)
    again = ep.sweep(models, seeds=2, jobs=1, results=results)
    assert [f.outcome for f in again.runs] == [f.outcome for f in found.runs]


@pytest.mark.end_to_end
def test_a_run_whose_workers_die_is_a_failed_row_and_harms_no_other(write, tmp_path):
    results = tmp_path / "r.sqlite"
    models = [write(DIES, "dies.py"), write(), write(DIES_ONCE, "once.py")]
    found = ep.sweep(models, jobs=2, results=results)
    dies, good, once = found.models
    assert good.passed
    assert once.passed
    (failure,) = dies.failures
    assert "worker process died" in failure.outcome.reason
    assert len(set(rows(results))) == 3


@pytest.mark.end_to_end
def test_a_pool_of_the_caller_that_breaks_loses_nothing(write):
    paths = write(DIES_ONCE, "once.py"), write()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        found = ep.sweep(paths, executor=pool)
    assert found.passed
    assert set(keys(found).values()) == {1}


class Unhelpful(Executor):
    """Each future ends in the same way."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error

    def submit(self, function, /, *arguments, **named):
        future: Future = Future()
        if self.error is None:
            future.cancel()
            future.set_running_or_notify_cancel()
        else:
            future.set_exception(self.error)
        return future


class KilledWorker(Exception):
    """As Dask's: the run's worker died, again and again."""


def test_a_run_that_kills_its_workers_is_a_failed_run(write):
    found = ep.sweep(write(), executor=Unhelpful(KilledWorker("died four times")))
    (run,) = found.runs
    assert run.outcome.reason == "KilledWorker: died four times"
    assert not found.passed


LOST = [
    None, CancelledError(), OSError("the scheduler is gone"), TypeError("cannot unpack None"),
    RuntimeError("after shutdown"), TimeoutError(),
]  # fmt: skip


@pytest.mark.parametrize("error", LOST)
def test_a_lost_executor_is_no_result(write, tmp_path, error):
    with pytest.raises(ExecutorLost):
        ep.sweep(write(), executor=Unhelpful(error), results=tmp_path / "r.sqlite")
    assert rows(tmp_path / "r.sqlite") == []


# resuming -----------------------------------------------------------------------------------------
def test_an_interrupted_sweep_goes_on_where_it_stopped(write, tmp_path, threads):
    results = tmp_path / "r.sqlite"
    seen: list[tuple[int, int, int]] = []

    def interrupt(done: int, failed: int, total: int) -> None:
        seen.append((done, failed, total))
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ep.sweep(write(), seeds=8, executor=threads, results=results, progress=interrupt)
    assert seen == [(0, 0, 8), (1, 0, 8), (2, 0, 8), (3, 0, 8)]
    assert len(rows(results)) == 3
    progress: list[int] = []
    found = ep.sweep(
        write(),
        seeds=8,
        executor=threads,
        results=results,
        progress=lambda d, f, t: progress.append(d),
    )
    assert found.passed
    assert progress == [3, 4, 5, 6, 7, 8]
    assert sorted(seed for _, _, seed, _ in rows(results)) == list(range(8))
    with sqlite3.connect(results) as connection:
        connection.execute("UPDATE runs SET seconds = 1e9")
    whole = ep.sweep(write(), seeds=8, executor=threads, results=results)
    assert {f.outcome.seconds for f in whole.runs} == {1e9}  # none was done again


def test_ctrl_c_between_a_row_and_its_progress_counts_the_row(
    write, tmp_path, threads, monkeypatch
):
    add, added, reported = ResultStore.add, [], []

    def interrupted(store, *row):
        add(store, *row)
        added.append(row)
        if len(added) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(ResultStore, "add", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ep.sweep(
            write(),
            seeds=3,
            executor=threads,
            results=tmp_path / "r.sqlite",
            progress=lambda *counts: reported.append(counts),
        )
    assert reported[-1] == (2, 0, 3)


def test_a_changed_model_is_run_again(write, tmp_path, threads):
    results = tmp_path / "r.sqlite"
    ep.sweep(write(), executor=threads, results=results)
    wrong = GAUSSIAN.replace("variance=s", "variance=1")
    found = ep.sweep(write(wrong), executor=threads, results=results)
    assert found.runs[0].outcome.verdict == "partial"
    assert len(rows(results)) == 2
    back = ep.sweep(write(), executor=threads, results=results)
    assert back.runs[0].outcome.verdict == "proved"
    assert len(rows(results)) == 2


def test_two_sweeps_into_one_file_double_nothing(write, tmp_path):
    results = tmp_path / "r.sqlite"
    path = write()
    found: list[ep.Sweep] = []

    def work() -> None:
        with ThreadPoolExecutor(1) as executor:
            found.append(ep.sweep(path, seeds=6, executor=executor, results=results))

    both = [threading.Thread(target=work) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert [f.passed for f in found] == [True, True]
    assert len(rows(results)) == 6


@pytest.mark.end_to_end
def test_no_process_is_left_when_the_consumer_stops(write):
    from entropy_proofs.data.data_sets import data_set
    from entropy_proofs.model.source_hash import model_hash, software
    from entropy_proofs.sweeps.runs import Run

    path = str(write())
    runs = [Run(path, model_hash(path), data_set(None), k, 0, software()) for k in range(20)]
    outcomes = on_processes(runs, jobs=2)
    before = set(active_children())
    _, outcome = next(outcomes)
    assert outcome.passed
    assert len(set(active_children()) - before) == 2
    outcomes.close()
    assert set(active_children()) == before
