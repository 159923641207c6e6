"""Proofs are found once for each content of a model, and never served for another."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import sympy as sp

import entropy_proofs as ep
from entropy_proofs import (
    Bernoulli,
    Density,
    Interval,
    Laplace,
    Model,
    Normal,
    exp,
    log,
    oo,
)
from entropy_proofs.model import catalogue
from entropy_proofs.model.declared import snapshot
from entropy_proofs.proving import proof
from entropy_proofs.proving.cache import Proofs, fingerprint

SEVERAL = ["ppca", "hmm_poisson", "vae_3", "latent_dirichlet_allocation", "weibull_distribution"]


@pytest.fixture(autouse=True)
def none_yet(monkeypatch):
    monkeypatch.setattr(proof, "PROOFS", Proofs())


@pytest.fixture
def searches(monkeypatch):
    """The models that a field was searched for."""
    searched = []
    right = proof.vouched_with_q

    def vouched(model, *arguments, **options):
        searched.append(model)
        return right(model, *arguments, **options)

    monkeypatch.setattr(proof, "vouched_with_q", vouched)
    return searched


def declared(
    name="m", size="D", domain="positive", fixed=False, mean=0, family=Normal, observed=True,
    power=1, claim=1, weight=1,
):  # fmt: skip
    """A model; every argument changes what it declares."""
    model = Model(name)
    D = model.dims(size)
    s = model.parameter("s", domain=domain, fixed=fixed)
    scale = {"variance": s**power} if family is Normal else {"scale": s**power}
    add = model.observed if observed else model.latent
    x = add("x", family(mean=mean, **scale), D)
    model.weights({x: weight})
    model.claim("entropy", x, claim * D / 2 * log(2 * sp.pi * sp.E * s))
    return model


CHANGES = [
    {"name": "n"}, {"size": "K"}, {"domain": "unit interval"}, {"fixed": True}, {"mean": 1},
    {"family": Laplace}, {"observed": False}, {"power": 2}, {"claim": 2},
    {"weight": 2},
]  # fmt: skip


@pytest.mark.parametrize("name", SEVERAL)
def test_an_unchanged_model_has_one_proof(name, searches):
    model = catalogue.load(name)
    first = ep.prove(model)
    assert ep.prove(model) is first
    assert ep.prove(catalogue.load(name)) is first
    assert len(searches) == 1


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_changed_model_has_another(change, searches):
    first, other = ep.prove(declared()), ep.prove(declared(**change))
    assert other is not first
    assert len(searches) == 2
    assert fingerprint(declared(**change)) != fingerprint(declared())
    assert ep.prove(declared()) is first


def test_the_weight_of_q_changes_a_model():
    model = catalogue.load("vae_beta")
    before = fingerprint(model)
    model.q_weight = sp.Integer(1)
    assert fingerprint(model) != before


def test_what_is_declared_later_is_in_the_next_proof():
    model = declared()
    first = ep.prove(model)
    x, s = model.variables["x"].value, model.parameters["s"].value
    model.claim("field", {s: s})
    second = ep.prove(model)
    assert (len(first.claims), len(second.claims)) == (1, 2)
    assert second.claims[1].verdict is ep.Verdict.REFUTED
    model.observed("y", Bernoulli(logits=x), model.dims_["D"])
    third = ep.prove(model)
    assert [len(p.terms) for p in (first, second, third)] == [1, 1, 2]
    assert len(first.model.terms) == 1
    assert third.verdict is not ep.Verdict.PROVED


def test_a_proof_whose_own_model_was_changed_is_not_served():
    first = ep.prove(declared())
    first.model.claims.clear()
    second = ep.prove(declared())
    assert second is not first
    assert len(second.claims) == 1


def test_an_error_is_no_proof():
    model = Model("empty")
    for _ in range(2):
        with pytest.raises(ep.InputError):
            ep.prove(model)
    model.observed("x", Normal(mean=0, variance=model.parameter("s", domain="positive")))
    assert ep.prove(model).verdict is ep.Verdict.PROVED


def test_a_density_is_known_by_its_formula():
    """Not by its function, which is a new one whenever a file is read."""

    def model(rate):
        own = Model("m")
        b = own.parameter("b", domain="positive")
        own.observed("x", Density(lambda x: log(rate * b) - rate * b * x, Interval.open(0, oo)))
        return own

    assert ep.prove(model(1)) is ep.prove(model(1))
    assert ep.prove(model(2)) is not ep.prove(model(1))


def test_the_oldest_proof_is_forgotten(searches):
    proofs = Proofs(most=2)
    models = [declared(name=name) for name in "abc"]
    for model in (*models[:2], models[0], models[2]):  # b is the oldest now
        proofs.get(model, proof._prove)
    assert len(searches) == 3
    proofs.get(models[0], proof._prove)
    assert len(searches) == 3
    proofs.get(models[1], proof._prove)
    assert len(searches) == 4
    proofs.clear()
    proofs.get(models[1], proof._prove)
    assert len(searches) == 5


def test_a_snapshot_stays_as_it_is():
    model = declared()
    kept = snapshot(model)
    assert fingerprint(kept) == fingerprint(model)
    model.parameter("b")
    model.claims.clear()
    assert "b" not in kept.parameters
    assert len(kept.claims) == 1


def test_symbols_are_known_by_their_assumptions():
    model, other = Model("m"), Model("m")
    for own, domain in ((model, "real"), (other, "positive")):
        b = own.parameter("b", domain=domain)
        own.observed("x", Normal(mean=0, variance=exp(b)))
    assert str(model.terms[0].log_density) == str(other.terms[0].log_density)
    assert fingerprint(model) != fingerprint(other)


@pytest.mark.end_to_end
def test_the_fingerprint_does_not_depend_on_the_hash_seed():
    code = (
        "from entropy_proofs.model import catalogue\n"
        "from entropy_proofs.proving.cache import fingerprint\n"
        f"print([fingerprint(catalogue.load(n)).hex() for n in {SEVERAL}])"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout.strip()
        for seed in ("1", "2")
    }  # fmt: skip
    assert found == {str([fingerprint(catalogue.load(n)).hex() for n in SEVERAL])}
