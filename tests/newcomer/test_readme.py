"""README is run: its commands print what it shows, its Python blocks work as they stand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")

pytestmark = pytest.mark.newcomer


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


def sessions() -> list[tuple[str, str]]:
    """The commands of README's console blocks, each with the output shown below it."""
    found = []
    for block in blocks("console"):
        for entry in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = entry.partition("\n")
            found.append((command, output))
    return found


def comparable(text: str) -> str:
    """Text without what differs between runs and processors: seconds and rounding errors."""
    text = re.sub(r"\d+\.\d+ s\b|(?<=\"seconds\": )[\d.]+", "(time)", text)
    text = re.sub(r"-?\b\d\.\d+e-\d\d\b", "(small)", text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    commands = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": commands, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_readme_shows_the_two_commands():
    assert "make report" in README
    assert "make test" in README


@pytest.mark.parametrize(
    ("command", "output"), [s for s in sessions() if s[0].startswith("entropy-proofs")]
)
def test_a_command_prints_what_readme_shows(command, output, tmp_path):
    for block in blocks("python"):
        if named := re.match(r"# (\w+\.py)\n", block):
            (tmp_path / named[1]).write_text(block, encoding="utf-8")
    done = run("sh", "-c", command, folder=tmp_path)
    assert "Traceback" not in done.stderr
    assert comparable(done.stdout + done.stderr) == comparable(output)


@pytest.mark.parametrize("block", blocks("python"))
def test_a_python_block_runs(block, tmp_path):
    (tmp_path / "block.py").write_text(block, encoding="utf-8")
    done = run(sys.executable, "block.py", folder=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!https?:|#)([^)#]+)", README))))
def test_a_link_leads_to_a_file(target):
    assert (ROOT / target).exists()
