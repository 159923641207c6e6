"""No step of the literature is decided wrongly, and none is lost that was decided before.

Every label is first held against numbers that share no code with the engine.
"""

from __future__ import annotations

from collections import Counter

import pytest

import entropy_proofs as ep
from campaign.limit import Overrun, limited
from campaign.steps.oracle import PRECONDITIONS, Undefined, outcome, value
from campaign.steps.points import Declared, Point, points
from campaign.steps.terms import call, num, var
from steps_corpus.corpus import FACTS, before
from steps_corpus.fact import Fact
from steps_corpus.verify import verified

SECONDS = 40  # of processor time: an answer that takes longer is none
NAMES = [f.name for f in FACTS]
PART = 40  # facts of one test
by_part = pytest.mark.parametrize("part", [FACTS[k : k + PART] for k in range(0, len(FACTS), PART)])
RIGHT = {True: "proved", False: "refuted", None: "undecided"}


def decided(fact: Fact) -> str:
    """The verdict's name, or "hang", or what went wrong."""
    try:
        with limited(SECONDS):
            steps = ep.check_steps([fact.left, fact.right], domains=dict(fact.domains))
    except Overrun:
        return "hang"
    except Exception as error:
        return f"crash: {error!r}"
    return str(steps[0].verdict.value)


@by_part
def test_a_label_is_what_numbers_say(part):
    reasons = {fact.name: verified(fact) for fact in part}
    assert {name: reason for name, reason in reasons.items() if reason} == {}


@by_part
def test_a_fact_is_decided_rightly_or_not_at_all(part):
    found = {fact.name: decided(fact) for fact in part}
    right = {fact.name: RIGHT[fact.truth] for fact in part}
    wrong = {name: v for name, v in found.items() if v not in ("undecided", right[name])}
    assert wrong == {}
    lost = {n: v for n, v in found.items() if v != right[n] and before()[n] == right[n]}
    assert lost == {}, "decided before"


def test_the_corpus_is_what_it_is_said_to_be():
    assert len(set(NAMES)) == len(NAMES)
    assert set(before()) == set(NAMES)
    truths = Counter(f.truth for f in FACTS)
    assert len(FACTS) >= 350
    assert min(truths[True], truths[False]) >= 140
    assert len({f.source for f in FACTS}) >= 100


# the oracle, on what a hand can tell ----------------------------------------------------------------
def at(**values):
    return Point({n: Declared("real") for n in values}, values, "", False)


def test_powers_are_real():
    assert value(var("x") ** num(1, 3), at(x=8)) == pytest.approx(2)
    with pytest.raises(Undefined, match="root"):
        value((var("x") ** 3) ** num(1, 3), at(x=-2))


@pytest.mark.parametrize(
    ("term", "why"),
    [
        (var("x") ** -1, "division"),
        (call("log", var("x")), "log of zero"),
        (call("gamma", var("x")), "pole"),
        (call("inverse", call("zeros", num(2), num(2))), "inverse"),
    ],
)
def test_what_is_undefined_at_zero(term, why):
    scalar = call("trace", term) if why == "inverse" else term
    assert outcome(scalar, at(x=0)) == ("undefined", why)
    assert (why in PRECONDITIONS) is (why != "log of zero")


def test_points_have_sizes_of_one_zeros_and_negatives():
    drawn = list(points({"n": Declared("size"), "x": Declared("real")}, 0, 60))
    assert {p.values["n"] for p in drawn} == {1, 2, 3}
    assert {0, -1} <= {p.values["x"] for p in drawn}
