"""Every family of the registry against scipy.stats, at random arguments."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from oracle.expressions import floats, value
from oracle.numbers import Numbers
from oracle.quadrature import nodes_of
from scipy import special, stats

import entropy_proofs.families as families
import entropy_proofs.families.spaces as spaces
from entropy_proofs import InputError, Model, oo, prove
from entropy_proofs.algebra.normal import canonical
from entropy_proofs.arrays.array import lift
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


def whole(rng, **_):
    return rng.poisson(3.0)


def trials(rng, **_):
    return 1 + rng.poisson(3.0)


def definite(rng, **_):
    return stats.wishart(D + 1, np.eye(D)).rvs(random_state=rng)


def negative_binomial(shape, mean):
    return stats.nbinom(shape, shape / (shape + mean))


def inflated(x, probability, counted):
    """Zero with this probability, else what is counted."""
    p = (1 - probability) * counted.pmf(x) + probability * (x == 0)
    return np.log(p)


def ordered(x, location, thresholds):
    """Of the category that a logistic variable falls in."""
    below = stats.logistic(location).cdf([-np.inf, *thresholds, np.inf])
    return np.log(below[x + 1] - below[x])


def hurdle(x, probability, counted):
    """Zero with this probability, else what is counted if it is not zero."""
    return np.log(probability if x == 0 else (1 - probability) * counted.pmf(x) / counted.sf(0))


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
    Case("Logistic", {"mean": REAL, "scale": POSITIVE},
         lambda x, mean, scale: stats.logistic(mean, scale).logpdf(x), normal),
    Case("Gumbel", {"location": REAL, "scale": POSITIVE},
         lambda x, location, scale: stats.gumbel_r(location, scale).logpdf(x), normal),
    Case("SkewNormal", {"location": REAL, "scale": POSITIVE, "slant": REAL},
         lambda x, location, scale, slant: stats.skewnorm(slant, location, scale).logpdf(x), normal),
    Case("Uniform", {},
         lambda x, low, high: stats.uniform(low, high - low).logpdf(x),
         lambda rng, **_: rng.uniform(-1, 2), {"low": -1, "high": 2}),
    Case("VonMises", {"mean": REAL, "concentration": POSITIVE},
         lambda x, mean, concentration: stats.vonmises(concentration, mean).logpdf(x), normal),
    Case("Gamma", {"shape": POSITIVE, "rate": POSITIVE},
         lambda x, shape, rate: stats.gamma(shape, scale=1 / rate).logpdf(x), positive),
    Case("InverseGamma", {"shape": POSITIVE, "scale": POSITIVE},
         lambda x, shape, scale: stats.invgamma(shape, scale=scale).logpdf(x), positive),
    Case("Exponential", {"rate": POSITIVE},
         lambda x, rate: stats.expon(scale=1 / rate).logpdf(x), positive),
    Case("LogNormal", {"log_mean": REAL, "log_variance": POSITIVE},
         lambda x, log_mean, log_variance: stats.lognorm(log_variance**0.5, scale=np.exp(log_mean)).logpdf(x),
         positive),
    Case("Weibull", {"shape": POSITIVE, "scale": POSITIVE},
         lambda x, shape, scale: stats.weibull_min(shape, scale=scale).logpdf(x), positive),
    Case("InverseGaussian", {"mean": POSITIVE, "shape": POSITIVE},
         lambda x, mean, shape: stats.invgauss(mean / shape, scale=shape).logpdf(x), positive),
    Case("HalfNormal", {"scale": POSITIVE},
         lambda x, scale: stats.halfnorm(scale=scale).logpdf(x), positive),
    Case("HalfCauchy", {"scale": POSITIVE},
         lambda x, scale: stats.halfcauchy(scale=scale).logpdf(x), positive),
    Case("LogLogistic", {"shape": POSITIVE, "scale": POSITIVE},
         lambda x, shape, scale: stats.fisk(shape, scale=scale).logpdf(x), positive),
    Case("Pareto", {"shape": POSITIVE},
         lambda x, minimum, shape: stats.pareto(shape, scale=minimum).logpdf(x),
         lambda rng, **_: 2 + rng.gamma(2.0), {"minimum": 2}),
    Case("Beta", {"alpha": POSITIVE, "beta": POSITIVE},
         lambda x, alpha, beta: stats.beta(alpha, beta).logpdf(x), unit),
    Case("Bernoulli", {"probability": UNIT},
         lambda x, probability: stats.bernoulli(probability).logpmf(x), binary),
    Case("Bernoulli", {"logits": REAL},
         lambda x, logits: stats.bernoulli(special.expit(logits)).logpmf(x), binary),
    Case("Poisson", {"rate": POSITIVE},
         lambda x, rate: stats.poisson(rate).logpmf(x), whole),
    Case("Geometric", {"probability": UNIT},
         lambda x, probability: stats.geom(probability).logpmf(x), trials),
    Case("NegativeBinomial", {"shape": POSITIVE, "probability": UNIT},
         lambda x, shape, probability: stats.nbinom(shape, probability).logpmf(x), whole),
    Case("NegativeBinomial", {"shape": POSITIVE, "mean": POSITIVE},
         lambda x, shape, mean: negative_binomial(shape, mean).logpmf(x), whole),
    Case("TruncatedPoisson", {"rate": POSITIVE},
         lambda x, rate: stats.poisson(rate).logpmf(x) - stats.poisson(rate).logsf(0), trials),
    Case("ZeroInflatedPoisson", {"rate": POSITIVE, "probability": UNIT},
         lambda x, rate, probability: inflated(x, probability, stats.poisson(rate)), whole),
    Case("ZeroInflatedPoisson", {"rate": POSITIVE, "logits": REAL},
         lambda x, rate, logits: inflated(x, special.expit(logits), stats.poisson(rate)), whole),
    Case("HurdlePoisson", {"rate": POSITIVE, "probability": UNIT},
         lambda x, rate, probability: hurdle(x, probability, stats.poisson(rate)), whole),
    Case("HurdlePoisson", {"rate": POSITIVE, "logits": REAL},
         lambda x, rate, logits: hurdle(x, special.expit(logits), stats.poisson(rate)), whole),
    Case("ZeroInflatedNegativeBinomial", {"mean": POSITIVE, "shape": POSITIVE, "probability": UNIT},
         lambda x, mean, shape, probability: inflated(x, probability, negative_binomial(shape, mean)), whole),
    Case("ZeroInflatedNegativeBinomial", {"mean": POSITIVE, "shape": POSITIVE, "logits": REAL},
         lambda x, mean, shape, logits: inflated(x, special.expit(logits), negative_binomial(shape, mean)), whole),
    Case("HurdleNegativeBinomial", {"mean": POSITIVE, "shape": POSITIVE, "probability": UNIT},
         lambda x, mean, shape, probability: hurdle(x, probability, negative_binomial(shape, mean)), whole),
    Case("HurdleNegativeBinomial", {"mean": POSITIVE, "shape": POSITIVE, "logits": REAL},
         lambda x, mean, shape, logits: hurdle(x, special.expit(logits), negative_binomial(shape, mean)), whole),
    Case("Binomial", {"probability": UNIT},
         lambda x, probability, trials: stats.binom(trials, probability).logpmf(x),
         lambda rng, **_: rng.integers(0, 6), {"trials": 5}),
    Case("Categorical", {"probabilities": SIMPLEX},
         lambda x, probabilities: np.log(probabilities[x]), category),
    Case("Categorical", {"logits": VECTOR}, lambda x, logits: np.log(softmax(logits)[x]), category),
    Case("OrderedCategorical", {"location": REAL, "thresholds": ("increasing", D - 1)},
         lambda x, location, thresholds: ordered(x, location, thresholds), category),
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
    Case("MultivariateStudentT", {"mean": VECTOR, "scale_matrix": MATRIX, "degrees_of_freedom": POSITIVE},
         lambda x, mean, scale_matrix, degrees_of_freedom:
             stats.multivariate_t(mean, scale_matrix, degrees_of_freedom).logpdf(x),
         lambda rng, **_: rng.normal(size=D)),
    Case("MatrixNormal", {"mean": ("real", 2, D), "row_covariance": ("positive definite", 2, 2),
                          "column_covariance": MATRIX},
         lambda x, mean, row_covariance, column_covariance:
             stats.matrix_normal(mean, row_covariance, column_covariance).logpdf(x),
         lambda rng, **_: rng.normal(size=(2, D))),
    Case("Wishart", {"scale_matrix": MATRIX},
         lambda x, degrees_of_freedom, scale_matrix: stats.wishart(degrees_of_freedom, scale_matrix).logpdf(x),
         definite, {"degrees_of_freedom": 4.5}),
    Case("InverseWishart", {"scale_matrix": MATRIX},
         lambda x, degrees_of_freedom, scale_matrix: stats.invwishart(degrees_of_freedom, scale_matrix).logpdf(x),
         definite, {"degrees_of_freedom": 4.5}),
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


def is_scalar(case: Case) -> bool:
    return not any(isinstance(kind, tuple) for kind in case.domains.values())


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


@pytest.mark.parametrize("case", [c for c in CASES if is_scalar(c)], ids=named)
def test_a_density_has_mass_one_and_its_entropy_is_the_mean_of_minus_log_p(case):
    model = declared(case)
    x, at = model.variables["x"], Numbers(model, 3)
    for p in model.parameters.values():  # kinks at 0, ends without poles, tails that a rule takes
        if p.name == "mean_" or p.domain == spaces.POSITIVE:
            at.set(p, at[p.name] + 1 if p.domain == spaces.POSITIVE else 0)
    values, weights = nodes_of(str(x.support), x.support.bounds, ())
    here = at.here | {x.label: values}
    with np.errstate(all="ignore"):
        log_p = np.asarray(floats(model.terms[0].log_density, here))
        mass = np.nan_to_num(weights * np.exp(log_p), posinf=0)
    assert mass.sum() == pytest.approx(1, abs=1e-6)
    (term,) = prove(model).terms
    if term.holds:
        log_h = np.asarray(floats(term.log_base_measure, here))
        with np.errstate(all="ignore"):
            mean = np.where(mass > 1e-200, mass * (log_h - log_p), 0).sum()
        assert float(value(term.entropy, at.here)) == pytest.approx(mean, abs=1e-6)


LEARNED = {
    "moves with the parameter theta": lambda t: families.Uniform(low=0, high=t),
    "moves with the parameter theta ": lambda t: families.Pareto(minimum=t, shape=2),
    "one finite number": lambda t: families.Uniform(low=0, high=oo),
    "one finite number ": lambda t: families.Uniform(low=[0, 1], high=2),
    "low must be below high": lambda t: families.Uniform(low=2, high=1),
    "degrees_of_freedom must be above 1: write 1 + theta": lambda t: families.Wishart(
        degrees_of_freedom=t, scale_matrix=lift([[1, 0], [0, 1]])
    ),
    "degrees_of_freedom must be above 1: write 1 + 1": lambda t: families.InverseWishart(
        degrees_of_freedom=1, scale_matrix=lift([[1, 0], [0, 1]])
    ),
    "exactly one of probability, mean": lambda t: families.NegativeBinomial(shape=t),
    "exactly one of probability, logits": lambda t: families.HurdlePoisson(rate=t),
}


@pytest.mark.parametrize(("message", "family"), LEARNED.items(), ids=LEARNED)
def test_what_a_family_refuses(message, family):
    model = Model("refused")
    theta = model.parameter("theta", domain="positive")
    with pytest.raises(InputError, match="^x: .*" + re.escape(message.strip())):
        model.observed("x", family(theta))
    assert not model.variables


@pytest.mark.parametrize("name", REGISTRY)
def test_a_family_states_nothing_that_can_be_derived(name):
    """No entropy, no log-partition function, no field, no derivative."""
    allowed = {"log_density", "support", "event_shape", "event_axes", "domains", "source"}
    family = getattr(families, name)
    own = {k for k in vars(family) if not k.startswith("_")}
    if name == "Density":
        allowed |= {"function", "region", "arguments", "batch_shape", "tested"}
    assert own <= allowed | set(family.__dataclass_fields__), own
    assert family.__doc__
