"""A model's page: where its derivation stands."""

from __future__ import annotations

import pytest

import entropy_proofs as ep
from entropy_proofs.atlas.facts import facts_of
from entropy_proofs.atlas.model_page import _derivation
from entropy_proofs.atlas.parts import Fold


@pytest.fixture(scope="module")
def facts():
    return facts_of(ep.prove("weibull_distribution"), "none")


def test_a_short_derivation_stands_on_the_page(facts):
    steps, more = _derivation(facts, [Fold("x", "Weibull", "<p>its steps</p>")], [], [])
    assert more == ()
    assert "its steps" in "".join(steps)


def test_a_long_one_stands_on_pages_that_are_numbered_and_lead_back(facts):
    folds = [Fold(f"p-{k}", f"part {k}", f"<p>steps {k}</p>") for k in range(3)]
    steps, more = _derivation(facts, [], [folds[:2], folds[2:]], ["the references"])
    first, second = (f"weibull_distribution-derivation{n}" for n in ("", "-2"))
    links = [f"{first}.html#p-0", f"{first}.html#p-1", f"{second}.html#p-2"]
    assert all(f'href="{link}"' in steps[-1] for link in links)
    assert [source.path for source in more] == [first, second]
    for source, own in zip(more, ("steps 1", "steps 2"), strict=True):
        for said in (own, "weibull_distribution.html", "the references"):
            assert said in source.text
    assert "steps 2" not in more[0].text
