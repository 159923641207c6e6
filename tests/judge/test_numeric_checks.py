"""Arguments at the ends of their domains, beyond or rounded to them; densities that are narrow."""

from __future__ import annotations

import pytest
from sympy import Integers, binomial

import entropy_proofs as ep
from entropy_proofs import (
    Abs,
    Bernoulli,
    Binomial,
    Categorical,
    Density,
    E,
    Gamma,
    Interval,
    Model,
    MultivariateNormal,
    Normal,
    OrderedCategorical,
    Range,
    Rational,
    Reals,
    Verdict,
    cos,
    exp,
    log,
    oo,
    pi,
    sin,
    sqrt,
    tanh,
)
from entropy_proofs.judge.numeric_checks import check_density

OFF = Rational(999_999, 10**6)


def complementary_log_log():
    model = Model("m")
    w = model.parameter("w", model.dims("N"))
    model.observed("y", Bernoulli(probability=1 - exp(-exp(3 * w))), w.shape[0])
    return model


def vanishing_variance():
    model = Model("m")
    w = model.parameter("w", model.dims("N"))
    model.observed("y", Normal(mean=0, variance=exp(-exp(9 * w))), w.shape[0])
    return model


@pytest.mark.parametrize("build", [complementary_log_log, vanishing_variance])
def test_what_comes_close_to_an_end_is_inside(build):
    """In double precision 1 - exp(-exp(4)) is 1, and exp(-exp(7)) is 0."""
    assert ep.prove(build()).verdict is Verdict.PROVED


P, S = "unit interval", "positive"


@pytest.mark.parametrize(
    ("domain", "build", "said"),
    [
        (P, lambda p: Categorical(probabilities=[p, (1 - p) * OFF]), r"sum to one, .* of sum 0\.9{5}"),
        (S, lambda s: MultivariateNormal(mean=0, covariance=[[s, s / 3], [s / 3 * OFF, s]]),
         "positive definite, but it is not symmetric"),
    ],
)  # fmt: skip
def test_what_is_nearly_in_a_domain_is_outside(domain, build, said):
    model = Model("m")
    model.observed("x", build(model.parameter("a", domain=domain)))
    with pytest.raises(ep.InputError, match=said):
        ep.prove(model)


@pytest.mark.parametrize(
    ("domain", "family", "said"),
    [
        ("simplex", lambda p: Categorical(probabilities=p[:, 0, 0]), "sum to one"),
        ("simplex", lambda p: Categorical(probabilities=p[0].T[0]), "sum to one"),
        ("positive definite", lambda p: MultivariateNormal(mean=0, covariance=p[:, 0, :]), "positive"),
        ("increasing", lambda p: OrderedCategorical(location=0, thresholds=p[:, 0, 0]), "increasing"),
    ],
)  # fmt: skip
def test_what_is_declared_along_other_axes_is_none(domain, family, said):
    """It was taken to be in its domain since its label is."""
    model = Model("m")
    model.observed("x", family(model.parameter("p", 2, 2, 2, domain=domain)))
    with pytest.raises(ep.InputError, match=f"must be .*{said}"):
        ep.prove(model)


def stated(build):
    model = Model("m")
    model.observed("x", build(model))
    proof = ep.prove(model)
    assert proof.verdict is not Verdict.UNDECIDED
    return [s for s in proof.assumptions if "in its domain" in s or "support of" in s]


def latent(model):
    return model.latent("z", Normal(mean=0, variance=positive_of(model, "t")))


def positive_of(model, name="s"):
    return model.parameter(name, domain="positive")


def probability(model):
    return model.parameter("p", domain="unit interval")


def by_rows(off):
    return lambda m: MultivariateNormal(
        mean=0, covariance=[[(s := positive_of(m)), (o := s * off(m))], [o, s]]
    )


def tridiagonal(share):
    def family(m):
        s, r = positive_of(m), m.parameter("r")
        o = s * share * tanh(r)
        return MultivariateNormal(mean=0, covariance=[[s, o, 0], [o, s, o], [0, o, s]])

    return family


@pytest.mark.parametrize(
    ("family", "said"),
    [
        (lambda m: Normal(mean=0, variance=positive_of(m) * (5 - latent(m))), "variance of x"),
        (lambda m: Normal(mean=0, variance=positive_of(m) * (4 - m.dims("D"))), "variance of x"),
        (lambda m: Gamma(shape=20 - m.dims("D"), rate=positive_of(m)), "shape of x"),
        (
            lambda m: Binomial(trials=m.dims("D") / 2, probability=probability(m)),
            "the support of x",
        ),
        (by_rows(lambda m: latent(m) / 3), "covariance of x"),
        (tridiagonal(Rational(72, 100)), "covariance of x"),
    ],
)
def test_arguments_that_may_leave_their_domains_are_assumptions(family, said):
    """A matrix whose log |det| is a number, a size that no draw reaches: no draw would show it."""
    (found,) = stated(family)
    assert found.startswith(said)


@pytest.mark.parametrize(
    "family",
    [
        lambda m: Normal(mean=0, variance=exp(latent(m)) + positive_of(m)),
        lambda m: Normal(mean=0, variance=log(1 + exp(m.parameter("s")))),
        lambda m: Gamma(shape=2, rate=positive_of(m) * Abs(m.parameter("w"))),
        lambda m: Bernoulli(probability=1 - exp(-positive_of(m))),
        lambda m: Binomial(trials=m.dims("D"), probability=probability(m)),
        lambda m: Binomial(trials=17, probability=probability(m)),
        by_rows(lambda m: tanh(m.parameter("r"))),
        tridiagonal(Rational(7, 10)),
    ],
)
def test_arguments_that_are_known_to_stay_inside_are_none(family):
    assert not stated(family)


@pytest.mark.parametrize(
    ("argument", "found"),
    [
        (lambda w: sin(w) ** 2 + cos(w) ** 2, "1"),
        (lambda w: (w + 1) ** 2 - w**2 - 2 * w - 1, "-?0"),
        (exp, r"[1-9][\d.]*"),
    ],
)
def test_what_is_at_an_end_or_beyond_is_refused(argument, found):
    model = Model("m")
    w = model.parameter("w")
    model.observed("y", Bernoulli(probability=argument(w)))
    with pytest.raises(ep.InputError, match=f"in the unit interval, but it is {found} at random"):
        ep.prove(model)


@pytest.mark.parametrize(("centre", "width"), [(0, 12), (10, 12), (10**6, 6)])
def test_a_cusp_that_is_narrow_or_far_away_is_integrated(centre, width):
    """Where numbers in double precision are coarse beside it, too."""
    model = Model("m")
    mu, s = model.parameter("mu"), model.parameter("s", domain="positive")
    scale = s / 10**width

    def log_density(x):
        return -Abs(x - mu - centre) / scale - log(2 * scale)

    model.observed("x", Density(log_density, support=Reals))
    assert ep.prove(model).verdict is Verdict.PROVED
    for off, total in ((1e-2, r"1\.0[01]\d*"), (-1e-2, r"0\.9[89]\d*")):
        with pytest.raises(ep.InputError, match=f"its density integrates to {total}, not to one"):
            model.observed("y", Density(lambda y, off=off: log_density(y) + off, support=Reals))


@pytest.mark.parametrize(("apart", "narrow"), [(0, 6), (0, 12), (1000, 0)])
def test_a_density_with_a_second_mode_is_integrated(apart, narrow):
    """Half of its mass is elsewhere, or on a thousandth of the width of the rest."""
    model = Model("m")
    mu, v = model.parameter("mu"), model.parameter("v", domain="positive")

    def half(x, mean, variance):
        return exp(-((x - mean) ** 2) / (2 * variance)) / sqrt(2 * pi * variance) / 2

    def log_density(x):
        return log(half(x, mu, v) + half(x, mu + apart, v / 10**narrow))

    model.observed("x", Density(log_density, support=Reals))
    assert check_density(model, model.terms[0])
    with pytest.raises(ep.InputError, match=r"y: its density integrates to 0\.999\d*, not to one"):
        model.observed("y", Density(lambda y: log_density(y) - 1e-3, support=Reals))


def test_mass_beyond_the_largest_number_is_no_fault():
    """log log x has an exponential distribution: at a = 0.8, half a percent lies beyond 1e308."""

    def prove(factor):
        model = Model("m")
        a = model.parameter("a", domain="positive")

        def log_density(x):
            return log(factor) + log(a) - log(x) - (1 + a) * log(log(x))

        model.observed("x", Density(log_density, support=Interval.open(E, oo)))
        return ep.prove(model)

    assert prove(1).verdict is Verdict.PROVED
    for factor in (2, Rational(1, 2)):
        with pytest.raises(ep.InputError, match=r"integrates to .*, not to one"):
            prove(factor)


@pytest.mark.parametrize(
    ("least", "most"), [(0, 0), (0, 1), (0, 3), (1, 4), (0, 4), (0, 6)], ids=lambda n: str(n)
)
@pytest.mark.parametrize("own", [1, 4])
def test_all_of_a_finite_support_is_summed_and_nothing_else(own, least, most):
    """A binomial density of `own` trials, which lies on 0 to `own`."""
    model = Model("m")
    p = model.parameter("p", domain="unit interval")

    def log_density(x):
        return log(binomial(own, x)) + x * log(p) + (own - x) * log(1 - p)

    def declared():
        model.observed("x", Density(log_density, support=Range(least, most + 1)))
        return check_density(model, model.terms[0])

    if least == 0 and most >= own:
        assert declared()
    else:
        with pytest.raises(ep.InputError, match=r"x: its density sums to 0\.\d+, not to one"):
            declared()


@pytest.mark.parametrize("size", [30_000, 3_000_000])
def test_a_long_support_ends_where_it_ends(size):
    model = Model("m")
    p = model.parameter("p", domain="unit interval")
    model.observed("x", Density(lambda x: 0 * p * x - log(size), support=Range(size)))
    assert ep.prove(model).verdict is Verdict.PROVED
    for off, total in ((-size // 3, r"0\.6\d+"), (size // 2, r"1\.5\d*")):
        with pytest.raises(ep.InputError, match=f"x: its density sums to {total}, not to one"):
            other = Model("m")
            t = other.parameter("p", domain="unit interval")
            region = Range(size + off)
            other.observed("x", Density(lambda x, t=t: 0 * t * x - log(size), support=region))


def test_no_number_at_some_parameters_hides_nothing_at_others():
    """2 log a of a real a."""

    def declared(factor):
        model = Model("m")
        a = model.parameter("a")

        def log_density(x):
            return log(factor) - x**2 * exp(2 * log(a)) / 2 + log(a) - log(2 * pi) / 2

        model.observed("x", Density(log_density, support=Reals))
        return check_density(model, model.terms[0])

    assert not declared(1)
    with pytest.raises(ep.InputError, match=r"integrates to 0\.5, not to one"):
        declared(Rational(1, 2))


CUT = {
    "a normal": (lambda x, s: -log(2 * pi * s) / 2 - x**2 / (2 * s), Interval.open(-30, 30)),
    "a scale": (lambda x, s: -log(s) - x / s, Interval.open(0, 100)),
    "a rate": (lambda x, s: log(s) - s * x, Interval.open(0, 100)),
}


@pytest.mark.parametrize(("log_density", "support"), CUT.values(), ids=CUT)
def test_what_ends_cut_off_at_large_scales_is_missed(log_density, support):
    """At scales near one it is less than rounding."""
    model = Model("m")
    s = model.parameter("s", domain="positive")
    with pytest.raises(ep.InputError, match=r"x: its density integrates to 0\.\d+, not to one"):
        model.observed("x", Density(lambda x: log_density(x, s), support=support))


def test_a_truncated_density_is_one_at_every_scale():
    model = Model("m")
    s = model.parameter("s", domain="positive")

    def log_density(x):
        return log(s) - s * x - log(1 - exp(-s))

    model.observed("x", Density(log_density, support=Interval.open(0, 1)))
    assert ep.prove(model).verdict is Verdict.PROVED


WHOLE = {
    "downwards": (lambda x, u: -x * log(u), Range(-oo, 1), 1),
    "both ways": (lambda x, u: Abs(x) * log(u) - log(1 + u), Integers, 1),
    "from below zero": (lambda x, u: (x + 5) * log(u), Range(-5, oo), 1),
    "too far": (lambda x, u: -x * log(u), Range(-oo, 2), 3),
    "twice": (lambda x, u: Abs(x) * log(u), Integers, 2),
}


@pytest.mark.parametrize(("log_density", "support", "total"), WHOLE.values(), ids=WHOLE)
def test_whole_numbers_have_any_ends(log_density, support, total):
    """Geometric: twice a tail, and once more."""
    model = Model("m")
    u = model.parameter("u", domain="unit interval")
    density = Density(lambda x: log(1 - u) + log_density(x, u), support=support)
    if total == 1:
        model.observed("x", density)
        proof = ep.prove(model)
        assert proof.verdict is Verdict.PROVED
        assert ep.verify(proof).passed
    else:
        with pytest.raises(ep.InputError, match=r"x: its density sums to [1-9]\.\d+, not to one"):
            model.observed("x", density)
