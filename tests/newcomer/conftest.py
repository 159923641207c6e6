"""What a newcomer's environments are made of."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run_in(folder: Path, *command: object) -> str:
    """What a command that succeeds prints, away from this working tree."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    clean["PIP_NO_COMPILE"] = (
        "1"  # Python compiles what is imported; pip would compile all there is
    )
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


@pytest.fixture(scope="session")
def run() -> Callable[..., str]:
    return run_in


@pytest.fixture(scope="session")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built from the source distribution."""
    folder = tmp_path_factory.mktemp("wheel")
    run_in(folder, sys.executable, "-m", "build", "--outdir", folder / "dist", ROOT)
    (found,) = (folder / "dist").glob("*.whl")
    return found


@pytest.fixture(scope="session")
def environment(tmp_path_factory) -> Callable[..., Path]:
    """Makes an environment in which pip has installed this; the folder of its commands."""

    def make(*requirements: object) -> Path:
        folder = tmp_path_factory.mktemp("environment")
        run_in(folder, sys.executable, "-m", "venv", folder / "venv")
        commands = folder / "venv" / "bin"
        pip = (commands / "python", "-m", "pip", "install", "-c", ROOT / "constraints.txt")
        run_in(folder, *pip, *requirements)
        return commands

    return make
