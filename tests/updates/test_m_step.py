"""What the M-step sets each block to: jointly, alone, as a logarithm or in its domain."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from block_checks import derived, point, wrong_blocks

import entropy_proofs as ep
from entropy_proofs import Categorical, Model, Normal, exp
from entropy_proofs.updates.compiled_updates import compile_updates


def test_a_joint_block_is_the_least_squares_fit_of_the_extended_regressor():
    """Factor analysis: (W, mu) against numpy's solver on (z, 1)."""
    found = derived("factor_analysis")
    assert [[p.name for p in u.parameters] for u in found.m_step] == [["W", "mu"], ["psi"]]
    assert all(u.shown == "maximum" for u in found.m_step)
    functions = found.compile(expectation="samples")
    rng = np.random.default_rng(0)
    x, z = rng.normal(size=(30, 3)), rng.normal(size=(30, 1, 2))
    start = {"W": np.zeros((3, 2)), "mu": np.zeros(3), "psi": np.ones(3)}
    new = functions.update({**start, "x": x, "z": z})
    extended = np.column_stack([z[:, 0], np.ones(30)])
    fit, *_ = np.linalg.lstsq(extended, x, rcond=None)
    np.testing.assert_allclose(new["W"], fit[:2].T, atol=1e-12)
    np.testing.assert_allclose(new["mu"], fit[2], atol=1e-12)
    np.testing.assert_allclose(new["psi"], ((x - extended @ fit) ** 2).mean(0), atol=1e-12)


def test_two_sets_of_means_that_can_be_shifted_against_each_other_are_not_solved_jointly():
    """sum_k delta_ck = sum_l delta_el = 1, so that the joint least squares problem is singular."""
    model = Model("two labels")
    k, l = model.dims("K", "L")
    m, n = model.parameter("m", k), model.parameter("n", l)
    r, q = model.parameter("r", k, domain="simplex"), model.parameter("q", l, domain="simplex")
    c, e = (
        model.latent("c", Categorical(probabilities=r)),
        model.latent("e", Categorical(probabilities=q)),
    )
    model.observed("x", Normal(mean=m[c] + n[e], variance=1))
    found = derived(model)
    assert [[p.name for p in u.parameters] for u in found.m_step] == [["m"], ["n"], ["r"], ["q"]]
    functions = compile_updates(found.proof, found.m_step, expectation="samples")
    assert not wrong_blocks(found, point(model, functions))


@pytest.mark.parametrize(
    ("mean", "solved"),
    [
        (lambda a, b: a[:, None] - a[None, :], {"s"}),
        (lambda a, b: a[:, None] + b[None, :], {"a", "b", "s"}),
        (lambda a, b: a[:, None] + a[None, :], {"a", "s"}),
    ],
)
def test_what_only_a_singular_matrix_determines_has_no_joint_solution(mean, solved):
    """a + 1 and b - 1, or a + 1 alone, are as good: n I - 1 1' is invertible for no data."""
    model = Model("two ways")
    n = model.dims("N")
    a, b, s = model.parameter("a", n), model.parameter("b", n), model.parameter("s", domain="positive")  # fmt: skip
    model.observed("x", Normal(mean=mean(a, b), variance=s), n, n)
    found = derived(model)
    blocks = [[p.name for p in u.parameters] for u in found.m_step]
    assert sorted(blocks) == [[name] for name in sorted(solved)]
    functions = found.compile(expectation="samples")
    assert not wrong_blocks(found, point(model, functions))


def test_weights_without_a_joint_solution_are_tried_together_once(monkeypatch):
    """Each of them belongs to the same group, whose elimination fails once for all."""
    from entropy_proofs.updates import m_step

    eliminated, eliminate = [], m_step._Conditions._eliminated
    monkeypatch.setattr(
        m_step._Conditions, "_eliminated", lambda *a: (eliminated.append(1), eliminate(*a))[1]
    )
    model, count = ep.Model("many weights"), 4
    n = model.dims("n")
    v = model.parameter("v", domain="positive")
    mean = sum(
        model.parameter(f"w{i}") * model.parameter(f"u{i}", n, fixed=True) for i in range(count)
    )
    model.observed("x", ep.Normal(mean=mean, variance=v), n)
    updates = ep.prove(model).updates
    assert len(updates.m_step) == count + 1
    assert len(eliminated) == 1


def test_statistics_are_what_a_solution_averages():
    """Of a normal distribution E[x] and E[x**2], which give the mean and the mean square."""
    model = ep.Model("m")
    mu, s = model.parameter("mu"), model.parameter("s", domain="positive")
    x = model.observed("x", ep.Normal(mean=mu, variance=s))
    of_mean, of_variance = ep.prove(model).updates.m_step
    assert of_mean.statistics == {"E[x]": x}
    assert of_variance.statistics == {"E[x]": x, "E[x**2]": x**2}
    data = np.array([1.0, 2.0, 6.0])
    averages = {
        name: float(np.mean(sp.lambdify(x, value)(data)))
        for name, value in of_variance.statistics.items()
    }
    element, _ = of_variance.written["s"]
    found = element.subs({a: averages.get(a.name, 2.5) for a in element.free_symbols})
    assert float(found) == pytest.approx(np.mean((data - 2.5) ** 2))


def test_one_variance_of_two_conditionals_is_solved():
    model = Model("scale")
    v = model.parameter("v", domain="positive")
    z = model.latent("z", Normal(mean=0, variance=v))
    x = model.observed("x", Normal(mean=exp(z), variance=v))
    (update,) = derived(model).m_step
    assert update.shown == "maximum"
    assert sp.expand(update.formula[v].args[0] * 2 - z**2 - (x - exp(z)) ** 2) == 0


def log_linear(rate):
    """Counts with a rate of these terms of an intercept c and a latent z."""
    model = Model("Counts")
    D = model.dims("D")
    c = model.parameter("c", D)
    w = model.parameter("w", D)
    z = model.latent("z", Normal(mean=0, variance=1))
    model.observed("x", ep.Poisson(rate=rate(c, w, z)), D)
    return model


@pytest.mark.parametrize(
    ("rate", "value"),
    [
        (lambda c, w, z: exp(c + w * z), lambda m, e: np.log(m / e)),
        (lambda c, w, z: exp(w * z - 2 * c), lambda m, e: -np.log(m / e) / 2),
    ],
)
def test_the_intercept_of_a_log_rate_is_the_logarithm_of_a_ratio(rate, value):
    found = derived(log_linear(rate))
    (update,) = found.m_step
    assert update.shown == "maximum"
    assert any(said.endswith("> 0") for said in update.conditions)
    rng = np.random.default_rng(0)
    x, z, w = rng.poisson(3, size=(30, 2)), rng.normal(size=(30, 1)), np.array([0.3, -0.4])
    new = found.compile(expectation="samples").update({"c": np.zeros(2), "w": w, "x": x, "z": z})
    np.testing.assert_allclose(new["c"], value(x.mean(0), np.exp(w * z).mean(0)), atol=1e-12)


def test_the_intercept_of_a_log_variance_is_that_of_a_mean_square():
    model = Model("Noise that a latent scales")
    c, w = model.parameter("c"), model.parameter("w")
    z = model.latent("z", Normal(mean=0, variance=1))
    model.observed("x", Normal(mean=0, variance=exp(c + w * z)))
    found = derived(model)
    assert [u.shown for u in found.m_step] == ["maximum"]
    rng = np.random.default_rng(0)
    x, z = rng.normal(size=30), rng.normal(size=(30, 1))
    new = found.compile(expectation="samples").update({"c": 0.0, "w": 0.5, "x": x, "z": z})
    assert new["c"] == pytest.approx(np.log((x**2 * np.exp(-0.5 * z[:, 0])).mean()), abs=1e-12)


@pytest.mark.parametrize(
    "rate",
    [
        lambda c, w, z: exp(c + w * z) + exp(2 * c),
        lambda c, w, z: exp(c * z),
        lambda c, w, z: exp(c + w * z) + 1,
        lambda c, w, z: exp(c**2 + w * z),
        lambda c, w, z: exp(c + exp(c) * z),
    ],
)
def test_what_is_no_intercept_is_left(rate):
    found = derived(log_linear(rate))
    assert found.m_step == ()
    assert "c" in map(str, found.remaining)
