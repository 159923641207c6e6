"""Which worker gets which test: what is costly to make is made by one."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from pathlib import Path

MODELS = ("ant", "bee", "cat", "dog", "eel", "fox")
TESTS = """
import pytest

@pytest.mark.parametrize("name", {models!r})
@pytest.mark.parametrize("backend", ["numpy", "jax"])
def test_{own}_of_a_model(name, backend, worker_id):
    with open({log!r}, "a") as log:
        print(name, worker_id, file=log)

@pytest.mark.xdist_group("site")
@pytest.mark.parametrize("number", range(4))
def test_{own}_of_a_group(number, worker_id):
    with open({log!r}, "a") as log:
        print("site", worker_id, file=log)

@pytest.mark.parametrize("number", range(4))
def test_{own}_of_its_module(number, worker_id):
    with open({log!r}, "a") as log:
        print({own!r}, worker_id, file=log)
"""


def test_all_tests_of_a_model_of_a_group_and_of_a_module_have_one_worker(tmp_path):
    """With the conftest that all tests here have."""
    log = tmp_path / "log"
    for folder in ("derivations", "tests"):
        (tmp_path / folder).mkdir()
    for name in MODELS:
        (tmp_path / f"derivations/{name}.py").touch()
    own = Path(__file__).with_name("conftest.py").read_text(encoding="utf-8")
    (tmp_path / "tests/conftest.py").write_text(own, encoding="utf-8")
    for part in ("one", "other"):
        text = TESTS.format(models=MODELS, own=part, log=str(log))
        (tmp_path / f"tests/test_{part}.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", "-q", "tests"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    workers, lines = defaultdict(set), log.read_text(encoding="utf-8").splitlines()
    for line in lines:
        what, worker = line.split()
        workers[what].add(worker)
    assert len(lines) == 2 * (2 * len(MODELS) + 4 + 4)
    assert {what: found for what, found in workers.items() if len(found) > 1} == {}
    assert workers.keys() == {*MODELS, "site", "one", "other"}
