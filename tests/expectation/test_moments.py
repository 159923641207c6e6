"""Expectations in closed form: the gap identity with them, and against quadrature and sampling."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

import entropy_proofs as ep
from entropy_proofs import (
    Bernoulli,
    Categorical,
    Laplace,
    Model,
    MultivariateNormal,
    Normal,
    Poisson,
    exp,
)
from entropy_proofs.evaluate.batch import POINTS, SAMPLES, WEIGHTS, AnalyticBatch
from entropy_proofs.evaluate.model_code import ModelCode, ProofCode
from entropy_proofs.evaluate.random_values import random_instance, random_sizes
from entropy_proofs.model import catalogue
from entropy_proofs.q.factor import NotAnalytic

CLOSED = [
    "gaussian_mixture", "hmm_poisson", "linear_dynamical_system", "matrix_factorisation",
    "mixture_of_factor_analysers", "mixture_of_ppca", "poisson_log_normal_pca", "ppca",
    "ppca_learned_prior", "probabilistic_cca", "robust_ppca", "sparse_coding",
    "sparse_coding_binary", "sparse_coding_spike_and_slab", "sparse_coding_unit_prior",
    "stochastic_volatility",
]  # fmt: skip
NOT_CLOSED = [
    "logistic_pca", "poisson_factor_analysis", "stochastic_block_model", "vae_1", "vae_3",
    "vae_binary_latents",
]  # fmt: skip


@pytest.mark.parametrize("covariance", ["diagonal", "full"])
@pytest.mark.parametrize("name", CLOSED)
def test_the_gap_identity_is_exact(name, covariance):
    proof = ep.prove(catalogue.load(name))
    try:
        code = ProofCode(proof, batch=AnalyticBatch(proof.model, covariance))
    except NotAnalytic as error:
        assert covariance == "full"
        assert "a full covariance needs a vector" in str(error)
        return
    rng = np.random.default_rng(3)
    for _ in range(3):
        sizes = random_sizes(proof.model, rng)
        assert code.identity(sizes, random_instance(code, rng, sizes)).residual < 1e-13


@pytest.mark.parametrize("name", NOT_CLOSED)
def test_what_has_no_closed_form_says_so(name):
    with pytest.raises(ep.InputError, match="closed form"):
        ep.compile(ep.prove(catalogue.load(name)), expectation="analytic")


def _drawn(code, values, sizes, count, rng):
    """Samples of q by its arrays, and E_q by averaging over them."""
    samples = {}
    for label, q in code.batch.factors.items():
        name, kind = label.name, str(q.variable.support)
        if kind == "binary":
            p = values[f"{name}.probability"][:, None]
            samples[name] = (rng.random((len(p), count, *p.shape[2:])) < p).astype(float)
        elif kind == "category":
            p = values[f"{name}.probabilities"][:, None]
            u = rng.random((len(p), count, *p.shape[2:-1], 1))
            samples[name] = (u > np.cumsum(p, axis=-1)).sum(axis=-1).astype(float)
        else:
            m = values[f"{name}.mean"][:, None]
            noise = rng.normal(size=(len(m), count // 2, *m.shape[2:]))
            noise = np.concatenate([noise, -noise], axis=1)
            if q.full:
                samples[name] = m + np.einsum("nij,nsj->nsi", values[f"{name}.scale"], noise)
            else:
                samples[name] = m + values[f"{name}.deviation"][:, None] * noise
    return samples


@pytest.mark.parametrize("covariance", ["diagonal", "full"])
@pytest.mark.parametrize("name", CLOSED)
def test_it_is_the_mean_over_samples(name, covariance):
    """log p(x, z) averaged over many draws from q, within six standard errors."""
    model = catalogue.load(name)
    try:
        code = ModelCode(model, batch=AnalyticBatch(model, covariance))
    except NotAnalytic:
        assert covariance == "full"
        return
    rng, sampled = np.random.default_rng(4), ModelCode(model)
    sizes = {**random_sizes(model, rng, high=2), POINTS.name: 2}
    values = random_instance(code, rng, sizes)
    for key in values:
        if key.endswith((".deviation", ".scale")):
            values[key] = 0.4 * values[key]
    entropy = code.compile({"H": (code.batch.variational_entropy, ())})(sizes, values)["H"]
    count = 40_000
    arrays = {**values, **_drawn(code, values, sizes, count, rng)}
    arrays[WEIGHTS.name] = np.full((2, count), 1 / count)
    joint = sampled.log_joint({**sizes, SAMPLES.name: count}, arrays)
    pairs = (joint[:, : count // 2] + joint[:, count // 2 :]) / 2  # antithetic
    error = np.sqrt((pairs.var(axis=1) / pairs.shape[1]).sum()) / 2
    expected = joint.mean()
    assert abs(code.elbo(sizes, values) - entropy - expected) < 6 * error + 1e-12 * abs(expected)


def test_moments_against_quadrature():
    """|z - c|, exp(z) and z exp(z) for one normal latent."""
    model = Model("m")
    b, s = model.parameter("b", domain="positive"), model.parameter("s", domain="positive")
    z = model.latent("z", Laplace(mean=0.3, scale=b))
    model.observed("x", Normal(mean=exp(z), variance=s))
    model.observed("y", Poisson(rate=s * exp(-z / 2)))
    code = ep.compile(ep.prove(model), expectation="analytic")
    at = {"b": 0.7, "s": 1.3, "x": np.array([0.4]), "y": np.array([2.0])}
    q = {"z.mean": np.array([0.2]), "z.deviation": np.array([0.6])}

    def log_joint(z):
        return (
            stats.laplace.logpdf(z, 0.3, 0.7)
            + stats.norm.logpdf(0.4, np.exp(z), np.sqrt(1.3))
            + stats.poisson.logpmf(2, 1.3 * np.exp(-z / 2))
        )

    normal = stats.norm(0.2, 0.6)
    found = [
        integrate.quad(lambda z: normal.pdf(z) * log_joint(z), low, high, epsabs=1e-12)[0]
        for low, high in ((-6, 0.3), (0.3, 6))
    ]
    np.testing.assert_allclose(code.elbo({**at, **q}), sum(found) + normal.entropy(), rtol=1e-9)


def test_exact_responsibilities_make_the_elbo_the_log_likelihood():
    rng = np.random.default_rng(0)
    code = ep.compile(ep.prove(catalogue.load("gaussian_mixture")), expectation="analytic")
    weights, means = np.array([0.2, 0.5, 0.3]), rng.normal(size=(3, 2))
    roots = rng.normal(size=(3, 2, 2))
    covariances, x = roots @ roots.swapaxes(1, 2) + np.eye(2), rng.normal(size=(7, 2))
    parts = [
        np.log(w) + stats.multivariate_normal.logpdf(x, m, S)
        for w, m, S in zip(weights, means, covariances, strict=True)
    ]
    joint = np.stack(parts, axis=1)
    evidence = np.logaddexp.reduce(joint, axis=1, keepdims=True)
    names = [n for n in code.arguments if not n.startswith("c.")]
    by_shape = {(3,): weights, (3, 2): means, (3, 2, 2): covariances, (7, 2): x}
    sizes = {"K": 3, "D": 2, "N": 7}
    arrays = {n: by_shape[tuple(sizes[str(s)] for s in code.arguments[n])] for n in names}
    found = code.elbo(arrays, **{"c.probabilities": np.exp(joint - evidence)})
    np.testing.assert_allclose(found, evidence.mean(), rtol=1e-12)


@pytest.mark.parametrize("covariance", ["diagonal", "full"])
def test_backends_agree_and_gradients_are_those_of_autodiff(covariance):
    import jax

    proof = ep.prove(catalogue.load("sparse_coding"))
    functions = {
        backend: ep.compile(proof, backend, "analytic", covariance)
        for backend in ("numpy", "jax", "mpmath")
    }
    code = ProofCode(proof, batch=AnalyticBatch(proof.model, covariance))
    rng = np.random.default_rng(5)
    values = random_instance(code, rng, {**random_sizes(proof.model, rng), POINTS.name: 3})
    f, gradient = functions["numpy"].value_and_gradient(values)
    for name in ("jax", "mpmath"):
        np.testing.assert_allclose(float(functions[name].elbo(values)), f, rtol=1e-12)
    moving = {k: jax.numpy.asarray(values[k]) for k in gradient}
    automatic = jax.grad(lambda m: functions["jax"].elbo({**values, **m}))(moving)
    for name, found in gradient.items():
        np.testing.assert_allclose(found, automatic[name], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("expectation", ["analytic", "samples"])
@pytest.mark.parametrize("name", ["sparse_coding", "gaussian_mixture", "linear_regression"])
def test_chunks_change_nothing(name, expectation):
    proof = ep.prove(catalogue.load(name))
    whole, parts = (ep.compile(proof, expectation=expectation, chunk=c) for c in (None, 2))
    rng = np.random.default_rng(6)
    sizes = {**random_sizes(proof.model, rng), POINTS.name: 5}
    values = random_instance(whole._code, rng, sizes)
    np.testing.assert_allclose(parts.elbo(values), whole.elbo(values), rtol=1e-12)
    np.testing.assert_allclose(parts.gap(values), whole.gap(values), rtol=1e-9, atol=1e-13)
    for key, found in whole.gradient(values).items():
        np.testing.assert_allclose(parts.gradient(values)[key], found, rtol=1e-10, atol=1e-13)


def test_arguments_are_checked():
    code = ep.compile(ep.prove(catalogue.load("ppca")), expectation="analytic")
    good = {
        "W": np.ones((3, 2)), "mu": np.zeros(3), "sigma2": 1.0, "x": np.ones((4, 3)),
        "z.mean": np.zeros((4, 2)), "z.deviation": np.ones((4, 2)),
    }  # fmt: skip
    assert np.isfinite(code.elbo(good))
    for change, culprit in (
        ({"x": np.ones((4, 5))}, "D is"),
        ({"x": np.ones(4)}, "x: an array of shape"),
        ({"z.mean": np.zeros((3, 2))}, "z.mean"),
        ({"y": 1.0}, "y: not an argument"),
    ):
        with pytest.raises(ep.InputError, match=culprit):
            code.elbo({**good, **change})
    with pytest.raises(ep.InputError, match="mu: not given"):
        code.elbo({k: v for k, v in good.items() if k != "mu"})
    with pytest.raises(ep.InputError, match="backend 'torchy'"):
        ep.compile(ep.prove(catalogue.load("ppca")), "torchy")


def test_elements_that_may_coincide_are_refused():
    model = Model("m")
    K, n = model.dims("K", "n")
    rho, B = model.parameter("rho", K, domain="simplex"), model.parameter("B", K, K)
    z = model.latent("z", Categorical(probabilities=rho), n)
    model.observed("x", Normal(mean=B[z[:, None], z[None, :]], variance=1), n, n)
    with pytest.raises(ep.InputError, match="can be one"):
        ep.compile(ep.prove(model), expectation="analytic")


def test_bits_in_squares_have_their_own_variance():
    """E[(x - W s)^2] for independent bits, by enumeration."""
    model = Model("m")
    H = model.dims("H")
    W, rho = model.parameter("W", H), model.parameter("rho", domain="unit interval")
    v = model.parameter("v", domain="positive")
    s = model.latent("s", Bernoulli(probability=rho), H)
    model.observed("x", Normal(mean=W @ s, variance=v))
    code = ep.compile(ep.prove(model), expectation="analytic")
    rng = np.random.default_rng(7)
    w, q = rng.normal(size=3), rng.uniform(0.1, 0.9, size=3)
    states = np.array(np.meshgrid(*[[0, 1]] * 3)).reshape(3, -1).T
    weights = np.prod(np.where(states, q, 1 - q), axis=1)
    log_joint = stats.norm.logpdf(0.7, states @ w, np.sqrt(0.5)) + stats.bernoulli.logpmf(
        states, 0.3
    ).sum(axis=1)
    expected = weights @ (log_joint - np.log(weights))
    found = code.elbo(W=w, rho=0.3, v=0.5, x=np.array([0.7]), **{"s.probability": q[None]})
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_covariance_matrix_between_normal_latents():
    """E of a quadratic form with a full observation covariance, by the trace formula."""
    model = Model("m")
    D, H = model.dims("D", "H")
    W = model.parameter("W", D, H)
    S = model.parameter("S", D, D, domain="positive definite")
    z = model.latent("z", Normal(mean=0, variance=1), H)
    model.observed("x", MultivariateNormal(mean=W @ z, covariance=S))
    code = ep.compile(ep.prove(model), expectation="analytic", covariance="full")
    rng = np.random.default_rng(8)
    w, root = rng.normal(size=(3, 2)), rng.normal(size=(3, 3))
    cov, x, m = root @ root.T + np.eye(3), rng.normal(size=3), rng.normal(size=2)
    scale = np.array([[0.8, 0.0], [0.3, 1.1]])
    C = scale @ scale.T
    expected = (
        stats.multivariate_normal.logpdf(x, w @ m, cov)
        - np.trace(np.linalg.solve(cov, w @ C @ w.T)) / 2
        + stats.norm.logpdf(m).sum()
        - np.trace(C) / 2
        + stats.multivariate_normal(m, C).entropy()
    )
    q = {"z.mean": m[None], "z.scale": scale[None]}
    np.testing.assert_allclose(code.elbo(W=w, S=cov, x=x[None], **q), expected, rtol=1e-12)
