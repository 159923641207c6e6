"""Identities made by hand to slip through the checker."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp
from sympy import Rational, Symbol, log, pi

from entropy_proofs import (
    Beta,
    Categorical,
    Gamma,
    Laplace,
    Model,
    MultivariateNormal,
    Normal,
    Poisson,
)  # fmt: skip
from entropy_proofs.algebra.nodes import index
from entropy_proofs.checker import check
from entropy_proofs.pointwise import Component, Flow, Identity, TermIdentity
from entropy_proofs.proof import find
from entropy_proofs.results import conditional, latent_motions
from must_fail.mutants import Subject

ZERO = sp.Integer(0)


def subject(model: Model, identity: Identity | None = None) -> Subject:
    stated = [conditional(model, t) for t in model.terms]
    return Subject(model, identity or find(model, stated))


def outcome(s: Subject, identity: Identity):
    return check(identity, s.learned, s.scalable)


def terms(model: Model) -> dict:
    return {t.name: conditional(model, t) for t in model.terms}


def latent_and_noise() -> Model:
    m = Model("m")
    z = m.latent("z", Normal(mean=0, variance=1))
    m.observed("x", Normal(mean=m.parameter("w") * z, variance=m.parameter("s", domain="positive")))
    return m


def test_a_flow_counted_twice():
    """D moves z once, div u counts both flows: H would come out wrong by any number."""
    s = subject(latent_and_noise())
    (flow,) = s.identity.flows
    for extra in (flow.rate, Rational(7), -flow.rate):
        terms = tuple(
            replace(t, entropy=t.entropy + extra) if t.conditional.own & flow.labels else t
            for t in s.identity.terms
        )
        wrong = replace(s.identity, flows=(replace(flow, rate=extra), flow), terms=terms)
        assert not outcome(s, wrong).holds


def test_a_flow_on_a_part_of_a_chain():
    """z_next and z_first move but z_previous, the same latent one step on, stands still."""
    m = Model("m")
    w = m.parameter("w")
    m.chain(
        "z",
        initial=Normal(mean=0, variance=1),
        length=m.dims("T"),
        transition=lambda z: Normal(mean=w * z, variance=1),
    )
    made = terms(m)
    (motion,) = latent_motions(m)
    part = frozenset(a for a in motion.labels if not a.name.endswith("previous"))
    half = Rational(1, 2)
    entropy = log(2 * pi) / 2 + half
    wrong = Identity(
        (Component(next(iter(m.learned())), "real", (), (), w / 2),),
        (Flow("z", part, half),),
        tuple(TermIdentity(c, ZERO, entropy) for c in made.values()),
    )
    assert not outcome(subject(m, wrong), wrong).holds


def test_a_flow_under_another_name():
    """Rates of two flows may differ, but not on one label."""
    s = subject(latent_and_noise())
    (flow,) = s.identity.flows
    other = Flow("y", flow.labels, Rational(3))
    z = next(t for t in s.identity.terms if t.conditional.own & flow.labels)
    moved = replace(z, entropy=z.entropy + 3)
    terms = tuple(moved if t is z else t for t in s.identity.terms)
    assert not outcome(s, replace(s.identity, flows=(other, flow), terms=terms)).holds


@pytest.mark.parametrize(
    ("family", "sizes"),
    [
        (lambda m: Beta(alpha=m.parameter("a", domain="positive"), beta=2), ()),
        (lambda m: Categorical(probabilities=m.parameter("a", 3, domain="simplex")), ()),
        (lambda m: Poisson(rate=m.parameter("a", domain="positive")), ()),
    ],
    ids=["unit interval", "category", "counts"],
)  # fmt: skip
def test_what_can_not_scale(family, sizes):
    m = Model("m")
    m.latent("z", family(m), *sizes)
    s = subject(m)
    for rate in (Rational(1, 3), sp.Integer(1)):
        flow = Flow("z", frozenset({m.variables["z"].label}), rate)
        terms = tuple(replace(t, entropy=t.entropy + rate) for t in s.identity.terms)
        assert not outcome(s, replace(s.identity, flows=(flow,), terms=terms)).holds
        assert not outcome(s, replace(s.identity, flows=(flow,))).holds


def test_data_do_not_flow():
    """An observed variable that is scaled: the identity would hold, but data can't move."""
    m = Model("m")
    m.observed("x", Normal(mean=0, variance=1))
    c = terms(m)["x"]
    half = Rational(1, 2)
    term = TermIdentity(c, ZERO, log(2 * pi) / 2 + half)
    wrong = Identity((), (Flow("x", c.own, half),), (term,))
    assert not outcome(subject(m, wrong), wrong).holds


def test_a_density_is_not_its_own_base_measure():
    """log h = log p, H = 0: true of everything that stands still, and says nothing."""
    m = Model("m")
    m.observed("x", Normal(mean=0, variance=2))
    (c,) = terms(m).values()
    wrong = Identity((), (), (TermIdentity(c, c.log_density, ZERO),))
    assert not outcome(subject(m, wrong), wrong).holds


def test_a_latents_own_flow_makes_no_base_measure():
    m = Model("m")
    z = m.latent("z", Gamma(shape=2, rate=1))
    (c,) = terms(m).values()
    # D log p + div u = 2 - z with rate 1, so log h = log z is left: h = p e^z
    wrong = Identity(
        (), (Flow("z", c.own, sp.Integer(1)),), (TermIdentity(c, log(z), sp.Integer(2)),)
    )
    assert not outcome(subject(m, wrong), wrong).holds


def test_an_identity_at_one_value_of_a_constant():
    """True for nu = 3 only."""
    m = Model("m")
    nu = m.parameter("nu", domain="positive", fixed=True)
    s = m.parameter("s", domain="positive")
    m.observed("x", Gamma(shape=nu, rate=s))
    (c,) = terms(m).values()
    x = m.variables["x"].label
    field = (Component(s, "positive", (), (), s),)
    right = TermIdentity(c, (nu - 1) * log(x) - sp.loggamma(nu), nu - nu * log(s))
    assert outcome(subject(m), Identity(field, (), (right,))).holds
    wrong = TermIdentity(c, 2 * log(x) - log(2), 3 - 3 * log(s))
    assert not outcome(subject(m), Identity(field, (), (wrong,))).holds


def test_an_identity_in_one_dimension():
    """H of a vector without its dimension."""
    m = Model("m")
    D = m.dims("D")
    S = m.parameter("S", D, D, domain="positive definite")
    m.observed("x", MultivariateNormal(mean=0, covariance=S))
    s = subject(m)
    (t,) = s.identity.terms
    one = t.entropy.subs(D, 1)
    assert not outcome(s, replace(s.identity, terms=(replace(t, entropy=one),))).holds
    other = t.entropy + sp.Symbol("D", integer=True, positive=True) / 2
    assert not outcome(s, replace(s.identity, terms=(replace(t, entropy=other),))).holds


def test_a_field_of_another_parameter():
    """Found for s, offered for t of the same domain, where nothing depends on t."""
    m = Model("m")
    s, t = m.parameter("s", domain="positive"), m.parameter("t", domain="positive")
    m.observed("x", Laplace(mean=0, scale=s))
    found = subject(m)
    (component,) = found.identity.field
    moved = replace(component, label=t)
    assert not outcome(found, replace(found.identity, field=(moved,))).holds


@pytest.mark.parametrize("domain", ["real", "positive", "unit interval", "positive definite", ""])
def test_a_simplex_may_not_pass_for_another_domain(domain):
    m = Model("m")
    K = m.dims("K")
    rho = m.parameter("rho", K, domain="simplex")
    m.latent("c", Categorical(probabilities=rho))
    s = subject(m)
    k = index("k")
    own = sp.IndexedBase(m.parameters["rho"].label)[k]
    component = Component(m.parameters["rho"].label, domain, (K,), (k,), own * log(own))
    (term,) = s.identity.terms
    wrong = Identity((component,), (), (replace(term, entropy=ZERO),))
    assert not outcome(s, wrong).holds


def test_unknown_labels_do_not_move():
    s = subject(latent_and_noise())
    ghost = Component(Symbol("ghost", real=True), "real", (), (), sp.Integer(1))
    assert not outcome(s, replace(s.identity, field=(*s.identity.field, ghost))).holds
    flow = Flow("ghost", frozenset({Symbol("ghost", real=True)}), sp.Integer(1))
    assert not outcome(s, replace(s.identity, flows=(*s.identity.flows, flow))).holds
