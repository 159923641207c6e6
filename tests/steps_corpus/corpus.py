"""All facts, and what the engine of 2026-11-28 (5c05b0d) decided of each."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from campaign.steps.sympy_terms import register_expectation
from entropy_proofs.algebra.nodes import Expectation
from steps_corpus import matrices, special, sums, univariate
from steps_corpus.fact import Fact

register_expectation(Expectation)
_MODULES = (univariate, sums, matrices, special)
# What SymPy makes equal on its own is nothing to decide.
FACTS: list[Fact] = [f for m in _MODULES for f in m.FACTS if f.left != f.right]
BEFORE_PATH = Path(__file__).with_name("decided_before.json")


@cache
def before() -> dict[str, str]:
    """{fact: "proved", "refuted", "undecided", "crash" or "hang"}."""
    found: dict[str, str] = json.loads(BEFORE_PATH.read_text())
    return found
