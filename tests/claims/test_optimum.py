"""Claimed optima: right formulas are shown to be optima, wrong ones are not."""

from __future__ import annotations

import entropy_proofs as ep
from entropy_proofs import Model, Normal, exp, eye, inv
from entropy_proofs.claims.optimum import Optimum
from entropy_proofs.model import catalogue


def optimum_of(model, name, value):
    return Optimum(model, model.parameters[name], value).shown()


def regression():
    model = Model("regression")
    n, d = model.dims("n", "P")
    a = model.parameter("A", n, d, fixed=True)
    w, s = model.parameter("w", d), model.parameter("s", domain="positive")
    y = model.observed("y", Normal(mean=a @ w, variance=s), n)
    return model, a, w, s, y


def test_a_wrong_candidate_is_not_taken():
    model, a, _, _, y = regression()
    right = inv(a.T @ a) @ a.T @ y
    assert not isinstance(optimum_of(model, "w", right), str)
    for wrong in (
        2 * right,
        -right,
        inv(a.T @ a + eye(a.shape[1])) @ a.T @ y,
        a.T @ y,
    ):
        assert isinstance(optimum_of(model, "w", wrong), str)


def column_claims(model):
    """{name: a formula of W}, of x = W z with z's moments under q."""
    h = model.dims_["H"]
    w, z, x = ({**model.parameters, **model.variables}[name].value for name in ("W", "z", "x"))
    products, moments = ep.Expectation(x[:, None] * z[None, :]), z[:, None] * z[None, :]
    others = products - w @ (ep.Expectation(moments) * (1 - eye(h)))
    all_of_them = products - w @ ep.Expectation(moments)

    def normed(slope):
        return slope / ep.sqrt((slope**2).sum(0))

    return {
        "the slope": normed(others),
        "a positive multiple": normed(3 * others),
        "the opposite": normed(-others),
        "the own column with it": normed(all_of_them),
        "no others": normed(products),
        "no norm": others,
        "norms of rows": others / ep.sqrt((others**2).sum(1))[:, None],
        "the square of the norm": others / (others**2).sum(0),
        "twice the norm": normed(others) / 2,
        "other columns doubled": normed(products + 2 * (others - products)),
    }


def test_wrong_columns_are_not_taken():
    model = catalogue.load("sparse_coding")
    shown = {
        name: not isinstance(optimum_of(model, "W", value), str)
        for name, value in column_claims(model).items()
    }
    assert {name for name, is_shown in shown.items() if is_shown} == {
        "the slope",
        "a positive multiple",
    }


def test_wrong_elements_by_name_are_not_taken():
    model = catalogue.load("autoregressive_hmm")
    x, m = model.variables["x"].value, model.parameters["m"].value
    square = (x[:2] - m) ** 2
    assert not isinstance(optimum_of(model, "w", square), str)
    swapped = ep.array([square[1], square[0]])
    for wrong in (2 * square, square[0], swapped, (x[1:3] - m) ** 2, x[:2] ** 2):
        assert isinstance(optimum_of(model, "w", wrong), str)


def test_wrong_shares_of_excess_zeros_are_not_taken():
    model = catalogue.load("zero_inflated_poisson")
    x, lam = model.variables["x"].value, model.parameters["lam"].value
    zero = ep.KroneckerDelta(x, 0)
    assert not isinstance(optimum_of(model, "p", (zero - exp(-lam)) / (1 - exp(-lam))), str)
    for wrong in (
        zero,
        zero - exp(-lam),
        (zero + exp(-lam)) / (1 + exp(-lam)),
        (zero - exp(-lam)) / (1 - exp(-2 * lam)),
        1 - (zero - exp(-lam)) / (1 - exp(-lam)),
    ):
        assert isinstance(optimum_of(model, "p", wrong), str)


def test_what_a_mixture_takes_is_weighted():
    model = catalogue.load("gaussian_mixture")
    c, x = model.variables["c"].value, model.variables["x"].value
    chosen = eye(model.dims_["K"])[c]
    sums = ep.Expectation(chosen[:, None] * x)
    assert isinstance(optimum_of(model, "mu", x[None, :] + 0 * sums), str)
    assert isinstance(optimum_of(model, "mu", sums), str)
    assert not isinstance(optimum_of(model, "mu", sums / ep.Expectation(chosen)[:, None]), str)


def test_log_odds_and_roots_of_averages():
    model = Model("m")
    b, p = model.parameter("b"), model.parameter("p", domain="unit interval")
    x = model.observed("x", ep.Bernoulli(logits=b))
    y = model.observed("y", ep.Bernoulli(probability=p**2))
    mean, share = ep.Expectation(x), ep.Expectation(y)
    for right in (ep.log(mean / (1 - mean)), ep.log(mean) - ep.log(1 - mean)):
        limits = optimum_of(model, "b", right)
        assert not isinstance(limits, str)
        assert "E[x] - 1 ≠ 0" in limits
    assert optimum_of(model, "p", ep.sqrt(share)) == ()
    for name, wrong in (
        ("b", ep.log((1 - mean) / mean)),
        ("b", ep.log(mean)),
        ("b", 2 * ep.log(mean / (1 - mean))),
        ("p", share),
        ("p", ep.sqrt(share) / 2),
    ):
        assert isinstance(optimum_of(model, name, wrong), str)
