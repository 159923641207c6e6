"""Facets, citations in short, and which models are alike."""

from __future__ import annotations

import re
from pathlib import Path

import entropy_proofs as ep
from entropy_proofs.atlas.facts import FACETS, Facts, alike, facts_of, paper
from entropy_proofs.derivation.sources import references


def facts(stem: str, **known) -> Facts:
    return Facts(**{
        "stem": stem, "title": stem, "summary": "", "verdict": "proved", "group": "mixtures",
        "families": ("Normal",), "papers": (), "learned": ("positive",), "entropies": ("entropy",),
        "em": "all", "flow": "no", "condition": "no", **known,
    })  # fmt: skip


def test_facets_say_what_the_proof_says():
    found = facts_of(ep.prove("weibull_distribution"), "none")
    assert found.entropies == ("pseudo-entropy",)
    assert (found.flow, found.condition, found.verdict) == ("no", "no", "proved")
    assert facts_of(ep.prove("vae_1"), "some").learned == ("positive", "real", "network")
    assert facts_of(ep.prove("weibull_learned_shape"), "none").entropies == ()
    assert set(FACETS) <= set(vars(found))


def test_every_paper_has_a_short_name_that_its_entry_bears_out():
    for key, reference in references().items():
        shown = paper(key)
        assert reference.year in shown, key
        assert not re.search(r"[{}\\]", shown), key
        assert len(shown) < 60, key


def test_a_rare_family_in_common_counts_more_than_a_frequent_one():
    one = facts("one", families=("Gamma", "Normal"))
    rare = facts("rare", families=("Gamma",), group="a")
    frequent = [facts(f"n{k}", families=("Normal",), group="a") for k in range(9)]
    nearest, why = alike(one, [*frequent, rare, one])[0]
    assert nearest is rare
    assert why == "Gamma"


def test_nothing_is_like_itself():
    one = facts("one")
    assert alike(one, [one]) == []


def test_shared_papers_and_kinds_are_said():
    one, other = (facts(s, papers=("tipping1999",)) for s in "ab")
    assert alike(one, [other])[0][1] == "mixtures, Normal, Tipping & Bishop (1999)"


def test_the_style_sheet_and_script_ask_nothing_of_other_sites():
    static = Path(__file__).parents[2] / "docs/_static"
    for name in ("atlas.css", "atlas.js"):
        text = (static / name).read_text(encoding="utf-8")
        assert not re.search(r"https?:|//[a-z]|@import|url\(", text), name
