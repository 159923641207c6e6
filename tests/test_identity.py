"""`ep.identity` on every density of the registry, against numbers that share nothing with it:

the identity by mpmath's derivative along the field, the entropy by SciPy and by quadrature, and
the checker by mutants that the numbers show to be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from densities import REGISTRY, Density
from densities.evaluate import evaluate, exact, shift

import entropy_proofs as ep
from entropy_proofs.checker import check

HOLDS = [d for d in REGISTRY if d.expectation != "refuse"]
REFUSED = [d for d in REGISTRY if d.expectation == "refuse"]
DIGITS, TOLERANCE = 40, mp.mpf(10) ** -20


def by_name(densities: list[Density]):
    return pytest.mark.parametrize("density", densities, ids=[d.name for d in densities])


def listed(symbols: Any) -> tuple:
    return tuple(symbols) if isinstance(symbols, tuple | list) else (symbols,)


@cache
def found(name: str):
    """The engine's identity of one density of the registry."""
    density = next(d for d in REGISTRY if d.name == name)
    return ep.identity(density.log_density, density.variable, density.parameters, density.given)


def checks(inner) -> bool:
    """The verdict of the package's checker on an internal identity of one density."""
    learned = {component.label: component.domain for component in inner.field}
    return check(inner, learned, {}).holds


def residual(log_density: Any, result: Any, values: dict) -> mp.mpf:
    """D_field log p - log p + log h - H at one point, relative to the size of its terms."""
    with mp.workdps(DIGITS):
        numbers = exact(values)
        slope = mp.diff(lambda t: evaluate(log_density, shift(numbers, result.field, t)), 0)
        terms = [
            slope,
            -evaluate(log_density, numbers),
            evaluate(result.log_base_measure, numbers),
            -evaluate(result.entropy, numbers),
        ]
        return abs(mp.fsum(terms)) / (1 + max(map(abs, terms)))


def cases(density: Density, seed: int, settings: int = 2, points: int = 2) -> Iterator[dict]:
    rng = np.random.default_rng(seed)
    for _ in range(settings):
        values = density.draw(rng)
        for point in density.points(rng, values, points):
            yield {**values, **point}


@by_name(HOLDS)
def test_finds_what_is_expected(density):
    result = found(density.name)
    assert result.is_pseudo == (density.expectation == "pseudo")
    assert result.is_pseudo == (result.log_base_measure != 0)


@by_name(HOLDS)
def test_field_entropy_and_base_measure_depend_on_what_they_may(density):
    result = found(density.name)
    variable, given = listed(density.variable), listed(density.given)
    for direction in result.field.values():
        assert not mentions(direction, (*variable, *given))
    assert not mentions(result.entropy, variable)
    assert not mentions(result.log_base_measure, (*listed(density.parameters), *given))


def mentions(expression: Any, symbols: tuple) -> bool:
    """Whether any of the symbols occurs, by name (matrices may be written by elements)."""
    free = {str(getattr(s, "label", s)) for s in sp.sympify(expression).free_symbols}
    return not free.isdisjoint(str(getattr(s, "label", s)) for s in symbols)


@by_name(HOLDS)
def test_identity_holds_in_numbers(density):
    result = found(density.name)
    for values in cases(density, seed=3):
        assert residual(density.log_density, result, values) < TOLERANCE


@by_name([d for d in HOLDS if d.space or d.reference])
def test_entropy_is_that_of_an_oracle(density):
    result = found(density.name)
    rng = np.random.default_rng(4)
    for _ in range(2):
        values = density.draw(rng)
        claimed = float(evaluate(result.entropy, exact(values)))
        if density.space:
            expected = density.entropy(values, result.log_base_measure)
            assert claimed == pytest.approx(expected, abs=1e-7, rel=1e-7)
        if density.reference and not result.is_pseudo:
            assert claimed == pytest.approx(density.reference(values), abs=1e-7, rel=1e-7)


@by_name(HOLDS)
def test_checker_accepts_the_identity_and_rejects_its_mutants(density):
    result = found(density.name)
    assert checks(result.identity)
    values = next(cases(density, seed=5))
    wrong = [
        (what, inner)
        for what, log_density, public, inner in mutants(density, result)
        if residual(log_density, public, values) > 1e-9
    ]
    assert len(wrong) >= 4, "the mutants must be wrong"
    assert [what for what, inner in wrong if checks(inner)] == []


def mutants(density: Density, result: Any) -> Iterator[tuple[str, Any, Any, Any]]:
    """(what was changed, log density, public result, internal identity)."""
    log_p, inner = density.log_density, result.identity
    (term,) = inner.terms
    tilted = sp.Rational(101, 100)

    def with_field(what: str, factor: Any, key: Any = None) -> tuple:
        public = {k: scaled(v, factor) if key in (None, k) else v for k, v in result.field.items()}
        labels = dict(zip(result.field, inner.field, strict=True))
        components = tuple(
            replace(c, element=c.element * factor) if key is None or labels[key] is c else c
            for c in inner.field
        )
        return what, log_p, replace(result, field=public), replace(inner, field=components)

    def with_term(what: str, name: str, change: Any) -> tuple:
        public = replace(result, **{name: change(getattr(result, name))})
        edited = replace(term, **{name: change(getattr(term, name))})
        return what, log_p, public, replace(inner, terms=(edited,))

    def with_density(what: str, change: Any) -> tuple:
        conditional = term.conditional
        edited = replace(conditional, log_density=change(conditional.log_density))
        changed = replace(inner, terms=(replace(term, conditional=edited),))
        return what, change(log_p), result, changed

    yield with_field("field, factor", tilted)
    yield with_field("field, sign", -1)
    for key in result.field:
        yield with_field(f"field, no {key}", 0, key)
    yield with_term("entropy, factor", "entropy", lambda e: e * tilted)
    yield with_term("entropy, sign", "entropy", lambda e: -e)
    yield with_term("entropy, one nat more", "entropy", lambda e: e + 1)
    yield with_term("base measure, dropped", "log_base_measure", lambda e: sp.S.Zero)
    yield with_term("base measure, factor", "log_base_measure", lambda e: e * tilted)
    yield with_density("normaliser, a factor", lambda e: e + sp.log(2))
    yield with_density("density, squared", lambda e: 2 * e)


def scaled(direction: Any, factor: Any) -> Any:
    if isinstance(direction, sp.Lambda):
        return sp.Lambda(direction.variables, factor * direction.expr)
    return factor * direction


@by_name(REFUSED)
def test_refuses_with_a_witness(density):
    with pytest.raises(ep.NoIdentity) as refusal:
        found(density.name)
    assert refusal.value.reason
    assert refusal.value.witness is not None
    assert refusal.value.witness.base_measure, "a pseudo-entropy is not excluded"
