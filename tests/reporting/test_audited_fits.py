"""The table of audited default fits: what it counts, and what it must hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from entropy_proofs.document.formats import format_of
from entropy_proofs.reporting.audited_fits import AuditedFit, audit_document, mixtures

REPORT = Path(__file__).parents[2] / "reports/audits.md"


def fit(stationary: bool, gained: float, data: str = "iris") -> AuditedFit:
    return AuditedFit("GaussianMixture", data, 2, 0, True, stationary, 0.0, gained)


def rows_of(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_counts():
    fits = [
        fit(False, 0.5),
        fit(True, 0.5),
        fit(True, 1e-3),
        fit(False, 1e-5),
        fit(True, 0.0, "wine"),
    ]
    rows = rows_of(str(format_of("markdown").write(audit_document(fits))))
    assert ["GaussianMixture", "5", "5", "2", "1", "2", "1"] in rows
    assert ["wine", "2", "1", "1", "0", "0", "1", "0"] in rows


def test_unfinished_fits_are_flagged_and_finished_ones_are_not():
    """Of the committed report: of all unfinished fits, and of at most two that are finished."""
    summary = {row[0]: row[1:] for row in rows_of(REPORT.read_text()) if row[0][:1].isupper()}
    for estimator in ("GaussianMixture", "FactorAnalysis", "GaussianHMM"):
        fits, _, unfinished, flagged, _, wrongly = map(int, summary[estimator])
        assert fits >= 10
        assert flagged == unfinished
        assert wrongly <= 2
    assert int(summary["GaussianMixture"][0]) == 60
    assert int(summary["GaussianMixture"][2]) >= 15  # there is something to find


@pytest.mark.parametrize("seed", [1000])
def test_a_seed_that_is_in_no_report(seed):
    found = list(mixtures([seed]))
    assert len(found) == 12
    assert all(not f.stationary for f in found if f.gained > 1e-2)
    assert sum(not f.stationary for f in found if f.gained < 1e-4) <= 1
    assert re.fullmatch("iris|wine|breast cancer", found[0].data)
