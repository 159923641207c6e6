"""No mutant of a catalogue certificate is accepted, unless it is well scoped and states a truth."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from typing import Any

import pytest
from catalogue.spread import LONG
from oracle.certificates import is_defined_somewhere, states_a_truth

import entropy_proofs as ep
from entropy_proofs.kernel.certificate import check_document
from entropy_proofs.model import catalogue
from must_fail.mutants import KINDS, SCOPE, Mutant, mutants

NAMES = catalogue.names()
CAP = 3 if LONG else 1  # mutants of one kind and certificate, drawn; there are some 50,000 in all


@cache
def certificate(name: str) -> Any:
    """The JSON document that a proof hands out; None where nothing holds."""
    found = ep.prove(catalogue.load(name)).certificate
    return None if found is None else json.loads(found.to_json())


@cache
def drawn(name: str, cap: int = CAP) -> tuple[Mutant, ...]:
    """Some mutants of each kind."""
    found = certificate(name)
    return tuple(mutants(found, most=cap)) if found else ()


@pytest.mark.parametrize("name", NAMES)
def test_the_certificate_itself_is_accepted_and_true(name):
    found = certificate(name)
    if found is None:
        assert ep.prove(catalogue.load(name)).verdict is ep.Verdict.REFUTED
        return
    assert check_document(found).reason == ""
    assert states_a_truth(found)


@pytest.mark.parametrize("name", NAMES)
def test_no_mutant_is_accepted(name):
    for kind, what, document in drawn(name):
        outcome = check_document(document)
        if kind in SCOPE:
            assert not outcome.accepted, f"{kind}: {what}"
        elif outcome.accepted:
            vacuous = not is_defined_somewhere(document)
            assert vacuous or states_a_truth(document), f"{kind}: {what}"
        assert "\n" not in outcome.reason


def test_there_are_many_of_every_kind(every_proof):
    counts = Counter(kind for name in every_proof for kind, _, _ in drawn(name))
    assert counts.keys() == KINDS.keys()
    share = CAP * len(every_proof) / (3 * 135)  # of what 135 models have by three of a kind
    assert min(counts.values()) >= 80 * share, counts
    assert counts.total() >= 5_000 * share, counts
    assert sum(n for kind, n in counts.items() if kind in SCOPE) >= 3_500 * share, counts


def test_the_oracle_tells_truths_from_mutants():
    """Of value mutants that the kernel refuses, the oracle refutes most: it is no rubber stamp."""
    told = [
        states_a_truth(document)
        for name in ("ppca", "gaussian_mixture", "poisson_mixture", "factor_analysis")
        for kind, _, document in drawn(name, 4)
        if kind == "a value changed" and not check_document(document).accepted
    ]
    assert len(told) >= 8
    assert not any(told)
