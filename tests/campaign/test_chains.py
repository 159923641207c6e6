"""The campaign of steps: draws, the oracle against what a hand can tell, and what a judge must see."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

import entropy_proofs as ep
from campaign.outcome import AGREED, CONTRADICTION, CRASH, HANG, MISSED, REFUSED, UNJUDGED
from campaign.steps import judge
from campaign.steps.campaign import drawn
from campaign.steps.draw import Chain
from campaign.steps.judge import from_json, judged, to_json
from campaign.steps.rules import RULES, det, exp, inv, log, mod, summed, tr
from campaign.steps.shrink import shrunk
from campaign.steps.terms import Term, call, entry, num, term, var

x, s, k, n = map(var, "xskn")
A = Term("matrix", ("A",))
f = entry("f", var("i"))
PROVED, REFUTED, UNDECIDED = ep.Verdict.PROVED, ep.Verdict.REFUTED, ep.Verdict.UNDECIDED


@dataclass
class Said:
    """What an engine might say of a step."""

    verdict: ep.Verdict
    conditions: tuple[str, ...] = ()
    witness: Any = None


@dataclass
class Point:
    """And where it says that the sides differ."""

    at: dict[str, float]
    left: str
    right: str


def finding(monkeypatch, left, right, said):
    def answer(*_, **__):
        if isinstance(said, BaseException):
            raise said
        return [said]

    monkeypatch.setattr(judge.ep, "check_steps", answer)
    (outcome,) = judged(Chain((term(left), term(right)), (RULES[0].name,)), 0, None)
    return outcome.finding


@pytest.mark.parametrize(
    ("left", "right", "truth"),
    [
        (log(x**2), 2 * log(mod(x)), True),
        (log(x**2), 2 * log(x), False),
        ((x**2) ** num(1, 2), x, False),
        ((x**3) ** num(1, 3), x, False),
        (mod(k * (k + 1)), k * (k + 1), True),
        (mod(x * (x + 1)), x * (x + 1), False),
        (call("sign", k) ** 2, 1, False),
        (summed(call("delta", var("i"), 0) * f, n - 1), entry("f", num(0)), False),
        (mod(det(A)), det(A), False),
        (tr(inv(call("transpose", A)) @ A), var("d"), False),
        (mod(call("gamma", x)), call("gamma", x), False),
        (log(exp(x)), x, True),
        (summed(entry("w", var("i")) * (f - x), n), summed(entry("w", var("i")) * f, n) - x, True),
    ],
)
def test_the_judge_knows_what_is_true(left, right, truth, monkeypatch):
    right_answer, wrong_answer = (PROVED, REFUTED) if truth else (REFUTED, PROVED)
    assert finding(monkeypatch, left, right, Said(right_answer)) == AGREED
    assert finding(monkeypatch, left, right, Said(wrong_answer)) == CONTRADICTION
    assert finding(monkeypatch, left, right, Said(UNDECIDED)) == MISSED


def test_a_precondition_must_be_listed(monkeypatch):
    for sides, condition in (
        ((tr(inv(A) @ A), var("d")), "A invertible"),
        ((exp(n * log(var("h"))), var("h") ** n), "h ≠ 0"),
    ):
        assert finding(monkeypatch, *sides, Said(PROVED)) == CONTRADICTION
        assert finding(monkeypatch, *sides, Said(PROVED, (condition,))) == AGREED


@pytest.mark.parametrize(
    ("witness", "expected"),
    [
        (Point({"x": -2.0}, "2.0000", "-2.0000"), AGREED),
        (Point({"x": -2.0}, "2.0000", "-1.0000"), CONTRADICTION),
        (Point({"x": -2.0}, "2.0000", "undefined"), CONTRADICTION),
        (Point({}, "2.0000", "-2.0000"), AGREED),
    ],
)
def test_a_witness_is_tried(witness, expected, monkeypatch):
    assert finding(monkeypatch, mod(x), x, Said(REFUTED, witness=witness)) == expected


def test_a_witness_must_be_what_is_declared(monkeypatch):
    inside, outside = (Point({"k": at}, f"{at * (at + 1)}", "0.0000") for at in (2.0, 0.5))
    sides = k * (k + 1), num(0)
    assert finding(monkeypatch, *sides, Said(REFUTED, witness=inside)) == AGREED
    assert finding(monkeypatch, *sides, Said(REFUTED, witness=outside)) == CONTRADICTION


def test_a_witness_may_be_a_rare_point(monkeypatch):
    sides = call("max", x - 40, 0), num(0)
    rare = Point({"x": 41.0}, "1.0000", "0.0000")
    assert finding(monkeypatch, *sides, Said(REFUTED)) == CONTRADICTION
    assert finding(monkeypatch, *sides, Said(REFUTED, witness=rare)) == AGREED


@pytest.mark.parametrize(
    ("error", "expected"),
    [(ep.InputError("no"), REFUSED), (TypeError("no"), CRASH), (judge.Overrun(), HANG)],
)
def test_what_is_no_answer(error, expected, monkeypatch):
    assert finding(monkeypatch, x, x + 1, error) == expected


def test_nothing_is_said_where_nothing_is_defined(monkeypatch):
    nowhere = log(-(x**2) - 1)
    assert finding(monkeypatch, nowhere, 2 * nowhere, Said(PROVED)) in (AGREED, UNJUDGED)


def test_draws_are_reproducible_and_read_back():
    first, second = drawn(3, 20), drawn(3, 20)
    assert first == second
    assert len(set(first)) == 20
    assert all(from_json(json.loads(json.dumps(to_json(c)))) == c for c in first)


def test_a_failure_is_made_small():
    large = Chain((exp(log(s)) + x**2 * mod(x) + 2, exp(log(s)) + x**2 * x + 2), ("modulus",))

    def fails(chain):
        left, right = chain.terms
        return left != right and any(p.op == "abs" for p in left.parts())

    small = shrunk(large, fails, 500)
    assert small.terms[0].op == "abs"
    assert len(list(small.terms[0].parts())) == 2
