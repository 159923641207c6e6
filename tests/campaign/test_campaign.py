"""A fixed share of the campaign, what it found before, and whether its oracle sees what is false."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from catalogue.spread import LONG

import entropy_proofs as ep
from campaign.__main__ import main
from campaign.models import identity
from campaign.models.build import build
from campaign.models.campaign import drawn
from campaign.models.describe import (
    Description,
    Distribution,
    Parameter,
    Posterior,
    Variable,
    from_json,
    op,
    to_json,
)
from campaign.models.judge import finding_of, judged
from campaign.models.least_squares import SOLVABLE, UNSOLVABLE, Question, answer
from campaign.outcome import FAILURES, HANG
from campaign.registry import CAMPAIGNS
from campaign.report import Run, report
from campaign.running import BATCH, Options
from campaign.saved import saved

SHARE = {
    "models": (range(900, 906 if LONG else 901), 25),
    "steps": (range(900, 908 if LONG else 903), 25),
}  # seeds, and inputs of each
#: Proofs of many candidates, each of them long: tried in `make test-long`.
COSTLY = {"e14715d228", "c87276f4ee", "f2d0417647"}


@pytest.mark.parametrize(
    ("which", "seed"),
    [(c, s) for c in CAMPAIGNS for s in SHARE[c.name][0]],
    ids=lambda given: getattr(given, "name", str(given)),
)
def test_nothing_fails(which, seed):
    failures = [x for x in which.batch(seed, SHARE[which.name][1], None) if x.finding in FAILURES]
    assert [(x.finding, x.reason, x.described) for x in failures] == []


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(f, marks=[pytest.mark.xfail(strict=True)] if f.open else [], id=f.path.stem)
        for f in saved()
        if not (f.open and f.finding == HANG)  # tests measure no time
        and (LONG or f.path.stem not in COSTLY)
    ],
)
def test_what_was_found(found):
    campaign = next(c for c in CAMPAIGNS if c.name == found.campaign)
    outcome = campaign.again(found.described)
    assert outcome.finding not in FAILURES, outcome.reason


def test_draws_are_reproducible_and_read_back():
    first, second = drawn(3, 20), drawn(3, 20)
    assert first == second
    assert len({d for _, d in first}) == len(first) > 10
    assert all(from_json(json.loads(json.dumps(to_json(d)))) == d for _, d in first)


def test_the_report_is_written(tmp_path):
    assert main([str(tmp_path), "--number", "1", "--only", "models"]) in {0, 1}
    assert "different ones" in (tmp_path / "campaign.md").read_text()


@pytest.mark.parametrize("number", [0, 1, BATCH, 2 * BATCH + 3])
def test_as_many_are_drawn_as_were_asked_for(number):
    batches = list(Options(number, 7, 1, 1.0, 1.0).batches)
    assert sum(count for _, count in batches) == number
    assert [seed for seed, _ in batches] == list(range(7, 7 + len(batches)))
    assert all(0 < count <= BATCH for _, count in batches)


# the oracle -------------------------------------------------------------------------------------
def normal(variance, *parameters, mean=0):
    given = Distribution("Normal", (("mean", mean), ("variance", variance)))
    return Description((), (*parameters, Variable("x", True, given)))


def against(description, **changes):
    """What the oracle says against a proof whose parts were changed."""
    proof = ep.prove(build(description))
    altered = {
        "field": {n: changes.get(str(n), e) for n, e in proof.field.items()},
        "terms": tuple(Altered(t, changes.get("term", {})) for t in proof.terms),
        "conditions": changes.get("conditions", proof.conditions),
    }
    shown = Altered(proof, altered)
    return list(identity.contradictions(description, shown, np.random.default_rng(0)))


class Altered:
    """A proof, or one of its terms, with other answers."""

    def __init__(self, shown, answers):
        self._shown, self._answers = shown, answers

    def __getattr__(self, name):
        return self._answers[name] if name in self._answers else getattr(self._shown, name)


S = Parameter("s", (), "positive")
s = sp.Symbol("s", positive=True)
W = Parameter("w")
SQUARE = op("+", 1, op("**", "w", 2))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"s": s}, "identity"),
        ({"s": -2 * s}, "identity"),
        ({"s": -s + sp.Symbol("x", real=True) * 0 + sp.Symbol("x", real=True)}, "depends on"),
        ({"term": {"entropy": sp.log(2 * sp.pi * s) / 2}}, "identity"),
        ({"term": {"entropy": sp.log(2 * sp.pi * sp.E * s) / 2 + 1}}, "identity"),
        ({"term": {"log_base_measure": s}}, "log h of x depends on s"),
        ({"term": {"is_pseudo": True}}, "is constant"),
    ],
)
def test_the_oracle_sees_wrong_answers(changes, why):
    assert against(normal("s", S)) == []
    assert any(why in found for found in against(normal("s", S), **changes))


def test_the_oracle_sees_a_pole_that_is_not_said():
    assert against(normal(SQUARE, W)) == []
    assert any("not finite" in found for found in against(normal(SQUARE, W), conditions=()))


def test_the_oracle_follows_a_flow_that_shifts():
    prior = Variable("z", False, Distribution("Normal", (("mean", 1), ("variance", 1))))
    mean = op("+", op("*", "w", "z"), "b")
    given = Distribution("Normal", (("mean", mean), ("variance", "s")))
    description = Description((), (W, Parameter("b"), S, prior, Variable("x", True, given)))
    proof = ep.prove(build(description))
    assert [str(u) for u in proof.latent_flow.values()] == ["z/2 - 1/2"]
    assert against(description) == []
    wrong = Altered(proof, {"latent_flow": {k: u + 1 for k, u in proof.latent_flow.items()}})
    assert list(identity.contradictions(description, wrong, np.random.default_rng(0)))


Q = Posterior("z", Distribution("Normal", (("mean", "m"), ("variance", "v"))))
PRIOR = Variable("z", False, Distribution("Normal", (("mean", 0), ("variance", 1))))
MEAN = op("*", "w", "z")
DECLARED_Q = Description(
    (),
    (W, S, PRIOR, Variable("x", True, Distribution("Normal", (("mean", MEAN), ("variance", "s"))))),
    None,
    (Parameter("m"), Parameter("v", (), "positive")),
    (Q,),
)


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({}, None),
        ({"variational_flow": lambda flow: {}}, "the identity of q of z"),
        ({"variational_flow": lambda flow: {k: 2 * u for k, u in flow.items()}}, "q of z"),
        ({"latent_flow": lambda flow: {}}, "the identity of z"),
        ({"q_entropies": lambda known: {k: e + 1 for k, e in known.items()}}, "samples say"),
    ],
)
def test_the_oracle_follows_a_declared_q(answers, why):
    proof = ep.prove(build(DECLARED_Q))
    altered = {name: change(getattr(proof, name)) for name, change in answers.items()}
    shown = Altered(proof, altered)
    found = list(identity.contradictions(DECLARED_Q, shown, np.random.default_rng(0)))
    assert any(why in f for f in found) if why else found == []


@pytest.mark.parametrize(
    ("description", "why"),
    [
        (normal("s", S), None),
        (normal(op("*", "s", op("-", "D", 1)), S), "variance of x"),
        (normal(op("abs", op("-", "D", 1))), "variance of x"),
        (normal(op("**", "w", 2), W), None),  # at single values there is no density
        (
            replace(
                DECLARED_Q,
                q=(Posterior("z", Distribution("Normal", (("mean", 0), ("variance", "m")))),),
            ),
            "variance of q of z",
        ),
    ],
)
def test_the_oracle_sees_arguments_that_leave_their_domains(description, why):
    """The proof's terms alone, with nothing assumed."""
    description = replace(description, sizes=("D",))
    silent = Altered(
        None, {"terms": (Altered(None, {"variable": "x", "holds": True}),), "assumptions": ()}
    )
    found = list(identity.unassumed(description, silent, np.random.default_rng(0)))
    assert any(why in f for f in found) if why else found == []
    if why:
        said = Altered(silent, {"assumptions": (f"{why} is in its domain (positive)",)})
        assert list(identity.unassumed(description, said, np.random.default_rng(0))) == []


@pytest.mark.parametrize(
    ("description", "question", "expected"),
    [
        (normal("s", S), Question(("x",), any_h=False), SOLVABLE),
        (normal(1, W, mean="w"), Question(("x",), any_h=False), UNSOLVABLE),
        (normal(1, W, mean="w"), Question(("x",)), SOLVABLE),
        (normal(1, W, mean=op("sin", "w")), Question(("x",)), SOLVABLE),
        (normal(op("sigmoid", "w"), W, mean="w"), Question(("x",)), UNSOLVABLE),
    ],
)
def test_least_squares(description, question, expected):
    assert answer(description, question, {}, 0) == expected


def test_least_squares_at_a_pole():
    """For variance 1 + w², D log p vanishes at w = 0, and log p is no constant."""
    question = Question(("x",), any_h=False)
    assert answer(normal(SQUARE, W), question, {}, 0) == SOLVABLE
    assert answer(normal(SQUARE, W), question, {}, 0, [{"w": np.float64(0)}]) == UNSOLVABLE


def test_sections_of_other_campaigns_stay():
    first = report([Run(c, [0], [], []) for c in CAMPAIGNS], "a day", "before", 1.0)
    second = report([Run(CAMPAIGNS[0], [0], [], [])], "a day", "after", 1.0, first)
    assert second.count("\n## ") == len(CAMPAIGNS)
    assert second.count("after") == 1
    assert report([], "a day", "after", 1.0, second) == second


def test_a_false_refutation_is_seen():
    """Poisson(A @ w) was refuted once, though h = 1/x! serves it."""
    factors = Parameter("A", ("D", "M"), "positive"), Parameter("w", ("M",), "positive")
    given = Distribution("Poisson", (("rate", op("@", "A", "w")),))
    description = Description(("D", "M"), (*factors, Variable("x", True, given, ("D",))))
    proof = ep.prove(build(description))
    terms = tuple(replace(t, identity=None, summed=None) for t in proof.terms)
    refuted = Altered(proof, {"verdict": ep.Verdict.REFUTED, "terms": terms, "witness": None})
    assert finding_of(description, refuted)[0] == "contradiction"


def test_a_good_answer_agrees():
    assert judged(normal("s", S), 0, None).finding == "agreed"
