"""An altered log density does not pass, in any conditional of catalogue models; nor does an
altered field, flow, entropy or base measure.

A constant factor leaves the identity alone (with another entropy), and a wrong sign may: -q/2 and
+q/2 are both eigenfunctions of the field. So a density must also integrate to one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy as sp

from entropy_proofs import Density, InputError, Model
from entropy_proofs.model.pointwise import Identity

from .instances import Instance, proof_of
from .mutants import (
    MASS_TOLERANCE,
    Mutant,
    breaks_the_identity,
    has_its_entropy,
    is_refused,
    mass,
    mutants,
    on_nodes,
)
from .spread import MODELS

by_name = pytest.mark.parametrize("name", MODELS)
TENTH = sp.Rational(1, 10)
SIZES = (2, 2)  # so that an event can be integrated over


def identity_of(name: str) -> Identity | None:
    return proof_of(name).identity


@by_name
def test_altered_log_densities_are_caught(name):
    found = Instance(name, seed=7, sizes=SIZES)
    model, identity = found.proof.model, identity_of(name)
    for term in model.terms:
        original = Mutant("original", term)
        log_p, weights = on_nodes(original, found)
        assert mass(log_p, weights) == pytest.approx(1, abs=MASS_TOLERANCE), original.name
        assert identity is None or not breaks_the_identity(original, found), original.name
        validated = not is_refused(original, model)
        tried = set()
        for mutant in mutants(model, term):
            altered, _ = on_nodes(mutant, found)
            if np.allclose(altered, log_p):
                continue  # altered in form only
            tried.add(mutant.kind)
            caught = (
                (identity is not None and breaks_the_identity(mutant, found))
                or abs(mass(altered, weights) - 1) > MASS_TOLERANCE
                or (validated and is_refused(mutant, model))
            )
            # cos(x - m) is as good as -cos(x - m), for the model whose m is on the other side
            assert caught or has_its_entropy(mutant, found), mutant.name
        assert {"a constant factor", "reciprocal"} <= tried
        assert term.support.discrete or "no Jacobian of the variable" in tried


@by_name
def test_the_package_refuses_altered_densities(name):
    """The validation by numbers, where it applies, sees every mutant that is no density."""
    found = Instance(name, seed=7, sizes=SIZES)
    model = found.proof.model
    for term in model.terms:
        original = Mutant("original", term)
        if term.event or term.aliases or is_refused(original, model):
            continue
        for mutant in mutants(model, term):
            total = mass(*on_nodes(mutant, found))
            if abs(total - 1) > 0.01:
                assert is_refused(mutant, model), (mutant.name, total)


def altered_identities(identity: Identity) -> Iterator[tuple[str, Identity]]:
    """Wrong results: each with what was changed."""
    for factor in (2, -1, 0):
        for c in identity.field:
            changed = swapped(identity.field, c, replace(c, element=factor * c.element))
            yield f"{factor} times the field on {c.label}", replace(identity, field=changed)
        for f in identity.flows:
            changed = swapped(identity.flows, f, replace(f, rate=factor * f.rate))
            yield f"{factor} times the flow of {f.variable}", replace(identity, flows=changed)
    for t in identity.terms:
        changes = {"H + 1/10": {"entropy": t.entropy + TENTH}, "-H": {"entropy": -t.entropy}}
        if t.log_base_measure != 0:
            changes["h = 1"] = {"log_base_measure": sp.Integer(0)}
        for text, change in changes.items():
            changed = swapped(identity.terms, t, replace(t, **change))
            yield f"{text} in {t.conditional.name}", replace(identity, terms=changed)


def swapped(items: tuple, old: Any, new: Any) -> tuple:
    return tuple(new if item is old else item for item in items)


@by_name
def test_altered_results_are_caught(name):
    """The numbers of test_gap_identity.py see any change to what the engine found."""
    proof = proof_of(name)
    for text, wrong in altered_identities(proof.identity) if proof.identity else ():
        found = Instance(name, seed=7, sizes=(2, 3), proof=replace(proof, identity=wrong))
        originals = [Mutant("original", t) for t in proof.model.terms]
        assert any(breaks_the_identity(m, found) for m in originals), text


# densities that a user writes ---------------------------------------------------------------------
def normal(mean: Any, variance: Any, normaliser: Any) -> Density:
    return Density(lambda x: -((x - mean) ** 2) / (2 * variance) - sp.log(normaliser) / 2)


@pytest.mark.parametrize("wrong", ["initial", "transition"])
def test_a_chain_of_no_densities_is_refused(wrong):
    model = Model("chain")
    s, T = model.parameter("s", domain="positive"), model.dims("T")
    initial, step = ((3 if wrong == part else 2) * sp.pi * s for part in ("initial", "transition"))
    with pytest.raises(InputError, match="z"):
        model.chain(
            "z",
            initial=normal(0, s, initial),
            transition=lambda previous: normal(previous, s, step),
            length=T,
        )


@pytest.mark.parametrize(("mean", "shrunk"), [(1000, 1), (100, 10**4)])
def test_a_density_far_from_zero_is_accepted(mean, shrunk):
    model = Model("far from zero")
    variance = model.parameter("s", domain="positive") / shrunk
    model.observed("x", normal(mean, variance, 2 * sp.pi * variance))


def test_a_density_of_large_counts_is_accepted():
    model = Model("large counts")
    eta = 10 * model.parameter("w")
    density = Density(lambda x: x * eta - sp.exp(eta) - sp.loggamma(x + 1), sp.S.Naturals0)
    model.observed("x", density)
