"""Angles and columns of norm one: the best on the circle and the sphere, one by one or in turn."""

from __future__ import annotations

import numpy as np
import pytest
from block_checks import along_domain, derived
from scipy import optimize

from entropy_proofs import Categorical, Model, Normal
from entropy_proofs.updates.compiled_updates import compile_updates


def test_unit_columns_are_directions_of_weighted_means():
    """A mixture of directions: E[delta_ck x] over its norm, the largest of all unit vectors."""
    model = Model("directions")
    d, k = model.dims("D", "K")
    w = model.parameter("W", d, k, domain="unit columns")
    s = model.parameter("s", domain="positive")
    r = model.parameter("r", k, domain="simplex", fixed=True)
    c = model.latent("c", Categorical(probabilities=r))
    model.observed("x", Normal(mean=w.T[c], variance=s), d)
    found = derived(model)
    assert [p.name for u in found.m_step for p in u.parameters] == ["W", "s"]
    functions = found.compile()
    rng = np.random.default_rng(0)
    x, q = rng.normal(size=(20, 3)), rng.dirichlet(np.ones(2), size=20)
    at = {"W": np.eye(3)[:, :2], "s": 1.0, "r": [0.5, 0.5], "x": x, "c.probabilities": q}
    slope = x.T @ q
    new = functions.update(at)
    np.testing.assert_allclose(new["W"], slope / np.linalg.norm(slope, axis=0), atol=1e-12)
    assert functions.elbo({**at, **new}) > functions.elbo(at)
    assert found.m_step[0].shown == "maximum"


@pytest.mark.parametrize("backend", ["numpy", "jax", "torch", "mpmath"])
def test_a_mean_direction_is_the_maximum_on_the_circle(backend):
    """Against SciPy, from a grid of starts, for weights and angles that spread over the circle."""
    found = derived("von_mises_mixture")
    (direction,) = [u for u in found.m_step if u.parameters[0].name == "mu"]
    assert direction.shown == "maximum"
    rng = np.random.default_rng(0)
    x, r = rng.uniform(-np.pi, np.pi, size=(20, 2)), rng.dirichlet(np.ones(3), size=20)
    kappa = rng.uniform(0.5, 3, size=(3, 2))
    at = {"rho": np.full(3, 1 / 3), "mu": np.zeros((3, 2)), "kappa": kappa, "x": x}
    new = found.compile(backend).update({**at, "c.probabilities": r})
    mu = np.asarray(new["mu"], float)

    def falls(angle, k, d):
        return -np.sum(r[:, k] * kappa[k, d] * np.cos(x[:, d] - angle))

    for k, d in np.ndindex(3, 2):
        starts = np.linspace(-np.pi, np.pi, 9)
        tried = [optimize.minimize(falls, s, args=(k, d)) for s in starts]
        best = min(tried, key=lambda t: t.fun)
        assert falls(mu[k, d], k, d) <= best.fun + 1e-12
        assert np.cos(mu[k, d] - best.x[0]) == pytest.approx(1, abs=1e-9)


def columns_point(found, d=4, h=3, points=30):
    """Numbers for x = W z + mu + noise, W's columns of norm one, with samples of z."""
    rng = np.random.default_rng(3)
    w = rng.normal(size=(d, h))
    drawn = {"mu": rng.normal(size=d), "tau2": np.ones(h), "lam": np.ones(h), "sigma2": 0.7}
    given = {n: v for n, v in drawn.items() if n in found.proof.model.parameters}
    data = {"x": rng.normal(size=(points, d)), "z": rng.normal(size=(points, 1, h))}
    return {"W": w / np.linalg.norm(w, axis=0), **given, **data}


@pytest.mark.parametrize("backend", ["numpy", "jax"])
@pytest.mark.parametrize("name", ["ppca_learned_prior", "sparse_coding"])
def test_columns_of_norm_one_are_solved_in_turn(name, backend):
    """Each against SciPy's maximum over its sphere, with the newest of the others."""
    found = derived(name)
    (update,) = [u for u in found.m_step if u.parameters[0].name == "W"]
    assert (update.shown, update.solutions[0].axis) == ("maximum", 1)
    assert "in turn" in str(found)
    at = columns_point(found)
    new = np.asarray(found.compile(backend, expectation="samples").update(at)["W"])
    w, x, z = at["W"].copy(), at["x"] - at.get("mu", 0.0), at["z"][:, 0]
    for h in range(w.shape[1]):

        def falls(column, h=h):
            residual = x - z @ w.T + np.outer(z[:, h], w[:, h] - column / np.linalg.norm(column))
            return np.mean(np.sum(residual**2, axis=1))

        tried = [optimize.minimize(falls, s, tol=1e-12) for s in (w[:, h], -w[:, h])]
        best = min(tried, key=lambda t: t.fun).x
        w[:, h] = new[:, h]
        assert falls(w[:, h]) <= falls(best) + 1e-12
        np.testing.assert_allclose(w[:, h], best / np.linalg.norm(best), atol=1e-5)


def test_rounds_of_columns_end_where_nothing_is_left_along_any():
    found = derived("ppca_learned_prior")
    (update,) = [u for u in found.m_step if u.parameters[0].name == "W"]
    functions = compile_updates(found.proof, [update], expectation="samples")
    at, values = columns_point(found), []
    for _ in range(60):
        values.append(functions.elbo(at))
        at |= functions.update(at)
    assert (np.diff(values) > -1e-13).all()
    assert values[1] - values[0] > 1e-3
    _, gradient = functions.value_and_gradient(at, wrt=["W"])
    assert np.abs(along_domain(update.parameters[0], at["W"], gradient["W"])).max() < 1e-9


def test_one_round_of_columns_is_no_global_maximum():
    """A dictionary with known codes: no latents, yet the columns ask for one another."""
    model = Model("known codes")
    n, d, h = model.dims("n", "D", "H")
    a = model.parameter("A", n, h, fixed=True)
    w = model.parameter("W", d, h, domain="unit columns")
    model.observed("x", Normal(mean=a @ w.T, variance=1), n, d)
    found = derived(model)
    assert [u.solutions[0].axis for u in found.m_step] == [1]
    assert not found.global_optimum


def test_a_dictionary_with_noise_of_each_coordinate_is_not_solved():
    """Its columns' quadratic term is no constant on the sphere."""
    found = derived("factor_analysis_learned_prior")
    assert {str(p) for p in found.remaining} == {"W"}
