"""Which of the candidates that the kernel accepts is taken, and what is said where a search ends."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from unittest.mock import patch

import pytest
from sympy import Integer

from entropy_proofs import Model, Normal
from entropy_proofs.judge import vouching
from entropy_proofs.judge.vouching import Judged, ModelKernel, vouched
from entropy_proofs.kernel.checker import Outcome
from entropy_proofs.kernel.found import Condition
from entropy_proofs.kernel.language.terms import Term
from entropy_proofs.model.pointwise import GenericConditional, Identity
from entropy_proofs.search import search as module

PLAIN, PSEUDO, FIXES = "entropy", "pseudo-entropy", "pseudo-entropy, fixes a scale"
KNOWN = Condition("nonzero", (), Term("constant", "a"))
CONDITIONAL = GenericConditional("z", Integer(0), frozenset(), frozenset())
BEST_FIRST = [  # what x and y are, how many conditions are needed, and whether on what is learned
    (PLAIN, PLAIN, 0, False),
    (PLAIN, PSEUDO, 0, False),
    (PLAIN, PLAIN, 1, False),
    (PLAIN, PLAIN, 2, False),
    (PSEUDO, PSEUDO, 1, False),  # the last that is proved
    (PLAIN, FIXES, 0, False),
    (FIXES, FIXES, 0, False),
    (PLAIN, PLAIN, 1, True),
    (PLAIN, FIXES, 1, True),
]


def normal() -> Model:
    model = Model("a normal")
    model.observed("x", Normal(mean=0, variance=model.parameter("s", domain="positive")))
    return model


def judged(x: str, y: str, assumed: int, learned: bool, unmoved: int) -> Judged:
    identity = Identity((), (), (), (CONDITIONAL,) * unmoved)
    outcome = Outcome(terms={"x": x, "y": y}, learned=learned)
    return Judged(identity, outcome, None, (KNOWN,) * assumed)


def best(*answers: Judged) -> Judged | None:
    """The kernel's choice of candidates of which it says these."""
    kernel, said = ModelKernel(normal()), iter(answers)
    with patch.object(kernel, "judge", lambda _: next(said)):
        return kernel.best(j.identity for j in answers)


@pytest.mark.parametrize("unmoved", [0, 1])
def test_a_condition_on_what_is_known_counts_less_than_a_scale_that_is_fixed(unmoved):
    every = [judged(*kind, unmoved) for kind in BEST_FIRST]
    for better, worse in combinations(every, 2):
        assert best(better, worse) is better
        wholly = not worse.conditions and "fixes" not in str(worse.outcome.terms)
        assert best(worse, better) is (worse if wholly else better)


def test_what_leaves_least_as_it_is_comes_before_what_is_proved():
    assert best(judged(*BEST_FIRST[-1], 0), judged(*BEST_FIRST[0], 1)).identity.unmoved == ()
    refused = replace(judged(*BEST_FIRST[0], 0), outcome=Outcome("no"))
    assert best(refused, judged(*BEST_FIRST[-1], 1)).holds
    assert best(refused) is None


def test_a_search_that_ends_early_costs_the_answer_and_says_so(monkeypatch):
    assert vouched(normal())[1].holds
    monkeypatch.setattr(module, "_WORK", 0)
    monkeypatch.setattr(module, "_WORK_EACH", 0)
    kernel, found = vouched(normal())
    assert found is None
    assert kernel.gave_up == "the search gave up (x: its algebra grows beyond all bounds)"


def test_a_search_that_fails_leaves_those_after_it(monkeypatch):
    def fails(*_):
        raise ValueError("of a mistake")
        yield

    monkeypatch.setattr(vouching, "_SEARCHES", (fails, module.search))
    assert vouched(normal())[1].holds
    monkeypatch.setattr(vouching, "_SEARCHES", (fails,))
    kernel, found = vouched(normal())
    assert found is None
    assert kernel.gave_up == "the search gave up (ValueError: of a mistake)"
