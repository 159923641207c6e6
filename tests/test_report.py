"""The report: files that depend on the models and the data alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from entropy_proofs import catalogue, report
from entropy_proofs.proof import PROOFS

QUICK_FILES = {
    *("entropy_sums.tex", "entropy_sums.md", "entropy_objectives.md"),
    *("gmm_iris.svg", "gmm_iris.png"),
}
REPORTS = Path(__file__).parent.parent / "reports"


@pytest.mark.parametrize(
    ("residual", "shown"),
    [
        (0.0, "< 1e-12"),
        (-3e-13, "< 1e-12"),
        (1e-12, "< 1e-06"),
        (-0.5, "< 1e+00"),
        (1.0, ">= 1e+00"),
        (None, None),
    ],
)
def test_bound(residual, shown):
    assert report.bound(residual, (1e-12, 1e-6, 1.0)) == shown


def test_the_quick_report_writes_the_same_bytes_twice(tmp_path, monkeypatch):
    few = ["gaussian_mixture", "ppca", "vae_0"]
    monkeypatch.setattr(catalogue, "names", lambda: few)
    for run in ("one", "two"):
        PROOFS.clear()
        assert report.main(["--quick", str(tmp_path / run)]) == 0
    assert {path.name for path in (tmp_path / "one").iterdir()} == QUICK_FILES
    for name in QUICK_FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_full_report_adds_the_numbers(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "names", lambda: ["cauchy_distribution", "gaussian_mixture"])
    assert report.main([str(tmp_path)]) == 0
    numbers = json.loads((tmp_path / "numbers.json").read_text(encoding="utf-8"))
    assert numbers["cauchy_distribution"]["verification"] is None
    record = numbers["gaussian_mixture"]
    assert "seconds" not in record
    assert record["verdict"] == "proved"
    assert record["verification"]["passed"] is True
    assert record["verification"]["max_identity_residual"] == "< 1e-12"
    (point,) = record["verification"]["stationary_points"]
    assert point["fitted_by"] == "sklearn.mixture.GaussianMixture"
    assert point["elbo"] == pytest.approx(point["entropy_sum"], abs=1e-3)


def test_a_failed_check_is_an_exit_status(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "write_report", lambda folder, quick: False)
    assert report.main([str(tmp_path)]) == 1


def test_the_committed_report_covers_the_catalogue():
    numbers = json.loads((REPORTS / "numbers.json").read_text(encoding="utf-8"))
    assert sorted(numbers) == catalogue.names()
    for record in numbers.values():
        holds = any(term["holds"] for term in record["terms"])
        assert record["verification"]["passed"] if holds else record["verification"] is None
    assert QUICK_FILES <= {path.name for path in REPORTS.iterdir()}
