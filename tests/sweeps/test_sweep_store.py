"""Results in SQLite: whole rows, each once, and one line when they cannot be written."""

from __future__ import annotations

import math
import os
import resource
import sqlite3
from dataclasses import replace

import pytest

from entropy_proofs import InputError
from entropy_proofs.data.data_sets import data_set
from entropy_proofs.points.fits import StationaryPoint
from entropy_proofs.points.verify import Verification
from entropy_proofs.sweeps.runs import Run, RunOutcome, failed
from entropy_proofs.sweeps.store import ResultStore

RUN = Run("ppca", "abc", data_set("wine"), 0, 0, "1.0")
POINT = StationaryPoint(-1.5, -1.5, 1e-17, 2e-17, 3e-9, "maximum", "wine", "scipy", 4e-16)
PASSED = RunOutcome("proved", Verification("p-PCA", 8, 1e-16, 1e-51, (POINT,)), "", 1.25)


def rows(path):
    with sqlite3.connect(path) as connection:
        return connection.execute("SELECT * FROM runs").fetchall()


def test_what_is_written_comes_back(tmp_path):
    nowhere = replace(POINT, elbo=math.nan, gradient_norm=math.inf)
    lost = Verification("p-PCA", 8, math.nan, math.inf, (nowhere,), "no point")
    outcomes = {
        RUN: PASSED,
        replace(RUN, seed=1): failed(RuntimeError("first\nsecond"), 0.5),
        replace(RUN, seed=2): RunOutcome("proved", lost, "it failed", 2.0),
    }
    with ResultStore(tmp_path / "r.sqlite") as store:
        for run, outcome in outcomes.items():
            store.add("p-PCA", run, outcome)
    with ResultStore(tmp_path / "r.sqlite") as store:
        found = store.finished()
    assert found[RUN.key] == PASSED
    assert found[RUN.key].passed
    raised = found[replace(RUN, seed=1).key]
    assert raised == RunOutcome("", None, "RuntimeError: first second", 0.5)
    assert not raised.passed
    unfit = found[replace(RUN, seed=2).key]
    assert not unfit.passed
    assert math.isnan(unfit.verification.stationary_points[0].elbo)
    assert math.isnan(unfit.verification.max_identity_residual_mpmath)
    assert unfit.verification.failure == "no point"


def test_a_run_has_one_row_and_the_first_stays(tmp_path):
    with ResultStore(tmp_path / "r.sqlite") as store:
        store.add("p-PCA", RUN, PASSED)
        store.add("p-PCA", RUN, failed("again"))
    assert len(rows(tmp_path / "r.sqlite")) == 1
    with ResultStore(tmp_path / "r.sqlite") as store:
        assert store.finished() == {RUN.key: PASSED}


@pytest.mark.parametrize(
    "change",
    [{"content": "abd"}, {"data": data_set("iris")}, {"seed": 1}, {"start": 1}, {"software": "2"}],
)
def test_each_part_of_the_key_tells_runs_apart(tmp_path, change):
    with ResultStore(tmp_path / "r.sqlite") as store:
        store.add("p-PCA", RUN, PASSED)
        store.add("p-PCA", replace(RUN, **change), PASSED)
        assert len(store.finished()) == 2


def test_a_file_that_is_something_else_is_refused_and_kept(tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("not a database\n" * 100, encoding="utf-8")
    with pytest.raises(InputError, match=r"notes\.txt: results cannot be kept there: .*not a data"):
        ResultStore(text)
    assert text.read_text(encoding="utf-8") == "not a database\n" * 100
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE runs (distance REAL)")
    with pytest.raises(InputError, match="no such column"):
        ResultStore(other)


@pytest.mark.parametrize("path", ["missing/r.sqlite", "."])
def test_a_path_that_cannot_be_a_file_is_refused(tmp_path, path):
    with pytest.raises(InputError, match="unable to open"):
        ResultStore(tmp_path / path)


def in_child(action) -> int:
    """What a forked child that may take privileges and space from itself exits with."""
    child = os.fork()
    if child == 0:
        status = 99
        try:
            status = action()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_read_only_file_is_refused(tmp_path):
    path = tmp_path / "r.sqlite"
    with ResultStore(path) as store:
        store.add("p-PCA", RUN, PASSED)
    path.chmod(0o444)
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(folder.stat().st_mode | 0o755)

    def use_it() -> int:
        if os.getuid() == 0:  # who may write any file
            os.setresuid(65534, 65534, 65534)
        try:
            ResultStore(path)
        except InputError as error:
            return 0 if "readonly" in str(error) or "unable to open" in str(error) else 1
        return 2

    assert in_child(use_it) == 0
    assert len(rows(path)) == 1


def test_a_full_disk_leaves_whole_rows_only(tmp_path):
    path = tmp_path / "r.sqlite"

    def fill() -> int:
        with ResultStore(path) as store:
            resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
            for seed in range(1000):
                try:
                    store.add("p-PCA", replace(RUN, seed=seed), PASSED)
                except InputError as error:
                    return 0 if "\n" not in str(error) and str(path) in str(error) else 1
        return 2

    assert in_child(fill) == 0
    with ResultStore(path) as store:
        kept = store.finished()
    assert 0 < len(kept) < 1000
    assert sorted(key.seed for key in kept) == list(range(len(kept)))
    assert set(kept.values()) == {PASSED}


DAMAGES = {
    "seed": "x'00'", "points": "'eight'", "stationary_points": "'['", "verdict": "7",
    "max_identity_residual": "'small'", "seconds": "x'ff'", "software": "x'00'",
}  # fmt: skip
RECORDS = ["null", "{}", "[1]", '[{"elbo": 1}]', '[{"signs": 3}]', "[" * 5000, '"text"']


@pytest.mark.parametrize(
    ("column", "value"), [*DAMAGES.items(), *(("stationary_points", f"'{r}'") for r in RECORDS)]
)
def test_a_damaged_row_is_told_in_one_line(column, value, tmp_path):
    with ResultStore(tmp_path / "r.sqlite") as store:
        store.add("p-PCA", RUN, PASSED)
    with sqlite3.connect(tmp_path / "r.sqlite") as connection:
        connection.execute(f"UPDATE runs SET {column} = {value}")
    with ResultStore(tmp_path / "r.sqlite") as store, pytest.raises(InputError) as refused:
        store.finished()
    assert "run 1 is damaged" in str(refused.value)
