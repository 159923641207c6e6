"""The entropy objective: closed-form optima put into the ELBO."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from catalogue.spread import MODELS
from scipy import special
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

import entropy_proofs as ep
from entropy_proofs import Model, Normal, exp
from entropy_proofs.algebra.nodes import Expectation
from entropy_proofs.claims.optimum import condition_of
from entropy_proofs.evaluate.batch import POINTS, SAMPLES
from entropy_proofs.evaluate.random_values import random_instance, random_sizes
from entropy_proofs.families.spaces import SIMPLEX
from entropy_proofs.model import catalogue
from entropy_proofs.objective.solutions import solve_condition

WITHOUT = {
    "bayesian_logistic_regression_unit_prior", "bradley_terry", "cauchy_distribution", "exponential_regression",
    "heteroscedastic_regression", "local_level_diffuse", "logistic_distribution",
    "logistic_pca", "logistic_regression", "mixture_density_network", "multinomial_logistic_regression", "poisson_log_normal_pca", "poisson_regression",
    "student_t_distribution", "student_t_known_dof", "two_parameter_item_response", "vae_0",
    "vae_3", "vae_bernoulli", "vae_categorical", "vae_ladder", "vae_poisson", "vae_student_t", "zero_inflated_poisson",
}  # fmt: skip
EACH = pytest.mark.parametrize("name", MODELS)


def point(proof, functions, seed: int = 1):
    """A random point with enough data, and what remains of it without the eliminated."""
    rng = np.random.default_rng(seed)
    sizes = {**random_sizes(proof.model, rng), POINTS.name: 40, SAMPLES.name: 3}
    values = random_instance(functions._code, rng, sizes)
    dims = {name: sizes[name] for name in proof.model.dims_}
    return {**values, **dims}


def compiled(proof, **options):
    """The objective and the ELBO as functions, or None without a closed form."""
    try:
        return proof.objective.compile(**options), ep.compile(proof, **options)
    except ep.InputError as error:
        assert "closed form" in str(error)
        return None


@EACH
def test_the_objective_is_the_elbo_at_the_optima(name):
    """Its value and gradient are F's there, and F's gradient by the eliminated vanishes."""
    proof = ep.prove(catalogue.load(name))
    objective = proof.objective
    assert (objective is None) == (name in WITHOUT)
    if objective is None:
        return
    for expectation in ("samples", "analytic"):
        pair = compiled(proof, expectation=expectation)
        if pair is None:
            assert expectation == "analytic"
            continue
        reduced, whole = pair
        at = point(proof, whole)
        gone = {s.parameter.name for s in objective.solutions}
        rest = {k: v for k, v in at.items() if k not in gone}
        optima = reduced.optima(rest)
        f, gradient = whole.value_and_gradient({**at, **optima})
        value, left = reduced.value_and_gradient(rest)
        np.testing.assert_allclose(value, f, rtol=1e-11)
        np.testing.assert_allclose(reduced.value(rest), f, rtol=1e-11)
        assert left.keys() == gradient.keys() - gone
        for key, found in optima.items():
            slope = gradient[key] * found
            if proof.model.parameters[key].domain == SIMPLEX:
                slope = slope - found * slope.sum(axis=-1, keepdims=True)
            np.testing.assert_allclose(slope, 0, atol=1e-10 * (1 + abs(f)))


def written(batch, expr):
    """An expression over a batch, its expectations, one in another too, as averages."""
    outer = set(expr.atoms(Expectation))
    outer -= {inner for e in outer for inner in e.args[0].atoms(Expectation)}
    names = {e: sp.Dummy() for e in outer}
    averages = {d: batch.average(written(batch, e.args[0])) for e, d in names.items()}
    return batch.write(expr.xreplace(names)).xreplace(averages)


@pytest.mark.parametrize(
    "name",
    [
        "gaussian_mixture", "hmm_categorical", "hmm_gaussian", "latent_dirichlet_allocation",
        "linear_dynamical_system", "mixture_of_ppca", "mixture_of_regressions", "ppca",
        "sparse_coding", "sparse_coding_spike_and_slab", "stochastic_block_model",
        "student_t_mixture",
    ],
)  # fmt: skip
def test_the_formula_itself_is_the_elbo_at_the_optima(name):
    """What is shown, evaluated as it stands: no index means another one than is meant."""
    proof = ep.prove(catalogue.load(name))
    reduced, whole = compiled(proof)
    at = point(proof, whole)
    rest = {
        k: v
        for k, v in at.items()
        if k not in {s.parameter.name for s in proof.objective.solutions}
    }
    code = whole._code
    expr = proof.objective.expression - proof.variational_entropy
    kernel = code.compile({"formula": (written(code.batch, expr), ())})
    values, sizes = whole._given(at, {})
    found = kernel(sizes, values)["formula"]
    np.testing.assert_allclose(found, reduced.value(rest), rtol=1e-11)


@pytest.mark.parametrize(
    "name",
    ["sparse_coding", "gaussian_mixture", "factor_analysis", "linear_dynamical_system", "vae_2"],
)
def test_the_gradient_is_that_of_automatic_differentiation(name):
    """Through the optima too, which the gradient in closed form never differentiates."""
    import jax

    proof = ep.prove(catalogue.load(name))
    reduced, whole = compiled(proof, backend="jax")
    at = point(proof, whole)
    gone = {s.parameter.name for s in proof.objective.solutions}
    rest = {k: v for k, v in at.items() if k not in gone}
    _, gradient = reduced.value_and_gradient(rest)
    assert gradient
    moving = {k: jax.numpy.asarray(rest[k]) for k in gradient}
    automatic = jax.grad(lambda moved: reduced.value({**rest, **moved}))(moving)
    for key, found in gradient.items():
        np.testing.assert_allclose(found, automatic[key], rtol=1e-8, atol=1e-10)


def test_sparse_coding_is_the_published_objective():
    """arXiv:2311.01888: H[q] - sum_h log(2 e lam_h) - D/2 log(2 pi e sigma2), Gaussian q."""
    proof = ep.prove(catalogue.load("sparse_coding"))
    assert all(t.holds for t in proof.objective.proof.terms)
    reduced = proof.objective.compile(expectation="analytic")
    rng = np.random.default_rng(0)
    N, D, H = 30, 5, 3
    W, x = rng.normal(size=(D, H)), rng.normal(size=(N, D))
    W /= np.linalg.norm(W, axis=0)
    m, tau = rng.normal(size=(N, H)), rng.uniform(0.2, 1.5, size=(N, H))
    a = m / tau
    folded = np.sqrt(2 / np.pi) * np.exp(-(a**2) / 2) + a * special.erf(a / np.sqrt(2))
    lam = (tau * folded).mean(axis=0)
    sigma2 = (((x - m @ W.T) ** 2).sum(axis=1) + (tau**2).sum(axis=1)).mean() / D
    entropy = np.log(2 * np.pi * np.e * tau**2).sum(axis=1).mean() / 2
    expected = entropy - np.log(2 * np.e * lam).sum() - D / 2 * np.log(2 * np.pi * np.e * sigma2)
    rest = {"W": W, "x": x, "z.mean": m, "z.deviation": tau}
    optima = reduced.optima(rest)
    np.testing.assert_allclose(optima["lam"], lam, rtol=1e-12)
    np.testing.assert_allclose(optima["sigma2"], sigma2, rtol=1e-12)
    np.testing.assert_allclose(reduced.value(rest), expected, rtol=1e-12)


def test_the_optima_of_a_gaussian_mixture_are_the_m_step():
    x = np.random.default_rng(0).normal(size=(60, 2)) + np.repeat([[0, 0], [3, 1]], 30, axis=0)
    fitted = GaussianMixture(2, reg_covar=0, max_iter=1, random_state=0, tol=1e-9)
    with pytest.warns(ConvergenceWarning):
        fitted.fit(x)
    proof = ep.prove(catalogue.load("gaussian_mixture"))
    log_responsibilities = fitted._estimate_log_prob_resp(x)[1]
    fitted._m_step(x, log_responsibilities)
    reduced = proof.objective.compile(expectation="analytic")
    found = reduced.optima(
        mu=fitted.means_, x=x, **{"c.probabilities": np.exp(log_responsibilities)}
    )
    np.testing.assert_allclose(found["rho"], fitted.weights_, rtol=1e-10)
    np.testing.assert_allclose(found["Sigma"], fitted.covariances_, rtol=1e-8)


def test_ppca_at_the_exact_posterior_keeps_the_em_fixed_point():
    """Tipping & Bishop: at the maximum the eliminated sigma2 is the mean of the rest."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(200, 5)) @ rng.normal(size=(5, 5))
    values, vectors = np.linalg.eigh(np.cov(x.T, bias=True))
    values, vectors = values[::-1], vectors[:, ::-1]
    sigma2 = values[2:].mean()
    W = vectors[:, :2] * np.sqrt(values[:2] - sigma2)
    centred = x - x.mean(axis=0)
    precision = np.eye(2) + W.T @ W / sigma2
    m = np.linalg.solve(precision, W.T @ centred.T / sigma2).T
    scale = np.broadcast_to(np.linalg.cholesky(np.linalg.inv(precision)), (200, 2, 2))
    proof = ep.prove(catalogue.load("ppca"))
    reduced = proof.objective.compile(expectation="analytic", covariance="full")
    rest = {"W": W, "mu": x.mean(axis=0), "x": x, "z.mean": m, "z.scale": scale}
    np.testing.assert_allclose(reduced.optima(rest)["sigma2"], sigma2, rtol=1e-10)
    for found in reduced.gradient(rest).values():
        np.testing.assert_allclose(found, 0, atol=1e-10)


def test_entangled_optima_are_not_both_eliminated():
    """Two factors of one variance: each optimum depends on the other, and one is enough."""
    model = Model("m")
    D = model.dims("D")
    a, b = (model.parameter(n, domain="positive") for n in "ab")
    model.observed("x", Normal(mean=0, variance=a * b), D)
    objective = ep.prove(model).objective
    (solution,) = objective.solutions
    assert solution.parameter.name == "a"
    assert objective.remaining == (b,)


def test_its_entropies_and_its_formula_are_one_function():
    """-log(2 pi e s) / 2 where s stands for its optimum, and the same with that put in."""
    model = Model("m")
    s = model.parameter("s", domain="positive")
    model.observed("x", Normal(mean=0, variance=s))
    found = ep.prove(model).objective
    assert sp.expand_log(found.entropy_sum + sp.log(2 * sp.pi * sp.E * s) / 2) == 0
    assert sp.expand_log(found.entropy_sum.xreplace(found.eliminated) - found.expression) == 0


def test_nothing_to_eliminate():
    model = Model("m")
    w = model.parameter("w")
    model.observed("x", ep.Poisson(rate=exp(w)))
    assert ep.prove(model).objective is None


def test_it_shows_itself():
    objective = ep.prove(catalogue.load("sparse_coding")).objective
    lam = ep.prove(catalogue.load("sparse_coding")).model.parameters["lam"].value
    assert str(objective.eliminated[lam]).startswith("E_q[Abs(z")
    assert r"\mathbb{E}" in objective._repr_latex_()
    assert not objective.expression.has(sp.Symbol("sigma2", positive=True))


def test_what_is_solved_once_is_not_solved_again_and_belongs_to_one_proof():
    proof = ep.prove(ep.load("gaussian_mixture"))
    objective = proof.objective
    own = {s.parameter.name: s for s in objective.solutions}
    for p in proof.model.learned().values():
        if p.name in own:
            assert solve_condition(proof, p) is own[p.name]
        if not p.domain.tied:
            assert condition_of(proof, p) is condition_of(proof, p)
            assert condition_of(objective.proof, p) is not condition_of(proof, p)


def test_what_is_not_shown_to_be_an_optimum_is_not_put_in():
    """Of a covariance's block the rest is free, and what solves the block's condition divides by
    an indicator."""
    model = ep.Model("a block")
    D = model.dims("D")
    S = model.parameter("S", D + 1, D + 1, domain="positive definite")
    model.observed("x", ep.MultivariateNormal(mean=0, covariance=S[:-1, :-1]))
    assert ep.prove(model).objective is None
