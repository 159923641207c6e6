"""Numbers of the committed reports: those of another model are not shown."""

from __future__ import annotations

from pathlib import Path

import pytest

import entropy_proofs as ep
from entropy_proofs.atlas.recorded import recorded

REPORTS = Path(__file__).parents[2] / "reports"


def test_all_three_kinds_of_evidence():
    proof = ep.prove("ppca")
    lines = recorded(REPORTS).lines("ppca", proof)
    assert [line.partition(" ")[0] for line in lines] == ["F", "A", "A"]
    assert "50 digits" in lines[0]
    assert "ball arithmetic" in lines[2]
    assert "F − S = 0 ± 1e-40" in lines[2]


def test_a_record_of_another_sum_is_left_out():
    assert recorded(REPORTS).lines("ppca", ep.prove("factor_analysis")) == []
    assert recorded(REPORTS).badge("ppca", ep.prove("factor_analysis")) == []


def test_a_folder_without_reports_is_named(tmp_path):
    with pytest.raises(ep.InputError, match=r"numbers\.json: no such file"):
        recorded(tmp_path)
    (tmp_path / "numbers.json").write_text("{}")
    (tmp_path / "enclosures.md").write_text("nothing\n")
    with pytest.raises(ep.InputError, match="holds no reports"):
        recorded(tmp_path)
