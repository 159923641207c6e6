"""docs/derivations.md: what its example claims, and that it names sections that there are."""

from __future__ import annotations

import re
from pathlib import Path

import entropy_proofs as ep
from entropy_proofs.derivation.appendix import derivation
from entropy_proofs.model import catalogue

PAGE = Path(__file__).parents[2].joinpath("docs", "derivations.md").read_text(encoding="utf-8")


def test_its_example_runs():
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(code, "docs/derivations.md", "exec"), {})


def test_its_sections_are_those_of_the_document():
    document = derivation(ep.prove(catalogue.load("ppca")))
    titles = {block.title[0].strip() for block in document.blocks if hasattr(block, "title")}
    assert set(re.findall("“([A-Z][a-zA-Z ]*)”", PAGE)) <= titles


def test_readme_leads_to_it():
    readme = Path(__file__).parents[2].joinpath("README.md").read_text(encoding="utf-8")
    assert "(docs/derivations.md)" in readme
