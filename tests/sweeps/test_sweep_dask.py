"""Sweeps on a Dask cluster, one of whose workers is killed in mid-sweep."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from collections import Counter
from concurrent.futures import Executor, Future

import pytest
from sweep_models import COMMAND, GAUSSIAN, wait_for, wait_until

import entropy_proofs as ep
from entropy_proofs.sweeps.workers import ExecutorLost, on_executor

pytestmark = pytest.mark.end_to_end

SLOW = "import time\ntime.sleep(0.2)\n" + GAUSSIAN


@pytest.fixture(scope="module")
def cluster():
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
    ) as running:
        yield running


def rows(results) -> Counter:
    with sqlite3.connect(results) as connection:
        return Counter(
            connection.execute("SELECT model_hash, data_identity, seed, start FROM runs").fetchall()
        )


def pids(client) -> dict[str, int]:
    return client.run(os.getpid)


def test_a_killed_worker_loses_and_doubles_nothing(cluster, write, tmp_path):
    from distributed import Client

    results = tmp_path / "r.sqlite"
    killed: list[int] = []
    with Client(cluster, set_as_default=False) as client:
        workers = pids(client)

        def kill_one(done: int, failed: int, total: int) -> None:
            if done == 3 and not killed:
                killed.append(next(iter(workers.values())))
                os.kill(killed[0], signal.SIGKILL)

        found = ep.sweep(
            [write(), write(SLOW, "slow.py")],
            seeds=12,
            executor=client.get_executor(pure=False),
            results=results,
            progress=kill_one,
        )
        assert killed
        wait_until(lambda: killed[0] not in pids(client).values())
    assert found.passed, [f.outcome.reason for m in found.models for f in m.failures]
    assert len(found.runs) == 24
    assert len(rows(results)) == 24
    assert set(rows(results).values()) == {1}


def test_the_command_takes_an_address(cluster, run, write, tmp_path):
    results = tmp_path / "r.sqlite"
    done = run(
        "verify", write(), "--seeds", 3, "--dask", cluster.scheduler_address, "--results", results
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert len(rows(results)) == 3


def test_a_cluster_that_goes_away_is_no_result(write, tmp_path):
    """The runs that it took along are done by the same command later."""
    from distributed import LocalCluster

    results = tmp_path / "r.sqlite"
    cluster = LocalCluster(
        n_workers=1, threads_per_worker=2, processes=True, dashboard_address=":0"
    )
    command = ["verify", str(write()), "--seeds", "300", "--results", str(results)]
    sweep = subprocess.Popen(
        [*COMMAND, *command, "--dask", cluster.scheduler_address],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(results, 2)
    finally:
        cluster.close()
    out, err = sweep.communicate(timeout=600)
    kept = len(rows(results))
    assert sweep.returncode == 130, (out, err)
    assert f"{kept} of 300 runs are kept in {results}" in err
    with sqlite3.connect(results) as connection:
        assert connection.execute("SELECT min(passed) FROM runs").fetchone() == (1,)


def test_a_result_that_dask_takes_for_an_exception_is_no_failed_run():
    """As it does where its cluster goes away while a result arrives."""

    run = object()

    class Cut(Executor):
        def submit(self, _perform, _run):
            def _cascade_future():
                _type, _error, _traceback = run

            future = Future()
            try:
                _cascade_future()
            except TypeError as error:
                future.set_exception(error)
            return future

    with pytest.raises(ExecutorLost):
        list(on_executor(Cut(), [run]))
