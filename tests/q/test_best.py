"""The best q in closed form: exact posteriors, responsibilities, mean-field updates."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from scipy import linalg, special, stats
from scipy.optimize import approx_fprime
from sklearn.mixture import GaussianMixture

import entropy_proofs as ep
from entropy_proofs import Model, Normal
from entropy_proofs.evaluate.batch import AnalyticBatch
from entropy_proofs.evaluate.model_code import ProofCode
from entropy_proofs.evaluate.random_values import random_instance, random_sizes
from entropy_proofs.model import catalogue
from tests.q.test_conjugate import CONJUGATE, normal_gamma


def compiled(model, covariance="diagonal", backend="numpy", **options):
    return ep.compile(ep.prove(model), backend, "analytic", covariance, **options)


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("case", CONJUGATE)
def test_exact_posteriors_from_any_start(case):
    """Those of the textbooks, where F is the log evidence."""
    model, arrays, evidence, _ = case()
    code = compiled(model)
    of_q = {n for n in arrays if "." in n}
    given = {n: a for n, a in arrays.items() if n not in of_q}
    found = code.optimal_q(given)
    assert found.keys() == of_q
    for name in of_q:
        np.testing.assert_allclose(found[name], arrays[name], rtol=1e-8, atol=1e-99)
    np.testing.assert_allclose(code.elbo({**given, **found}), evidence, rtol=1e-10)
    begun = {n: a * rng(1).uniform(0.5, 2, a.shape) for n, a in arrays.items() if n in of_q}
    for name in (n for n in begun if n.endswith(".probabilities")):
        begun[name] /= begun[name].sum(axis=-1, keepdims=True)
    for name, a in code.optimal_q({**given, **begun}).items():
        np.testing.assert_allclose(a, arrays[name], rtol=1e-6, atol=1e-99)


@pytest.mark.parametrize("backend", ["numpy", "jax", "torch", "mpmath"])
@pytest.mark.parametrize("chunk", [None, 3])
def test_ppca(backend, chunk):
    """Tipping & Bishop (1999), equations 6 and 8."""
    N, D, H = 7, 4, 2
    W, mu, s2 = rng().normal(size=(D, H)), rng(1).normal(size=D), 0.7
    x = rng(2).normal(size=(N, D))
    code = compiled(catalogue.load("ppca"), "full", backend, chunk=chunk)
    given = {"W": W, "mu": mu, "sigma2": s2, "x": x}
    found = {n: np.asarray(a, dtype=float) for n, a in code.optimal_q(given).items()}
    M = W.T @ W + s2 * np.eye(H)
    np.testing.assert_allclose(found["z.mean"], (x - mu) @ W @ linalg.inv(M), rtol=1e-12)
    covariance = found["z.scale"] @ np.swapaxes(found["z.scale"], 1, 2)
    expected = np.broadcast_to(s2 * linalg.inv(M), covariance.shape)
    np.testing.assert_allclose(covariance, expected, rtol=1e-12)
    evidence = stats.multivariate_normal(mu, W @ W.T + s2 * np.eye(D)).logpdf(x).mean()
    assert float(code.elbo({**given, **found})) == pytest.approx(evidence, rel=1e-12)


def test_posteriors_with_structure_are_refused_by_name():
    """The latents of p-PCA covary; a Laplace prior has no conjugate likelihood; samples are no q."""
    W = rng().normal(size=(4, 2))
    given = {"W": W, "mu": np.zeros(4), "sigma2": 0.7, "x": rng(2).normal(size=(7, 4))}
    with pytest.raises(ep.InputError, match=r"^z: .* independent coordinates.*'full' may serve"):
        compiled(catalogue.load("ppca")).optimal_q(given)
    one = {**given, "W": W[:, :1]}
    assert compiled(catalogue.load("ppca")).optimal_q(one)["z.mean"].shape == (7, 1)
    sparse = {"W": W, "lam": np.ones(2), "sigma2": 0.7, "x": given["x"]}
    with pytest.raises(ep.InputError, match=r"^z: .*no normal distribution"):
        compiled(catalogue.load("sparse_coding")).optimal_q(sparse)
    with pytest.raises(ep.InputError, match="given by samples"):
        ep.compile(ep.prove(catalogue.load("ppca"))).optimal_q(given)
    with pytest.raises(ep.InputError, match="x: not given"):
        compiled(catalogue.load("ppca")).optimal_q({k: v for k, v in one.items() if k != "x"})
    with pytest.raises(ep.InputError, match="x: an array of shape"):
        compiled(catalogue.load("ppca")).optimal_q({**one, "x": np.zeros(7)})
    lost = {**one, "x": np.where(given["x"] > 2, np.nan, given["x"])}
    with pytest.raises(ep.InputError, match="x: contains NaN or infinity, first at"):
        compiled(catalogue.load("ppca")).optimal_q(lost)
    with pytest.raises(ep.InputError, match="y: not an argument"):
        compiled(catalogue.load("ppca")).optimal_q({**one, "y": 1})


def test_responsibilities_are_scikit_learns():
    x = rng().normal(size=(50, 2)) * [1, 3] + rng(1).integers(0, 2, (50, 1)) * 4
    fitted = GaussianMixture(3, random_state=0, max_iter=200).fit(x)
    given = {"rho": fitted.weights_, "mu": fitted.means_, "Sigma": fitted.covariances_, "x": x}
    code = compiled(catalogue.load("gaussian_mixture"))
    found = code.optimal_q(given)
    np.testing.assert_allclose(found["c.probabilities"], fitted.predict_proba(x), atol=1e-12)
    assert code.elbo({**given, **found}) == pytest.approx(fitted.score(x), rel=1e-12)


def test_several_latents_take_turns():
    """Bishop (2006), section 10.1.3: F is largest, for q(m) q(w), where its slopes vanish."""
    x = rng().normal(0.5, 2, size=(3, 6))
    code, given = compiled(normal_gamma()), {"a": 1.5, "b": 0.8, "x": x}
    q = code.optimal_q(given)
    precision = q["w.shape"] / q["w.rate"]
    np.testing.assert_allclose(q["m.deviation"], (1 + 6 * precision) ** -0.5, rtol=1e-10)
    np.testing.assert_allclose(q["m.mean"], precision * x.sum(1) / (1 + 6 * precision), rtol=1e-10)
    np.testing.assert_allclose(q["w.shape"], 1.5 + 3)
    spread = ((x - q["m.mean"][:, None]) ** 2).sum(1) + 6 * q["m.deviation"] ** 2
    np.testing.assert_allclose(q["w.rate"], 0.8 + spread / 2, rtol=1e-10)

    def elbo(mean):
        return code.elbo({**given, **q, "m.mean": mean})

    assert np.abs(approx_fprime(q["m.mean"], elbo)).max() < 1e-6


def test_topics_of_words():
    """Blei, Ng & Jordan (2003), equations 6 and 7, at their fixed point."""
    alpha, phi = rng().uniform(0.5, 2, 3), rng(1).dirichlet(np.ones(4), 3)
    w = rng(2).integers(0, 4, (2, 5))
    code = compiled(catalogue.load("latent_dirichlet_allocation"))
    q = code.optimal_q({"alpha": alpha, "phi": phi, "w": w})
    gamma, r = q["theta.concentration"], q["z.probabilities"]
    np.testing.assert_allclose(gamma, alpha + r.sum(axis=1), rtol=1e-10)
    logits = special.digamma(gamma)[:, None, :] + np.log(phi.T[w])
    np.testing.assert_allclose(r, special.softmax(logits, axis=2), rtol=1e-10)


def test_weights_of_terms_count():
    """E_q[log p(x|z)] - 2 KL(q, p(z)): the likelihood counts by half."""
    model = Model("m")
    s2 = model.parameter("s2", domain="positive")
    z = model.latent("z", Normal(mean=0, variance=1))
    model.observed("x", Normal(mean=z, variance=s2))
    model.weights({z: 2}, q=2)
    x = rng().normal(size=4)
    q = compiled(model).optimal_q({"s2": 0.5, "x": x})
    np.testing.assert_allclose(q["z.deviation"], 0.5**0.5)
    np.testing.assert_allclose(q["z.mean"], x / 2)


@pytest.mark.parametrize(
    ("name", "covariance"),
    [
        ("random_effects", "diagonal"),
        ("matrix_factorisation", "diagonal"),
        ("student_t_mixture", "diagonal"),
        ("bayesian_linear_regression", "full"),
        ("gaussian_process_regression", "full"),
        ("local_level", "full"),
        ("mixture_of_factor_analysers", "full"),
        ("probabilistic_cca", "full"),
        ("sparse_coding_spike_and_slab", "full"),
    ],
)
def test_slopes_vanish_by_automatic_differentiation(name, covariance):
    """At any parameters; probabilities move along the simplex, where all slopes are one."""
    proof = ep.prove(catalogue.load(name))
    instances = ProofCode(proof, batch=AnalyticBatch(proof.model, covariance))
    sizes = random_sizes(proof.model, rng())
    values = random_instance(instances, rng(), sizes)
    of_q = instances.batch.variational()
    code = compiled(proof.model, covariance, "jax")
    dims = {d: sizes[d] for d in proof.model.dims_}
    given = {n: v for n, v in {**values, **dims}.items() if n not in of_q}
    q = code.optimal_q(given)
    slopes = jax.grad(lambda q: code.elbo({**given, **q}))({n: np.asarray(a) for n, a in q.items()})
    for array, slope in slopes.items():
        if array.endswith(".scale"):
            slope = np.tril(slope)
        if array.endswith(".probabilities"):
            slope = slope - slope.mean(axis=-1, keepdims=True)
        assert np.abs(slope).max() < 1e-10
    assert code.elbo({**given, **q}) >= code.elbo({**given, **{n: values[n] for n in of_q}})
