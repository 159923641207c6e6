"""The wheel, built from the source distribution, in a fresh environment and a strange folder."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from entropy_proofs.model import catalogue
from newcomer.conftest import pip

pytestmark = [pytest.mark.end_to_end, pytest.mark.xdist_group("wheel")]

ROOT = Path(__file__).parents[2]
MODEL = """
from entropy_proofs import Model, Normal

model = Model("Scalar Gaussian")
s = model.parameter("s", domain="positive")
x = model.observed("x", Normal(mean=0, variance=s))
"""


@pytest.fixture(scope="module")
def installed(environment, declared) -> Path:
    """The folder of the commands of an environment that has what the wheel requires, no more."""
    return environment(*declared)


def test_it_requires_all_that_pip_asks_for(installed, tmp_path):
    assert pip(tmp_path, installed / "python", "check").strip() == "No broken requirements found."


def test_it_lists_the_catalogue(installed, run, tmp_path):
    listed = json.loads(run(tmp_path, installed / "entropy-proofs", "list", "--json"))
    assert [record["name"] for record in listed] == catalogue.names()


def test_it_proves_a_model_of_the_catalogue(installed, run, tmp_path):
    command = (installed / "entropy-proofs", "prove", "--json", "gaussian_mixture")
    assert json.loads(run(tmp_path, *command))["verdict"] == "proved"


def test_it_proves_a_model_of_the_user(installed, run, tmp_path):
    (tmp_path / "mine.py").write_text(MODEL, encoding="utf-8")
    command = (installed / "entropy-proofs", "prove", "--json", "mine.py")
    assert json.loads(run(tmp_path, *command))["verdict"] == "proved"


def test_the_way_from_the_first_page_to_a_verdict_on_a_model_of_ones_own(installed, run, tmp_path):
    """The first page leads to the quick start, whose files and commands work as they stand."""
    assert "](start.md)" in (ROOT / "docs/index.md").read_text(encoding="utf-8")
    start = (ROOT / "docs/start.md").read_text(encoding="utf-8")
    for name, text in re.findall(r"^```python\n# (\w+\.py)\n(.*?)^```", start, flags=re.M | re.S):
        (tmp_path / name).write_text(text, encoding="utf-8")
    shown = dict(re.findall(r"^\$ entropy-proofs prove (\w+\.py).*\n(.*): ", start, flags=re.M))
    assert set(shown) == {"ppca.py", "mine.py"}
    for name, title in shown.items():
        proved = json.loads(run(tmp_path, installed / "entropy-proofs", "prove", "--json", name))
        assert (proved["model"], proved["verdict"]) == (title, "proved")


def test_it_knows_its_sources(installed, run, tmp_path):
    run(tmp_path, installed / "entropy-proofs", "report", "linear_regression", "--output", "r.tex")
    assert "Theoria Motus" in (tmp_path / "r.tex").read_text(encoding="utf-8")


def test_it_says_that_it_is_typed(installed, run, tmp_path):
    code = "from importlib.resources import files; print(files('entropy_proofs') / 'py.typed')"
    assert Path(run(tmp_path, installed / "python", "-c", code).strip()).is_file()
