"""The tutorial is executed: what is committed of it is what its cells show."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.end_to_end

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs/tutorial.ipynb"
CELLS = json.loads(TUTORIAL.read_text(encoding="utf-8"))["cells"]


def test_its_outputs_are_those_of_its_cells(ipython):
    import nbformat

    from docs.notebooks import executed, outputs

    committed = outputs(nbformat.read(TUTORIAL, as_version=4))
    found = outputs(executed(TUTORIAL))
    assert len(found) == len(committed)
    for cell, now, before in zip(CELLS, found, committed, strict=True):
        assert now == before, f"{cell['id']} shows something else; make tutorial"


def test_nothing_in_it_is_of_one_machine(ipython):
    import nbformat

    from docs.notebooks import written

    text = TUTORIAL.read_text(encoding="utf-8")
    assert written(nbformat.reads(text, as_version=4)) == text
    assert "/tmp/" not in text
    assert '"execution": {' not in text  # no times


def test_it_covers_the_way_from_a_formula_to_a_table():
    code = "\n".join("".join(c["source"]) for c in CELLS if c["cell_type"] == "code")
    for step in ("Model(", "ep.prove(", ".field", ".conditions", ".claims", "check_steps(",
                 "ep.verify(", "entropy-proofs table", "VariationalEstimator("):  # fmt: skip
        assert step in code, step


def test_it_is_read_in_ten_minutes():
    """200 words in a minute."""
    words = sum(len("".join(c["source"]).split()) for c in CELLS)
    assert words < 2000 / 2  # code is read slower


def test_readme_leads_to_it():
    assert "(docs/tutorial.ipynb)" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "cell", [c for c in CELLS if c["cell_type"] == "code"], ids=lambda c: c["id"]
)
def test_every_cell_shows_something(cell):
    assert cell["outputs"]
    assert not [o for o in cell["outputs"] if o["output_type"] == "error"]
