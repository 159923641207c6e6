"""The benchmarks: both sides of each race agree, and the figures are written."""

from __future__ import annotations

import json
import math
from itertools import islice

import numpy as np
import pytest
from catalogue.spread import LONG

from benchmarks import __main__ as benchmarks, em
from benchmarks.__main__ import OBJECTIVES, main
from benchmarks.mixture import Mixture
from benchmarks.timing import check_agreement

pytestmark = pytest.mark.end_to_end


@pytest.fixture
def objectives(monkeypatch) -> tuple:
    """What is raced: all of it in `make test-long`, else one objective and each fourth fit."""
    if LONG:
        return OBJECTIVES
    cases = em.cases
    monkeypatch.setattr(em, "cases", lambda tiny: islice(cases(tiny), None, None, 4))
    monkeypatch.setattr(benchmarks, "OBJECTIVES", (Mixture,))
    return (Mixture,)


def test_races_are_run_and_written(tmp_path, objectives):
    """Sides that disagree raise before anything is timed."""
    assert main([str(tmp_path), "--tiny", "--repeats", "1"]) == 0
    records = json.loads((tmp_path / "benchmarks.json").read_text())
    ratios = records["ratios"]
    assert len(ratios) == 4 * len(objectives) + 4  # the mixture has two more, and so has an audit
    for r in ratios:
        assert math.isfinite(r["median"])
        assert r["fastest"] > 0
    text = (tmp_path / "benchmarks.md").read_text()
    assert all(r["objective"] in text for r in ratios)
    fits = records["em"]
    assert {r["objective"] for r in fits} >= {"all of these"}
    assert all(math.isfinite(r["median"]) for r in fits)  # both sides reach the same optimum
    assert all(r["objective"] in text for r in fits)
    assert [p["count"] for p in records["proving"]] == [1, 1]
    assert all(p["what"] in text for p in records["proving"])
    assert [g["verdict"] for g in records["growth"]] == ["proved"] * 4
    assert all(g["model"] in text for g in records["growth"])


def test_sides_that_differ_are_no_race():
    value, gradient = np.array(1.0), {"w": np.ones(3)}
    assert check_agreement("same", (value, gradient), (value, gradient)) == 0
    with pytest.raises(AssertionError, match="differ by"):
        check_agreement("off", (value, {"w": np.ones(3) + 1e-6}), (value, gradient))
    with pytest.raises(AssertionError, match="less"):
        check_agreement("less", (value, {}), (value, gradient))
