"""`entropy-proofs codegen`: what it prints and writes, and how it fails."""

from __future__ import annotations

import json
import os

import pytest

import entropy_proofs as ep
from entropy_proofs import files as output
from entropy_proofs.cli import commands as cli

MODEL = """
from entropy_proofs import *

model = Model("Scalar Gaussian")
s = model.parameter("s", domain="positive")
x = model.observed("x", Normal(mean=0, variance=s))
"""


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(MODEL, encoding="utf-8")
    return path


@pytest.fixture
def run(capsys):
    def run_cli(*arguments: object):
        with pytest.raises(SystemExit) as exited:
            cli.main(["codegen", *map(str, arguments)])
        captured = capsys.readouterr()
        return exited.value.code, captured.out, captured.err

    return run_cli


def assert_refused(result, *parts):
    status, out, err = result
    assert status == 2
    assert out == ""
    assert err.startswith("entropy-proofs: error: ")
    assert err.count("\n") == 1
    for part in parts:
        assert str(part) in err


@pytest.mark.parametrize("backend", ["numpy", "jax", "torch"])
def test_the_code_is_printed_or_written(run, model, tmp_path, backend):
    expected = ep.codegen(ep.prove(ep.load(model)), backend)
    assert run(model, "--backend", backend) == (0, expected, "")
    target = tmp_path / "out.py"
    assert run(model, "--backend", backend, "--output", target) == (0, "", "")
    assert target.read_text(encoding="utf-8") == expected
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine.py", "out.py"]


def test_json(run, model):
    status, out, _ = run(model, "--json", "--backend", "jax")
    record = json.loads(out)
    assert status == 0
    assert set(record) == {"model", "backend", "code"}
    assert record["model"] == "Scalar Gaussian"
    assert record["backend"] == "jax"
    assert record["code"] == ep.codegen(ep.prove(ep.load(model)), "jax")


def test_a_refuted_model_has_code_too(run):
    status, out, _ = run("student_t_known_dof")
    assert status == 0
    assert "no entropy sum exists" in out
    assert "def entropy_sum" not in out


def test_a_missing_folder_is_named(run, model, tmp_path):
    assert_refused(run(model, "--output", tmp_path / "no" / "out.py"), tmp_path / "no")


def test_what_is_no_file_is_left_alone(run, model, tmp_path):
    assert_refused(run(model, "--output", tmp_path), "is no regular file")
    assert_refused(run(model, "--output", os.devnull), "is no regular file")


def test_the_model_itself_is_never_overwritten(run, model, tmp_path):
    assert_refused(run(model, "--output", model), "is the model's own file")
    link = tmp_path / "link.py"
    link.symlink_to(model)
    assert_refused(run(model, "--output", link), "is the model's own file")
    assert model.read_text(encoding="utf-8") == MODEL


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("no_such_model",), "no_such_model"),
        (("missing.py",), "missing.py"),
        (("ppca", "--backend", "fortran"), "fortran"),
        ((), "MODEL"),
        (("ppca", "vae_1"), "vae_1"),
    ],
)
def test_bad_input(run, arguments, part):
    assert_refused(run(*arguments), part)


def test_a_failure_leaves_an_existing_file_as_it_was(run, model, tmp_path, monkeypatch):
    target = tmp_path / "out.py"
    target.write_text("precious", encoding="utf-8")
    model.write_text(MODEL + "model.observed('y', 3)\n", encoding="utf-8")
    assert_refused(run(model, "--output", target), "mine.py")
    model.write_text(MODEL, encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(output.os, "replace", full)
    assert_refused(run(model, "--output", target), "out.py", "No space left on device")
    assert target.read_text(encoding="utf-8") == "precious"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine.py", "out.py"]


def test_an_existing_file_is_replaced_and_a_link_followed(run, model, tmp_path):
    target, link = tmp_path / "out.py", tmp_path / "link.py"
    target.write_text("old", encoding="utf-8")
    link.symlink_to(target)
    assert run(model, "--output", link)[0] == 0
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8").startswith('"""The ELBO')
