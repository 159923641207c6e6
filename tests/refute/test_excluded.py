"""Stationary points at which the conditions of a proof fail, and F is not the sum of entropies."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import sympy as sp

import entropy_proofs as ep
from entropy_proofs import Exponential, Model, Normal, Poisson, exp
from entropy_proofs.cli import commands as cli
from entropy_proofs.export.json import proof_record


def _one_plus_square(model):
    w = model.parameter("w")
    model.observed("x", Normal(mean=0, variance=1 + w**2))
    return w, lambda v, x: -(math.log(2 * math.pi * (1 + v**2)) + x**2 / (1 + v**2)) / 2


def _sine_rate(model):
    w = model.parameter("w")
    model.observed("x", Exponential(rate=2 + sp.sin(w)))
    return w, lambda v, x: math.log(2 + math.sin(v)) - (2 + math.sin(v)) * x


def _sum_of_inverses(model):
    t = model.parameter("t", domain="positive")
    model.observed("x", Normal(mean=0, variance=t + 1 / t))
    return t, lambda v, x: -(math.log(2 * math.pi * (v + 1 / v)) + x**2 / (v + 1 / v)) / 2


CASES = [
    (_one_plus_square, "w = 0", 0),
    (_sine_rate, "cos(w) = 0", math.pi / 2),
    (_sum_of_inverses, "t = 1", 1),
]


@pytest.mark.parametrize(("declare", "where", "value"), CASES)
def test_where_a_condition_fails_f_is_not_the_sum(declare, where, value):
    model = Model("conditional")
    parameter, log_density = declare(model)
    proof = ep.prove(model)
    assert proof.verdict is ep.Verdict.PARTIAL
    found = proof.counterexample
    assert found.where == where
    at = found.at[parameter.name]
    assert at == pytest.approx(value, abs=1e-11)
    data = [(float(p["weight"]), p["x"]) for p in found.at["data"]]
    step = 1e-4
    below, here, above = (
        sum(weight * log_density(at + t, x) for weight, x in data) for t in (-step, 0, step)
    )
    assert here == pytest.approx(float(found.left), rel=1e-9)
    assert (above - below) / (2 * step) == pytest.approx(0, abs=1e-4 * abs(here))
    entropy = float(proof.entropy_sum.subs(parameter, at))
    assert entropy == pytest.approx(float(found.right), rel=1e-9)
    assert abs(float(found.left) - float(found.right)) > 0.1
    assert float(found.gradient_norm) < 1e-30
    assert len(found.left.strip("-").replace(".", "").lstrip("0")) >= 14


def _of_each(model):
    D = model.dims("D")
    w = model.parameter("w", D)
    model.observed("x", Normal(mean=0, variance=1 + w**2), D)
    return lambda w: 1 + w**2


def _of_their_sum(model):
    w = model.parameter("w", model.dims("D"))
    model.observed("x", Normal(mean=0, variance=1 + w.sum() ** 2))
    return lambda w: 1 + w.sum(keepdims=True) ** 2


def _of_two(model):
    w = model.parameter("w", 2)
    model.observed("x", Normal(mean=0, variance=1 + (w[0] - w[1]) ** 2))
    return lambda w: 1 + (w[:1] - w[1:]) ** 2


@pytest.mark.parametrize(
    ("declare", "where"),
    [
        (_of_each, "w[d] = 0 for some d"),
        (_of_their_sum, "∑_d w[d] = 0"),
        (_of_two, "w[0] - w[1] = 0"),
    ],
)
def test_where_a_condition_on_elements_fails(declare, where):
    """One element is moved, and F is stationary in all of them."""
    model = Model("elements")
    variance = declare(model)
    found = ep.prove(model).counterexample
    assert found.where == where
    weights = np.array([float(p["weight"]) for p in found.at["data"]])
    x = np.array([np.atleast_1d(p["x"]) for p in found.at["data"]])

    def elbo(w):
        v = variance(np.asarray(w))
        return weights @ (-(np.log(2 * np.pi * v) + x**2 / v) / 2).sum(axis=1)

    at = np.array(found.at["w"])
    assert elbo(at) == pytest.approx(float(found.left), rel=1e-9)
    for step in 1e-4 * np.eye(len(at)):
        assert (elbo(at + step) - elbo(at - step)) / 2e-4 == pytest.approx(0, abs=1e-3)
    entropy = (np.log(2 * np.pi * variance(at)) + 1).sum() / 2
    assert -entropy == pytest.approx(float(found.right), rel=1e-9)
    assert abs(float(found.left) + entropy) > 0.1


def test_both_factors_of_a_product_can_be_at_zero():
    """At w = 0 alone the derivative by w would still ask for x² = 1."""
    model = Model("product")
    w, u = model.parameter("w"), model.parameter("u")
    model.observed("x", Normal(mean=0, variance=exp(w * u)))
    found = ep.prove(model).counterexample
    assert (found.at["w"], found.at["u"]) == (0, 0)


def test_other_conditions_of_stationarity_hold_there_too():
    model = Model("learned mean")
    mu, w = model.parameter("mu"), model.parameter("w")
    model.observed("x", Normal(mean=mu, variance=1 + w**2))
    found = ep.prove(model).counterexample
    weights = np.array([float(p["weight"]) for p in found.at["data"]])
    x = np.array([p["x"] for p in found.at["data"]])
    assert weights @ x == pytest.approx(found.at["mu"], abs=1e-9)
    assert weights @ (x - found.at["mu"]) ** 2 != pytest.approx(1, abs=0.1)


def test_conditions_on_constants_and_sizes_need_no_point():
    model = Model("known")
    a, w = model.parameter("a", fixed=True), model.parameter("w")
    model.observed("x", Normal(mean=0, variance=exp(a * w)))
    proof = ep.prove(model)
    assert proof.verdict is ep.Verdict.PROVED
    assert proof.counterexample is None


def test_no_point_is_claimed_where_none_is_stationary():
    """At lam = 1, where lam log lam has no slope in the field's way, F is the sum all the same."""
    model = Model("rate")
    lam = model.parameter("lam", domain="positive")
    model.observed("x", Poisson(rate=lam))
    assert ep.prove(model).counterexample is None


def test_it_is_shown_with_the_proof_and_in_json(tmp_path, capsys):
    def run(*arguments):
        with pytest.raises(SystemExit) as exited:
            cli.main(arguments)
        assert exited.value.code == 1
        return capsys.readouterr().out

    path = tmp_path / "square.py"
    path.write_text(
        "from entropy_proofs import Model, Normal\n"
        "model = Model('One plus a square')\n"
        "w = model.parameter('w')\n"
        "model.observed('x', Normal(mean=0, variance=1 + w**2))\n"
    )
    shown = run("prove", str(path))
    assert "Where w ≠ 0, at every stationary point the ELBO equals a sum of entropies:" in shown
    assert "at a stationary point where w = 0" in shown
    assert "Witness" not in shown
    record = json.loads(run("prove", "--json", "--counterexample", str(path)))
    assert record["conditions"] == ["w ≠ 0"]
    assert record["counterexample"]["where"] == "w = 0"
    assert record["counterexample"]["elbo"] != record["counterexample"]["entropy_sum"]
    assert record["witness"] is None
    assert "counterexample" not in proof_record(ep.prove(ep.load(str(path))))


def test_points_at_which_a_log_density_overflows_are_left_out():
    """log erfc of a far point is -∞ as a float; no counterexample is found, and none is invented."""
    model = Model("skew normal")
    m, a = model.parameter("m"), model.parameter("a")
    s = model.parameter("s", domain="positive")
    model.observed("x", ep.SkewNormal(location=m, scale=s, slant=a))
    proof = ep.prove(model)
    assert proof.verdict is ep.Verdict.REFUTED
    assert proof.counterexample is None
