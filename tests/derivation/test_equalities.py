"""What is displayed as an equality is one: by numbers that share no code with what checked it."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
import sympy as sp
from catalogue import spread
from oracle.arithmetic import NotReal

import entropy_proofs as ep
from derivation.numeric import CLOSE, numbers, residual
from entropy_proofs.derivation.checked.equalities import KERNEL, NORMAL_FORMS, Judge, Moved
from entropy_proofs.derivation.conditional_section import ConditionalSection
from entropy_proofs.derivation.model_section import stationarity_conditions
from entropy_proofs.model import catalogue

LEAST = {"T": 3, "n": 3}  # sizes at which chains and designs have all their parts
UNREAD = "HiddenUnitDerivative"  # what the oracle has no number for
MOST = 45  # equalities that are asked for of one model


def checked(name: str):
    """All equalities of a model's derivation, those that were not shown as None; how many asked."""
    proof = ep.prove(catalogue.load(name))
    judge = Judge(proof)
    sections = [ConditionalSection(proof, t, judge) for t in proof.terms]
    derivatives = [c.equality for c in stationarity_conditions(proof, judge)]
    return proof, [*derivatives, *(e for s in sections for e in s.equalities)], judge


@pytest.mark.parametrize("name", spread.MODELS)
def test_every_displayed_equality_holds_in_numbers(name):
    proof, equalities, judge = checked(name)
    assert None not in equalities, "a stationarity condition was not shown"
    assert judge.asked <= MOST
    at, random, seen = numbers(proof.model, 3, **LEAST), Random(name), 0
    for e in equalities:
        if UNREAD in sp.srepr(e.right):
            continue
        try:
            found = residual(at, e, random)
        except NotReal:
            continue
        assert found < CLOSE, (e.left, e.right)
        seen += 1
    hidden = sum(UNREAD in sp.srepr(e.right) for e in equalities)
    assert seen >= 0.9 * (len(equalities) - hidden)


def test_the_kernel_checks_nearly_all():
    judges = [e.judge for name in ("ppca", "vae_3", "hmm_gaussian") for e in checked(name)[1]]
    assert set(judges) <= {KERNEL, NORMAL_FORMS}
    assert judges.count(KERNEL) > 0.9 * len(judges)


# must fail ----------------------------------------------------------------------------------------
MODELS = (
    "ppca", "gaussian_mixture", "sigmoid_belief_network", "poisson_mixture", "vae_1", "vae_3",
    "sparse_coding", "gamma_distribution", "hmm_categorical", "student_t_distribution",
)  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_an_altered_field_is_no_step(name):
    """Twice the field: neither the criterion nor the identity is displayed, and both are named."""
    proof = ep.prove(catalogue.load(name))
    identity = proof.identity
    wrong = tuple(replace(c, element=2 * c.element) for c in identity.field)
    terms = tuple(
        replace(t, moved=tuple(c for c in wrong if c.label in {m.label for m in t.moved}))
        for t in proof.terms
    )
    altered = replace(proof, identity=replace(identity, field=wrong), terms=terms)
    judge = Judge(altered)
    for t in altered.terms:
        if not t.moved:
            continue
        section = ConditionalSection(altered, t, judge)
        assert section.steps.identity is None
        assert any("identity" in text for text in section.steps.unshown)
        right = (t.term.log_density - t.identity.log_base_measure + t.identity.entropy).doit()
        assert right not in [e.right for e in section.equalities]
        if not section.criterion.alone:
            assert not section.criterion.holds
            assert section.criterion.blocks == ()


@pytest.mark.parametrize(
    ("right", "shown"),
    [("a*log(b)", True), ("a*log(2*b)", False), ("-a*log(b)", False), ("a**2*log(b)/a", True)],
)
def test_wrong_signs_and_factors_are_not_shown(right, shown):
    model = ep.Model("two numbers")
    a, b = (model.parameter(n, domain="positive") for n in "ab")
    model.observed("x", ep.Gamma(shape=a, rate=b))
    judge = Judge(ep.prove(model))
    found = judge.equality(a * sp.log(b), sp.sympify(right, {"a": a, "b": b}))
    assert (found is not None) is shown


def test_a_derivative_along_another_component_is_not_shown():
    proof = ep.prove(catalogue.load("gamma_distribution"))
    judge, (term,) = Judge(proof), proof.terms
    a, b = proof.identity.field
    along_a = Moved(term.term.log_density, (a,))
    assert judge.equality(along_a, along_a.shown(), term.term.plates)
    along_b = Moved(term.term.log_density, (b,))
    assert judge.equality(along_b, along_a.shown(), term.term.plates) is None
