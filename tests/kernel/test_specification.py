"""docs/certificate.md names whatever the format knows, and its hash is the kernel's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from must_fail.pieces import gaussian
from oracle.documents import signed

from entropy_proofs.kernel import certificate as format_, refusal
from entropy_proofs.kernel.language.labels import (
    DOMAINS,
    ROLES,
)
from entropy_proofs.kernel.language.sizes import INFINITE_NAME
from entropy_proofs.kernel.normal.function_table import CONSTANTS, FUNCTIONS

PAGE = Path(__file__).parents[2].joinpath("docs", "certificate.md").read_text(encoding="utf-8")
QUOTED = set(re.findall(r"`([^`]+)`", PAGE))
FIRST = {q.split(",")[0].strip('["]') for q in QUOTED if q.startswith("[")}
WORDS = QUOTED | {w for q in QUOTED for w in q.split()} | FIRST


@pytest.mark.parametrize(
    "known",
    [
        format_.ARGUMENTS, FUNCTIONS, CONSTANTS, DOMAINS, ROLES, format_.TESTS, {INFINITE_NAME},
        {key for _, keys in format_.RECORDS.values() for key, _ in keys}, {"nonzero", "positive"},
    ],
    ids=["operators", "functions", "constants", "domains", "roles", "tests", "oo", "keys", "conditions"],
)  # fmt: skip
def test_the_page_names_everything(known):
    in_tests = {"test"} if known is format_.ARGUMENTS else set()
    assert set(known) - WORDS <= in_tests


def test_the_page_names_no_operator_or_function_that_is_not_there():
    assert {f for f in FIRST if f.isalpha()} <= set(format_.ARGUMENTS)
    table = PAGE.partition("## Functions")[2].partition("##")[0]
    named = {
        w for row in re.findall(r"^\| (`[^|]+)\|", table, re.M) for w in re.findall(r"`(\w+)`", row)
    }
    assert named == set(FUNCTIONS)


def test_the_page_states_the_limits():
    for limit in (format_.LARGEST, refusal.NODES, refusal.DIGITS):
        assert f"{limit:,}" in PAGE
    assert f"more than {refusal.DEPTH} deep" in PAGE


def test_the_hash_is_as_the_page_says():
    """documents.py writes it from the page alone."""
    found = gaussian(title='µ ∑ 𝒩 " \\ \n')
    assert signed(found)["sha256"] == format_.content_hash(found)
    assert format_.check_document(found).accepted
