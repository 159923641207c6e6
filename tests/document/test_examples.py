"""The examples in the docstrings of this room are run."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest
from architecture.package import MODULES

ROOM = sorted(name for name in MODULES if name.partition(".")[0] == "document")


@pytest.mark.parametrize("module", ROOM)
def test_examples_show_what_happens(module):
    found = doctest.testmod(import_module(f"entropy_proofs.{module}"))
    assert found.failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    counts = [len(finder.find(import_module(f"entropy_proofs.{module}"))) for module in ROOM]
    assert sum(counts) > 10
