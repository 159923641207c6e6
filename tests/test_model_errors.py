"""Mistakes in a model: one line each, that names the culprit."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import entropy_proofs as ep
from entropy_proofs import (
    Bernoulli,
    Categorical,
    Density,
    Dirichlet,
    Exponential,
    FiniteSet,
    Gamma,
    InputError,
    Interval,
    Laplace,
    Model,
    Multinomial,
    MultivariateNormal,
    Normal,
    Poisson,
    Reals,
    StudentT,
    exp,
    eye,
    log,
    oo,
)  # fmt: skip


class Start:
    """A model with some parameters, to go wrong with."""

    def __init__(self):
        m = self.model = Model("some model")
        self.D, self.H, self.K = m.dims("D", "H", "K")
        self.mu, self.w = m.parameter("mu", self.D), m.parameter("w", self.H)
        self.W = m.parameter("W", self.D, self.H)
        self.s, self.r = m.parameter("s", domain="positive"), m.parameter("r")
        self.p = m.parameter("p", domain="unit interval")
        self.rho = m.parameter("rho", self.K, domain="simplex")
        self.alpha = m.parameter("alpha", self.K, domain="positive")
        self.S = m.parameter("S", self.D, self.D, domain="positive definite")
        self.z = m.latent("z", Normal(mean=0, variance=1), self.H)
        self.c = m.latent("c", Categorical(probabilities=self.rho))

    def observe(self, family, *sizes):
        return self.model.observed("x", family, *sizes)


T = sp.Symbol("t")

MISTAKES = {
    # shapes
    "mean of another size": (lambda m: m.observe(Normal(mean=m.mu, variance=1), m.H), "x"),
    "mean without room": (lambda m: m.observe(Normal(mean=m.W, variance=1), m.H), "x"),
    "arguments that do not match": (lambda m: m.observe(Normal(mean=m.mu, variance=exp(m.w))), "x"),
    "product of wrong shapes": (lambda m: m.W @ m.mu, "W"),
    "covariance of a vector": (lambda m: m.observe(MultivariateNormal(mean=0, covariance=m.mu)), "x"),
    "covariance of a scalar": (lambda m: m.observe(MultivariateNormal(mean=0, covariance=m.s)), "x"),
    "covariance not square": (lambda m: m.observe(MultivariateNormal(mean=0, covariance=m.W)), "x"),
    "mean and covariance": (lambda m: m.observe(MultivariateNormal(mean=m.w, covariance=m.S)), "x"),
    "probabilities of a scalar": (lambda m: m.observe(Categorical(probabilities=m.p)), "x"),
    "concentration of a scalar": (lambda m: m.observe(Dirichlet(concentration=m.s)), "x"),
    "density of an array": (lambda m: m.observe(Density(lambda x: -(x - m.mu) ** 2)), "x"),
    # symbols
    "unknown symbol": (lambda m: m.observe(Normal(mean=T, variance=1)), "t"),
    "unknown symbol in an array": (lambda m: m.observe(Normal(mean=m.mu * T, variance=1)), "t"),
    "unknown symbol in a density": (lambda m: m.observe(Density(lambda x: -x * T, Interval(0, oo))), "t"),
    "a name without its assumptions": (lambda m: m.observe(Normal(mean=sp.Symbol("r"), variance=1)), "r"),
    "a name that ends like a chain's": (lambda m: m.observe(Normal(mean=sp.Symbol("a_previous"), variance=1)), "a_previous"),
    "another model's parameter": (lambda m: m.observe(Normal(mean=Model("n").parameter("q"), variance=1)), "q"),
    "text": (lambda m: m.observe(Normal(mean="mu", variance=1)), "x"),
    "nothing": (lambda m: m.observe(Normal(mean=None, variance=1)), "x"),
    "an imaginary number": (lambda m: m.observe(Normal(mean=sp.I, variance=1)), "x"),
    "not a number": (lambda m: m.observe(Normal(mean=sp.nan, variance=1)), "x"),
    "infinity": (lambda m: m.observe(Normal(mean=0, variance=sp.oo)), "x"),
    "a real index": (lambda m: m.mu[m.r], "mu"),
    "a latent index": (lambda m: m.mu[m.z], "mu"),
    # domains
    "real variance": (lambda m: m.observe(Normal(mean=0, variance=m.r)), "r"),
    "real variances": (lambda m: m.observe(Normal(mean=0, variance=m.mu), m.D), "mu"),
    "positive probability": (lambda m: m.observe(Bernoulli(probability=m.s)), "s"),
    "positive probabilities": (lambda m: m.observe(Categorical(probabilities=m.alpha)), "alpha"),
    "probability of a unit interval array": (lambda m: m.observe(Categorical(probabilities=m.mu)), "mu"),
    "real covariance": (lambda m: m.observe(MultivariateNormal(mean=0, covariance=m.model.parameter("R", m.D, m.D))), "R"),
    "real rate": (lambda m: m.observe(Poisson(rate=m.r)), "r"),
    "real scale": (lambda m: m.observe(Laplace(mean=0, scale=m.r)), "r"),
    "real concentration": (lambda m: m.observe(Dirichlet(concentration=m.mu)), "mu"),
    "latent variance": (lambda m: m.observe(Normal(mean=0, variance=m.z), m.H), "x"),
    "variance zero": (lambda m: m.observe(Normal(mean=0, variance=0)), "variance"),
    "negative variance": (lambda m: m.observe(Normal(mean=0, variance=-1.5)), "variance"),
    "probability above one": (lambda m: m.observe(Bernoulli(probability=1.5)), "probability"),
    "probability one": (lambda m: m.observe(Bernoulli(probability=1)), "probability"),
    "rate zero": (lambda m: m.observe(Poisson(rate=0)), "rate"),
    "variance that may be negative": (lambda m: m.observe(Normal(mean=0, variance=m.s - 1)), "x"),
    "variance of a square minus": (lambda m: m.observe(Normal(mean=0, variance=-(m.r**2))), "x"),
    "probability above one at times": (lambda m: m.observe(Bernoulli(probability=2 * m.p)), "x"),
    "probabilities that do not sum": (lambda m: m.observe(Categorical(probabilities=m.rho / 2)), "x"),
    "numbers that do not sum": (lambda m: m.observe(Categorical(probabilities=[0.5, 0.2])), "x"),
    "covariance that is none": (lambda m: m.observe(MultivariateNormal(mean=0, covariance=m.S - 9 * eye(m.D))), "x"),
    "covariance that is not symmetric": (lambda m: m.observe(MultivariateNormal(mean=0, covariance=m.S + m.mu[:, None])), "x"),
    "rate of a latent": (lambda m: m.observe(Exponential(rate=m.z[0])), "x"),
    # densities
    "not normalised": (lambda m: m.observe(Density(lambda x: -(x**2) / m.s)), "x"),
    "normalised for another support": (lambda m: m.observe(Density(lambda x: log(m.s) - m.s * x, Interval(1, oo))), "x"),
    "does not decay": (lambda m: m.observe(Density(lambda x: m.s * x)), "x"),
    "not normalised, discrete": (lambda m: m.observe(Density(lambda x: -m.s * x, sp.S.Naturals0)), "x"),
    "forgotten Jacobian": (lambda m: m.observe(Density(lambda x: -(log(x) ** 2) / 2 - log(2 * sp.pi) / 2, Interval.open(0, oo))), "x"),
    "support that moves": (lambda m: m.observe(Density(lambda x: -log(m.s), Interval(0, m.s))), "s"),
    "support that starts to move": (lambda m: m.observe(Density(lambda x: m.r - x, Interval(m.r, oo))), "r"),
    "support of a few numbers": (lambda m: m.observe(Density(lambda x: 0 * x, FiniteSet(1, 2, 3))), "x"),
    "trials that are learned": (lambda m: m.observe(ep.Binomial(trials=m.s, probability=m.p)), "s"),
    # families
    "no family": (lambda m: m.observe(3), "x"),
    "a class of families": (lambda m: m.observe(Normal), "x"),
    "neither probability nor logits": (lambda m: m.observe(Bernoulli()), "x"),
    "both probability and logits": (lambda m: m.observe(Bernoulli(probability=m.p, logits=m.r)), "x"),
    "both for counts": (lambda m: m.observe(Multinomial(trials=3, probabilities=m.rho, logits=m.alpha)), "x"),
    # names and sizes
    "declared twice": (lambda m: (m.observe(Poisson(rate=m.s)), m.observe(Poisson(rate=m.s))), "x"),
    "a variable like a parameter": (lambda m: m.model.latent("s", Normal(mean=0, variance=1)), "s"),
    "a parameter like a dim": (lambda m: m.model.parameter("D"), "D"),
    "a dim like a variable": (lambda m: m.model.dims("z"), "z"),
    "a network like a parameter": (lambda m: m.model.network("mu", m.z, m.D), "mu"),
    "size zero": (lambda m: m.model.parameter("v", 0), "v"),
    "negative size": (lambda m: m.model.parameter("v", -2), "v"),
    "half a size": (lambda m: m.model.parameter("v", 2.5), "v"),
    "size in words": (lambda m: m.model.parameter("v", "many"), "v"),
    "size of nothing": (lambda m: m.model.parameter("v", None), "v"),
    "a parameter as a size": (lambda m: m.model.parameter("v", m.s), "v"),
    "an array as a size": (lambda m: m.model.parameter("v", m.mu), "v"),
    "a foreign dim": (lambda m: m.observe(Poisson(rate=m.s), sp.Symbol("L", integer=True, positive=True)), "x"),
    "simplex without an axis": (lambda m: m.model.parameter("v", domain="simplex"), "v"),
    "matrix without two axes": (lambda m: m.model.parameter("v", m.D, domain="positive definite"), "v"),
    "matrix that is not square": (lambda m: m.model.parameter("v", m.D, m.H, domain="positive definite"), "v"),
    "columns of a vector": (lambda m: m.model.parameter("v", m.D, domain="unit columns"), "v"),
    "unknown domain": (lambda m: m.model.parameter("v", domain="complex"), "v"),
    # chains and networks
    "chain of two supports": (lambda m: m.model.chain("y", initial=Normal(mean=0, variance=1), transition=lambda y: Gamma(shape=1, rate=1), length=m.D), "y"),
    "chain of two sizes": (lambda m: m.model.chain("y", initial=MultivariateNormal(mean=0, covariance=m.S), transition=lambda y: MultivariateNormal(mean=0, covariance=eye(m.H)), length=m.D), "y"),
    "chain of many": (lambda m: m.model.chain("y", initial=Normal(mean=m.mu, variance=1), transition=lambda y: Normal(mean=y, variance=1), length=m.D), "y"),
    "chain of no distribution": (lambda m: m.model.chain("y", initial=Normal(mean=0, variance=1), transition=lambda y: y, length=m.D), "y"),
    "chain of half a length": (lambda m: m.model.chain("y", initial=Normal(mean=0, variance=1), transition=lambda y: Normal(mean=y, variance=1), length=1.5), "y"),
    "unknown weights": (lambda m: m.model.network("f", m.z, m.D, fixed=("Q",)), "Q"),
    "unknown first layer": (lambda m: m.model.network("f", m.z, m.D, first="orthogonal"), "orthogonal"),
    "network of a bad size": (lambda m: m.model.network("f", m.z, 0), "f"),
    # claims
    "unknown claim": (lambda m: m.model.claim("entropi", m.z, 1), "entropi"),
    "claim with too little": (lambda m: m.model.claim("entropy", m.z), "entropy"),
    "claim about a parameter": (lambda m: m.model.claim("entropy", m.s, 1), "s"),
    "optimum of a variable": (lambda m: m.model.claim("optimum", m.z, 1), "z"),
    "claim of an unknown symbol": (lambda m: m.model.claim("entropy sum", T), "t"),
    "field of an unknown": (lambda m: m.model.claim("field", {T: 1}), "t"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_that_names_the_culprit(name):
    """At declaration, or when the model is to be proved."""
    make, culprit = MISTAKES[name]
    start = Start()
    with pytest.raises(InputError) as caught:
        make(start)
        ep.prove(start.model)
    message = str(caught.value)
    assert message.strip()
    assert "\n" not in message
    assert culprit in message


AT_ONCE = [n for n in MISTAKES if "at times" not in n and "may be" not in n][:24]


@pytest.mark.parametrize("name", AT_ONCE)
def test_shapes_and_symbols_are_checked_at_declaration(name):
    start = Start()
    with pytest.raises(InputError):
        MISTAKES[name][0](start)


def test_a_refused_declaration_leaves_the_model_usable():
    """In a notebook one corrects the cell and runs it again."""
    start = Start()
    for wrong in (
        lambda: start.observe(Normal(mean=T, variance=1)),
        lambda: start.observe(Density(lambda x: -(x**2))),
        lambda: start.observe(Normal(mean=start.mu, variance=1), start.H),
        lambda: start.observe(Density(lambda x: -((x - start.mu) ** 2))),
    ):
        with pytest.raises(InputError):
            wrong()
    start.observe(Normal(mean=start.mu, variance=start.s), start.D)
    assert [t.name for t in start.model.terms] == ["z", "c", "x"]
    assert set(start.model.variables) == {"z", "c", "x"}


def test_a_refused_chain_leaves_the_model_usable():
    start = Start()
    with pytest.raises(InputError):
        start.model.chain(
            "y",
            initial=Normal(mean=0, variance=1),
            length=start.D,
            transition=lambda y: Normal(mean=y * T, variance=1),
        )
    start.model.chain(
        "y",
        initial=Normal(mean=0, variance=1),
        length=start.D,
        transition=lambda y: Normal(mean=y, variance=1),
    )
    assert [t.name for t in start.model.terms] == ["z", "c", "y[0]", "y[t]"]


def test_an_empty_model():
    with pytest.raises(InputError, match="nothing at all"):
        ep.prove(Model("nothing at all"))


@pytest.mark.parametrize(
    "mean",
    [np.zeros(3), np.float64(0.5), np.int64(2), np.array(1.0)],
    ids=["array", "float", "int", "0-d array"],
)
def test_numpys_numbers_are_numbers(mean):
    """Or refused in one line: a traceback from inside the algebra is neither."""
    model = Model("m")
    s = model.parameter("s", domain="positive")
    try:
        model.observed("x", Normal(mean=mean, variance=s), 3)
        proof = ep.prove(model)
    except InputError as error:
        assert "x" in str(error)
        return
    assert proof.verdict is ep.Verdict.PROVED


@pytest.mark.parametrize(
    "log_density",
    [
        lambda x, s: sp.Piecewise((-x / s, x > 0), (x / s, True)) - log(2 * s),
        lambda x, s: -sp.Max(x, -x) / s - log(2 * s),
        lambda x, s: -sp.Abs(sp.Function("f")(x)) / s - log(2 * s),
        lambda x, s: sp.log(sp.sech(x / s)) - log(sp.pi * s),
        lambda x, s: -sp.Heaviside(x) * x / s + (1 - sp.Heaviside(x)) * x / s - log(2 * s),
        lambda x, s: -sp.sqrt(x**2) / s - log(2 * s),
        lambda x, s: log(sp.Derivative(1 / (1 + exp(-x / s)), x).doit()),
        lambda x, s: log(sp.Integral(sp.exp(-(T - x) ** 2), (T, 0, 1))) - s,
    ],
    ids=["Piecewise", "Max", "undefined function", "sech", "Heaviside", "sqrt", "Derivative", "Integral"],
)  # fmt: skip
def test_unusual_functions_give_a_verdict_or_one_line(log_density):
    model = Model("m")
    s = model.parameter("s", domain="positive")
    try:
        model.observed("x", Density(lambda x: log_density(x, s), support=Reals))
        proof = ep.prove(model)
    except InputError as error:
        assert "x" in str(error)
        assert "\n" not in str(error)
        return
    assert proof.verdict in ep.Verdict


def test_a_family_with_its_arguments_missing():
    with pytest.raises((TypeError, InputError)):
        Start().observe(StudentT(mean=0, scale2=1))
