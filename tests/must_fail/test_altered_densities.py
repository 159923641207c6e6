"""Log densities with a mistake in them: not normalised, or not proved."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from catalogue.spread import MODELS

import entropy_proofs as ep
from entropy_proofs import (
    Density,
    InputError,
    Interval,
    Model,
    Reals,
    S,
    exp,
    log,
    loggamma,
    oo,
    pi,
)
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Polynomial, symbols_in
from entropy_proofs.judge.validate import check_density
from entropy_proofs.model import catalogue

HALF_LINE, UNIT = Interval.open(0, oo), Interval.open(0, 1)
P, U = "positive", "unit interval"

# name: (right log density, support, parameters, {mistake: wrong log density})
DENSITIES = {
    "normal": (
        lambda x, m, s: -((x - m) ** 2) / (2 * s) - log(2 * pi * s) / 2, Reals, {"m": "real", "s": P},
        {
            "dropped normaliser": lambda x, m, s: -((x - m) ** 2) / (2 * s),
            "dropped 2 pi": lambda x, m, s: -((x - m) ** 2) / (2 * s) - log(s) / 2,
            "scale for variance": lambda x, m, s: -((x - m) ** 2) / (2 * s) - log(2 * pi * s**2) / 2,
            "variance for scale": lambda x, m, s: -((x - m) ** 2) / (2 * s**2) - log(2 * pi * s) / 2,
            "wrong sign": lambda x, m, s: (x - m) ** 2 / (2 * s) - log(2 * pi * s) / 2,
            "normaliser's sign": lambda x, m, s: -((x - m) ** 2) / (2 * s) + log(2 * pi * s) / 2,
            "no half": lambda x, m, s: -((x - m) ** 2) / s - log(2 * pi * s) / 2,
            "precision for variance": lambda x, m, s: -s * (x - m) ** 2 / 2 - log(2 * pi * s) / 2,
        },
    ),
    "log-normal": (
        lambda x, m, s: -((log(x) - m) ** 2) / (2 * s) - log(2 * pi * s) / 2 - log(x), HALF_LINE, {"m": "real", "s": P},
        {
            "missing Jacobian": lambda x, m, s: -((log(x) - m) ** 2) / (2 * s) - log(2 * pi * s) / 2,
            "Jacobian's sign": lambda x, m, s: -((log(x) - m) ** 2) / (2 * s) - log(2 * pi * s) / 2 + log(x),
            "Jacobian twice": lambda x, m, s: -((log(x) - m) ** 2) / (2 * s) - log(2 * pi * s) / 2 - 2 * log(x),
        },
    ),
    "gamma": (
        lambda x, a, b: a * log(b) - loggamma(a) + (a - 1) * log(x) - b * x, HALF_LINE, {"a": P, "b": P},
        {
            "a for a - 1": lambda x, a, b: a * log(b) - loggamma(a) + a * log(x) - b * x,
            "dropped Gamma": lambda x, a, b: a * log(b) + (a - 1) * log(x) - b * x,
            "scale for rate": lambda x, a, b: a * log(b) - loggamma(a) + (a - 1) * log(x) - x / b,
            "sign of a log b": lambda x, a, b: -a * log(b) - loggamma(a) + (a - 1) * log(x) - b * x,
            "swapped": lambda x, a, b: b * log(a) - loggamma(a) + (a - 1) * log(x) - b * x,
        },
    ),
    "inverse gamma": (
        lambda x, a, b: a * log(b) - loggamma(a) - (a + 1) * log(x) - b / x, HALF_LINE, {"a": P, "b": P},
        {
            "missing Jacobian": lambda x, a, b: a * log(b) - loggamma(a) - (a - 1) * log(x) - b / x,
            "wrong sign": lambda x, a, b: a * log(b) - loggamma(a) - (a + 1) * log(x) + b / x,
        },
    ),
    "Laplace": (
        lambda x, m, s: -sp.Abs(x - m) / s - log(2 * s), Reals, {"m": "real", "s": P},
        {
            "dropped 2": lambda x, m, s: -sp.Abs(x - m) / s - log(s),
            "no absolute value": lambda x, m, s: -(x - m) / s - log(2 * s),
            "rate for scale": lambda x, m, s: -s * sp.Abs(x - m) - log(2 * s),
        },
    ),
    "beta": (
        lambda x, a, b: (a - 1) * log(x) + (b - 1) * log(1 - x) + loggamma(a + b) - loggamma(a) - loggamma(b), UNIT, {"a": P, "b": P},
        {
            "a for a - 1": lambda x, a, b: a * log(x) + (b - 1) * log(1 - x) + loggamma(a + b) - loggamma(a) - loggamma(b),
            "normaliser's sign": lambda x, a, b: (a - 1) * log(x) + (b - 1) * log(1 - x) - loggamma(a + b) + loggamma(a) + loggamma(b),
            "dropped term": lambda x, a, b: (a - 1) * log(x) + (b - 1) * log(1 - x) - loggamma(a) - loggamma(b),
        },
    ),
    "exponential": (
        lambda x, r: log(r) - r * x, HALF_LINE, {"r": P},
        {
            "dropped normaliser": lambda x, r: -r * x,
            "wrong sign": lambda x, r: log(r) + r * x,
            "scale for rate": lambda x, r: log(r) - x / r,
        },
    ),
    "Weibull": (
        lambda x, s: log(3) - log(s) + 2 * log(x / s) - (x / s) ** 3, HALF_LINE, {"s": P},
        {
            "missing Jacobian": lambda x, s: log(3) + 2 * log(x / s) - (x / s) ** 3,
            "missing factor": lambda x, s: -log(s) + 2 * log(x / s) - (x / s) ** 3,
        },
    ),
    "Bernoulli": (
        lambda x, p: x * log(p) + (1 - x) * log(1 - p), sp.FiniteSet(0, 1), {"p": U},
        {
            "missing second term": lambda x, p: x * log(p),
            "same twice": lambda x, p: x * log(p) + (1 - x) * log(p),
            "wrong sign": lambda x, p: x * log(p) - (1 - x) * log(1 - p),
        },
    ),
    "Poisson": (
        lambda x, r: x * log(r) - r - loggamma(x + 1), S.Naturals0, {"r": P},
        {
            "dropped x!": lambda x, r: x * log(r) - r,
            "dropped normaliser": lambda x, r: x * log(r) - loggamma(x + 1),
            "(x - 1)!": lambda x, r: x * log(r) - r - loggamma(x + 2),
        },
    ),
    "geometric": (
        lambda x, p: x * log(1 - p) + log(p), S.Naturals0, {"p": U},
        {
            "dropped normaliser": lambda x, p: x * log(1 - p),
            "counted from one": lambda x, p: (x - 1) * log(1 - p) + log(p),
        },
    ),
}  # fmt: skip
MISTAKES = [(name, mistake) for name, case in DENSITIES.items() for mistake in case[3]]


def declared(log_density, support, domains) -> Model:
    m = Model("m")
    made = {n: m.parameter(n, domain=d) for n, d in domains.items()}
    m.observed("x", Density(lambda x: log_density(x, **made), support=support))
    return m


@pytest.mark.parametrize("name", DENSITIES)
def test_the_right_one_is_proved(name):
    right, support, domains, _ = DENSITIES[name]
    assert ep.prove(declared(right, support, domains)).verdict is ep.Verdict.PROVED


@pytest.mark.parametrize(("name", "mistake"), MISTAKES)
def test_the_wrong_one_is_caught(name, mistake):
    _, support, domains, wrong = DENSITIES[name]
    try:
        proof = ep.prove(declared(wrong[mistake], support, domains))
    except InputError as error:
        assert "x" in str(error)
        assert "\n" not in str(error)
        return
    assert proof.verdict is not ep.Verdict.PROVED


# the catalogue's own densities, altered ------------------------------------------------------------------
def alterations(p: Polynomial, own: frozenset):
    """log p without one of its parts, with another factor, upside down, tilted."""
    x = min(own, key=str)
    element = next((a for a in p.expr().atoms(sp.Indexed) if a.base.label == x), x)
    if len(p) > 1:
        yield "without half of its parts", Polynomial(dict(p.ordered()[::2]))
    without = Polynomial({m: c for m, c in p if any(symbols_in(a) & own for a, _ in m)})
    if without != p:
        yield "without its normaliser", without
    yield "times 1.1", p.scale(Fraction(11, 10))
    yield "plus log 2", p + normal(log(2))
    yield "tilted", p - normal(element / 7)


def scalar_terms():
    """Terms with a scalar support in general position, each family once or twice."""
    seen: dict[str, int] = {}
    for name in MODELS:
        model = catalogue.load(name)
        for term in model.terms:
            kind = f"{type(term.family).__name__} {sorted(term.family.arguments())}"
            if term.event or term.aliases or "phi_" in str(symbols_in(term.log_density)):
                continue
            if seen.get(kind, 0) < 2:
                seen[kind] = seen.get(kind, 0) + 1
                yield pytest.param(model, term, id=f"{name}-{term.name}")


TERMS = list(scalar_terms())


def test_many_families_are_altered():
    assert len({type(p.values[1].family).__name__ for p in TERMS}) >= 10


@pytest.mark.parametrize(("model", "term"), TERMS)
def test_an_altered_term_of_the_catalogue_is_not_normalised(model, term):
    check_density(model, term)
    own = frozenset({term.value})
    survivors = []
    for name, altered in alterations(normal(term.log_density), own):
        try:
            check_density(model, replace(term, log_density=altered.expr()))
        except InputError as error:
            assert term.variable in str(error)
        else:
            survivors.append(name)
    assert not survivors


def test_a_density_is_tried_at_more_than_one_point():
    """Normalised at s = 1 only, or for large m only."""
    for wrong in (
        lambda x, s: -(x**2) / (2 * s) - log(2 * pi) / 2,
        lambda x, s: -exp(-x) / s - x + log(s) * 2,
    ):
        with pytest.raises(InputError):
            declared(wrong, Reals, {"s": P})


def test_small_errors_show():
    """One part in fifty is caught, rounding is not."""
    with pytest.raises(InputError):
        declared(lambda x, r: log(r) - r * x + sp.Rational(1, 50), HALF_LINE, {"r": P})
    declared(lambda x, r: log(r) - r * x + sp.Float(np.finfo(float).eps), HALF_LINE, {"r": P})
