"""`verify` with many runs on the command line: JSON, exit codes, interruptions, terminals."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess

import numpy as np
import pytest
from sweep_models import COMMAND, GAUSSIAN, RAISES, count, wait_for, wait_until

pytestmark = pytest.mark.end_to_end

VERIFY_KEYS = {
    "model", "points", "max_identity_residual", "max_identity_residual_mpmath",
    "stationary_points", "passed",
}  # fmt: skip
SWEEP_KEYS = VERIFY_KEYS | {"runs", "worst_gap", "failures"}
KNOWN = GAUSSIAN.replace("variance=s", "variance=1")


def test_a_sweep_prints_a_table_and_nothing_else(run, write, tmp_path):
    path = write("print('hello')\n" + GAUSSIAN)
    done = run("verify", path, "--seeds", 2, "--jobs", 1, "--results", tmp_path / "r.sqlite")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].split() == [
        "model",
        "runs",
        "passed",
        "failed",
        "worst",
        "residual",
        "worst",
        "gap",
    ]
    assert lines[2].split()[:5] == ["Scalar", "Gaussian", "2", "2", "0"]
    assert set(done.stderr.split()) == {"hello"}
    assert not (tmp_path / "r.sqlite-wal").exists()


def test_sweep_json_keeps_the_keys_of_a_check(run, write):
    bad = write(RAISES, "raises.py")
    done = run("verify", write(), bad, "--starts", 2, "--jobs", 1, "--json")
    assert done.returncode == 1
    good, raised = json.loads(done.stdout)
    assert set(good) == set(raised) == SWEEP_KEYS
    assert good["passed"] is True
    assert good["runs"] == len(good["stationary_points"]) == 2
    assert {(p["seed"], p["start"], p["data"]) for p in good["stationary_points"]} == {
        (0, 0, "default"),
        (0, 1, "default"),
    }
    assert raised["passed"] is False
    assert raised["max_identity_residual"] is raised["worst_gap"] is None
    assert [(f["seed"], f["start"]) for f in raised["failures"]] == [(0, 0), (0, 1)]
    assert all("first line second line" in f["reason"] for f in raised["failures"])


def test_one_check_on_given_data_is_a_plain_check(call, write, tmp_path):
    np.save(tmp_path / "x.npy", np.random.default_rng(0).normal(size=30))
    record = json.loads(call("verify", "--json", write(), "--data", tmp_path / "x.npy").stdout)
    assert set(record) == VERIFY_KEYS
    assert record["stationary_points"][0]["dataset"] == "given data"
    (tmp_path / "x.csv").write_text("value\n1.5\n2.5\n4.0\n", encoding="utf-8")
    done = call("verify", write(), "--data", tmp_path / "x.csv")
    assert done.returncode == 0
    assert done.stdout.startswith("Scalar Gaussian: passed")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("none.csv", None, "none.csv: no such file"),
        ("x.csv", "1,nan\n", "NaN or infinity, first in row 1"),
        ("x.csv", "1,2\n3,inf\n", "NaN or infinity, first in row 2"),
        ("x.csv", "1,2\n3\n", "x.csv: row 2: has 1 columns"),
        ("x.csv", "a,b\n", "x.csv"),
        ("x.npy", "not an array", "x.npy: cannot be read"),
        ("x.txt", "1", "data are one of iris, wine, digits"),
        ("x.csv", "1,2\n3,4\n", "the data have shape (2, 2), not (N)"),
    ],
)
def test_unusable_data_are_one_line(call, write, tmp_path, name, text, message):
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    for several in ([], ["--seeds", 2]):
        done = call("verify", write(), "--data", tmp_path / name, *several)
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr.count("\n") == 1
        assert message in done.stderr


@pytest.mark.parametrize(
    "options",
    [
        ["--seeds", "0"],
        ["--starts", "x"],
        ["--jobs", "2", "--dask", "tcp://localhost:1"],
        ["--results", "/proc/r.sqlite"],
        ["--dask", "nonsense://"],
        ["--dask", "tcp://127.0.0.1:9"],
    ],
)
def test_unusable_options_are_one_line(call, write, options):
    done = call("verify", write(), *options)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("entropy-proofs: error: ")


def test_ctrl_c_keeps_what_is_done_and_the_same_command_goes_on(run, start, write, tmp_path):
    results = tmp_path / "r.sqlite"
    command = ["verify", write(), "--seeds", 150, "--jobs", 2, "--results", results]
    sweep = start(*command)
    wait_for(results, 3)
    os.killpg(sweep.pid, signal.SIGINT)  # as a terminal does: to the workers, too
    out, err = sweep.communicate(timeout=6000)
    assert sweep.returncode == 130
    assert out == ""
    lines = err.strip().splitlines()
    assert len(lines) == 1, err
    kept = count(results)
    assert 3 <= kept < 150
    assert f"interrupted: {kept} of 150 runs are kept in {results}" in lines[0]
    command[3] = kept + 2
    done = run(*command, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["runs"] == kept + 2
    assert kept + 2 <= count(results) <= kept + 4  # two were in flight, with whichever seeds


def test_a_killed_sweep_keeps_its_rows_and_leaves_no_process(start, write, tmp_path):
    results = tmp_path / "r.sqlite"
    sweep = start("verify", write(), "--seeds", 150, "--jobs", 2, "--results", results)
    wait_for(results, 2)
    sweep.kill()
    sweep.wait()
    assert 2 <= count(results) < 150
    wait_until(lambda: not is_there(sweep.pid))  # its workers do not outlive it


def is_there(group: int) -> bool:
    """Whether a process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_progress_is_shown_on_a_terminal(write):
    ours, theirs = pty.openpty()
    command = [*COMMAND, "verify", str(write()), "--seeds", "2", "--jobs", "1"]
    sweep = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    shown = b""
    while True:  # a terminal that nobody reads stops its writer
        try:
            shown += os.read(ours, 4096)
        except OSError:  # how Linux says that the other end is closed
            break
    os.close(ours)
    out, _ = sweep.communicate(timeout=600)
    assert sweep.returncode == 0
    assert b"2/2" in shown
    assert b"\x1b" not in out


def test_what_does_not_hold_exits_1(run, write):
    done = run("verify", write(KNOWN.replace("(mean=m", "(mean=0"), "known.py"), "--seeds", 2)
    assert done.returncode == 1
    assert "nothing to check" in done.stdout
