"""Chains: what their conditionals say in numbers, and what may not be declared."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from oracle.numbers import Numbers
from scipy import stats

from entropy_proofs import (
    Categorical,
    Density,
    Gamma,
    InputError,
    Model,
    MultivariateNormal,
    Normal,
    Poisson,
    exp,
    prove,
)

POSITIVE, SIMPLEX = {"domain": "positive"}, {"domain": "simplex"}


def same(found, expected):
    np.testing.assert_allclose(np.asarray(found, dtype=float), expected, rtol=1e-12)


def start(*names: str):
    """A model with dims D, K, T and positive scalars of these names."""
    model = Model("m")
    return model, *model.dims("D", "K", "T"), *(model.parameter(n, **POSITIVE) for n in names)


def test_a_transition_sees_its_step_inputs_and_parameters_of_the_step():
    model, D, _, T, s = start("s")
    u = model.parameter("u", T, fixed=True)
    A = model.parameter("A", T - 1, D, D)
    model.chain(
        "z", D, initial=Normal(mean=0, variance=s), length=T,
        transition=lambda previous, t: Normal(mean=A[t - 1] @ previous + u[t], variance=s * t),
    )  # fmt: skip
    at = Numbers(model, D=2, T=4)
    z = at["z"]
    expected = [
        stats.norm(at["A"][t - 1] @ z[t - 1] + at["u"][t], np.sqrt(at["s"] * t)).logpdf(z[t])
        for t in range(1, 4)
    ]
    same(at.log_p("z[t]"), expected)
    same(at.log_p("z[0]"), stats.norm(0, np.sqrt(at["s"])).logpdf(z[0]))


def test_a_transition_sees_other_chains_now_and_before():
    model, D, K, T = start()
    rho, P = model.parameter("rho", K, **SIMPLEX), model.parameter("P", K, K, **SIMPLEX)
    A = model.parameter("A", K, K, D, D)
    c = model.chain("c", initial=Categorical(probabilities=rho), length=T,
                    transition=lambda previous: Categorical(probabilities=P[previous]))  # fmt: skip
    S = model.parameter("S", D, D, domain="positive definite")
    model.chain("z", initial=MultivariateNormal(mean=0, covariance=S), length=T,
                transition=lambda previous, t: MultivariateNormal(
                    mean=A[c[t], c[t - 1]] @ previous, covariance=S))  # fmt: skip
    at = Numbers(model, D=2, K=3, T=4)
    z, c = at["z"], at["c"]
    same(
        at.log_p("z[t]"),
        [
            stats.multivariate_normal(at["A"][c[t], c[t - 1]] @ z[t - 1], at["S"]).logpdf(z[t])
            for t in range(1, 4)
        ],
    )


def test_a_chain_of_higher_order_has_the_latest_step_first():
    model, _, _, T, s = start("s")
    w = model.parameter("w", 3)
    model.chain(
        "x", observed=True, initial=tuple(Normal(mean=k, variance=s) for k in range(3)), length=T,
        transition=lambda previous: Normal(mean=sum(w[k] * previous[k] for k in range(3)), variance=s),
    )  # fmt: skip
    at = Numbers(model, T=5)
    x, noise = at["x"], np.sqrt(at["s"])
    assert [t.name for t in model.terms] == ["x[0]", "x[1]", "x[2]", "x[t]"]
    same([at.log_p(f"x[{k}]") for k in range(3)], stats.norm([0, 1, 2], noise).logpdf(x[:3]))
    means = [at["w"] @ x[t - 3 : t][::-1] for t in (3, 4)]
    same(at.log_p("x[t]"), stats.norm(means, noise).logpdf(x[3:]))
    assert prove(model).statement.sizes["T"] == 3


def test_coupled_chains_see_each_others_past_and_those_before_them_now():
    model, _, K, T, s = start("s")
    rho, A = model.parameter("rho", K, **SIMPLEX), model.parameter("A", K, K, **SIMPLEX)
    m, r = model.parameter("m", K), model.parameter("r", K, **POSITIVE)
    c, x = model.chains(
        ("c", "x"), length=T, observed=(False, True),
        initial=(Categorical(probabilities=rho), lambda c: Normal(mean=m[c], variance=s)),
        transition=lambda previous, t: (
            Categorical(probabilities=A[previous[0]]),
            lambda c: Normal(mean=previous[1] * t + m[previous[0]], variance=r[c]),
        ),
    )  # fmt: skip
    assert [v.name for v in model.latents()] == ["c"]
    assert c.shape == x.shape == (T,)
    at = Numbers(model, K=3, T=4)
    c, x = at["c"], at["x"]
    same(at.log_p("x[0]"), stats.norm(at["m"][c[0]], np.sqrt(at["s"])).logpdf(x[0]))
    means = x[:-1] * np.arange(1, 4) + at["m"][c[:-1]]
    same(at.log_p("x[t]"), stats.norm(means, np.sqrt(at["r"][c[1:]])).logpdf(x[1:]))
    same(at.log_p("c[t]"), np.log(at["A"][c[:-1], c[1:]]))


def test_a_transition_may_have_defaults_that_are_not_time():
    model, _, _, T, s = start("s")
    model.chain("x", initial=Normal(mean=0, variance=s), length=T,
                transition=lambda previous, scale=s: Normal(mean=previous, variance=scale))  # fmt: skip
    assert "variance=s" in str(model.terms[-1].family)


def test_a_density_written_out_over_vectors_and_time():
    model, D, _, T, s = start("s")

    def step(mean, variance):
        return Density(
            lambda x: -((x - mean) ** 2) / (2 * variance) - sp.log(2 * sp.pi * variance) / 2
        )

    model.chain("x", D, observed=True, initial=step(0, s), length=T,
                transition=lambda previous, t: step(previous, s * t))  # fmt: skip
    at = Numbers(model, D=2, T=3)
    steps = np.sqrt(at["s"] * np.arange(1, 3))[:, None]
    same(at.log_p("x[t]"), stats.norm(at["x"][:-1], steps).logpdf(at["x"][1:]))
    assert prove(model).verdict.value == "proved"


@pytest.mark.parametrize(("length", "order"), [(1, 1), (2, 1), (2, 2), (3, 2)])
def test_short_chains_are_proved(length, order):
    model, *_, s, r = start("s", "r")
    model.chain("x", observed=True, initial=(Normal(mean=0, variance=s),) * order, length=length,
                transition=lambda previous, t: Normal(mean=0, variance=r * t))  # fmt: skip
    proof = prove(model)
    assert proof.verdict.value == "proved"
    later = sum(sp.log(2 * sp.pi * sp.E * r * t) for t in range(order, length)) / 2
    first = order * sp.log(2 * sp.pi * sp.E * s) / 2
    assert sp.simplify(sp.expand_log((proof.entropy_sum + first + later).doit(), force=True)) == 0


def normal(**given):
    return Normal(**{"mean": 0, "variance": 1, **given})


MISTAKES = {
    "an input beyond its end": (lambda m, T, s: normal(mean=m.parameter("u", T - 1)[s]), "u"),
    "the next step of another chain": (lambda m, T, s: normal(mean=m.variables["z"].value[s + 1]), "z"),
    "a step before the start": (lambda m, T, s: normal(mean=m.variables["z"].value[s - 2]), "z"),
    "itself at the same step": (lambda m, T, s: normal(mean=sp.IndexedBase("y")[s]), "y"),
    "an index of its own": (lambda m, T, s: normal(mean=sp.Symbol("t")), "t"),
    "time as a support's end": (lambda m, T, s: Density(lambda x: -sp.log(s), sp.Interval(0, s)), "y"),
    "another support": (lambda m, T, s: Gamma(shape=s, rate=1), "y"),
    "a vector": (lambda m, T, s: normal(mean=m.parameter("v", T)), "y"),
    "two families": (lambda m, T, s: (normal(), normal()), "y"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_a_transition_is_one_line_that_names_the_culprit(name):
    make, culprit = MISTAKES[name]
    model, _, _, T, _ = start("r")
    model.chain("z", initial=normal(), length=T, transition=lambda previous: normal())
    with pytest.raises(InputError) as caught:
        model.chain("y", initial=normal(), length=T, transition=lambda p, t: make(model, T, t))
    message = str(caught.value)
    assert culprit in message
    assert "\n" not in message
    assert "#" not in message
    assert [t.name for t in model.terms] == ["z[0]", "z[t]"]


def of_two(**given):
    model, *_, T, _ = start("r")
    pair = (normal(), normal())
    return model.chains(
        given.pop("names", ("a", "b")),
        **{"initial": pair, "length": T, "transition": lambda previous: pair, **given},
    )


@pytest.mark.parametrize(
    ("given", "culprit"),
    [
        ({"names": "ab"}, "ab"),
        ({"names": ("a", "a")}, "a"),
        ({"initial": (normal(),)}, "a, b"),
        ({"initial": normal()}, "a, b"),
        ({"initial": (normal(), (normal(), normal()))}, "a, b"),
        ({"observed": (True,)}, "a, b"),
        ({"transition": lambda previous: normal()}, "a, b"),
        ({"transition": lambda previous: (lambda b: normal(mean=b), normal())}, "a"),
        ({"transition": lambda previous: (normal(), lambda a, b: normal(mean=b))}, "a, b"),
        ({"length": 1, "initial": ((normal(),) * 2,) * 2}, "a, b"),
    ],
)
def test_coupled_chains_that_are_none(given, culprit):
    """The first sees no other at its own step: that would be a circle."""
    with pytest.raises(InputError) as caught:
        of_two(**given)
    assert culprit in str(caught.value)
    assert "\n" not in str(caught.value)


def test_networks_see_the_past_and_inputs():
    model, D, _, T, s = start("s")
    u = model.parameter("u", T, fixed=True)
    z = model.chain("z", D, initial=Normal(mean=0, variance=s), length=T,
                    transition=lambda previous, t: Normal(
                        mean=model.network("f", [previous, u[t]], D), variance=s))  # fmt: skip
    model.observed("x", Poisson(rate=exp(z)), T, D)
    assert prove(model).verdict.value in {"proved", "partial"}
