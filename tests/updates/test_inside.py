"""Whether what a parameter is set to is inside of its domain, and the best there if not."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from block_checks import derived
from scipy import optimize

import entropy_proofs as ep
from entropy_proofs import Model, Normal
from entropy_proofs.objective.solutions import two_parts
from entropy_proofs.updates.compiled_updates import compile_updates


def of_mean(domain, *shape):
    """Data of both signs around a parameter of a domain."""
    model = Model("a mean that is bounded")
    n = model.dims("N")
    theta = model.parameter("theta", *shape, domain=domain)
    model.observed("x", Normal(mean=theta, variance=1), n, *shape)
    return model


def test_a_positive_mean_is_its_average_where_that_is_positive():
    """Elsewhere F falls all the way from theta = 0 on: there is no maximum to be set to."""
    (update,) = derived(of_mean("positive")).m_step
    assert update.shown == "maximum"
    assert [c for c in update.conditions if c.endswith("> 0")] == list(update.conditions) != []
    assert update.conditions[0] in str(update.displayed()[-1])


def test_a_positive_loading_may_be_outside_too():
    model = Model("a positive loading")
    n = model.dims("N")
    w = model.parameter("w", domain="positive")
    s = model.parameter("s", domain="positive")
    z = model.latent("z", Normal(mean=0, variance=1), n)
    model.observed("x", Normal(mean=w * z, variance=s), n)
    conditions = {str(p): u.conditions for u in derived(model).m_step for p in u.formula}
    assert [c.endswith("> 0") for c in conditions["w"]] == [True]
    assert not conditions["s"]  # a mean square


def test_a_mean_square_is_one_however_it_is_written():
    """x^2 - 2 x w y + w^2 y^2 and |x - m| / s^2 + ...: the gradient's parts tell."""
    model = Model("scales")
    n = model.dims("N")
    m, s = model.parameter("m"), model.parameter("s", domain="positive")
    x = model.observed("x", ep.Laplace(mean=m, scale=s), n)
    model.observed("y", Normal(mean=m * x, variance=s), n)
    (update,) = (u for u in derived(model).m_step if s in u.formula)
    assert update.shown == "maximum"
    assert not update.conditions


def test_a_share_of_what_may_be_negative_is_in_doubt():
    """log p = y log(theta) + (1 - y) log(1 - theta) + ..., of a y that is any number."""
    theta = sp.Symbol("theta", positive=True, unit_interval=True)
    y, v = sp.Symbol("y", real=True), sp.Symbol("v", nonnegative=True)
    assert not two_parts(y / theta - (1 - y) / (1 - theta), theta)
    assert not two_parts(v / theta + v / (1 - theta), theta)
    assert two_parts(v / theta - 2 * v / (1 - theta), theta)


COUNTS = {
    "zeros to spare": [0, 0, 0, 0, 2, 3, 1, 4],
    "too few zeros": [0, 1, 2, 3, 1, 2, 2, 1],
    "no zero": [1, 2, 3],
    "zeros alone": [0, 0, 0],
}


@pytest.mark.parametrize("counts", COUNTS.values(), ids=COUNTS)
def test_the_share_of_excess_zeros_is_the_best_in_its_interval(counts):
    """Against SciPy's bounded search, also where the best is an end."""
    found = derived("zero_inflated_poisson")
    (update,) = found.m_step
    assert update.shown == "maximum"
    x = np.array(counts, float)[:, None]
    for lam in (0.3, 1.7):
        at = {"p": np.array([0.5]), "lam": np.array([lam]), "x": x}
        (new,) = compile_updates(found.proof, [update]).update(at)["p"]

        def falls(p, lam=lam):
            with np.errstate(divide="ignore"):
                none, some = np.log(p + (1 - p) * np.exp(-lam)), np.log(1 - p)
            return -np.mean(np.where(x == 0, none, some))

        best = optimize.minimize_scalar(falls, bounds=(0, 1), options={"xatol": 1e-10}).x
        assert new == pytest.approx(best, abs=1e-5)
        assert 0 <= new <= 1
