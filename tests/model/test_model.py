"""Declaring models: what every declaration means, by its log density at explicit sizes."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from oracle.numbers import Numbers
from scipy import stats

import entropy_proofs as ep
from entropy_proofs import (
    Abs,
    Bernoulli,
    Beta,
    Categorical,
    Density,
    Dirichlet,
    Exponential,
    Gamma,
    Interval,
    Laplace,
    Model,
    Multinomial,
    MultivariateNormal,
    Normal,
    Poisson,
    Reals,
    Sum,
    exp,
    log,
    oo,
    pi,
)  # fmt: skip
from entropy_proofs.families.spaces import UNIT_COLUMNS
from entropy_proofs.proof.term_results import conditional


def same(found, expected) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-9)


# sizes, parameters --------------------------------------------------------------------------------
def test_dims():
    model = Model("m")
    D, H = model.dims("D", "H")
    n = model.dims("n")
    assert isinstance(n, sp.Symbol)
    assert all(d.is_positive and d.is_integer for d in (D, H, n))
    assert set(model.dims_) == {"D", "H", "n"}


@pytest.mark.parametrize(
    ("domain", "axes", "positive"),
    [
        ("real", 0, None),
        ("real", 2, None),
        ("positive", 1, True),
        ("unit interval", 0, True),
        ("simplex", 2, True),
        ("positive definite", 2, None),
        ("unit columns", 2, None),
    ],
)  # fmt: skip
def test_parameters(domain, axes, positive):
    model = Model("m")
    D = model.dims("D")
    made = model.parameter("theta", *[D] * axes, domain=domain)
    (label,) = model.learned()
    record = model.parameters["theta"]
    assert str(record.domain) == domain
    assert record.shape == (D,) * axes
    assert label.is_positive is positive
    assert made == record.value
    assert (made.shape == (D,) * axes) if axes else (made == label)


def test_fixed_parameters_are_not_learned():
    model = Model("m")
    nu = model.parameter("nu", domain="positive", fixed=True)
    model.parameter("mu")
    assert model.parameters["nu"].fixed
    assert nu not in model.learned()
    assert [p.name for p in model.learned().values()] == ["mu"]


# scalar families: sizes are the variable's shape, arguments broadcast -----------------------------------
def test_a_scalar_variable():
    model = Model("m")
    mu, s = model.parameter("mu"), model.parameter("s", domain="positive")
    x = model.observed("x", Normal(mean=mu, variance=s))
    at = Numbers(model)
    assert x == model.variables["x"].label
    same(at.log_p("x"), stats.norm(at["mu"], np.sqrt(at["s"])).logpdf(at["x"]))


def test_sizes_are_the_shape_and_arguments_broadcast():
    model = Model("m")
    N, D = model.dims("N", "D")
    mu, s = model.parameter("mu", D), model.parameter("s", N, 1, domain="positive")
    x = model.observed("x", Normal(mean=mu, variance=s), N, D)
    at = Numbers(model, N=2, D=3)
    assert x.shape == (N, D)
    same(at.log_p("x"), stats.norm(at["mu"], np.sqrt(at["s"])).logpdf(at["x"]))


def test_the_shape_may_come_from_the_arguments():
    model = Model("m")
    D = model.dims("D")
    x = model.observed("x", Exponential(rate=model.parameter("r", D, domain="positive")))
    at = Numbers(model, D=3)
    assert x.shape == (D,)
    same(at.log_p("x"), stats.expon(scale=1 / at["r"]).logpdf(at["x"]))


def test_numbers_as_sizes_and_lists_as_arguments():
    model = Model("m")
    x = model.observed("x", Laplace(mean=[0, 1, 2], scale=[1, 2, 3]), 3)
    at = Numbers(model)
    assert x.shape == (3,)
    same(at.log_p("x"), stats.laplace([0, 1, 2], [1, 2, 3]).logpdf(at["x"]))
    c = model.latent("c", Categorical(probabilities=[sp.Rational(1, 4)] * 4))
    assert c.is_integer
    assert model.variables["c"].support.bounds == (4,)


def test_a_component_chooses_parameters():
    model = Model("m")
    D, K = model.dims("D", "K")
    rho = model.parameter("rho", K, domain="simplex")
    rate = model.parameter("rate", K, D, domain="positive")
    z = model.latent("z", Categorical(probabilities=rho))
    model.observed("x", Poisson(rate=rate[z]), D)
    at = Numbers(model, D=3, K=4)
    same(at.log_p("z"), np.log(at["rho"][at["z"]]))
    same(at.log_p("x"), stats.poisson(at["rate"][at["z"]]).logpmf(at["x"]))


def test_components_over_plates():
    model = Model("m")
    N, D, K = model.dims("N", "D", "K")
    rho = model.parameter("rho", N, K, domain="simplex")
    rate = model.parameter("rate", K, D, domain="positive")
    z = model.latent("z", Categorical(probabilities=rho))
    model.observed("x", Poisson(rate=rate[z]), N, D)
    at = Numbers(model, N=3, D=2, K=3)
    assert z.shape == (N,)
    same(at.log_p("z"), np.log(at["rho"][np.arange(3), at["z"]]))
    same(at.log_p("x"), stats.poisson(at["rate"][at["z"]]).logpmf(at["x"]))


def test_latents_are_parents():
    model = Model("m")
    D, H = model.dims("D", "H")
    W, s = model.parameter("W", D, H), model.parameter("s", domain="positive")
    z = model.latent("z", Laplace(mean=0, scale=1), H)
    x = model.observed("x", Normal(mean=W @ z, variance=s), D)
    model.observed("y", Bernoulli(logits=x.sum() + z.sum()))
    at = Numbers(model, D=3, H=2)
    same(at.log_p("z"), stats.laplace.logpdf(at["z"]))
    same(at.log_p("x"), stats.norm(at["W"] @ at["z"], np.sqrt(at["s"])).logpdf(at["x"]))
    logit = at["x"].sum() + at["z"].sum()
    same(at.log_p("y"), stats.bernoulli(1 / (1 + np.exp(-logit))).logpmf(at["y"]))
    by_name = {t.name: conditional(model, t) for t in model.terms}
    assert {s.name for s in by_name["x"].parents} == {"z"}
    assert {s.name for s in by_name["y"].parents} == {"x", "z"}
    assert [v.name for v in model.latents()] == ["z"]


# multivariate families: the event comes from the arguments, sizes are copies in front -----------------------
def test_multivariate_normal():
    model = Model("m")
    N, D = model.dims("N", "D")
    mu = model.parameter("mu", D)
    S = model.parameter("S", D, D, domain="positive definite")
    x = model.observed("x", MultivariateNormal(mean=mu, covariance=S), N)
    y = model.observed("y", MultivariateNormal(mean=0, covariance=S))
    at = Numbers(model, N=2, D=3)
    assert x.shape == (N, D)
    assert y.shape == (D,)
    law = stats.multivariate_normal(at["mu"], at["S"])
    same(at.log_p("x"), law.logpdf(at["x"]))
    same(at.log_p("y"), stats.multivariate_normal(np.zeros(3), at["S"]).logpdf(at["y"]))


def test_multivariate_normal_per_component():
    model = Model("m")
    N, D = model.dims("N", "D")
    mu, S = model.parameter("mu", 3, D), model.parameter("S", 3, D, D, domain="positive definite")
    c = model.latent("c", Categorical(probabilities=[sp.Rational(1, 3)] * 3), N)
    x = model.observed("x", MultivariateNormal(mean=mu[c], covariance=S[c]))
    at = Numbers(model, N=2, D=2)
    assert x.shape == (N, D)
    expected = [
        stats.multivariate_normal(at["mu"][k], at["S"][k]).logpdf(row)
        for k, row in zip(at["c"], at["x"], strict=True)
    ]
    same(at.log_p("x"), expected)


def test_dirichlet_and_multinomial():
    model = Model("m")
    N, K = model.dims("N", "K")
    alpha = model.parameter("alpha", K, domain="positive")
    n = model.parameter("n", domain="positive", fixed=True)
    theta = model.latent("theta", Dirichlet(concentration=alpha), N)
    x = model.observed("x", Multinomial(trials=n, probabilities=theta))
    at = Numbers(model, N=2, K=3)
    assert theta.shape == x.shape == (N, K)
    at.set(model.variables["x"], [[2, 1, 2], [0, 4, 1]])
    at.set(model.parameters["n"], 5)
    same(at.log_p("theta"), [stats.dirichlet(at["alpha"]).logpdf(row) for row in at["theta"]])
    same(
        at.log_p("x"),
        [stats.multinomial(5, p).logpmf(k) for p, k in zip(at["theta"], at["x"], strict=True)],
    )


# chains ---------------------------------------------------------------------------------------------
def test_a_chain_of_categories():
    model = Model("m")
    K, T = model.dims("K", "T")
    rho, A = (
        model.parameter("rho", K, domain="simplex"),
        model.parameter("A", K, K, domain="simplex"),
    )
    rate = model.parameter("rate", K, domain="positive")
    z = model.chain(
        "z",
        initial=Categorical(probabilities=rho),
        transition=lambda previous: Categorical(probabilities=A[previous]),
        length=T,
    )
    model.observed("x", Poisson(rate=rate[z]), T)
    at = Numbers(model, K=3, T=4)
    assert z.shape == (T,)
    same(at.log_p("z[0]"), np.log(at["rho"][at["z"][0]]))
    same(at.log_p("z[t]"), np.log(at["A"][at["z"][:-1], at["z"][1:]]))
    same(at.log_p("x"), stats.poisson(at["rate"][at["z"]]).logpmf(at["x"]))


def test_a_chain_of_vectors():
    model = Model("m")
    H, T = model.dims("H", "T")
    A, Q = model.parameter("A", H, H), model.parameter("Q", H, H, domain="positive definite")
    z = model.chain(
        "z",
        initial=MultivariateNormal(mean=0, covariance=Q),
        transition=lambda z: MultivariateNormal(mean=A @ z, covariance=2 * Q),
        length=T,
    )
    at = Numbers(model, H=2, T=3)
    assert z.shape == (T, H)
    same(at.log_p("z[0]"), stats.multivariate_normal(np.zeros(2), at["Q"]).logpdf(at["z"][0]))
    expected = [
        stats.multivariate_normal(at["A"] @ at["z"][t], 2 * at["Q"]).logpdf(at["z"][t + 1])
        for t in range(2)
    ]
    same(at.log_p("z[t]"), expected)


def test_an_observed_chain():
    model = Model("m")
    T = model.dims("T")
    phi, s = model.parameter("phi"), model.parameter("s", domain="positive")
    model.chain(
        "x",
        initial=Normal(mean=0, variance=s),
        length=T,
        observed=True,
        transition=lambda x: Normal(mean=phi * x, variance=s),
    )
    at = Numbers(model, T=4)
    assert not model.latents()
    x = at["x"]
    same(at.log_p("x[t]"), stats.norm(at["phi"] * x[:-1], np.sqrt(at["s"])).logpdf(x[1:]))


# any density -----------------------------------------------------------------------------------------
def test_densities():
    model = Model("m")
    D = model.dims("D")
    s, m = model.parameter("s", domain="positive"), model.parameter("m", D)
    model.observed("x", Density(lambda x: -Abs(x - m) / s - log(2 * s), support=Reals), D)
    model.observed("y", Density(lambda y: log(s) - s * y, support=Interval.open(0, oo)))
    at = Numbers(model, D=3)
    same(at.log_p("x"), stats.laplace(at["m"], at["s"]).logpdf(at["x"]))
    same(at.log_p("y"), stats.expon(scale=1 / at["s"]).logpdf(at["y"]))
    assert model.variables["y"].label.is_positive


@pytest.mark.parametrize("name", ["k", "d", "i", "j"])
def test_sums_in_a_density_keep_their_own_index(name):
    """A mixture of D components at each of D coordinates: the sum's index is the user's."""
    model = Model("m")
    D = model.dims("D")
    rho, m = model.parameter("rho", D, domain="simplex"), model.parameter("m", D)
    k = sp.Symbol(name, integer=True, nonnegative=True)

    def log_density(x):
        parts = rho[k] * exp(-((x - m[k]) ** 2) / 2) / sp.sqrt(2 * pi)
        return log(Sum(parts, (k, 0, D - 1)))

    model.observed("x", Density(log_density, support=Reals), D)
    at = Numbers(model, D=3)
    parts = at["rho"] * stats.norm(at["m"]).pdf(at["x"][:, None])
    same(at.log_p("x"), np.log(parts.sum(1)))


def test_plate_indices_are_no_labels():
    """Variables called like the index of a plate, before or after it."""
    model = Model("m")
    D = model.dims("D")
    mu, s = model.parameter("mu", D), model.parameter("s", domain="positive")
    model.observed("x", Normal(mean=mu, variance=s), D)
    model.observed("d", Poisson(rate=s))
    model.observed("y", Normal(mean=mu, variance=s), D)
    labels = {v.label for v in model.variables.values()} | set(model.learned())
    for term in model.terms:
        assert not {i for i, _ in term.plates} & labels
        assert not conditional(model, term).parents


# networks --------------------------------------------------------------------------------------------
def test_a_network():
    model = Model("m")
    D, H = model.dims("D", "H")
    z = model.latent("z", Normal(mean=0, variance=1), H)
    f = model.network("f", z, D)
    assert f.shape == (D,)
    names = set(model.parameters)
    assert names == {"f.U", "f.a", "f.V", "f.b"}
    assert f.V.shape[0] == f.b.shape[0] == D
    assert f.U.shape[1] == H
    assert f.U.shape[0] == f.a.shape[0]
    assert not any(p.fixed for p in model.parameters.values())
    assert {"f.V", "f.b", "f.U", "f.a", "z"} <= {s.name for s in f.atoms(sp.Symbol)}


def test_frozen_weights_and_unit_columns():
    model = Model("m")
    D, H = model.dims("D", "H")
    z = model.latent("z", Normal(mean=0, variance=1), H)
    model.network("f", z, D, fixed=("V", "b"), first="unit columns")
    assert model.parameters["f.U"].domain == UNIT_COLUMNS
    assert {p.name for p in model.learned().values()} == {"f.U", "f.a"}


def test_networks_of_several_inputs_plates_scalars_and_categories():
    model = Model("m")
    D, H, K, T = model.dims("D", "H", "K", "T")
    c = model.latent("c", Categorical(probabilities=model.parameter("rho", K, domain="simplex")))
    z = model.latent("z", Normal(mean=0, variance=1), H)
    y = model.latent("y", Normal(mean=0, variance=1))
    w = model.latent("w", Normal(mean=0, variance=1), T, H)
    assert model.network("f", [z, c], D).shape == (D,)
    assert model.network("g", c, D, H).shape == (D, H)
    assert model.network("h", w, D).shape == (T, D)
    assert model.network("r", y).shape == ()
    two = model.network("two", [z, y], D)
    assert {"two.U1", "two.U2", "two.a", "two.V", "two.b"} <= set(model.parameters)
    assert "g.U" not in model.parameters
    assert "g.a" not in model.parameters
    model.observed("x", Normal(mean=two + model.network("e", w[0], D), variance=1))
    assert model.variables["x"].shape == (D,)


# claims and text ---------------------------------------------------------------------------------------
def test_claims_are_kept_and_change_nothing():
    model = Model("m")
    s = model.parameter("s", domain="positive")
    x = model.observed("x", Exponential(rate=s))
    before = list(model.terms)
    model.claim("entropy", x, 1 - log(s))
    model.claim("entropy sum", log(s) - 1)
    model.claim("field", {s: s})
    model.claim("optimum", s, 1 / x)
    assert [c.kind for c in model.claims] == ["entropy", "entropy sum", "field", "optimum"]
    assert model.terms == before


def test_a_model_says_what_it_is():
    model = Model("Some name", group="mixtures")
    model.observed("x", Beta(alpha=model.parameter("a", domain="positive"), beta=2))
    assert "Some name" in repr(model)
    assert model.group == "mixtures"


def test_sympys_functions_work_too():
    model = Model("m")
    D, H = model.dims("D", "H")
    z = model.latent("z", Normal(mean=0, variance=1), H)
    W = model.parameter("W", D, H)
    model.observed("x", Gamma(shape=sp.exp(W @ z), rate=1 + sp.sqrt(sp.Abs(z[0]))), D)
    at = Numbers(model, D=2, H=2)
    rate = 1 + np.sqrt(abs(at["z"][0]))
    at.set(model.variables["x"], [0.3, 1.7])
    law = stats.gamma(np.exp(at["W"] @ at["z"]), scale=1 / rate)
    same(at.log_p("x"), law.logpdf(at["x"]))
    assert ep.prove(model).verdict in ep.Verdict
