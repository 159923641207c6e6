"""The picture of the identity along a learning run."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from entropy_proofs.export.figure import draw
from entropy_proofs.points.em_path import LearningPath


@pytest.fixture
def run() -> LearningPath:
    steps = np.arange(1, 21)
    gap = 2e-2 * 0.8**steps
    return LearningPath(steps, -1.5 - 3 * gap, -1.5 - 4 * gap, gap, gap)


def test_files_are_the_same_byte_by_byte(run, tmp_path):
    for name in ("one", "two"):
        draw(run, "A run", tmp_path / f"{name}.svg", tmp_path / f"{name}.png")
    for suffix in ("svg", "png"):
        first, second = (tmp_path / f"{name}.{suffix}" for name in ("one", "two"))
        assert first.read_bytes() == second.read_bytes()
    assert (tmp_path / "one.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (tmp_path / "one.svg").read_text()


def test_rounding_errors_do_not_show(run, tmp_path):
    """Two processors differ in the last digits; the picture does not."""
    rounded = dataclasses.replace(run, gap=run.gap + 4e-16)
    draw(run, "A run", tmp_path / "one.svg")
    draw(rounded, "A run", tmp_path / "two.svg")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_a_broken_identity_shows(run, tmp_path):
    wrong = dataclasses.replace(run, directional_derivative=run.directional_derivative * (1 + 1e-6))
    draw(run, "A run", tmp_path / "one.svg")
    draw(wrong, "A run", tmp_path / "two.svg")
    assert (tmp_path / "one.svg").read_bytes() != (tmp_path / "two.svg").read_bytes()
