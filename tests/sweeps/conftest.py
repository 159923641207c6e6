"""Model files and the command line, for sweeps."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from sweep_models import COMMAND, GAUSSIAN

from entropy_proofs.cli import commands as cli


@pytest.fixture
def write(tmp_path: Path):
    def write_file(text: str = GAUSSIAN, name: str = "mine.py") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


@pytest.fixture
def run():
    def run_cli(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
        command = [*COMMAND, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=600, **options)

    return run_cli


class Result(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def call(capsys):
    """The command line in this process, for what starts no other."""

    def call_cli(*arguments: object) -> Result:
        with pytest.raises(SystemExit) as exited:
            cli.main([str(argument) for argument in arguments])
        return Result(exited.value.code, *capsys.readouterr())

    return call_cli


@pytest.fixture
def start():
    """Start the command in a process group of its own, as a terminal does."""
    started: list[subprocess.Popen[str]] = []

    def start_cli(*arguments: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*COMMAND, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start_cli
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, 9)
        process.communicate()
