"""Markov q of declared chains: F at the best one is the log likelihood."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import special, stats

import entropy_proofs as ep
from entropy_proofs import Bernoulli, Categorical, Model, Normal, Poisson, exp
from entropy_proofs.evaluate.batch import AnalyticBatch
from entropy_proofs.evaluate.model_code import ProofCode
from entropy_proofs.evaluate.random_values import random_instance, random_sizes
from tests.counting import calls

CHAINS = [
    "autoregressive_hmm", "coupled_hmm", "diffusion_chain", "dynamic_factor_model",
    "factorial_hmm", "hidden_semi_markov", "hmm_categorical", "hmm_gaussian", "hmm_poisson",
    "input_output_hmm", "linear_dynamical_system_inputs", "local_level", "stochastic_volatility",
    "switching_linear_dynamical_system",
]  # fmt: skip
NOT_CONJUGATE = {"stochastic_volatility"}


def markov(model, backend="numpy", **options):
    return ep.compile(ep.prove(model), backend, "analytic", chains="markov", **options)


def at_best(code, given):
    """F where it is largest."""
    return float(code.elbo({**given, **code.optimal_q(given)}))


@pytest.mark.parametrize("name", CHAINS)
def test_the_gap_identity_is_exact_and_the_best_q_is_the_best(name):
    """F - S = v·∇F for any Markov q; none near the best one has a larger F."""
    proof, rng = ep.prove(name), np.random.default_rng(1)
    code = ProofCode(proof, batch=AnalyticBatch(proof.model, chains="markov"))
    sizes = {**random_sizes(proof.model, rng), "T": 5}
    values = random_instance(code, rng, sizes)
    assert code.identity(sizes, values).residual < 1e-13
    functions = markov(name)
    dims = {d: sizes[d] for d in proof.model.dims_}
    given = {n: a for n, a in values.items() if n not in code.batch.variational()} | dims
    if name in NOT_CONJUGATE:
        with pytest.raises(ep.InputError, match="no Gaussian Markov distribution"):
            functions.optimal_q(given)
        return
    best = functions.optimal_q(given)
    top = functions.elbo({**given, **best})
    for seed in range(3):
        others = random_instance(code, np.random.default_rng(seed), sizes)
        assert functions.elbo({**given, **{n: others[n] for n in best}}) < top


# discrete states ----------------------------------------------------------------------------------
def paths_of(steps, k):
    return np.array(list(itertools.product(range(k), repeat=steps)))


def test_states_that_see_time_inputs_and_data():
    """A chain with time-dependent rows, an input, and data that follow their own past."""
    model = Model("Inputs everywhere")
    K, T = model.dims("K", "T")
    rho = model.parameter("rho", K, domain="simplex")
    P = model.parameter("P", T - 1, K, K, domain="simplex")
    a, b, u = model.parameter("a", K), model.parameter("b"), model.parameter("u", T, fixed=True)
    v = model.parameter("v", K, domain="positive")
    s = model.chain(
        "s",
        initial=Categorical(probabilities=rho),
        transition=lambda previous, t: Categorical(probabilities=P[t - 1, previous]),
        length=T,
    )
    model.chain(
        "x",
        observed=True,
        initial=Normal(mean=0, variance=1),
        transition=lambda previous, t: Normal(mean=a[s[t]] * previous + b * u[t], variance=v[s[t]]),
        length=T,
    )
    rng, steps, k = np.random.default_rng(0), 5, 3
    given = {
        "rho": rng.dirichlet(np.ones(k)), "P": rng.dirichlet(np.ones(k), size=(steps - 1, k)),
        "a": rng.normal(size=k), "b": 0.7, "u": rng.normal(size=steps),
        "v": rng.uniform(0.5, 2, size=k), "x": rng.normal(size=(2, steps)),
    }  # fmt: skip
    paths = paths_of(steps, k)
    log_p = np.log(given["rho"][paths[:, 0]])
    for t in range(1, steps):
        log_p += np.log(given["P"][t - 1, paths[:, t - 1], paths[:, t]])
    total = 0.0
    for x in given["x"]:
        means = given["a"][paths[:, 1:]] * x[:-1] + given["b"] * given["u"][1:]
        deviations = np.sqrt(given["v"][paths[:, 1:]])
        seen = stats.norm(means, deviations).logpdf(x[1:]).sum(axis=1)
        total += special.logsumexp(log_p + seen + stats.norm.logpdf(x[0]))
    assert at_best(markov(model), given) == pytest.approx(total / 2, rel=1e-12)


def test_binary_states_are_numbers():
    """A chain of bits by logits, and counts whose rate they multiply."""
    model = Model("Bits")
    T = model.dims("T")
    c, g, w = model.parameter("c"), model.parameter("g"), model.parameter("w")
    h = model.chain(
        "h",
        initial=Bernoulli(probability=model.parameter("p", domain="unit interval")),
        transition=lambda previous: Bernoulli(logits=c + g * previous),
        length=T,
    )
    model.observed("n", Poisson(rate=exp(w * h)), T)
    given = {"c": -0.5, "g": 1.5, "w": 0.8, "p": 0.3, "n": np.array([[0, 2, 1, 3, 0]])}
    paths = paths_of(5, 2)
    on = special.expit(given["c"] + given["g"] * paths[:, :-1])
    log_p = stats.bernoulli(0.3).logpmf(paths[:, 0]) + np.log(
        np.where(paths[:, 1:] == 1, on, 1 - on)
    ).sum(axis=1)
    log_p += stats.poisson(np.exp(given["w"] * paths)).logpmf(given["n"]).sum(axis=1)
    assert at_best(markov(model), given) == pytest.approx(special.logsumexp(log_p), rel=1e-12)


def test_bits_of_several_kinds_under_any_q():
    """F = sum over all paths of q (log p - log q), where means hold two steps of each kind."""
    model = Model("Bits of several kinds")
    T, H = model.dims("T", "H")
    w, u, v = (
        model.parameter("w", H), model.parameter("u", H), model.parameter("v", domain="positive"),
    )  # fmt: skip
    p, g, c = model.parameter("p", H, domain="unit interval"), *map(model.parameter, "gc")
    h = model.chain(
        "h", H,
        initial=Bernoulli(probability=p),
        transition=lambda previous: Bernoulli(logits=c + g * previous),
        length=T,
    )  # fmt: skip
    model.chain(
        "x", observed=True,
        initial=Normal(mean=w @ h[0], variance=v),
        transition=lambda _, t: Normal(mean=w @ h[t] + u @ h[t - 1], variance=v),
        length=T,
    )  # fmt: skip
    proof, rng, kinds = ep.prove(model), np.random.default_rng(0), 2
    code = ProofCode(proof, batch=AnalyticBatch(proof.model, chains="markov"))
    sizes = {**random_sizes(proof.model, rng), "T": 3, "H": kinds, "data points": 1}
    values = random_instance(code, rng, sizes)
    one, pairs = values["h.probabilities"][0], values["h.pairs"][0]
    total = 0.0
    for path in paths_of(3 * kinds, 2):
        bits = path.reshape(3, kinds)
        k = np.arange(kinds)
        log_q = np.log(one[0, k, bits[0]]).sum()
        log_p = stats.bernoulli(values["p"]).logpmf(bits[0]).sum()
        for t in (1, 2):
            given = one[t - 1, k, bits[t - 1]]
            log_q += np.log(pairs[t - 1, k, bits[t - 1], bits[t]] / given).sum()
            on = special.expit(values["c"] + values["g"] * bits[t - 1])
            log_p += np.log(np.where(bits[t] == 1, on, 1 - on)).sum()
        means = bits @ values["w"]
        means[1:] += bits[:-1] @ values["u"]
        log_p += stats.norm(means, np.sqrt(values["v"])).logpdf(values["x"][0]).sum()
        total += np.exp(log_q) * (log_p - log_q)
    assert float(markov(model).elbo(values)) == pytest.approx(total, rel=1e-12)


def test_one_step_is_a_mixture():
    rng = np.random.default_rng(0)
    rho, lam, x = np.array([0.3, 0.7]), rng.uniform(1, 5, size=(2, 3)), rng.poisson(3, (4, 1, 3))
    given = {"rho": rho, "A": np.full((2, 2), 0.5), "lam": lam, "x": x}
    seen = stats.poisson(lam[None]).logpmf(x).sum(axis=-1)
    expected = special.logsumexp(np.log(rho) + seen, axis=1).mean()
    assert at_best(markov("hmm_poisson"), given) == pytest.approx(expected, rel=1e-13)


# Gaussian states ----------------------------------------------------------------------------------
def marginal(transition, noise, start, C, R, inputs=None):
    """The mean and covariance of x, stacked over time, from those of z_t = A z_{t-1} + u_t + e."""
    steps, size = len(noise) + len(start), C.shape[1]
    lower = np.eye(steps * size)
    for t in range(len(start), steps):
        for lag, A in enumerate(transition, start=1):
            lower[t * size : (t + 1) * size, (t - lag) * size : (t - lag + 1) * size] = -A
    spread = np.zeros((steps * size, steps * size))
    for t, block in enumerate([*start, *noise]):
        spread[t * size : (t + 1) * size, t * size : (t + 1) * size] = block
    back = np.linalg.inv(lower)
    pushed = np.zeros(steps * size) if inputs is None else inputs.ravel()
    whole = np.kron(np.eye(steps), C)
    covariance = whole @ back @ spread @ back.T @ whole.T + np.kron(np.eye(steps), R)
    return whole @ back @ pushed, covariance


def test_a_linear_system_with_inputs():
    rng, steps, D, H, M = np.random.default_rng(0), 6, 3, 2, 2
    given = {
        "u": rng.normal(size=(steps, M)), "m": rng.normal(size=H), "P": np.diag([1.0, 0.5]),
        "A": 0.5 * rng.normal(size=(H, H)), "B": rng.normal(size=(H, M)),
        "Q": np.array([[0.6, 0.2], [0.2, 0.9]]), "C": rng.normal(size=(D, H)),
        "G": rng.normal(size=(D, M)), "R": np.diag([0.3, 0.7, 1.1]),
        "x": rng.normal(size=(2, steps, D)),
    }  # fmt: skip
    inputs = np.vstack([given["m"], given["u"][1:] @ given["B"].T])
    mean, covariance = marginal(
        [given["A"]], [given["Q"]] * (steps - 1), [given["P"]], given["C"], given["R"], inputs
    )
    mean += (given["u"] @ given["G"].T).ravel()
    x = given["x"].reshape(2, -1)
    expected = stats.multivariate_normal(mean, covariance).logpdf(x).mean()
    assert at_best(markov("linear_dynamical_system_inputs"), given) == pytest.approx(
        expected, 1e-11
    )


@pytest.mark.parametrize("steps", [2, 5, 6])
def test_a_chain_of_second_order(steps):
    rng, D, H = np.random.default_rng(steps), 4, 2
    given = {
        "A": 0.4 * rng.normal(size=(H, H)), "B": 0.4 * rng.normal(size=(H, H)),
        "Lambda": rng.normal(size=(D, H)), "psi": rng.uniform(0.5, 2, size=D),
        "x": rng.normal(size=(2, steps, D)),
    }  # fmt: skip
    unit = np.eye(H)
    mean, covariance = marginal(
        [given["A"], given["B"]], [unit] * (steps - 2), [unit] * 2, given["Lambda"],
        np.diag(given["psi"]),
    )  # fmt: skip
    x = given["x"].reshape(2, -1)
    expected = stats.multivariate_normal(mean, covariance).logpdf(x).mean()
    assert at_best(markov("dynamic_factor_model"), given) == pytest.approx(expected, rel=1e-11)


def test_noise_that_changes_with_time():
    model = Model("Random walk, heteroscedastic")
    T = model.dims("T")
    q = model.parameter("q", T - 1, domain="positive")
    r = model.parameter("r", T, domain="positive")
    z = model.chain(
        "z",
        initial=Normal(mean=0, variance=1),
        transition=lambda previous, t: Normal(mean=previous, variance=q[t - 1]),
        length=T,
    )
    model.observed("x", Normal(mean=z, variance=r), T)
    rng = np.random.default_rng(3)
    given = {
        "q": rng.uniform(0.1, 1, 5), "r": rng.uniform(0.1, 1, 6), "x": rng.normal(size=(3, 6)),
    }  # fmt: skip
    steps = np.concatenate([[1.0], given["q"]])
    covariance = np.minimum.outer(np.arange(6), np.arange(6))
    covariance = np.cumsum(steps)[covariance] + np.diag(given["r"])
    expected = stats.multivariate_normal(np.zeros(6), covariance).logpdf(given["x"]).mean()
    assert at_best(markov(model), given) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_other_backends(backend):
    rng = np.random.default_rng(0)
    given = {"m": 0.1, "p": 1.0, "q": 0.5, "r": 2.0, "x": rng.normal(size=(2, 7))}
    found, expected = (at_best(markov("local_level", b), given) for b in (backend, "numpy"))
    assert found == pytest.approx(expected, rel=1e-13)


def test_expectations_under_a_markov_q_are_those_of_its_samples():
    """Of exp(z), by drawing from the chain."""
    code = markov("stochastic_volatility")
    rng, steps, many = np.random.default_rng(0), 4, 100_000
    proof = ep.prove("stochastic_volatility")
    engine = ProofCode(proof, batch=AnalyticBatch(proof.model, chains="markov"))
    sizes = {**random_sizes(proof.model, rng), "T": steps, "data points": 1}
    values = random_instance(engine, rng, sizes)
    q = {n: a for n, a in values.items() if n in engine.batch.variational()}
    given = {n: a for n, a in values.items() if n not in q}
    covariance = np.diag(q["h.variance"][0]) / 2
    covariance += np.diag(q["h.lag1"][0], -1)
    covariance += covariance.T
    for gap in (2, 3):  # Markov: what lies further apart follows from neighbours
        for t in range(steps - gap):
            far = covariance[t, t + 1] / covariance[t + 1, t + 1] * covariance[t + 1, t + gap]
            covariance[t, t + gap] = covariance[t + gap, t] = far
    h = rng.multivariate_normal(q["h.mean"][0], covariance, size=many)
    plain = ep.compile(proof)
    log_joint = plain.elbo({**given, "h": h[None]})
    entropy = stats.multivariate_normal(np.zeros(steps), covariance).entropy()
    assert code.elbo(values) == pytest.approx(log_joint + entropy, abs=0.1)


# what is refused ----------------------------------------------------------------------------------
def test_arrays_of_no_one_chain_are_refused():
    rng = np.random.default_rng(0)
    code = markov("hmm_poisson")
    lam, x = rng.uniform(1, 5, size=(2, 3)), rng.poisson(3, (4, 5, 3))
    given = {"rho": np.full(2, 0.5), "A": np.full((2, 2), 0.5), "lam": lam, "x": x}
    q = code.optimal_q(given)
    swapped = {**q, "z.pairs": np.swapaxes(q["z.pairs"], -1, -2)}
    with pytest.raises(
        ep.InputError, match=r"^z: the arrays of q are of no one chain: 0\.\d+ from"
    ):
        code.elbo({**given, **swapped})
    with pytest.raises(ep.InputError, match=r"^z\.pairs: sums to 2 along its last axes, not to 1"):
        code.elbo({**given, **q, "z.pairs": 2 * q["z.pairs"]})
    level = {"m": 0.0, "p": 1.0, "q": 0.5, "r": 2.0, "x": rng.normal(size=(2, 7))}
    code = markov("local_level")
    q = code.optimal_q(level)
    with pytest.raises(ep.InputError, match=r"^z: the arrays of q are of no one chain"):
        code.elbo({**level, **q, "z.lag1": -q["z.lag1"] / 2})


def test_options_are_checked():
    with pytest.raises(ep.InputError, match="chains 'markow' is none of independent, markov"):
        ep.compile(ep.prove("local_level"), expectation="analytic", chains="markow")


def test_discrete_chains_of_second_order_say_so():
    model = Model("Second order")
    K, T = model.dims("K", "T")
    rho, P = (
        model.parameter("rho", K, domain="simplex"),
        model.parameter("P", K, K, K, domain="simplex"),
    )
    start = Categorical(probabilities=rho)
    s = model.chain(
        "s",
        initial=(start, start),
        transition=lambda previous: Categorical(probabilities=P[previous]),
        length=T,
    )
    lam = model.parameter("lam", K, domain="positive")
    model.observed("x", Poisson(rate=lam[s]), T)
    with pytest.raises(ep.InputError, match="s: q of discrete states is Markov of first order"):
        markov(model)


# cost ---------------------------------------------------------------------------------------------
def local_level(steps):
    x = np.random.default_rng(0).normal(size=(1, steps))
    return {"m": 0.0, "p": 1.0, "q": 0.5, "r": 2.0, "x": x}


def poisson_chain(steps):
    rng = np.random.default_rng(0)
    rows = np.array([[0.9, 0.1], [0.2, 0.8]])
    lam, x = np.array([[1.0], [4.0]]), rng.poisson(3, (1, steps, 1))
    return {"rho": np.full(2, 0.5), "A": rows, "lam": lam, "x": x}


@pytest.mark.parametrize(
    ("name", "data"), [("local_level", local_level), ("hmm_poisson", poisson_chain)]
)
def test_the_work_is_linear_in_the_length(name, data):
    """Calls of our functions, and elements of every array that the code makes."""
    code = markov(name)
    code.optimal_q(data(5))
    short, long = (calls(code.optimal_q, data(steps))[1] for steps in (200, 400))
    assert long < 2.1 * short
    inner = code._code
    for kernel in (inner.elbo_kernel, inner.gradient_kernel(), inner.entropy_sum_kernel):
        sizes = {"data points": 1, "D": 1, "K": 2}
        wide = [kernel.width({**sizes, "T": steps}, "data points") for steps in (1000, 2000)]
        assert wide[1] <= 2.01 * wide[0]
