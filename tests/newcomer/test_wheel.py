"""The wheel, built from the source distribution, in a fresh environment and a strange folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from entropy_proofs import catalogue

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.newcomer, pytest.mark.xdist_group("wheel")]

MODEL = """
from entropy_proofs import Model, Normal

model = Model("Scalar Gaussian")
s = model.parameter("s", domain="positive")
x = model.observed("x", Normal(mean=0, variance=s))
"""


def run(*command: object, folder: Path) -> str:
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=clean,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The folder of the commands of an environment that has the wheel and nothing else."""
    folder = tmp_path_factory.mktemp("newcomer")
    run(sys.executable, "-m", "build", "--outdir", folder / "dist", ROOT, folder=folder)
    (wheel,) = (folder / "dist").glob("*.whl")
    run(sys.executable, "-m", "venv", folder / "venv", folder=folder)
    commands = folder / "venv" / "bin"
    constraints = ROOT / "constraints.txt"
    run(commands / "python", "-m", "pip", "install", "-c", constraints, wheel, folder=folder)
    return commands


def test_it_lists_the_catalogue(installed, tmp_path):
    listed = json.loads(run(installed / "entropy-proofs", "list", "--json", folder=tmp_path))
    assert [record["name"] for record in listed] == catalogue.names()


def test_it_proves_a_model_of_the_catalogue(installed, tmp_path):
    command = (installed / "entropy-proofs", "prove", "--json", "gaussian_mixture")
    assert json.loads(run(*command, folder=tmp_path))["verdict"] == "proved"


def test_it_proves_a_model_of_the_user(installed, tmp_path):
    (tmp_path / "mine.py").write_text(MODEL, encoding="utf-8")
    command = (installed / "entropy-proofs", "prove", "--json", "mine.py")
    assert json.loads(run(*command, folder=tmp_path))["verdict"] == "proved"


def test_it_says_that_it_is_typed(installed, tmp_path):
    code = "from importlib.resources import files; print(files('entropy_proofs') / 'py.typed')"
    assert Path(run(installed / "python", "-c", code, folder=tmp_path).strip()).is_file()
