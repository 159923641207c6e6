"""Proofs as pages of text: what the verdict is of, the field, and what became of each term."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

import entropy_proofs as ep
from entropy_proofs.export.json import proof_record
from entropy_proofs.export.text import proof_text


def shown(proof: ep.Proof) -> str:
    """The page, each paragraph on one line."""
    target = io.StringIO()
    Console(file=target, width=10_000).print(proof_text(proof))
    return "\n".join(line.rstrip() for line in target.getvalue().splitlines())


def section(page: str, title: str) -> list[str]:
    """The lines below a heading."""
    lines = page.splitlines()
    assert lines.count(title) == 1
    below = lines[lines.index(title) + 1 :]
    return [line.strip() for line in below[: below.index("") if "" in below else None]]


EQUALS = "every stationary point the ELBO equals a sum of "


@pytest.mark.parametrize(
    ("name", "headline"),
    [
        ("ppca", f"At {EQUALS}entropies:"),
        ("poisson_mixture", f"At {EQUALS}entropies and pseudo-entropies (of x):"),
        ("vae_0", "Only a part of the ELBO becomes entropies at every stationary point:"),
    ],
)
def test_the_headline_says_of_what_the_sum_is(name, headline):
    proof = ep.prove(ep.load(name))
    page = shown(proof)
    assert page.splitlines()[2] == headline
    assert ("has a pseudo-entropy, E[-log p + log h]" in page) == bool(proof.pseudo)


def test_a_sum_of_nothing_but_pseudo_entropies_names_no_entropies():
    model = ep.Model("counts")
    rate = model.parameter("rate", domain="positive")
    model.observed("x", ep.Poisson(rate=rate))
    page = shown(ep.prove(model))
    assert f"At {EQUALS}pseudo-entropies (of x):" in page


def test_the_field_and_flow_of_the_whole_model():
    proof = ep.prove(ep.load("ppca"))
    page = shown(proof)
    assert section(page, "Field") == ["sigma2 ↦ -sigma2", "W ↦ -W/2"]
    assert section(page, "Latent flow") == ["z ↦ z/2"]
    record = proof_record(proof)
    assert (record["field"], record["latent_flow"]) == (
        {"sigma2": "-sigma2", "W": "-W/2"},
        {"z": "z/2"},
    )


def test_a_term_without_an_admissible_base_measure():
    proof = ep.prove(ep.load("student_t_known_dof"))
    page = shown(proof)
    (term,) = section(page, "Terms")
    assert term.split("  ") == [
        "x", "no admissible h", "no field with any base measure h for x"
    ]  # fmt: skip
    (witness,) = section(page, "Witness")
    assert "leaves 0 = [" in witness
    (record,) = proof_record(proof)["terms"]
    assert record["status"] == "no admissible h"
    assert record["witness"] == witness
    assert "Field" not in page.splitlines()


def test_a_term_of_which_only_h_1_was_excluded_is_not_decided():
    proof = ep.prove(ep.load("noisy_or"))
    _, term = section(shown(proof), "Terms")
    assert term.startswith("x  not decided  no field with h = 1 for x")
    assert term.endswith("of other base measures nothing was shown")
    assert proof.terms[1].witness is proof.witness


def test_a_term_that_fixes_a_scale_says_what_fails():
    proof = ep.prove(ep.load("vae_0"))
    terms = section(shown(proof), "Terms")
    assert terms[-1].startswith("fixes a scale")
    assert terms[-1].endswith("the plain entropy sum does not hold")
    assert "with h = 1 for x" in str(proof.terms[1].witness)
    assert proof.terms[0].witness is None


def test_every_witness_is_shown_once():
    model = ep.Model("two without entropies")
    m, k = model.parameter("m"), model.parameter("k")
    for name, mean in (("x", m), ("y", k)):
        model.observed(name, ep.StudentT(mean=mean, scale2=1, degrees_of_freedom=3))
    proof = ep.prove(model)
    page = shown(proof)
    assert proof.verdict is ep.Verdict.REFUTED
    witnesses = section(page, "Witness")
    assert witnesses == [str(t.witness) for t in proof.terms]
    assert len(set(witnesses)) == 2
