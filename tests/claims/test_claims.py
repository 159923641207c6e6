"""Claims: E is an operator, an optimum is what a stationary point has, an entropy is E[-log p]."""

from __future__ import annotations

import math

import pytest
import sympy as sp
from sympy import sqrt

import entropy_proofs as ep
from entropy_proofs import (
    Categorical,
    Density,
    E,
    Expectation,
    Exponential,
    InputError,
    Laplace,
    Logistic,
    LogNormal,
    Model,
    MultivariateNormal,
    Normal,
    Poisson,
    Verdict,
    VonMises,
    exp,
    eye,
    log,
    pi,
)

PROVED, REFUTED, UNDECIDED = Verdict.PROVED, Verdict.REFUTED, Verdict.UNDECIDED


def judged(model):
    (claim,) = ep.prove(model).claims
    return claim.verdict


def normal():
    model = Model("m")
    mu, s = model.parameter("mu"), model.parameter("s", domain="positive")
    return model, mu, s, model.observed("x", Normal(mean=mu, variance=s))


def exponential():
    model = Model("m")
    lam = model.parameter("lam", domain="positive")
    return model, lam, model.observed("x", Exponential(rate=lam))


NORMAL = {
    "the mean squared residual": (lambda mu, x: (x - mu) ** 2, PROVED),
    "its expectation said": (lambda mu, x: Expectation((x - mu) ** 2), PROVED),
    "moments": (lambda mu, x: Expectation(x**2) - 2 * mu * Expectation(x) + mu**2, PROVED),
    "the square of an expectation": (lambda mu, x: Expectation(x - mu) ** 2, REFUTED),
    "the square of the mean left out": (lambda mu, x: Expectation(x**2), REFUTED),
    "a logarithm outside": (lambda mu, x: log(Expectation(exp((x - mu) ** 2))), REFUTED),
    "half of it": (lambda mu, x: (x - mu) ** 2 / 2, REFUTED),
}


@pytest.mark.parametrize(("claimed", "verdict"), NORMAL.values(), ids=NORMAL)
def test_the_optimum_of_a_variance(claimed, verdict):
    model, mu, s, x = normal()
    model.claim("optimum", s, claimed(mu, x))
    assert judged(model) is verdict


RATE = {
    "one over the mean": (lambda x: 1 / Expectation(x), PROVED),
    "the mean of one over x": (lambda x: Expectation(1 / x), REFUTED),
    "one over x, averaged": (lambda x: 1 / x, REFUTED),
    "the mean": (lambda x: x, REFUTED),
    "the mean over the mean square": (lambda x: Expectation(x) / Expectation(x**2), REFUTED),
}


@pytest.mark.parametrize(("claimed", "verdict"), RATE.values(), ids=RATE)
def test_the_optimum_of_a_rate(claimed, verdict):
    model, lam, x = exponential()
    model.claim("optimum", lam, claimed(x))
    assert judged(model) is verdict


def test_the_optimum_of_a_standard_deviation():
    model = Model("m")
    s = model.parameter("s", domain="positive")
    x = model.observed("x", Normal(mean=0, variance=s**2))
    model.claim("optimum", s, sqrt(Expectation(x**2)))
    model.claim("optimum", s, Expectation(abs(x)))
    assert [c.verdict for c in ep.prove(model).claims] == [PROVED, REFUTED]


def test_the_optimum_of_a_mixture():
    model = Model("m")
    D, K = model.dims("D", "K")
    rho = model.parameter("rho", K, domain="simplex")
    mu, s = model.parameter("mu", K, D), model.parameter("s", domain="positive")
    c = model.latent("c", Categorical(probabilities=rho))
    x = model.observed("x", Normal(mean=mu[c], variance=s), D)
    one = eye(K)[c]
    model.claim("optimum", rho, one)
    model.claim("optimum", mu, Expectation(one[:, None] * x[None, :]) / Expectation(one[:, None]))
    model.claim("optimum", mu, Expectation(one[:, None]) * Expectation(x[None, :]))
    proved, weighted, wrong = (c.verdict for c in ep.prove(model).claims)
    assert (proved, wrong) == (PROVED, REFUTED)
    assert weighted is PROVED


def unit_columns():
    model = Model("m")
    D = model.dims("D")
    W = model.parameter("W", D, 2, domain="unit columns")
    s = model.parameter("s", domain="positive")
    return model, W, model.observed("x", Normal(mean=W, variance=s), D, 2)


COLUMNS = {
    "normed means": (lambda x: Expectation(x) / sqrt((Expectation(x) ** 2).sum(0)), PROVED),
    "the data": (lambda x: x, REFUTED),
    "normed data": (lambda x: x / sqrt((x**2).sum(0)), REFUTED),
}


@pytest.mark.parametrize(("claimed", "verdict"), COLUMNS.values(), ids=COLUMNS)
def test_the_optimum_of_unit_columns(claimed, verdict):
    model, W, x = unit_columns()
    model.claim("optimum", W, claimed(x))
    assert judged(model) is verdict


def test_columns_of_which_f_is_free_have_no_optimum():
    """The variance is s, whatever W is: each unit column is stationary, so none is the optimum."""
    model = Model("m")
    D = model.dims("D")
    W = model.parameter("W", D, 2, domain="unit columns")
    s = model.parameter("s", domain="positive")
    x = model.observed("x", Normal(mean=0, variance=s * (W[:, 0] ** 2).sum()), D)
    model.claim("optimum", W, x[:, None] * 0 + 1 / sqrt(D))
    model.claim("optimum", W, eye(D)[:, :1])
    assert [c.verdict for c in ep.prove(model).claims] == [REFUTED, REFUTED]


def poisson():
    model = Model("m")
    lam = model.parameter("lam", domain="positive")
    return model, model.observed("x", Poisson(rate=lam)), lam - lam * log(lam)


def known_noise():
    model = Model("m")
    D, H = model.dims("D", "H")
    W = model.parameter("W", D, H)
    s = model.parameter("s", domain="positive", fixed=True)
    z = model.latent("z", Normal(mean=0, variance=1), H)
    return model, model.observed("x", Normal(mean=W @ z, variance=s), D), D, s


def test_a_pseudo_entropy_is_not_the_entropy():
    model, x, value = poisson()
    model.claim("entropy", x, value)
    model.claim("pseudo-entropy", x, value)
    assert [c.verdict for c in ep.prove(model).claims] == [REFUTED, PROVED]


def test_the_entropy_where_the_identity_gives_a_pseudo_entropy():
    model, x, D, s = known_noise()
    model.claim("entropy", x, D / 2 * log(2 * pi * E * s))
    model.claim("entropy", x, D / 2 * log(2 * pi * s))
    assert [c.verdict for c in ep.prove(model).claims] == [PROVED, REFUTED]


def test_the_entropy_of_what_stays():
    model = Model("m")
    x = model.observed("x", Normal(mean=0, variance=1))
    model.claim("entropy", x, log(2 * pi * E) / 2)
    assert judged(model) is PROVED


def test_a_pseudo_entropy_with_a_base_measure_of_ones_own_is_not_refuted_by_another():
    """log h = -log x leaves the entropy of a normal density; the proof has h = 1."""
    model = Model("m")
    m, s = model.parameter("m"), model.parameter("s", domain="positive")
    x = model.observed("x", LogNormal(log_mean=m, log_variance=s))
    model.claim("pseudo-entropy", x, log(2 * pi * E * s) / 2)
    model.claim("pseudo-entropy", x, m + log(2 * pi * E * s) / 2)
    verdicts = [c.verdict for c in ep.prove(model).claims]
    assert verdicts == [UNDECIDED, PROVED]


def test_where_a_pseudo_entropy_is_plain():
    model, lam, x = exponential()
    model.claim("pseudo-entropy", x, 1 - log(lam))
    assert judged(model) is PROVED


def test_expectations_in_a_sum_are_operators():
    model = Model("m")
    D = model.dims("D")
    z = model.latent("z", Normal(mean=0, variance=model.parameter("t", domain="positive")))
    g = model.parameter("g")
    x = model.observed("x", Laplace(mean=g, scale=exp(z + model.parameter("b"))), D)
    t, b = model.parameters["t"].value, model.parameters["b"].value
    prior, noise = log(2 * pi * E * t) / 2, D * log(2 * E)
    model.claim("entropy", x, D * (z + b) + noise)
    model.claim("entropy sum", -prior - noise - D * b - D * Expectation(z))
    model.claim("entropy sum", -prior - noise - D * b - D * z)
    model.claim("entropy sum", -prior - noise - D * log(Expectation(exp(z + b))))
    verdicts = [c.verdict for c in ep.prove(model).claims]
    assert verdicts == [PROVED, PROVED, PROVED, REFUTED]


def test_a_sum_that_holds_in_part_only_is_no_claim_proved():
    """w = 0 is stationary for all data, and F is not the sum there."""
    model = Model("m")
    w = model.parameter("w")
    model.observed("x", Laplace(mean=0, scale=1 + w**2))
    model.claim("entropy sum", -log(2 * E * (1 + w**2)))
    assert judged(model) is not PROVED


def test_a_claim_of_nothing_random_about_what_is_known():
    model, _, s, x = normal()
    known = model.parameter("k", fixed=True)
    model.claim("optimum", known, x)
    with pytest.raises(ep.InputError, match="known constant"):
        ep.prove(model).claims  # noqa: B018 - judged when it is looked up
    assert s is not None


def test_the_mean_is_not_a_median():
    """E[sign(x - mu)] = 0 does not say that mu is E[x]: a condition is no factor of itself."""
    model = Model("m")
    mu, b = model.parameter("mu"), model.parameter("b", domain="positive")
    x = model.observed("x", Laplace(mean=mu, scale=b))
    model.claim("optimum", mu, x)
    model.claim("optimum", b, abs(x - mu))
    assert [c.verdict for c in ep.prove(model).claims] == [REFUTED, PROVED]


def test_the_optimum_of_a_mean_under_a_covariance():
    model = Model("m")
    D = model.dims("D")
    mu, S = model.parameter("mu", D), model.parameter("S", D, D, domain="positive definite")
    x = model.observed("x", MultivariateNormal(mean=mu, covariance=S))
    model.claim("optimum", mu, x)
    model.claim("optimum", S, (x - mu)[:, None] * (x - mu)[None, :])
    model.claim("optimum", S, x[:, None] * x[None, :])
    assert [c.verdict for c in ep.prove(model).claims] == [PROVED, PROVED, REFUTED]


def test_the_optimum_of_a_logarithm():
    model = Model("m")
    t = model.parameter("t")
    x = model.observed("x", Exponential(rate=exp(-t)))
    model.claim("optimum", t, log(Expectation(x)))
    model.claim("optimum", t, log(x))
    assert [c.verdict for c in ep.prove(model).claims] == [PROVED, REFUTED]


def test_the_optimum_of_a_weight():
    model = Model("m")
    w, s = model.parameter("w"), model.parameter("s", domain="positive")
    z = model.latent("z", Normal(mean=0, variance=model.parameter("t", domain="positive")))
    x = model.observed("x", Normal(mean=w * z, variance=s))
    model.claim("optimum", w, Expectation(x * z) / Expectation(z**2))
    model.claim("optimum", w, Expectation(x * z / z**2))
    model.claim("optimum", w, Expectation(x * z) * Expectation(z**2))
    assert [c.verdict for c in ep.prove(model).claims] == [PROVED, REFUTED, REFUTED]


def test_the_entropy_of_a_step_between_thresholds():
    model = Model("a step")
    n = model.dims("N")
    t = model.parameter("t", 3, domain="increasing")
    x = model.observed("x", ep.Laplace(mean=0, scale=t[1] - t[0]), n)
    for step in (t[1] - t[0], abs(t[0] - t[1]), t[2] - t[0]):
        model.claim("entropy", x, n * (ep.log(2 * step) + 1))
    found = [c.verdict for c in ep.prove(model).claims]
    assert found == [Verdict.PROVED, Verdict.PROVED, Verdict.REFUTED]


def test_a_field_on_a_written_covariance_has_no_pole():
    """Its entropy was written with the inverse, which asks that an element does not vanish."""
    m = Model("m")
    l, s = m.parameter("l", 2), m.parameter("s", 2, domain="positive")
    off = l[0] * l[1]
    rows = [[l[0] ** 2 + s[0], off], [off, l[1] ** 2 + s[1]]]
    m.observed("x", MultivariateNormal(mean=0, covariance=rows))
    m.claim("field", {l: -l / 2, s: -s})
    m.claim("field", {l: -l / 2, s: -2 * s})
    proof = ep.prove(m)
    assert proof.verdict is Verdict.PROVED
    assert [c.verdict for c in proof.claims] == [Verdict.PROVED, Verdict.REFUTED]


def test_an_entropy_without_a_closed_form_is_held_against_its_number():
    """Of the hyperbolic secant it is log 4 nats."""
    model = Model("m")
    half = pi / 2
    x = model.observed("x", Density(lambda x: -log(exp(half * x) + exp(-half * x))))
    model.claim("entropy", x, log(4))
    model.claim("entropy", x, 4 * sp.Catalan / pi)
    model.claim("pseudo-entropy", x, log(4))
    right, wrong, pseudo = ep.prove(model).claims
    assert (right.verdict, wrong.verdict, pseudo.verdict) == (UNDECIDED, REFUTED, UNDECIDED)
    assert right.witness == "no closed form of E[-log p(x)] was derived"
    assert pseudo.witness == "no pseudo-entropy was derived for x"
    told = float(wrong.witness.left), float(wrong.witness.right)
    assert told == pytest.approx((1.1662436, math.log(4)), abs=1e-7)


@pytest.mark.parametrize("part", [sp.besselj(0, 1), sp.airyai(1), sp.Function("f")(1)])
def test_a_claim_without_a_numeric_form_is_not_decided(part):
    model = Model("m")
    s = model.parameter("s", domain="positive")
    x = model.observed("x", Normal(mean=0, variance=s))
    y = model.observed("y", Logistic(mean=0, scale=1))
    model.claim("field", {s: s * part})
    model.claim("entropy", y, 2 + part)
    model.claim("entropy", x, part)
    model.claim("entropy sum", part)
    assert {c.verdict for c in ep.prove(model).claims} == {UNDECIDED}


@pytest.mark.parametrize("part", [sp.airyai, sp.Function("f")])
def test_wrong_claims_of_a_model_without_a_numeric_form_are_not_decided(part):
    """What is right is proved all the same, where the kernel has the function."""
    model = Model("m")
    a, s = model.parameter("a"), model.parameter("s", domain="positive")
    x = model.observed("x", Normal(mean=part(a), variance=s))
    y = model.observed("y", Logistic(mean=part(a), scale=1))
    model.claim("optimum", s, x**2)
    model.claim("entropy sum", log(2 * pi * E * s) / 2)
    model.claim("field", {s: s})
    model.claim("entropy", y, 3)
    model.claim("entropy", x, log(2 * pi * E * s) / 2)
    *wrong, right = ep.prove(model).claims
    assert {c.verdict for c in wrong} == {UNDECIDED}
    assert right.verdict is PROVED


@pytest.mark.parametrize("wrong", [sp.oo, sp.nan, sp.zoo, sp.I])
@pytest.mark.parametrize("kind", ["entropy", "entropy sum", "optimum", "field"])
def test_what_is_no_real_number_is_no_claim(kind, wrong):
    model, _, s, x = normal()
    model.claim(
        kind,
        *{"entropy": [x], "optimum": [s]}.get(kind, []),
        {s: wrong} if kind == "field" else wrong,
    )
    proof = ep.prove(model)
    with pytest.raises(InputError, match="no real number"):
        _ = proof.claims


@pytest.mark.parametrize(
    ("claim", "told"),
    [
        (lambda x, w, s: ("entropy", x, s + x * 0), "about one number, not the array s"),
        (lambda x, w, s: ("entropy sum", w), "about one number, not the array w"),
        (lambda x, w, s: ("field", {x: x}), "x is neither a learned parameter nor a latent"),
        (lambda x, w, s: ("field", {s: -w}), "field: -w has more axes than s"),
    ],
)
def test_a_claim_of_another_shape_or_subject_is_refused(claim, told):
    model = Model("m")
    D = model.dims("D")
    w, s = model.parameter("w", D), model.parameter("s", domain="positive")
    x = model.observed("x", Normal(mean=w, variance=s), D)
    model.claim(*claim(x, w, s))
    proof = ep.prove(model)
    with pytest.raises(InputError, match=told):
        _ = proof.claims


def test_a_flow_that_does_more_than_scale_and_shift_is_not_judged():
    model = Model("m")
    s = model.parameter("s", domain="positive")
    z = model.latent("z", Normal(mean=0, variance=1))
    model.observed("x", Normal(mean=z, variance=s))
    model.claim("field", {s: -s, z: z**2})
    model.claim("field", {s: -s})
    squared, still = ep.prove(model).claims
    assert (squared.verdict, still.verdict) == (UNDECIDED, PROVED)
    assert squared.witness == "only flows that scale and shift z are judged"


def test_no_sum_is_claimed_where_no_conditional_has_one():
    """A known concentration: nothing scales the log density."""
    model = Model("m")
    mu = model.parameter("mu")
    model.observed("x", VonMises(mean=mu, concentration=2))
    model.claim("entropy sum", log(2 * pi))
    (claim,) = ep.prove(model).claims
    assert (claim.verdict, claim.witness) == (UNDECIDED, "no entropy sum was derived")


def test_a_side_that_is_not_read_leaves_an_entropy_undecided():
    """exp(s) as an endless sum, of which nothing is known."""
    model = Model("m")
    s, i = model.parameter("s", domain="positive"), sp.Symbol("i", integer=True)
    x = model.observed("x", Normal(mean=0, variance=s))
    series = sp.Sum(s**i / sp.factorial(i), (i, 0, sp.oo))
    model.claim("entropy", x, log(2 * pi * E * s) / 2 + series - exp(s))
    assert judged(model) is UNDECIDED
