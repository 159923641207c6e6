"""Every update against the ELBO's own gradient, and what must not be taken for one."""

from __future__ import annotations

import json

import numpy as np
import pytest
import sympy as sp
from catalogue.spread import LONG, MODELS
from scipy import optimize, stats

import entropy_proofs as ep
from entropy_proofs import Categorical, Model, MultivariateNormal, Normal, exp, eye, inv
from entropy_proofs.claims.optimum import Optimum
from entropy_proofs.evaluate.batch import POINTS, SAMPLES
from entropy_proofs.evaluate.random_values import random_instance, random_sizes
from entropy_proofs.families.spaces import (
    POSITIVE_DEFINITE,
    REAL,
    SIMPLEX,
    UNIT_COLUMNS,
    UNIT_INTERVAL,
)
from entropy_proofs.model import catalogue
from entropy_proofs.objective.solutions import shown_optimum, solve_condition, two_parts
from entropy_proofs.proof.record import ProofRecord
from entropy_proofs.proof.verdict import Verdict
from entropy_proofs.updates.compiled_updates import compile_updates
from entropy_proofs.updates.curvature import curvature
from entropy_proofs.updates.updates import updates

#: Whose algebra is long, and whose kinds of updates others here have too.
NETWORKS = {"mixture_density_network", "vae_conditional", "vae_vampprior", "vae_ladder", "vae_student_t", "vae_hierarchical"}  # fmt: skip
SLOW = {"linear_dynamical_system_inputs", "switching_linear_dynamical_system", "dynamic_factor_model", "autoregressive_hmm"}  # fmt: skip
TRIED = [
    n for n in catalogue.names() if n not in NETWORKS and (LONG or (n in MODELS and n not in SLOW))
]


def derived(model):
    """The updates, without a search for the proof of its sum."""
    return updates(ProofRecord(model, Verdict.UNDECIDED, (), None, (), None, 0.0))


def point(model, functions, seed: int = 1):
    """A random point with more data than parameters."""
    rng = np.random.default_rng(seed)
    sizes = {**random_sizes(model, rng), POINTS.name: 40, SAMPLES.name: 3}
    sizes |= dict.fromkeys({"n", "T"} & sizes.keys(), 9)  # more rows than regressors
    values = random_instance(functions._code, rng, sizes)
    return {**values, **{name: sizes[name] for name in model.dims_}}


def along_domain(parameter, value, slope):
    """What is left of a gradient along the parameter's domain, relative to its scale."""
    if parameter.domain == SIMPLEX:
        moved = slope * value
        return moved - value * moved.sum(axis=-1, keepdims=True)
    if parameter.domain == POSITIVE_DEFINITE:
        return value @ (slope + np.swapaxes(slope, -1, -2)) @ value
    if parameter.domain == UNIT_COLUMNS:
        return slope - value * (value * slope).sum(axis=-2, keepdims=True)
    if parameter.domain == UNIT_INTERVAL:
        return slope * value * (1 - value)  # at an end the best is beyond it
    return slope * (np.abs(value) + 1e-3)


def last_slice(solution, at, gradient):
    """What is left of the gradient, of slices solved in turn along the last of them."""
    name = solution.parameter.name
    left = along_domain(solution.parameter, at[name], gradient[name])
    return left if solution.axis is None else np.take(left, -1, axis=solution.axis)


def wrong_blocks(found, at):
    """The blocks along which F's gradient is left after their update, or at which F fell."""
    functions = [compile_updates(found.proof, [u], expectation="samples") for u in found.m_step]
    whole, wrong = functions[0], []
    names = [p.name for u in found.m_step for p in u.parameters]
    before = whole.elbo(at)
    for u, own in zip(found.m_step, functions, strict=True):
        at = {**at, **own.update(at)}
        for p in u.parameters:
            if p.domain == UNIT_INTERVAL:  # functions refuse its ends
                at[p.name] = np.clip(at[p.name], 1e-12, 1 - 1e-12)
        f, gradient = whole.value_and_gradient(at, wrt=names)
        left = [np.abs(last_slice(s, at, gradient)).max() for s in u.solutions]
        if max(left) > 1e-8 * (1 + abs(f)):
            wrong.append((u, left))
        if u.shown == "maximum" and f < before - 1e-9 * (1 + abs(before)):
            wrong.append((u, before, f))
        before = f
    return wrong


@pytest.mark.parametrize("name", TRIED)
def test_after_each_update_nothing_is_left_along_its_block(name):
    found = derived(catalogue.load(name))
    taken = {p.label for u in found.m_step for p in u.parameters}
    assert taken | set(map(label_of(found), found.remaining)) == set(found.proof.model.learned())
    json.dumps(found.record())
    if found.m_step:
        functions = compile_updates(found.proof, found.m_step, expectation="samples")
        assert not wrong_blocks(found, point(found.proof.model, functions))


def label_of(found):
    labels = {p.value: p.label for p in found.proof.model.parameters.values()}
    return labels.__getitem__


def test_a_joint_block_is_the_least_squares_fit_of_the_extended_regressor():
    """Factor analysis: (W, mu) against numpy's solver on (z, 1)."""
    found = derived(catalogue.load("factor_analysis"))
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


def test_statistics_of_batches_add_up():
    functions = derived(catalogue.load("gaussian_mixture")).compile()
    rng = np.random.default_rng(0)
    x, r = rng.normal(size=(30, 2)), rng.dirichlet(np.ones(3), size=30)
    at = {
        "rho": np.full(3, 1 / 3),
        "mu": rng.normal(size=(3, 2)),
        "Sigma": np.stack([np.eye(2)] * 3),
    }
    parts = [
        functions.statistics({**at, "x": x[part], "c.probabilities": r[part]})
        for part in (slice(0, 10), slice(10, 30))
    ]
    added = {name: (parts[0][name] + 2 * parts[1][name]) / 3 for name in parts[0]}
    new = functions.solve(added, at)
    whole = functions.update({**at, "x": x, "c.probabilities": r})
    count = r.sum(0)
    np.testing.assert_allclose(whole["mu"], r.T @ x / count[:, None], atol=1e-12)
    for name, value in whole.items():
        np.testing.assert_allclose(new[name], value, atol=1e-12)
    with pytest.raises(ep.InputError, match="statistic is not given"):
        functions.solve({}, at)


def test_the_global_optimum_of_ppca_is_a_fixed_point_and_its_maximum():
    """Tipping & Bishop's eigenvectors against the updates, and against runs from random starts."""
    found = derived(catalogue.load("ppca"))
    assert "eigenvalues" in found.global_optimum
    functions = found.compile(covariance="full")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 4)) @ rng.normal(size=(4, 4))
    values, vectors = np.linalg.eigh(np.cov(x.T, bias=True))
    sigma2 = values[:2].mean()
    best = {"W": vectors[:, 2:] * np.sqrt(values[2:] - sigma2), "mu": x.mean(0), "sigma2": sigma2}

    def stepped(at):
        q = functions.optimal_q({**at, "x": x})
        return {**at, **functions.update({**at, **q, "x": x})}, functions.elbo({**at, **q, "x": x})

    after, f = stepped(best)
    for name, value in best.items():
        np.testing.assert_allclose(after[name], value, atol=1e-8)
    for seed in range(2):
        start = np.random.default_rng(seed)
        at = {"W": start.normal(size=(4, 2)), "mu": start.normal(size=4), "sigma2": 2.0}
        for _ in range(100):
            at, reached = stepped(at)
        assert f - 1 < reached <= f + 1e-9


def test_without_latents_one_m_step_is_the_global_maximum():
    found = derived(catalogue.load("linear_regression"))
    assert found.global_optimum == "one M-step is the global maximum of the likelihood"
    assert not derived(catalogue.load("factor_analysis")).global_optimum
    assert not derived(catalogue.load("heteroscedastic_regression")).global_optimum


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


# circles and spheres ------------------------------------------------------------------------------
@pytest.mark.parametrize("backend", ["numpy", "jax", "torch", "mpmath"])
def test_a_mean_direction_is_the_maximum_on_the_circle(backend):
    """Against SciPy, from a grid of starts, for weights and angles that spread over the circle."""
    found = derived(catalogue.load("von_mises_mixture"))
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
    found = derived(catalogue.load(name))
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
    found = derived(catalogue.load("ppca_learned_prior"))
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
    found = derived(catalogue.load("factor_analysis_learned_prior"))
    assert {str(p) for p in found.remaining} == {"W"}


# elements by name, and quotients ------------------------------------------------------------------
def test_elements_that_are_named_by_numbers_have_conditions_of_their_own():
    """The first two values of a series, each with a mean and a variance; against SciPy."""
    found = derived(catalogue.load("autoregressive_hmm"))
    assert found.complete
    assert all(u.shown == "maximum" for u in found.m_step)
    model = Model("two values")
    m, w = model.parameter("m", 2), model.parameter("w", 2, domain="positive")
    model.observed("a", Normal(mean=m[0], variance=w[0]))
    model.observed("b", Normal(mean=2 * m[1], variance=3 * w[1]))
    own = derived(model)
    assert [u.conditions for u in own.m_step] == [(), ()]
    functions = own.compile()
    rng = np.random.default_rng(0)
    data = {"a": 10 + rng.normal(size=20), "b": rng.normal(2, 3, size=20)}
    new = functions.update({"m": np.zeros(2), "w": np.ones(2), **data})
    for k, (x, by, of) in enumerate([(data["a"], 1, 1), (data["b"], 2, 3)]):

        def falls(v, x=x, by=by, of=of):
            scale = np.sqrt(of * np.exp(v[1]))
            return -stats.norm.logpdf(x - x.mean(), by * v[0] - x.mean(), scale).mean()

        best = optimize.minimize(falls, [x.mean() / by, np.log(x.var() / of)], tol=1e-12).x
        assert new["m"][k] == pytest.approx(best[0], rel=1e-9)
        assert new["w"][k] == pytest.approx(np.exp(best[1]), rel=1e-5)


def test_one_element_that_is_solved_for_alone_is_not_all_of_them():
    """w[1] is a standard deviation that others hold, too: nothing of w is taken for solved."""
    model = Model("two values")
    w = model.parameter("w", 2, domain="positive")
    model.observed("a", Normal(mean=0, variance=w[0]))
    model.observed("b", Normal(mean=w[1], variance=w[1] + w[1] ** 3))
    assert {str(p) for p in derived(model).remaining} == {"w"}


COUNTS = {
    "zeros to spare": [0, 0, 0, 0, 2, 3, 1, 4],
    "too few zeros": [0, 1, 2, 3, 1, 2, 2, 1],
    "no zero": [1, 2, 3],
    "zeros alone": [0, 0, 0],
}


@pytest.mark.parametrize("counts", COUNTS.values(), ids=COUNTS)
def test_the_share_of_excess_zeros_is_the_best_in_its_interval(counts):
    """Against SciPy's bounded search, also where the best is an end."""
    found = derived(catalogue.load("zero_inflated_poisson"))
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


# what is refused ----------------------------------------------------------------------------------
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


def test_no_maximum_is_claimed_where_the_bound_is_not_concave():
    """A product of two parameters has a saddle; each alone is at a maximum."""
    model = Model("product")
    a, b = model.parameter("a"), model.parameter("b")
    model.observed("x", Normal(mean=a * b, variance=1))
    both = [model.parameters["a"], model.parameters["b"]]
    assert not curvature(model, both).is_maximum
    assert curvature(model, both[:1]).is_maximum
    found = derived(model)
    assert [len(u.parameters) for u in found.m_step] == [1, 1]


@pytest.mark.parametrize("square", [lambda w: w**2, lambda w: -(w**2)])
def test_no_maximum_of_what_bends_upwards(square):
    model = Model("bent")
    w = model.parameter("w")
    model.observed("x", Normal(mean=square(w), variance=1))
    assert not curvature(model, [model.parameters["w"]]).is_maximum


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


def test_what_has_no_closed_form_says_why():
    model = Model("logistic")
    n, d = model.dims("n", "P")
    a = model.parameter("A", n, d, fixed=True)
    w = model.parameter("w", d)
    model.observed("y", ep.Bernoulli(logits=a @ w), n)
    found = derived(model)
    assert not found.m_step
    assert not found.complete
    assert "not linear" in found.remaining[w]
    assert "gradient steps" in str(found)
    with pytest.raises(ep.InputError, match="no parameter has an update"):
        found.compile()


# domains ------------------------------------------------------------------------------------------
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


def test_a_share_of_what_may_be_negative_is_in_doubt():
    """log p = y log(theta) + (1 - y) log(1 - theta) + ..., of a y that is any number."""
    theta = sp.Symbol("theta", positive=True, unit_interval=True)
    y, v = sp.Symbol("y", real=True), sp.Symbol("v", nonnegative=True)
    assert not two_parts(y / theta - (1 - y) / (1 - theta), theta)
    assert not two_parts(v / theta + v / (1 - theta), theta)
    assert two_parts(v / theta - 2 * v / (1 - theta), theta)


@pytest.mark.parametrize("name", [n for n in MODELS if n not in NETWORKS | SLOW])
def test_what_a_catalogue_model_is_set_to_is_known_to_be_in_its_domain(name):
    """Mean squares, shares of counts, sums of what is positive."""
    doubtful = {
        (name, str(p))
        for u in derived(catalogue.load(name)).m_step
        for p in u.formula
        if any(c.endswith(("> 0", "< 1")) for c in u.conditions) and u.parameters[0].domain != REAL
    }
    assert doubtful <= {("geometric_mixture", "p")}  # counts that are known to be at least 0 only


# the E-step ---------------------------------------------------------------------------------------
def chain(latent, observed, *, order=1):
    """A chain of T steps, and what is seen of it."""
    model = Model("a chain")
    t, k = model.dims("T", "K")
    s = model.parameter("s", domain="positive")
    if latent == "labels":
        p = model.parameter("p", k, domain="simplex")
        a = model.parameter("A", *[k] * (order + 1), domain="simplex")
        first, b = Categorical(probabilities=p), model.parameter("b", k)

        def following(past):
            return Categorical(probabilities=a[past])

    else:
        first, b = Normal(mean=0, variance=s), None

        def following(past):
            return Normal(mean=sum(past) if order > 1 else past, variance=s)

    z = model.chain("z", initial=first if order == 1 else (first,) * order, transition=following, length=t)  # fmt: skip
    model.observed("x", Normal(mean=observed(z if b is None else b[z], t), variance=s))
    return model


ALL, ENDS, FIRST = (lambda z, t: z.sum()), (lambda z, t: z[0] - z[t - 1]), (lambda z, t: z[0])


@pytest.mark.parametrize(
    ("latent", "observed", "kind"),
    [
        ("labels", ALL, ("categorical", False)),
        ("labels", ENDS, ("categorical", False)),
        ("labels", FIRST, ("Markov", True)),
        ("numbers", ALL, ("multivariate normal", True)),
        ("numbers", ENDS, ("multivariate normal", True)),
        ("numbers", FIRST, ("Gaussian Markov", True)),
    ],
)
def test_q_of_a_chain_is_markov_where_nothing_joins_steps_that_are_apart(latent, observed, kind):
    (q,) = derived(chain(latent, observed)).e_step
    assert (q.family, q.exact) == kind
    assert ("forward-backward" in q.how or "Kalman" in q.how) == ("Markov" in q.family)


def test_a_transition_of_two_steps_joins_three():
    (q,) = derived(chain("labels", FIRST, order=2)).e_step
    assert (q.family, q.exact) == ("Markov of order 2", True)
    assert "each 3 steps'" in q.how


@pytest.mark.parametrize("weighted", [{"z": 3}, {"x": 3}, {"z": 3, "x": 3}])
def test_the_best_q_of_a_weighted_bound_is_no_posterior(weighted):
    model = Model("a weighted bound")
    n = model.dims("N")
    a = model.parameter("a", domain="positive")
    z = model.latent("z", ep.Beta(alpha=a, beta=a), n)
    x = model.observed("x", ep.Bernoulli(probability=z), n)
    model.weights({{"z": z, "x": x}[name]: w for name, w in weighted.items()})
    (q,) = derived(model).e_step
    assert not q.exact
    assert "weighted" in q.text
    assert ("where alpha and beta > 0" in q.how) == ("z" in weighted)  # 3 a - 2 + x may be negative


def test_where_all_weigh_the_same_it_is():
    model = Model("weights that cancel")
    z = model.latent("z", Normal(mean=0, variance=1), model.dims("N"))
    x = model.observed("x", Normal(mean=z, variance=model.parameter("s", domain="positive")))
    model.weights({z: 3, x: 3}, q=3)
    (q,) = derived(model).e_step
    assert q.exact


def test_the_best_q_of_a_mixture_is_its_responsibilities():
    found = derived(catalogue.load("gaussian_mixture"))
    (q,) = found.e_step
    assert (q.latent, q.family, q.exact) == ("c", "categorical", True)
    assert q.formula.keys() == {"probabilities"}


def test_the_best_q_of_factor_analysis_is_the_posterior():
    """Its formula, at numbers, against the normal distribution's conditioning."""
    (q,) = derived(catalogue.load("factor_analysis")).e_step
    assert (q.family, q.exact) == ("multivariate normal", True)
    model = catalogue.load("factor_analysis")
    sizes = {model.dims_["D"]: 3, model.dims_["H"]: 2}
    rng = np.random.default_rng(0)
    w, mu, psi, x = (
        rng.normal(size=(3, 2)),
        rng.normal(size=3),
        rng.uniform(1, 2, 3),
        rng.normal(size=3),
    )
    given = {}
    for name, value in {"W": w, "mu": mu, "psi": psi}.items():
        given[model.parameters[name].label] = value
    given[model.variables["x"].label] = x
    precision = np.eye(2) + w.T / psi @ w
    mean = np.linalg.solve(precision, w.T / psi @ (x - mu))
    np.testing.assert_allclose(numbers(q.formula["mean"], sizes, given), mean, atol=1e-12)
    np.testing.assert_allclose(
        numbers(q.formula["covariance"], sizes, given), np.linalg.inv(precision), atol=1e-12
    )


def numbers(array, sizes, given):
    """An array expression at numbers, by SymPy alone."""
    done = array.xreplace(sizes).doit()
    flat = {
        a: sp.Float(float(given[a.base.label][tuple(int(i) for i in a.indices)]))
        for a in done.atoms(sp.Indexed)
    }
    return np.array(done.xreplace(flat).tolist(), dtype=float)


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("gamma_poisson", {"z": ("gamma", True)}),
        ("student_t_scale_mixture", {"w": ("gamma", True)}),
        ("latent_dirichlet_allocation", {"theta": ("Dirichlet", False), "z": ("categorical", False)}),
        ("linear_dynamical_system", {"z": ("Gaussian Markov", True)}),
        ("hmm_categorical", {"z": ("Markov", True)}),
        ("mixture_of_factor_analysers", {"c": ("categorical", False), "z": ("multivariate normal", False)}),
        ("sigmoid_belief_network", {"z": ("Bernoulli", False)}),
        ("stochastic_volatility", {"h": ("", False)}),
    ],
)  # fmt: skip
def test_what_q_is(name, kinds):
    found = derived(catalogue.load(name)).e_step
    assert {q.latent: (q.family, q.exact) for q in found} == kinds


def test_a_model_that_is_not_in_the_catalogue():
    """A switching regression with shared noise: all of it has an update."""
    model = Model("switching regression")
    n, d, k = model.dims("n", "P", "K")
    a = model.parameter("A", n, d, fixed=True)
    r = model.parameter("r", k, domain="simplex")
    b = model.parameter("b", k, d)
    o = model.parameter("o", k)
    s = model.parameter("S", n, n, domain="positive definite")
    c = model.latent("c", Categorical(probabilities=r))
    model.observed("y", MultivariateNormal(mean=a @ b[c] + o[c], covariance=s))
    found = derived(model)
    assert {p.name for u in found.m_step for p in u.parameters} >= {"r", "S"}
    functions = compile_updates(found.proof, found.m_step, expectation="samples")
    assert not wrong_blocks(found, point(model, functions))


def test_one_variance_of_two_conditionals_is_solved():
    model = Model("scale")
    v = model.parameter("v", domain="positive")
    z = model.latent("z", Normal(mean=0, variance=v))
    x = model.observed("x", Normal(mean=exp(z), variance=v))
    (update,) = derived(model).m_step
    assert update.shown == "maximum"
    assert sp.expand(update.formula[v].args[0] * 2 - z**2 - (x - exp(z)) ** 2) == 0


def test_too_few_data_for_an_update_are_said_so():
    found = derived(catalogue.load("linear_regression"))
    functions = found.compile()
    with pytest.raises(ep.InputError, match=r"w: not determined by these data: .* invertible"):
        functions.update(
            {"Phi": np.ones((3, 2)), "w": np.zeros(2), "sigma2": 1.0, "y": np.ones((1, 3))}
        )


# intercepts of logarithms -------------------------------------------------------------------------
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


def test_elements_that_are_named_and_alike_are_written_once():
    """A vector of two coordinates, each with a mean of its own by its number."""
    model = Model("by number")
    m = model.parameter("m", 2)
    model.observed("x", MultivariateNormal(mean=ep.array([m[0], m[1]]), covariance=eye(2)))
    (update,) = derived(model).m_step
    (solution,) = update.solutions
    assert not solution.element.has(sp.KroneckerDelta)
    x = np.random.default_rng(0).normal(size=(9, 2))
    new = derived(model).compile().update({"m": np.zeros(2), "x": x})
    np.testing.assert_allclose(new["m"], x.mean(axis=0), atol=1e-12)


def test_no_solution_is_shown_twice(monkeypatch):
    shown, asked = Optimum.shown, []

    def counted(optimum):
        asked.append((optimum.parameter.name, optimum.claimed))
        return shown(optimum)

    monkeypatch.setattr(Optimum, "shown", counted)
    model = catalogue.load("ppca")
    record = ProofRecord(model, Verdict.UNDECIDED, (), None, (), None, 0.0)
    for p in model.learned().values():
        shown_optimum(record, solve_condition(record, p))
    assert updates(record).complete
    assert sorted(asked, key=str) == sorted(set(asked), key=str)


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
