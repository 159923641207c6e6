"""`report`: documents, statuses and records."""

from __future__ import annotations

import json
import os

import pytest

from entropy_proofs.cli import commands as cli

GAUSSIAN = '''"""A normal (Gauss, 1809)."""

from entropy_proofs import *

model = Model("Scalar Gaussian")
s = model.parameter("s", domain="positive")
x = model.observed("x", Normal(mean=0, variance=s))
'''


@pytest.fixture
def run(capsys):
    def run_cli(*arguments):
        with pytest.raises(SystemExit) as exited:
            cli.main([str(a) for a in arguments])
        captured = capsys.readouterr()
        return exited.value.code, captured.out, captured.err

    return run_cli


def test_text_goes_to_standard_output(run):
    status, out, err = run("report", "linear_regression")
    assert (status, err) == (0, "")
    assert out.startswith("# Linear regression")


def test_a_file_is_written_whole(run, tmp_path):
    target = tmp_path / "two.html"
    status, out, _ = run("report", "linear_regression", "gamma_distribution", "--output", target)
    assert (status, out) == (0, "")
    text = target.read_text(encoding="utf-8")
    assert "Linear regression" in text
    assert "Gamma distribution" in text


@pytest.mark.parametrize(
    ("model", "expected"), [("student_t_known_dof", 1), ("noisy_or", 1), ("linear_regression", 0)]
)
def test_the_status_is_the_verdict(run, model, expected):
    assert run("report", model)[0] == expected


def test_records(run, tmp_path):
    target = tmp_path / "report.tex"
    status, out, _ = run("report", "linear_regression", "--output", target, "--json")
    record = json.loads(out)
    assert status == 0
    assert record.keys() == {"model", "verdict", "format", "output", "seconds"}
    assert record["format"] == "latex"
    assert record["output"] == str(target)
    _, out, _ = run("report", "linear_regression", "gamma_distribution", "--json")
    records = json.loads(out)
    assert [r["text"].splitlines()[0] for r in records] == [
        "# Linear regression", "# Gamma distribution",
    ]  # fmt: skip


def test_a_file_of_ones_own_is_cited_too(run, tmp_path):
    path = tmp_path / "own.py"
    path.write_text(GAUSSIAN)
    _, out, _ = run("report", path)
    assert "Theoria Motus" in out


def test_verification_is_asked_for(run):
    status, out, _ = run("report", "linear_regression", "--verify")
    assert status == 0
    assert "random points: relative residual" in out


def test_notation(run):
    _, out, _ = run("report", "ppca", "--vectors", "arrow", "--per-datum")
    assert r"\vec{z}" in out
    assert r"q^{(n)}" in out


@pytest.mark.parametrize(
    "arguments",
    [
        ("report",),
        ("report", "pcpa"),
        ("report", "ppca", "--format", "pdf"),
        ("report", "ppca", "--format", "docx"),
        ("report", "ppca", "--output", f"{os.sep}nowhere{os.sep}x.md"),
    ],
)
def test_unusable_input_is_one_line(run, arguments):
    status, out, err = run(*arguments)
    assert status == 2
    assert out == ""
    assert "Traceback" not in err


def test_a_models_own_file_is_never_written(run, tmp_path):
    path = tmp_path / "own.py"
    path.write_text(GAUSSIAN)
    assert run("report", "linear_regression", path, "--output", path)[0] == 2
    assert path.read_text() == GAUSSIAN
