"""The list of families: all of them, as the classes say, and the manual has it."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

import entropy_proofs as ep
from entropy_proofs import families
from entropy_proofs.export.family_table import (
    families_markdown,
    families_text,
    family_json,
    family_records,
)

MANUAL = (Path(__file__).parents[2] / "docs/families.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def records():
    return {record.name: record for record in family_records()}


def test_every_family_that_can_be_imported_is_listed(records):
    listed = set(families.__all__) - {"Family"}
    assert set(records) == listed
    assert listed <= set(ep.__all__)


def test_keywords_are_those_of_the_class_and_every_family_has_a_source(records):
    for name, record in records.items():
        cls = getattr(families, name)
        if name != "Density":
            assert [k.name for k in record.keywords] == [f.name for f in fields(cls)]
        assert record.source, f"{name} states no source"
        assert record.summary.endswith("."), name
        assert name in families_text([record])


def test_records_by_hand(records):
    assert family_json(records["Normal"]) == {
        "name": "Normal",
        "summary": "N(mean, variance) on the real line.",
        "keywords": ["mean", "variance"],
        "domains": {"mean": "real", "variance": "positive"},
        "axes": {"mean": 0, "variance": 0},
        "one_of": [],
        "log_density": "-log(2*π*variance)/2 - (-mean + x)**2/(2*variance)",
        "support": "real",
        "event": "scalar",
        "source": "Bishop, PRML (2006), eq. (1.46)",
    }
    multinomial = family_json(records["Multinomial"])
    assert multinomial["support"] == "whole numbers that sum to trials"
    assert multinomial["event"] == "K"
    assert multinomial["one_of"] == ["logits", "probabilities"]
    assert records["Categorical"].support == "0, ..., K - 1"
    assert records["VonMises"].support == "real numbers between -pi and pi"
    assert records["Bernoulli"].support == "0, 1"
    assert [k.axes for k in records["MultivariateNormal"].keywords] == [1, 2]


def test_the_manual_lists_the_families(records):
    """If not: `entropy-proofs families --format markdown` writes the table."""
    table = re.search(r"^\| Family \|.*?(?=\n\n)", MANUAL + "\n", flags=re.MULTILINE | re.DOTALL)
    assert table is not None
    assert table[0] + "\n" == families_markdown(list(records.values()))
