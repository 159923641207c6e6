"""The registry itself: each density integrates to one, its hand-made field satisfies the
identity, its entropy has two sources, and what is expected of the engine is what can be had."""

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from oracle.expressions import precise, principal
from oracle.shift import shift

from densities import REGISTRY
from densities.refutation import residuals

HOLDS = [d for d in REGISTRY if d.expectation != "refuse"]
SCALAR = [d for d in REGISTRY if d.space and all(isinstance(s, sp.Symbol) for s in d.parameters)]


def by_name(densities):
    return pytest.mark.parametrize("density", densities, ids=[d.name for d in densities])


def test_names_are_unique():
    assert len({d.name for d in REGISTRY}) == len(REGISTRY)


@by_name([d for d in REGISTRY if d.space])
def test_integrates_to_one(density):
    rng = np.random.default_rng(1)
    for _ in range(3):
        values = density.draw(rng)
        assert density.nodes(values)[1].sum() == pytest.approx(1, abs=1e-9)


@by_name(HOLDS)
def test_field_found_by_hand(density):
    """D_β log p - log p + log h is one constant over the support: the (pseudo-)entropy."""
    rng = np.random.default_rng(2)
    for _ in range(2):
        values = density.draw(rng)
        entropies = [
            pointwise(density, {**values, **point}) for point in density.points(rng, values, 2)
        ]
        assert abs(entropies[0] - entropies[-1]) < mp.mpf(10) ** -20
        if density.space:
            expected = density.entropy(values, density.base)
            assert float(entropies[0]) == pytest.approx(expected, abs=1e-7, rel=1e-7)
        if density.reference:
            assert float(entropies[0]) == pytest.approx(density.reference(values), abs=1e-7)


def pointwise(density, values):
    with mp.workdps(40):
        numbers = precise(values)
        slope = mp.diff(
            lambda step: principal(density.log_density, shift(numbers, density.field, step)), 0
        )
        return slope - principal(density.log_density - density.base, numbers)


def test_entropies_have_an_oracle():
    for density in HOLDS:
        closed_form = density.reference if density.expectation == "plain" else None
        assert density.space or closed_form or "general dimension" in density.note, density.name


@by_name(SCALAR)
def test_expectation(density):
    """The identity's equations have a solution exactly where they are expected to."""
    alone, with_base = residuals(density)
    solvable = {"plain": (True, True), "pseudo": (False, True), "refuse": (False, False)}
    assert (alone < 1e-8, with_base < 1e-8) == solvable[density.expectation], (alone, with_base)
