"""`entropy-proofs learn`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from entropy_proofs.cli import commands as cli

COMMAND = [sys.executable, "-c", "from entropy_proofs.cli.commands import main; main()", "learn"]


@pytest.fixture
def call(capsys):
    def call_cli(*arguments):
        with pytest.raises(SystemExit) as exited:
            cli.main(["learn", *map(str, arguments)])
        out, err = capsys.readouterr()
        return exited.value.code, out, err

    return call_cli


@pytest.fixture
def data(tmp_path, wine):
    np.save(tmp_path / "x.npy", wine[:178])
    return tmp_path / "x.npy"


def test_json_and_what_it_keeps(call, data, tmp_path):
    npz, svg = tmp_path / "learned.npz", tmp_path / "curve.svg"
    status, out, err = call(
        "factor_analysis", "--data", data, "--size", "H=1", "--json", "--output", npz, "--plot", svg,
    )  # fmt: skip
    record = json.loads(out)
    assert status == 0
    assert err == ""
    assert list(record) == [
        "model", "elbo", "entropy_sum", "gap", "predicted_gap", "n_iter", "converged",
        "stopped_by", "optimizer", "gradient_steps", "to_gain", "seconds", "max_identity_residual",
    ]  # fmt: skip
    assert record["converged"] is True
    assert abs(record["gap"]) <= 1e-6
    assert record["max_identity_residual"] < 1e-9
    kept = np.load(npz)
    assert kept["W"].shape == (6, 1)
    assert kept["z.mean"].shape == (178, 1)
    assert kept["history elbo"][-1] == record["elbo"]
    assert "<svg" in svg.read_text()
    arguments = ["factor_analysis", "--data", data, "--size", "H=1", "--json", "--init"]
    again = json.loads(call(*arguments, npz)[1])
    assert again["n_iter"] < record["n_iter"]
    assert again["elbo"] == pytest.approx(record["elbo"], abs=1e-6)
    amortised = call(*arguments, npz, "--q", "amortised", "--max-iter", 2)
    assert json.loads(amortised[1])["n_iter"] == 2
    status, _, err = call(*arguments, svg)
    assert (status, "cannot be read" in err) == (2, True)


def test_a_known_constant_comes_from_a_file(call, data, tmp_path):
    np.savez(tmp_path / "known.npz", sigma2=0.5)
    arguments = ["vae_0", "--data", data, "--size", "H=1", "--max-iter", 2, "--q", "amortised"]
    status, out, _ = call(*arguments, "--init", tmp_path / "known.npz", "--json")
    assert status == 1
    assert json.loads(out)["max_identity_residual"] < 1e-9


def test_text_and_status_1(call, data):
    status, out, _ = call("factor_analysis", "--data", data, "--size", "H=1", "--max-iter", 2)
    assert status == 1
    assert "not converged after 2 iterations" in out
    assert "v·∇F" in out


def test_mini_batches_and_annealing(call, data):
    status, out, _ = call(
        "sparse_coding", "--data", data, "--size", "H=2", "--optimizer", "adam", "--batch-size", 89,
        "--max-iter", 8, "--anneal", "z=0.1:1:4", "--json",
    )  # fmt: skip
    assert status == 1
    assert json.loads(out)["max_identity_residual"] < 1e-9


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no_such", "--data", "iris"], "no catalogue model"),
        (["ppca", "--data", "nothing.npy", "--size", "H=1"], "nothing.npy: no such file"),
        (["ppca", "--data", "iris"], "sizes: no data show H"),
        (["ppca", "--data", "iris", "--size", "H"], "--size H: DIM=N is wanted"),
        (["ppca", "--data", "iris", "--size", "H=1", "--output", "a.txt"], "a.txt: the name has"),
        (["ppca", "--data", "iris", "--size", "H=1", "--plot", "/no/a.svg"], "there is no folder"),
        (["ppca", "--data", "iris", "--size", "H=1", "--anneal", "z"], "a schedule looks like"),
        (["ppca", "--data", "iris", "--size", "H=1", "--batch-size", "9"], "batch_size: auto"),
        (["poisson_mixture", "--data", "iris", "--size", "K=2"], "x: must be whole"),
    ],
)
def test_unusable_input_is_one_line_and_status_2(call, arguments, said):
    status, out, err = call(*arguments)
    assert (status, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.end_to_end
def test_ctrl_c_leaves_nothing_half_written(tmp_path):
    """130, and what was there before is still there."""
    target = tmp_path / "learned.npz"
    target.write_bytes(b"before")
    command = [*COMMAND, "vae_1", "--data", "digits", "--size", "H=2", "--max-iter", "100000"]
    process = subprocess.Popen(
        [*command, "--output", str(target)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    time.sleep(6)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=600)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert out == ""
    assert target.read_bytes() == b"before"
    assert [p.name for p in tmp_path.iterdir()] == ["learned.npz"]
