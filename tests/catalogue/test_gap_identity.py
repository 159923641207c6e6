"""F - S = v·∇F at random numbers, for every catalogue model: F and its derivative from the numeric
language, S and v from the engine.

F is made of scipy's log densities and differentiated by a complex step, so nothing is truncated:
what remains is rounding, some 1e-16 times the size of the terms and the condition of a matrix.
"""

from __future__ import annotations

import numpy as np
import pytest
from oracle.distributions import FAMILIES

import entropy_proofs as ep
from entropy_proofs import families

from .instances import NAMES, Instance, elements, proof_of
from .spread import LONG

TOLERANCE = 1e-12  # relative to the largest term; 2e-15 is what rounding leaves
CASES = ((1, (2, 4)), (2, (1, 3)), (3, (2, 5)))[: 3 if LONG else 2]  # seed and range of the sizes
by_name = pytest.mark.parametrize("name", NAMES)


def claims_something(name: str) -> bool:
    """Whether there is an identity to test; without one nothing may be claimed."""
    proof = proof_of(name)
    if proof.identity is not None:
        assert proof.verdict in {ep.Verdict.PROVED, ep.Verdict.PARTIAL}
        return True
    assert proof.verdict in {ep.Verdict.REFUTED, ep.Verdict.UNDECIDED}
    assert not any(t.holds for t in proof.terms)
    return False


def difference(terms) -> float:
    """|sum of the terms|, relative to the largest or to one."""
    return abs(sum(terms)) / max(1.0, *map(abs, terms))


def test_the_numeric_language_has_every_family():
    assert set(families.__all__) - {"Family"} <= set(FAMILIES)


@by_name
def test_gap_identity(name):
    """Of the whole and of each conditional, along a field that stays in the domains; and the sum
    is what was published."""
    claims = claims_something(name)
    for seed, sizes in CASES:
        found = Instance(name, seed, sizes)
        if claims:
            parts = [found.elbo(), -found.entropy_sum(), -found.elbo_slope()]
            assert difference(parts) < TOLERANCE, (seed, found.point.sizes, parts)
            holds_for_every_conditional(found, seed)
            is_tangent(found)
        is_the_published_sum(found)


def holds_for_every_conditional(found: Instance, seed: int) -> None:
    """log p - log h + H = D log p + div u of each coordinate; what stays, stands still."""
    for sample in (s for of_datum in found.samples for s in of_datum):
        for term in found.proof.model.terms:
            log_p, moved = sample.model.terms[term.name], sample.moved[term.name]
            div, served = found.coordinate_divergence(term), found.served(term)
            for at in np.ndindex(log_p.shape):
                bound = dict(zip((i for i, _ in term.plates), at, strict=True))
                parts = [-moved[at], -div]
                if served is not None:
                    log_h = float(sample.value(served.log_base_measure, bound))
                    parts += [log_p[at], -log_h, float(sample.value(served.entropy, bound))]
                assert difference(parts) < TOLERANCE, (term.name, seed, at, parts)


@by_name
def test_the_engine_reads_the_same_densities(name):
    """The engine's log densities are scipy's."""
    found = Instance(name, seed=4)
    value = found.evaluator(found.model, found.point.arrays)
    for term in found.proof.model.terms:
        expected = found.model.terms[term.name]
        plates = [i for i, _ in term.plates]
        written = elements(
            lambda at, t=term, p=plates: value(t.log_density, dict(zip(p, at, strict=True))),
            expected.shape,
        )
        np.testing.assert_allclose(written, expected, rtol=1e-10, atol=1e-10)


def is_tangent(found: Instance) -> None:
    """No known constant moves, and no parameter leaves its domain."""
    for parameter, direction in found.field.items():
        assert parameter not in found.model.fixed
        domain = found.model.domains[parameter]
        normal = np.zeros(1)
        if domain == "simplex":
            normal = direction.sum(axis=-1)
        elif domain == "positive definite":
            normal = direction - np.swapaxes(direction, -1, -2)
        elif domain == "unit columns":
            normal = (direction * found.point.arrays[parameter]).sum(axis=-2)
        assert np.abs(normal).max(initial=0) < TOLERANCE * (1 + np.abs(direction).max())
    assert set(found.flows) <= set(found.model.latents)


def is_the_published_sum(found: Instance) -> None:
    """A claimed entropy sum, computed from the file's own formula, is the engine's S."""
    for kind, what in found.model.claims:
        if kind == "entropy sum":
            engine = found.entropy_sum_at(found.as_sample)
            assert difference([float(what[0]), -engine]) < 10 * TOLERANCE
