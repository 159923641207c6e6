"""Every family of the registry against scipy.stats, at random arguments."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from oracle.expressions import value
from oracle.numbers import Numbers
from scipy import special, stats

import entropy_proofs.families as families
from entropy_proofs import Model
from entropy_proofs.algebra.normal import canonical
from entropy_proofs.families import Family

REGISTRY = sorted(
    name
    for name in families.__all__
    if isinstance(getattr(families, name), type) and issubclass(getattr(families, name), Family)
    and getattr(families, name) is not Family
)  # fmt: skip
D = 3
REAL, POSITIVE, UNIT = "real", "positive", "unit interval"


@dataclass(frozen=True)
class Case:
    """Arguments with their domains (and shapes), and scipy's log density at their numbers.

    constant: arguments that are given as numbers.  draw: a value in the support.
    """

    family: str
    domains: dict[str, Any]
    log_density: Any
    draw: Any
    constant: dict[str, Any] | None = None


def logit(p):
    return np.log(p) - np.log1p(-p)


def softmax(x):
    return np.exp(x) / np.exp(x).sum()


def normal(rng, **_):
    return rng.normal()


def positive(rng, **_):
    return rng.gamma(2.0)


def unit(rng, **_):
    return rng.uniform(0.05, 0.95)


def binary(rng, **_):
    return rng.integers(0, 2)


def category(rng, **_):
    return rng.integers(0, D)


def simplex(rng, **_):
    return rng.dirichlet(np.ones(D))


def counts(rng, **_):
    return rng.multinomial(6, np.ones(D) / D)


VECTOR, SIMPLEX, MATRIX = ("real", D), ("simplex", D), ("positive definite", D, D)
CASES = [
    Case("Normal", {"mean": REAL, "variance": POSITIVE},
         lambda x, mean, variance: stats.norm(mean, variance**0.5).logpdf(x), normal),
    Case("Laplace", {"mean": REAL, "scale": POSITIVE},
         lambda x, mean, scale: stats.laplace(mean, scale).logpdf(x), normal),
    Case("GeneralizedNormal", {"mean": REAL, "scale": POSITIVE, "power": POSITIVE},
         lambda x, mean, scale, power: stats.gennorm(power, mean, scale).logpdf(x), normal),
    Case("StudentT", {"mean": REAL, "scale2": POSITIVE, "degrees_of_freedom": POSITIVE},
         lambda x, mean, scale2, degrees_of_freedom: stats.t(degrees_of_freedom, mean, scale2**0.5).logpdf(x), normal),
    Case("VonMises", {"mean": REAL, "concentration": POSITIVE},
         lambda x, mean, concentration: stats.vonmises(concentration, mean).logpdf(x), normal),
    Case("Gamma", {"shape": POSITIVE, "rate": POSITIVE},
         lambda x, shape, rate: stats.gamma(shape, scale=1 / rate).logpdf(x), positive),
    Case("InverseGamma", {"shape": POSITIVE, "scale": POSITIVE},
         lambda x, shape, scale: stats.invgamma(shape, scale=scale).logpdf(x), positive),
    Case("Exponential", {"rate": POSITIVE},
         lambda x, rate: stats.expon(scale=1 / rate).logpdf(x), positive),
    Case("Beta", {"alpha": POSITIVE, "beta": POSITIVE},
         lambda x, alpha, beta: stats.beta(alpha, beta).logpdf(x), unit),
    Case("Bernoulli", {"probability": UNIT},
         lambda x, probability: stats.bernoulli(probability).logpmf(x), binary),
    Case("Bernoulli", {"logits": REAL},
         lambda x, logits: stats.bernoulli(special.expit(logits)).logpmf(x), binary),
    Case("Poisson", {"rate": POSITIVE},
         lambda x, rate: stats.poisson(rate).logpmf(x), lambda rng, **_: rng.poisson(3.0)),
    Case("Binomial", {"probability": UNIT},
         lambda x, probability, trials: stats.binom(trials, probability).logpmf(x),
         lambda rng, **_: rng.integers(0, 6), {"trials": 5}),
    Case("Categorical", {"probabilities": SIMPLEX},
         lambda x, probabilities: np.log(probabilities[x]), category),
    Case("Categorical", {"logits": VECTOR}, lambda x, logits: np.log(softmax(logits)[x]), category),
    Case("Multinomial", {"probabilities": SIMPLEX},
         lambda x, probabilities, trials: stats.multinomial(trials, probabilities).logpmf(x),
         counts, {"trials": 6}),
    Case("Multinomial", {"logits": VECTOR},
         lambda x, logits, trials: stats.multinomial(trials, softmax(logits)).logpmf(x),
         counts, {"trials": 6}),
    Case("Dirichlet", {"concentration": ("positive", D)},
         lambda x, concentration: stats.dirichlet(concentration).logpdf(x), simplex),
    Case("MultivariateNormal", {"mean": VECTOR, "covariance": MATRIX},
         lambda x, mean, covariance: stats.multivariate_normal(mean, covariance).logpdf(x),
         lambda rng, **_: rng.normal(size=D)),
]  # fmt: skip


def declared(case: Case) -> Model:
    """A model of one observed variable x with a parameter for each argument."""
    model = Model(case.family)
    arguments = dict(case.constant or {})
    for name, kind in case.domains.items():
        domain, *shape = kind if isinstance(kind, tuple) else (kind,)
        arguments[name] = model.parameter(name + "_", *shape, domain=domain)
    model.observed("x", getattr(families, case.family)(**arguments))
    return model


def named(case: Case) -> str:
    return f"{case.family}({', '.join(case.domains)})"


def test_every_family_is_tried():
    """`Density` is tried in test_model and densities/: it has no density of its own."""
    assert {c.family for c in CASES} == {*REGISTRY} - {"Density"}
    given = {(c.family, a) for c in CASES for a in {*c.domains, *(c.constant or {})}}
    for name in {c.family for c in CASES}:
        fields = {f.name for f in dataclasses.fields(getattr(families, name))}
        assert {a for f, a in given if f == name} == fields


@pytest.mark.parametrize("case", CASES, ids=named)
def test_the_log_density_is_scipys(case):
    model = declared(case)
    rng = np.random.default_rng(5)
    for seed in range(5):
        at = Numbers(model, seed)
        at.set(model.variables["x"], case.draw(rng))
        numbers = {name: at[name + "_"] for name in case.domains} | (case.constant or {})
        expected = case.log_density(at["x"], **numbers)
        np.testing.assert_allclose(at.log_p("x"), expected, rtol=1e-8)
        form = canonical(model.terms[0].log_density)
        np.testing.assert_allclose(float(value(form, at.here)), expected, rtol=1e-8)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_the_support_is_where_scipy_has_mass(case):
    """Values drawn from the support have a finite density; the label knows what they are."""
    model = declared(case)
    support = model.variables["x"].support
    label = model.variables["x"].label
    assert support.discrete == bool(label.is_integer)
    at = Numbers(model, 1)
    numbers = {name: at[name + "_"] for name in case.domains} | (case.constant or {})
    drawn = case.draw(np.random.default_rng(1))
    assert np.isfinite(case.log_density(drawn, **numbers))
    if "positive" in support.assumptions:
        assert label.is_positive


@pytest.mark.parametrize("name", REGISTRY)
def test_a_family_states_nothing_that_can_be_derived(name):
    """No entropy, no log-partition function, no field, no derivative."""
    allowed = {"log_density", "support", "event_shape", "event_axes", "domains"}
    family = getattr(families, name)
    own = {k for k in vars(family) if not k.startswith("_")}
    if name == "Density":
        allowed |= {"function", "region", "arguments", "batch_shape"}
    assert own <= allowed | set(family.__dataclass_fields__), own
    assert family.__doc__
