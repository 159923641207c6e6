"""Gamma, inverse-gamma, log-normal, beta and Dirichlet q: evidences, integrals, hand-written F."""

from __future__ import annotations

from itertools import pairwise

import jax
import numpy as np
import pytest
import sympy as sp
from mpmath import mp
from scipy import integrate, special, stats

import entropy_proofs as ep
from entropy_proofs import (
    Bernoulli,
    Beta,
    Dirichlet,
    Gamma,
    Model,
    Multinomial,
    Normal,
    Poisson,
    exp,
)
from entropy_proofs.evaluate.batch import AnalyticBatch
from entropy_proofs.evaluate.model_code import ProofCode
from entropy_proofs.evaluate.random_values import random_instance, random_sizes
from entropy_proofs.expectation.entropy import entropy
from entropy_proofs.model import catalogue
from entropy_proofs.q.dirichlet import BetaFactor, DirichletFactor
from entropy_proofs.q.gamma import GammaFactor, InverseGammaFactor
from entropy_proofs.q.gaussian import LogNormalFactor

jax.config.update("jax_enable_x64", True)

CHOSEN = {
    "gamma_gamma": GammaFactor,
    "gamma_poisson": GammaFactor,
    "laplace_scale_mixture": LogNormalFactor,
    "latent_dirichlet_allocation": DirichletFactor,
    "normal_inverse_gamma": InverseGammaFactor,
    "student_t_scale_mixture": GammaFactor,
    "student_t_scale_mixture_shared": GammaFactor,
}
FLOWING = sorted(CHOSEN.keys() - {"gamma_poisson", "latent_dirichlet_allocation"})


def _residual(name: str) -> float:
    proof = ep.prove(catalogue.load(name))
    code, rng, found = ProofCode(proof, batch=AnalyticBatch(proof.model)), _rng(3), []
    for _ in range(3):
        sizes = random_sizes(proof.model, rng)
        found.append(code.identity(sizes, random_instance(code, rng, sizes)).residual)
    return max(found)


def _rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("name", CHOSEN)
def test_the_gap_identity_is_exact(name):
    assert _residual(name) < 1e-13


@pytest.mark.parametrize("name", FLOWING)
def test_an_array_that_flows_the_wrong_way_shows(name, monkeypatch):
    kind = CHOSEN[name]
    right = kind.flow
    monkeypatch.setattr(kind, "flow", lambda self, suffix, *of: -right(self, suffix, *of))
    assert _residual(name) > 1e-3


@pytest.mark.parametrize(("name", "kind"), CHOSEN.items())
def test_the_family_is_what_the_terms_call_for(name, kind):
    q = next(iter(AnalyticBatch(catalogue.load(name)).factors.values()))
    assert type(q) is kind


# each family's expectations, against numeric integration ------------------------------------------
A, B = 1.7, 2.3
FAMILIES = [
    (GammaFactor, {"shape": A, "rate": B}, stats.gamma(A, scale=1 / B), [1, 2, 3, 0.5]),
    (InverseGammaFactor, {"shape": A, "scale": B}, stats.invgamma(A, scale=B), [-1, -2, -0.5]),
    (
        LogNormalFactor,
        {"mean": -0.3, "deviation": 0.6},
        stats.lognorm(0.6, scale=np.exp(-0.3)),
        [1, -1, 2, 0.5],
    ),
    (BetaFactor, {"alpha": A, "beta": B}, stats.beta(A, B), [1, 2, 3]),
]


@pytest.mark.parametrize(("kind", "arrays", "q", "exponents"), FAMILIES)
def test_expectations_against_integration(kind, arrays, q, exponents):
    model = Model("m")
    family = Beta(alpha=1, beta=1) if kind is BetaFactor else Gamma(shape=1, rate=1)
    model.latent("z", family)
    own = kind(model.variables["z"])
    values = {own.label(suffix): value for suffix, value in arrays.items()}

    def number(expr):
        return float(sp.N(expr.xreplace(values)))

    def mean(f):
        pieces = [0, *q.ppf([1e-3, 0.5, 0.999]), 1 if kind is BetaFactor else np.inf]
        parts = pairwise(pieces)
        return sum(integrate.quad(lambda z: q.pdf(z) * f(z), *p, epsabs=1e-13)[0] for p in parts)

    for k in exponents:
        expected = mean(lambda z, k=k: z**k)
        np.testing.assert_allclose(number(own.power((), sp.nsimplify(k))), expected, rtol=1e-8)
    np.testing.assert_allclose(number(own.log(())), mean(np.log), rtol=1e-8)
    np.testing.assert_allclose(number(entropy(own)), q.entropy(), rtol=1e-10)
    if kind is InverseGammaFactor:
        with pytest.raises(ep.InputError, match="closed form"):
            own.mean(())
        return
    np.testing.assert_allclose(number(own.mean(())), q.mean(), rtol=1e-12)
    np.testing.assert_allclose(number(own.variance(())), q.var(), rtol=1e-12)
    if kind is BetaFactor:
        np.testing.assert_allclose(number(own.log_complement(())), mean(lambda z: np.log1p(-z)))


# exact posteriors: F is the log evidence ----------------------------------------------------------
def _elbo(model, arrays):
    return ep.compile(ep.prove(model), expectation="analytic").elbo(arrays)


def _gamma_poisson():
    a, b, x = np.array([1.5, 0.7]), np.array([2.0, 0.4]), np.array([[3, 0], [1, 5], [0, 2]])
    evidence = stats.nbinom.logpmf(x, a, b / (b + 1)).sum(axis=1).mean()
    q = {"z.shape": a + x, "z.rate": np.broadcast_to(b + 1, x.shape)}
    return catalogue.load("gamma_poisson"), {"a": a, "b": b, "x": x, **q}, evidence, "z.rate"


def _gamma_gamma():
    p, a, b, x = 1.3, 2.1, 0.8, _rng().gamma(2.0, size=(4, 1))
    evidence = stats.betaprime.logpdf(x, p, a, scale=b).mean()
    q = {"r.shape": np.full(4, a + p), "r.rate": b + x.sum(axis=1)}
    return catalogue.load("gamma_gamma"), {"p": p, "a": a, "b": b, "x": x, **q}, evidence, "r.rate"


def _normal_inverse_gamma():
    mu, a, b, x = 0.3, 2.1, 0.8, _rng().normal(size=(4, 3))
    evidence = stats.multivariate_t(np.full(3, mu), b / a * np.eye(3), df=2 * a).logpdf(x).mean()
    q = {"v.shape": np.full(4, a + 3 / 2), "v.scale": b + ((x - mu) ** 2).sum(axis=1) / 2}
    arrays = {"mu": mu, "a": a, "b": b, "x": x, **q}
    return catalogue.load("normal_inverse_gamma"), arrays, evidence, "v.scale"


def _student_t():
    mu, a, b, x = np.array([0.3, -1.0]), 2.1, 0.8, _rng().normal(size=(4, 2))
    evidence = stats.multivariate_t(mu, b / a * np.eye(2), df=2 * a).logpdf(x).mean()
    q = {"w.shape": np.full(4, a + 1.0), "w.rate": b + ((x - mu) ** 2).sum(axis=1) / 2}
    arrays = {"mu": mu, "a": a, "b": b, "x": x, **q}
    return catalogue.load("student_t_scale_mixture"), arrays, evidence, "w.rate"


def _student_t_shared():
    mu, nu, sigma2, x = np.array([0.3, -1.0]), 3.1, 0.8, _rng().normal(size=(4, 2))
    evidence = stats.multivariate_t(mu, sigma2 * np.eye(2), df=nu).logpdf(x).mean()
    rate = nu / 2 + ((x - mu) ** 2).sum(axis=1) / (2 * sigma2)
    q = {"w.shape": np.full(4, nu / 2 + 1), "w.rate": rate}
    arrays = {"mu": mu, "nu": nu, "sigma2": sigma2, "x": x, **q}
    return catalogue.load("student_t_scale_mixture_shared"), arrays, evidence, "w.rate"


def _beta_bernoulli():
    model = Model("Beta-Bernoulli")
    n = model.dims("n")
    a, b = model.parameter("a", domain="positive"), model.parameter("b", domain="positive")
    p = model.latent("p", Beta(alpha=a, beta=b))
    model.observed("x", Bernoulli(probability=p), n)
    x = np.array([[1, 0, 1, 1], [0, 0, 0, 1]])
    ones = x.sum(axis=1)
    ways = special.gammaln(5) - special.gammaln(ones + 1) - special.gammaln(5 - ones)
    evidence = (stats.betabinom.logpmf(ones, 4, 1.6, 0.9) - ways).mean()
    q = {"p.alpha": 1.6 + ones, "p.beta": 0.9 + 4.0 - ones}
    return model, {"a": 1.6, "b": 0.9, "x": x, **q}, evidence, "p.beta"


def _dirichlet_multinomial():
    model = Model("Dirichlet-multinomial")
    K = model.dims("K")
    alpha = model.parameter("alpha", K, domain="positive")
    trials = model.parameter("n", domain="positive", fixed=True)
    theta = model.latent("theta", Dirichlet(concentration=alpha))
    model.observed("x", Multinomial(trials=trials, probabilities=theta))
    values, x = np.array([0.6, 1.7, 1.1]), np.array([[2, 0, 3], [1, 4, 0]])
    evidence = stats.dirichlet_multinomial.logpmf(x, values, 5).mean()
    arrays = {"alpha": values, "n": 5.0, "x": x, "theta.concentration": values + x}
    return model, arrays, evidence, "theta.concentration"


def _dirichlet_categories():
    """Latent Dirichlet allocation with words that no topic shares: their topics are known."""
    alpha, z = np.array([0.6, 1.7, 1.1]), np.array([[0, 2, 2, 1], [1, 1, 1, 0]])
    counts = np.stack([(z == k).sum(axis=1) for k in range(3)], axis=1)
    ways = special.gammaln(5) - special.gammaln(counts + 1).sum(axis=1)
    evidence = (stats.dirichlet_multinomial.logpmf(counts, alpha, 4) - ways).mean()
    tiny = 1e-300
    arrays = {
        "alpha": alpha,
        "phi": np.where(np.eye(3) == 1, 1.0, tiny),
        "w": z,
        "z.probabilities": np.where(np.eye(3)[z] == 1, 1.0, tiny),
        "theta.concentration": alpha + counts,
    }
    model = catalogue.load("latent_dirichlet_allocation")
    return model, arrays, evidence, "theta.concentration"


CONJUGATE = [
    _gamma_poisson, _gamma_gamma, _normal_inverse_gamma, _student_t, _student_t_shared,
    _beta_bernoulli, _dirichlet_multinomial, _dirichlet_categories,
]  # fmt: skip


@pytest.mark.parametrize("case", CONJUGATE)
def test_at_the_exact_posterior_the_elbo_is_the_log_evidence(case):
    """And nowhere else: with a scale for a rate it is less."""
    model, arrays, evidence, swapped = case()
    np.testing.assert_allclose(_elbo(model, arrays), evidence, rtol=1e-12)
    wrong = {**arrays, swapped: 1 / arrays[swapped]}
    assert _elbo(model, wrong) < evidence - 1e-2
    for name in (n for n in arrays if "." in n and "probabilities" not in n):
        gradient = ep.compile(ep.prove(model), expectation="analytic").gradient(arrays)
        assert np.abs(gradient[name]).max() < 1e-12


# products of latents ------------------------------------------------------------------------------
def normal_gamma():
    """m ~ N(0, 1), w ~ Gamma(a, b), x_i ~ N(m, 1/w)."""
    model = Model("m")
    n = model.dims("n")
    a, b = model.parameter("a", domain="positive"), model.parameter("b", domain="positive")
    m = model.latent("m", Normal(mean=0, variance=1))
    w = model.latent("w", Gamma(shape=a, rate=b))
    model.observed("x", Normal(mean=m, variance=1 / w), n)
    return model


def test_a_normal_mean_with_a_gamma_precision():
    """Bishop (2006), 10.1.3: E[w (x - m)^2] of independent m and w, written by hand."""
    model = normal_gamma()
    x, mean, s, shape, rate = _rng().normal(size=(1, 5)), 0.4, 0.7, 1.9, 1.3
    e_log = special.digamma(shape) - np.log(rate)
    residual = ((x - mean) ** 2 + s**2).sum()
    expected = (
        stats.norm.logpdf(mean)
        - s**2 / 2
        + 1.5 * np.log(0.8) - special.gammaln(1.5) + 0.5 * e_log - 0.8 * shape / rate
        + 5 / 2 * (e_log - np.log(2 * np.pi)) - shape / rate * residual / 2
        + stats.norm(mean, s).entropy() + stats.gamma(shape, scale=1 / rate).entropy()
    )  # fmt: skip
    q = {"m.mean": mean, "m.deviation": s, "w.shape": shape, "w.rate": rate}
    arrays = {"a": 1.5, "b": 0.8, "x": x, **{k: np.array([v]) for k, v in q.items()}}
    code = ep.compile(ep.prove(model), expectation="analytic")
    np.testing.assert_allclose(code.elbo(arrays), expected, rtol=1e-12)
    assert abs(code.gap(arrays) - code.directional_derivative(arrays)) < 1e-12


def test_sums_of_gamma_latents_have_means_and_variances():
    """E of (x - W z)^2 for independent gamma z, from their first two moments."""
    model = Model("m")
    H = model.dims("H")
    W, v = model.parameter("W", H), model.parameter("v", domain="positive")
    z = model.latent("z", Gamma(shape=2, rate=1), H)
    model.observed("x", Normal(mean=W @ z, variance=v))
    w, shape, rate = np.array([0.5, -1.2, 0.3]), np.array([2.0, 0.8, 1.5]), np.array([1.1, 2, 0.7])
    q = [stats.gamma(a, scale=1 / b) for a, b in zip(shape, rate, strict=True)]
    e_log, mean = special.digamma(shape) - np.log(rate), shape / rate
    square = (0.9 - w @ mean) ** 2 + (w**2 * shape / rate**2).sum()
    expected = (
        (e_log - mean).sum()
        - np.log(2 * np.pi * 0.6) / 2
        - square / 1.2
        + sum(f.entropy() for f in q)
    )
    arrays = {"W": w, "v": 0.6, "x": np.array([0.9])}
    arrays |= {"z.shape": shape[None], "z.rate": rate[None]}
    np.testing.assert_allclose(_elbo(model, arrays), expected, rtol=1e-12)


def test_latent_dirichlet_allocation_by_hand():
    """Blei, Ng & Jordan (2003), equation 15, at any q."""
    rng = _rng(1)
    alpha, phi = rng.uniform(0.5, 2, 3), rng.dirichlet(np.ones(4), 3)
    w, gamma = rng.integers(0, 4, (2, 5)), rng.uniform(0.5, 3, (2, 3))
    r = rng.dirichlet(np.ones(3), (2, 5))
    e_log = special.digamma(gamma) - special.digamma(gamma.sum(axis=1, keepdims=True))
    prior = special.gammaln(alpha.sum()) - special.gammaln(alpha).sum() + e_log @ (alpha - 1)
    topics = np.einsum("nik,nk->n", r, e_log)
    words = np.einsum("nik,kni->n", r, np.log(phi)[:, w])
    entropy = [stats.dirichlet(g).entropy() for g in gamma] - (r * np.log(r)).sum(axis=(1, 2))
    arrays = {
        "alpha": alpha, "phi": phi, "w": w,
        "theta.concentration": gamma, "z.probabilities": r,
    }  # fmt: skip
    found = _elbo(catalogue.load("latent_dirichlet_allocation"), arrays)
    np.testing.assert_allclose(found, (prior + topics + words + entropy).mean(), rtol=1e-12)


@pytest.mark.parametrize("name", CHOSEN)
def test_forty_digits_agree_with_double_precision(name):
    proof = ep.prove(catalogue.load(name))
    code = ProofCode(proof, batch=AnalyticBatch(proof.model))
    values = random_instance(code, _rng(6), random_sizes(proof.model, _rng(6)))
    found = ep.compile(proof, expectation="analytic").elbo(values)
    with mp.workdps(40):
        exact = ep.compile(proof, "mpmath", "analytic").elbo(values)
        assert abs(found - exact) < 1e-13 * (1 + abs(exact))


def test_rows_of_simplexes_have_powers_and_entropies():
    """E of sum (x - p_i^2), p_i the first of three components of row i, and H[q] of all rows."""
    model = Model("m")
    n = model.dims("n")
    p = model.latent("p", Dirichlet(concentration=ep.Rational(3, 2) + 0 * ep.eye(3).sum(0)), n)
    model.observed("x", Normal(mean=p[:, 0] ** 2, variance=1), n)
    alpha, x = _rng(2).uniform(0.5, 3, (2, 4, 3)), _rng(3).normal(size=(2, 4))
    expected = np.zeros(2)
    for k, i in np.ndindex(2, 4):
        q = stats.dirichlet(alpha[k, i])
        first = stats.beta(alpha[k, i, 0], alpha[k, i, 1:].sum())
        e_log = special.digamma(alpha[k, i]) - special.digamma(alpha[k, i].sum())
        residual = x[k, i] ** 2 - 2 * x[k, i] * first.moment(2) + first.moment(4)
        expected[k] += q.entropy() - residual / 2 - np.log(2 * np.pi) / 2
        expected[k] += special.gammaln(4.5) - 3 * special.gammaln(1.5) + 0.5 * e_log.sum()
    found = _elbo(model, {"x": x, "p.concentration": alpha})
    np.testing.assert_allclose(found, expected.mean(), rtol=1e-12)


def test_gradients_are_those_of_autodiff():
    proof = ep.prove(catalogue.load("latent_dirichlet_allocation"))
    engine, rng = ProofCode(proof, batch=AnalyticBatch(proof.model)), _rng(5)
    values = random_instance(engine, rng, random_sizes(proof.model, rng))
    _, gradient = ep.compile(proof, "numpy", "analytic").value_and_gradient(values)
    elbo = ep.compile(proof, "jax", "analytic").elbo
    moving = {k: jax.numpy.asarray(values[k]) for k in gradient}
    automatic = jax.grad(lambda m: elbo({**values, **m}))(moving)
    for key, found in gradient.items():
        np.testing.assert_allclose(found, automatic[key], rtol=1e-9, atol=1e-12)


def test_what_has_no_closed_form_says_so():
    model = Model("m")
    z = model.latent("z", Gamma(shape=2, rate=1))
    model.observed("x", Poisson(rate=exp(z)))
    with pytest.raises(ep.InputError, match=r"x: no closed form is known for E_q\[exp\(z\)\]"):
        ep.compile(ep.prove(model), expectation="analytic")
    model = Model("m")
    z = model.latent("z", Dirichlet(concentration=ep.eye(3).sum(0)))
    model.observed("x", Normal(mean=z[0], variance=1))
    with pytest.raises(ep.InputError, match="x: z: products over the simplex"):
        ep.compile(ep.prove(model), expectation="analytic")
