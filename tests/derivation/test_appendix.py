"""The document: what it says of models of every verdict, and in which notation."""

from __future__ import annotations

import doctest
from dataclasses import fields, is_dataclass
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import pytest

import entropy_proofs as ep
from entropy_proofs import derivation as room
from entropy_proofs.derivation.appendix import derivation, derivations, derived
from entropy_proofs.model import catalogue
from entropy_proofs.printing.formula import Formula
from entropy_proofs.printing.typeset.conventions import Notation

P = r"p_{\Theta}(\mathbf{x})"
PROVED = ("ppca", "gaussian_mixture", "hmm_poisson", "sparse_coding_annealed", "gamma_distribution")
OTHERS = {
    "eight_schools": "partial", "latent_dirichlet_allocation": "partial", "noisy_or": "partial",
    "student_t_known_dof": "refuted", "bayesian_logistic_regression_unit_prior": "refuted",
}  # fmt: skip


def texts(node: Any) -> list[str]:
    """All text of a document, and the LaTeX of its formulas."""
    if isinstance(node, Formula):
        return [node.latex]
    if isinstance(node, str):
        return [node]
    if isinstance(node, tuple):
        return [text for part in node for text in texts(part)]
    if is_dataclass(node):
        return [text for f in fields(node) for text in texts(getattr(node, f.name))]
    return []


def titles(document: Any) -> list[str]:
    return [block.title[0].strip() for block in document.blocks if hasattr(block, "title")]


def document_of(name: str, **options: Any) -> Any:
    return derivation(ep.prove(catalogue.load(name)), **options)


@pytest.mark.parametrize("name", PROVED)
def test_a_proof_has_all_sections(name):
    document = document_of(name)
    found = titles(document)
    asked = ["Generative model", "Evidence lower bound", "Stationarity conditions", "Field"]
    assert found[:4] == asked
    assert {"Observable", "Sum of entropies", "Assumptions and conditions", "Evidence"} <= {*found}
    assert found[-1] == "Sources"
    assert "What stays, and why" not in found
    whole = " ".join(texts(document))
    assert ep.prove(catalogue.load(name)).certificate.sha256 in whole
    assert r"\mathcal{H}[" in whole


@pytest.mark.parametrize(("name", "verdict"), OTHERS.items())
def test_what_is_not_proved_says_what_stays(name, verdict):
    document = document_of(name)
    whole = " ".join(texts(document))
    assert "What stays, and why" in titles(document)
    assert verdict in whole
    assert "Counterexample: F is" in whole
    proof = ep.prove(catalogue.load(name))
    assert str(proof.witness) in whole


def test_an_undecided_model_is_called_that():
    model = ep.Model("without a word for it")
    w = model.parameter("w", domain="positive")
    model.observed("x", ep.Poisson(rate=w + ep.exp(-w)))
    proof = ep.prove(model)
    document = derivation(proof)
    assert str(proof.verdict) in texts(document)
    assert titles(document)[0] == "Generative model"


def test_the_papers_form_stands_first():
    whole = texts(document_of("gaussian_mixture"))
    named = r"\mathcal{H}[q(c)] - \mathcal{H}[p_{\Theta}(c)] - \mathbb{E}_{q}"
    shown = next(k for k, text in enumerate(whole) if named in text)
    assert r"\log\det(2\pi e\boldsymbol{\Sigma}_{c})" in whole[shown + 2]
    published = r"\rho_{k}\Bigl(\log \rho_{k} - \frac{1}{2}\log\det \boldsymbol{\Sigma}_{k}\Bigr)"
    assert any(published in text for text in whole)


def test_the_criterion_stands_beside_the_field():
    whole = " ".join(texts(document_of("sigmoid_belief_network")))
    assert r"\frac{\partial\eta}{\partial\theta}\beta(\theta) = \eta" in whole
    assert r"\frac{\partial\zeta}{\partial\Psi}\alpha(\Psi) = \zeta" in whole
    assert r"\beta_{\mathbf{W}} = \mathbf{W}" in whole


def test_a_flow_is_said_to_be_beyond_the_criterion():
    whole = " ".join(texts(document_of("ppca")))
    assert "a flow of latents is needed, which the criterion does not have" in whole
    assert "So much the criterion gives for this conditional alone" in whole


def test_no_exponential_family_is_claimed_where_there_is_none():
    whole = " ".join(texts(document_of("robust_ppca")))
    assert "no exponential family in its declared arguments" in whole


def test_names_are_the_users():
    model = ep.Model(r"\input{x} % # <b>")
    s = model.parameter("tau2", domain="positive")
    model.observed("y", ep.Normal(mean=0, variance=s))
    document = derivation(ep.prove(model))
    assert document.title == model.name
    assert any(r"\tau^{2}" in text for text in texts(document))


def test_names_are_those_of_the_model_and_not_of_the_one_before():
    alone, beside = ep.Model("one scale"), ep.Model("two scales")
    for name in ("tau1", "tau2"):
        beside.observed(
            f"y_{name}", ep.Normal(mean=0, variance=beside.parameter(name, domain="positive"))
        )
    alone.observed("y_tau2", ep.Normal(mean=0, variance=alone.parameter("tau2", domain="positive")))
    first, second = (" ".join(texts(derivation(ep.prove(m)))) for m in (alone, beside))
    assert r"\tau^{2}" in first
    assert r"\tau_{2}" in second
    assert r"\tau^{2}" not in second


@pytest.mark.parametrize(
    ("notation", "seen", "gone"),
    [
        (Notation(vectors="arrow"), r"\vec{z}", r"\mathbf{z}"),
        (Notation(data="points"), r"q^{(n)}", r"\mathbb{E}_{q}["),
    ],
)
def test_the_notation_is_that_of_every_formula(notation, seen, gone):
    whole = " ".join(texts(document_of("ppca", notation=notation)))
    assert seen in whole
    assert gone not in whole


def test_sources_come_with_their_entries():
    document = document_of("ppca")
    assert [key for key, _ in document.bibliography] == [
        "bishop2006", "damm2023", "lucke2022", "tipping1999", "warnken2025",
    ]  # fmt: skip
    assert all(entry.startswith("@") for _, entry in document.bibliography)


def test_several_make_one_document():
    parts = [derived(ep.prove(catalogue.load(n))) for n in ("linear_regression", "ppca")]
    document = derivations(parts)
    assert [block.title[0] for block in document.blocks] == [p.title for p in parts]
    assert document.contents


def test_verification_is_evidence():
    proof = ep.prove(catalogue.load("linear_regression"))
    found = ep.verify(proof, points=2)
    whole = " ".join(texts(derivation(proof, verification=found)))
    assert "at 2 random points" in whole
    assert f"{found.stationary_points[0].elbo:.6f}" in whole


def test_two_runs_write_the_same():
    proof = ep.prove(catalogue.load("gaussian_mixture"))
    assert texts(derivation(proof)) == texts(derivation(proof))


def test_examples_show_what_happens():
    names = [m.name for m in walk_packages(room.__path__, f"{room.__name__}.")]
    results = [doctest.testmod(import_module(name)) for name in names]
    assert sum(r.attempted for r in results) > 10
    assert not any(r.failed for r in results)


def test_where_nothing_has_to_move_the_field_is_said_to_be_zero():
    model = ep.Model("a known uniform")
    low, high = model.parameter("low", fixed=True), model.parameter("high", fixed=True)
    model.observed("x", ep.Uniform(low=low, high=high))
    assert "No parameter has to move: the field is zero." in ep.prove(model).report()


def test_conditions_that_would_fill_a_page_are_left_as_derivatives():
    m = ep.Model("m")
    mu, r, s = m.parameter("mu", 2), m.parameter("r"), m.parameter("s", domain="positive")
    covariance = [[s**2, ep.tanh(r) * s], [ep.tanh(r) * s, 1]]
    m.observed("x", ep.MultivariateNormal(mean=mu, covariance=covariance))
    shown = texts(derivation(ep.prove(m)))
    assert "Not written out, for their length: those of r, s." in shown
    unsaid = rf"\mathbb{{E}}\Bigl[\frac{{\partial\log {P}}}{{\partial r}}\Bigr] = 0"
    assert rf"\frac{{\partial\mathcal{{F}}}}{{\partial r}} = {unsaid}" in shown
    of_mu = r"\frac{\partial\mathcal{F}}{\partial\boldsymbol{\mu}} ="
    assert [t for t in shown if t.startswith(of_mu) and "pmatrix" in t]
