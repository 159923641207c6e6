"""The second evaluation agrees with what is proved, and with nothing that was altered."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sympy as sp
from catalogue.spread import MODELS

import entropy_proofs as ep
from entropy_proofs import (
    Categorical,
    Density,
    Dirichlet,
    Laplace,
    Model,
    MultivariateNormal,
    Normal,
    exp,
)
from entropy_proofs.judge.cross_check import Evaluation, residual
from entropy_proofs.model import catalogue
from entropy_proofs.model.pointwise import ConditionalIdentity, FieldComponent, Identity, LatentFlow

MUST_FAIL = [
    "beta_mixture", "dirichlet_mixture", "factor_analysis", "gamma_gamma", "gaussian_mixture",
    "hmm_categorical", "ica_generalised_normal", "linear_dynamical_system", "multinomial_mixture",
    "poisson_log_normal", "sparse_coding_unit_prior", "student_t_distribution", "vae_0", "vae_1",
    "vae_bernoulli", "von_mises_mixture",
]  # fmt: skip
SEEN = 1e-6  # of a mistake: between what rounding leaves and what any of these leaves


def identity_of(name: str) -> tuple[Model, Identity]:
    proof = ep.prove(catalogue.load(name))
    return proof.model, proof.identity


@pytest.mark.parametrize("name", MODELS)
def test_it_agrees_with_the_catalogue(name):
    model, identity = identity_of(name)
    if identity is None:
        return
    found = residual(model, identity)
    assert found.skipped is None
    assert found.largest < 1e-40, (found.term, found.at)
    assert found.agrees
    assert found.points == 3


def test_most_models_have_something_to_agree_with():
    assert sum(identity_of(name)[1] is not None for name in MODELS) > 0.9 * len(MODELS)


# mistakes -----------------------------------------------------------------------------------------
def mistakes(identity: Identity) -> Iterator[tuple[str, Identity]]:
    yield from wrong_fields(identity)
    yield from wrong_flows(identity)
    yield from wrong_terms(identity)


def changed(items: tuple, k: int, *new: Any) -> tuple:
    return (*items[:k], *new, *items[k + 1 :])


def wrong_fields(identity: Identity) -> Iterator[tuple[str, Identity]]:
    for k, c in enumerate(identity.field):
        own = sp.IndexedBase(c.label)[c.slots] if c.slots else c.label
        value = some_value(identity.terms[0])
        for text, element in (
            ("scaled", c.element * sp.Rational(101, 100)),
            ("turned round", -c.element),
            ("shifted along itself", c.element + own / 7),
            ("a function of a value", c.element + value * own),
        ):
            field = changed(identity.field, k, replace(c, element=element))
            yield f"field on {c.label} {text}", replace(identity, field=field)
        yield f"no field on {c.label}", replace(identity, field=changed(identity.field, k))
        yield f"two fields on {c.label}", replace(identity, field=(*identity.field, c))


def wrong_flows(identity: Identity) -> Iterator[tuple[str, Identity]]:
    for k, f in enumerate(identity.flows):
        for text, rate in (("scaled", f.rate * 2), ("turned round", -f.rate), ("+ 1", f.rate + 1)):
            flows = changed(identity.flows, k, replace(f, rate=rate))
            yield f"flow of {f.variable} {text}", replace(identity, flows=flows)
        flows = changed(identity.flows, k, replace(f, shift=f.shift + sp.Rational(1, 10)))
        yield f"flow of {f.variable} shifted", replace(identity, flows=flows)
        yield f"no flow of {f.variable}", replace(identity, flows=changed(identity.flows, k))


def wrong_terms(identity: Identity) -> Iterator[tuple[str, Identity]]:
    for k, t in enumerate(identity.terms):
        value, name = some_value(t), t.conditional.name
        for text, change in (
            ("H + 1/100", {"entropy": t.entropy + sp.Rational(1, 100)}),
            ("H scaled", {"entropy": t.entropy * sp.Rational(101, 100)}),
            ("another dimension", {"entropy": t.entropy + sp.log(2 * sp.pi) / 2}),
            ("H of the value", {"entropy": t.entropy + value}),
            ("log h of the value", {"log_base_measure": t.log_base_measure + value}),
            ("both", {"entropy": t.entropy + value, "log_base_measure": t.log_base_measure + value}),
            ("no log h", {"log_base_measure": sp.Integer(0)}),
            ("the density as log h", {"log_base_measure": t.conditional.log_density, "entropy": sp.Integer(0)}),
        ):  # fmt: skip
            wrong = replace(t, **change)
            if wrong != t:
                terms = changed(identity.terms, k, wrong)
                yield f"{name}: {text}", replace(identity, terms=terms)
        rest = changed(identity.terms, k)
        if any(c.label in t.conditional.log_density.free_symbols for c in identity.field):
            stays = (*identity.unmoved, t.conditional)
            yield f"{name} stays", replace(identity, terms=rest, unmoved=stays)
            yield f"{name} is left out", replace(identity, terms=rest)


def some_value(t: ConditionalIdentity) -> sp.Expr:
    """The own value, or one of its elements."""
    (own,) = t.conditional.own
    found = [e for e in t.conditional.log_density.atoms(sp.Indexed) if e.base.label == own]
    fixed = {e: e.base[tuple(i if i in plates(t) else 0 for i in e.indices)] for e in found}
    return min(fixed.values(), key=str) if fixed else own


def plates(t: ConditionalIdentity) -> set[sp.Symbol]:
    return {s for s in t.conditional.log_density.free_symbols if s.name.endswith("#")}


@pytest.mark.parametrize("name", MUST_FAIL)
def test_it_sees_every_mistake(name):
    model, identity = identity_of(name)
    tried = dict(mistakes(identity))
    assert len(tried) > 10
    for text, wrong in tried.items():
        found = residual(model, wrong)
        assert not found.agrees, text
        assert found.largest > SEEN or "not declared" in found.skipped, text


def test_more_must_fail_than_must_agree():
    tried = [text for name in MUST_FAIL for text, _ in mistakes(identity_of(name)[1])]
    assert len(tried) > 3 * len(catalogue.names())


def test_it_sees_a_field_that_leaves_its_domain():
    for name, label, direction in (
        ("gaussian_mixture", "Sigma", lambda c: c.element * c.slots[-1]),
        ("gaussian_mixture_fixed_weights", "Sigma", lambda c: c.element * (1 + c.slots[-2])),
        ("poisson_mixture", "rho", lambda c: c.element + sp.IndexedBase(c.label)[c.slots]),
    ):
        model, identity = identity_of(name)
        (k,) = (k for k, c in enumerate(identity.field) if c.label.name == label)
        c = identity.field[k]
        field = changed(identity.field, k, replace(c, element=direction(c)))
        assert residual(model, replace(identity, field=field)).largest > SEEN


def test_it_sees_what_must_not_move():
    for name, label in (("vae_2", "f.U"), ("vae_0", "sigma2")):
        model, identity = identity_of(name)
        p = model.parameters[label]
        slots = tuple(sp.Symbol(f"s{k}", integer=True) for k in range(len(p.shape)))
        own = sp.IndexedBase(p.label)[slots] if slots else p.label
        moved = FieldComponent(p.label, p.shape, slots, own)
        assert residual(model, replace(identity, field=(*identity.field, moved))).largest > SEEN
    model, identity = identity_of("gaussian_mixture")
    flow = LatentFlow("c", frozenset({model.variables["c"].label}), sp.Integer(1))
    found = residual(model, replace(identity, flows=(flow,)))
    assert (found.term, found.points) == ("the flow of c", 0)


def test_weights_count():
    """With another weight of H[q] a flow serves nobody."""
    model, identity = identity_of("vae_1")
    assert identity.flows
    model.q_weight = sp.Integer(2)
    assert residual(model, identity).largest > SEEN
    model.q_weight = sp.Integer(1)
    assert residual(model, identity).agrees


# what it says -------------------------------------------------------------------------------------
def test_a_disagreement_comes_with_its_numbers():
    model, identity = identity_of("ppca")
    (k,) = (k for k, t in enumerate(identity.terms) if t.conditional.name == "x")
    wrong = replace(identity.terms[k], entropy=identity.terms[k].entropy + 1)
    found = residual(model, replace(identity, terms=changed(identity.terms, k, wrong)))
    assert found.term == "x"
    assert {"D", "H", "sigma2"} <= set(found.at)
    assert any(name.startswith("W[") for name in found.at)


@pytest.mark.parametrize("off", [1e-9, 1, 1e9])
def test_a_disagreement_is_relative_to_what_disagrees(off):
    model, identity = identity_of("ppca")
    term = identity.terms[0]
    wrong = replace(term, entropy=term.entropy + sp.Rational(off))
    found = residual(model, replace(identity, terms=changed(identity.terms, 0, wrong)))
    assert off / (1000 + off) < found.largest < min(off, 1)


def identity_and(model: Model) -> Evaluation:
    proof = ep.prove(model)
    return residual(proof.model, proof.identity)


def test_what_can_not_be_evaluated_is_no_agreement():
    model = Model("m")
    s = model.parameter("s", 10**6, 10**6, domain="positive definite")
    model.observed("x", MultivariateNormal(mean=[0] * 2, covariance=s[:2, :2]))
    label = model.parameters["s"].label
    i, j = sp.symbols("i j", integer=True)
    element = -sp.IndexedBase(label)[i, j]
    component = FieldComponent(label, (10**6, 10**6), (i, j), element)
    found = residual(model, Identity((component,), (), ()))
    assert not found.agrees
    assert "too large" in found.skipped


def test_sizes_make_room_for_literal_indices():
    model = Model("m")
    K, D = model.dims("K", "D")
    mu = model.parameter("mu", K)
    rho = model.parameter("rho", D, domain="simplex")
    model.observed("x", Laplace(mean=mu[4], scale=exp(mu[2])), K)
    model.latent("c", Categorical(probabilities=rho))
    assert identity_and(model).agrees


def test_large_arrays_cost_what_is_used_of_them():
    model = Model("m")
    s = model.parameter("s", 10**9, domain="positive")
    model.observed("x", Normal(mean=0, variance=s), 10**9)
    assert identity_and(model).agrees


def test_it_tries_again_where_a_density_is_no_number():
    """log(w) asks for a positive w, and nothing declares it."""
    model = Model("m")
    w, s = model.parameter("w"), model.parameter("s", domain="positive")
    log_p = lambda x: -((x - sp.log(w)) ** 2) / (2 * s) - sp.log(2 * sp.pi * s) / 2  # noqa: E731
    model.observed("x", Density(log_p))
    (term,) = model.terms
    statement = ConditionalIdentity(
        ep.prove(model).identity.conditionals[0], sp.Integer(0), sp.log(2 * sp.pi * sp.E * s) / 2
    )
    label = model.parameters["s"].label
    component = FieldComponent(label, (), (), -label)
    assert residual(model, Identity((component,), (), (statement,))).agrees
    assert term.value in statement.conditional.own


def test_dependent_components_are_drawn_together():
    model = Model("m")
    K = model.dims("K")
    a = model.parameter("a", K, domain="positive")
    p = model.latent("p", Dirichlet(concentration=a))
    model.observed("c", Categorical(probabilities=p))
    assert identity_and(model).agrees


def test_it_imports_no_numeric_library():
    code = """
import importlib.abc, sys

class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"numpy", "scipy", "flint"}:
            raise ImportError(f"{name} is refused")

sys.meta_path.insert(0, Refuse())
import entropy_proofs.judge.random_points, entropy_proofs.arrays.tree_walk
import entropy_proofs.judge.cross_check
"""
    subprocess.run([sys.executable, "-c", code], check=True)
