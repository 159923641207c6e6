"""What a newcomer's environments are made of."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable
from importlib.metadata import Distribution, PathDistribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

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


def pip(folder: Path, python: Path, *arguments: object) -> str:
    """What this environment's pip says of another, which has none."""
    return run_in(folder, sys.executable, "-m", "pip", "--python", python, *arguments)


def required(requirements: Iterable[str]) -> list[Distribution]:
    """What is installed here of these requirements, and of theirs, and so on; nothing else."""
    found: dict[str, Distribution] = {}
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        one = waiting.pop()
        if one.marker and not one.marker.evaluate({"extra": ""}):
            continue
        name = canonicalize_name(one.name)
        if name not in found:
            found[name] = distribution(name)
            waiting += [Requirement(text) for text in found[name].requires or ()]
        assert one.specifier.contains(found[name].version), one
        assert not one.extras, one
    return list(found.values())


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
def environment(tmp_path_factory, wheel) -> Callable[..., Path]:
    """Makes an environment of the wheel and of requirements; the folder of its commands.

    pip installs the wheel.  What is required are links to what pip installed here: `make` tried
    that already, and to download and unpack it again takes longer than all that is tried in it.
    """

    def make(*requirements: str) -> Path:
        folder = tmp_path_factory.mktemp("environment")
        run_in(folder, sys.executable, "-m", "venv", "--without-pip", folder / "venv")
        python = folder / "venv" / "bin" / "python"
        where = "import sysconfig; print(sysconfig.get_path('purelib'))"
        packages = Path(run_in(folder, python, "-c", where).strip())
        for one in required(requirements):
            for part in {file.parts[0] for file in one.files or ()} - {"..", "__pycache__"}:
                (packages / part).symlink_to(one.locate_file(part))
        pip(folder, python, "install", "--no-deps", wheel)
        return python.parent

    return make


@pytest.fixture(scope="session")
def declared(wheel) -> list[str]:
    """What the wheel says that it requires."""
    archive = zipfile.Path(wheel)
    (metadata,) = (part for part in archive.iterdir() if part.name.endswith(".dist-info"))
    return PathDistribution(metadata).requires or []
