"""EM as it is derived: every update against the ELBO's own gradient, and what is left or said."""

from __future__ import annotations

import json

import pytest
from block_checks import derived, point, wrong_blocks
from catalogue.spread import LONG, MODELS

import entropy_proofs as ep
from entropy_proofs import Categorical, Model, MultivariateNormal
from entropy_proofs.claims.optimum import Optimum
from entropy_proofs.families.spaces import REAL
from entropy_proofs.model import catalogue
from entropy_proofs.objective.solutions import shown_optimum, solve_condition
from entropy_proofs.proof.record import ProofRecord
from entropy_proofs.proof.verdict import Verdict
from entropy_proofs.updates.compiled_updates import compile_updates
from entropy_proofs.updates.updates import updates

#: Whose algebra is long, and whose kinds of updates others here have too.
NETWORKS = {"mixture_density_network", "vae_conditional", "vae_vampprior", "vae_ladder", "vae_student_t", "vae_hierarchical"}  # fmt: skip
SLOW = {"linear_dynamical_system_inputs", "switching_linear_dynamical_system", "dynamic_factor_model", "autoregressive_hmm"}  # fmt: skip
TRIED = [
    n for n in catalogue.names() if n not in NETWORKS and (LONG or (n in MODELS and n not in SLOW))
]


@pytest.mark.parametrize("name", TRIED)
def test_after_each_update_nothing_is_left_along_its_block(name):
    found = derived(name)
    taken = {p.label for u in found.m_step for p in u.parameters}
    assert taken | set(map(label_of(found), found.remaining)) == set(found.proof.model.learned())
    json.dumps(found.record())
    if found.m_step:
        functions = compile_updates(found.proof, found.m_step, expectation="samples")
        assert not wrong_blocks(found, point(found.proof.model, functions))


def label_of(found):
    labels = {p.value: p.label for p in found.proof.model.parameters.values()}
    return labels.__getitem__


def test_what_has_no_closed_form_says_why():
    model = Model("logistic")
    n, d = model.dims("n", "P")
    a = model.parameter("A", n, d, fixed=True)
    w = model.parameter("w", d)
    model.observed("y", ep.Bernoulli(logits=a @ w), n)
    found = derived(model)
    assert not found.m_step
    assert not found.complete
    assert "not linear" in found.remaining[w]
    assert "gradient steps" in str(found)
    with pytest.raises(ep.InputError, match="no parameter has an update"):
        found.compile()


def test_a_model_that_is_not_in_the_catalogue():
    """A switching regression with shared noise: all of it has an update."""
    model = Model("switching regression")
    n, d, k = model.dims("n", "P", "K")
    a = model.parameter("A", n, d, fixed=True)
    r = model.parameter("r", k, domain="simplex")
    b = model.parameter("b", k, d)
    o = model.parameter("o", k)
    s = model.parameter("S", n, n, domain="positive definite")
    c = model.latent("c", Categorical(probabilities=r))
    model.observed("y", MultivariateNormal(mean=a @ b[c] + o[c], covariance=s))
    found = derived(model)
    assert {p.name for u in found.m_step for p in u.parameters} >= {"r", "S"}
    functions = compile_updates(found.proof, found.m_step, expectation="samples")
    assert not wrong_blocks(found, point(model, functions))


@pytest.mark.parametrize("name", [n for n in MODELS if n not in NETWORKS | SLOW])
def test_what_a_catalogue_model_is_set_to_is_known_to_be_in_its_domain(name):
    """Mean squares, shares of counts, sums of what is positive."""
    doubtful = {
        (name, str(p))
        for u in derived(name).m_step
        for p in u.formula
        if any(c.endswith(("> 0", "< 1")) for c in u.conditions) and u.parameters[0].domain != REAL
    }
    assert doubtful <= {("geometric_mixture", "p")}  # counts that are known to be at least 0 only


def test_no_solution_is_shown_twice(monkeypatch):
    shown, asked = Optimum.shown, []

    def counted(optimum):
        asked.append((optimum.parameter.name, optimum.claimed))
        return shown(optimum)

    monkeypatch.setattr(Optimum, "shown", counted)
    model = catalogue.load("ppca")
    record = ProofRecord(model, Verdict.UNDECIDED, (), None, (), None, 0.0)
    for p in model.learned().values():
        shown_optimum(record, solve_condition(record, p))
    assert updates(record).complete
    assert sorted(asked, key=str) == sorted(set(asked), key=str)
