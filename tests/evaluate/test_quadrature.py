"""Expectations by Gauss-Hermite nodes: against SciPy's adaptive integration, and their identity."""

from __future__ import annotations

import jax
import mpmath
import numpy as np
import pytest
from mpmath import mp
from scipy import integrate, stats

import entropy_proofs as ep
from entropy_proofs import Gamma, Model, Normal, Poisson, StudentT, exp, log
from entropy_proofs.evaluate import compiled as functions
from entropy_proofs.evaluate.batch import POINTS, SAMPLES, WEIGHTS, AnalyticBatch
from entropy_proofs.evaluate.model_code import ModelCode, ProofCode
from entropy_proofs.evaluate.random_values import random_instance, random_sizes
from entropy_proofs.expectation.gauss_hermite import normal_nodes
from entropy_proofs.model import catalogue
from entropy_proofs.q.factor import NotAnalytic

jax.config.update("jax_enable_x64", True)

NEEDS_NODES = [
    "bayesian_logistic_regression", "gaussian_process_classification", "ica_generalised_normal",
    "logistic_pca", "rasch", "two_parameter_item_response",
]  # fmt: skip
REFUSED = ["correlated_topic_model", "vae_1", "vae_bernoulli", "vae_categorical", "noisy_or"]


def _softplus(u):
    return np.logaddexp(0, u)


# the rule itself ----------------------------------------------------------------------------------
@pytest.mark.parametrize("count", [1, 2, 7, 32])
@pytest.mark.parametrize("exact", [False, True])
def test_moments_of_the_standard_normal(count, exact):
    """E x^k = (k - 1)!! for k below twice the number of nodes, and no further."""
    with mp.workdps(40):
        nodes, weights = normal_nodes(count, exact)
        tolerance = 1e-38 if exact else 1e-13
        for k in range(2 * count):
            wanted = 0 if k % 2 else mpmath.fac2(k - 1)
            scale = sum(w * abs(x) ** k for w, x in zip(weights, nodes, strict=True))
            found = sum(w * x**k for w, x in zip(weights, nodes, strict=True))
            assert abs(found - wanted) <= tolerance * scale
        k = 2 * count
        beyond = sum(w * x**k for w, x in zip(weights, nodes, strict=True))
        assert abs(beyond / mpmath.fac2(k - 1) - 1) > 1e-12


@pytest.mark.parametrize("nodes", [0, 129, True, 3.0])
def test_the_number_of_nodes_is_checked(nodes):
    with pytest.raises(ep.InputError, match="nodes"):
        ep.compile(ep.prove(catalogue.load("rasch")), expectation="quadrature", nodes=nodes)


# the gap identity ---------------------------------------------------------------------------------
@pytest.mark.parametrize("covariance", ["diagonal", "full"])
@pytest.mark.parametrize("name", NEEDS_NODES)
def test_the_gap_identity_is_exact(name, covariance):
    """Few nodes do: the field acts on each of them."""
    proof = ep.prove(catalogue.load(name))
    try:
        batch = AnalyticBatch(proof.model, covariance, nodes=3)
    except NotAnalytic:
        assert covariance == "full"
        return
    code, rng = ProofCode(proof, batch=batch), np.random.default_rng(3)
    for _ in range(3):
        sizes = random_sizes(proof.model, rng)
        assert code.identity(sizes, random_instance(code, rng, sizes)).residual < 1e-13


def test_the_gap_identity_to_forty_digits():
    proof = ep.prove(catalogue.load("rasch"))
    code = ProofCode(proof, "mpmath", AnalyticBatch(proof.model, nodes=5))
    rng = np.random.default_rng(3)
    sizes = random_sizes(proof.model, rng)
    with mp.workdps(40):
        values = random_instance(code, rng, sizes, lift=np.vectorize(mp.mpf, otypes=[object]))
        assert code.identity(sizes, values).residual < 1e-38


def test_backends_agree_and_gradients_are_those_of_autodiff():
    proof = ep.prove(catalogue.load("logistic_pca"))
    code = {b: ep.compile(proof, b, "quadrature", nodes=8) for b in ("numpy", "jax", "mpmath")}
    engine = ProofCode(proof, batch=AnalyticBatch(proof.model, nodes=8))
    rng = np.random.default_rng(5)
    values = random_instance(engine, rng, {**random_sizes(proof.model, rng), POINTS.name: 2})
    values = {k: v for k, v in values.items() if k in code["numpy"].arguments}
    f, gradient = code["numpy"].value_and_gradient(values)
    for name in ("jax", "mpmath"):
        np.testing.assert_allclose(float(code[name].elbo(values)), f, rtol=1e-12)
    moving = {k: jax.numpy.asarray(values[k]) for k in gradient}
    automatic = jax.grad(lambda m: code["jax"].elbo({**values, **m}))(moving)
    for name, found in gradient.items():
        np.testing.assert_allclose(found, automatic[name], rtol=1e-9, atol=1e-12)


# values -------------------------------------------------------------------------------------------
def _logistic_pca(covariance):
    rng = np.random.default_rng(1)
    W, mu, x = rng.normal(size=(4, 2)), rng.normal(size=4), np.array([[1, 0, 0, 1]])
    m, scale = rng.normal(size=2), np.array([[0.8, 0.0], [0.5, 0.6]])
    if covariance == "diagonal":
        scale = np.diag(np.diag(scale))
    C = scale @ scale.T
    expected = (
        stats.norm.logpdf(m).sum() - np.trace(C) / 2 + stats.multivariate_normal(m, C).entropy()
    )
    for w, shift, bit in zip(W, mu, x[0], strict=True):
        u = stats.norm(w @ m + shift, np.sqrt(w @ C @ w))
        mean = integrate.quad(lambda t, u=u: u.pdf(t) * _softplus(t), -40, 40, epsabs=1e-13)[0]
        expected += bit * u.mean() - mean
    q = {"z.mean": m[None], "z.deviation": np.diag(scale)[None], "z.scale": scale[None]}
    del q["z.scale" if covariance == "diagonal" else "z.deviation"]
    return {"W": W, "mu": mu, "x": x, **q}, expected


@pytest.mark.parametrize("covariance", ["diagonal", "full"])
def test_logistic_pca_against_adaptive_integration(covariance, monkeypatch):
    proof = ep.prove(catalogue.load("logistic_pca"))
    at, expected = _logistic_pca(covariance)
    errors = []
    for nodes in (2, 8, 32):
        code = ep.compile(proof, "numpy", "quadrature", covariance, nodes=nodes)
        assert set(code.arguments) == set(at)  # the nodes are no arguments
        errors.append(abs(code.elbo(at) - expected))
    assert errors[0] > 1e-4 > errors[1] > errors[2]
    assert errors[2] < 1e-9
    right = normal_nodes

    def other_weight(count, exact):
        """Nodes for exp(-x^2): the usual mistake."""
        nodes, weights = right(count, exact)
        return nodes / np.sqrt(2), weights

    def uneven(count, exact):
        nodes, weights = right(count, exact)
        return nodes, np.roll(weights, 1)

    for wrong in (other_weight, uneven):
        monkeypatch.setattr("entropy_proofs.evaluate.batch.normal_nodes", wrong)
        code = ep.compile(proof, "numpy", "quadrature", covariance)
        assert abs(code.elbo(at) - expected) > 1e-3


def test_exact_powers_of_the_absolute_value():
    """E|z|^p has a kink, so nodes converge slowly; the known moment shows how fast."""
    model = Model("m")
    model.parameter("s", domain="positive")
    z = model.latent("z", ep.GeneralizedNormal(mean=0, scale=1, power=3))
    model.observed("x", Normal(mean=z, variance=model.parameters["s"].value))
    proof = ep.prove(model)
    at = {"s": 1.0, "x": np.zeros(1), "z.mean": np.zeros(1), "z.deviation": np.ones(1)}
    third = 2 * np.sqrt(2 / np.pi)
    constant = stats.gennorm.logpdf(0, 3) - np.log(2 * np.pi) / 2 - 0.5 + stats.norm.entropy()
    errors = [
        abs(ep.compile(proof, "numpy", "quadrature", nodes=n).elbo(at) - constant + third)
        for n in (8, 32, 128)
    ]
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 1e-3


def _two(density, m, scale):
    """E over a normal pair by the trapezoidal rule, which is exact to rounding here."""
    noise = np.stack(np.meshgrid(*[np.linspace(-9, 9, 181)] * 2))
    weights = stats.norm.pdf(noise).prod(axis=0) * 0.1**2
    return (weights * density(*(m[:, None, None] + np.tensordot(scale, noise, 1)))).sum()


@pytest.mark.parametrize("kind", ["affine", "scalars"])
def test_two_correlated_coordinates_against_adaptive_integration(kind):
    """E (x - z_0)^2 / v(z_1) by conditioning, E v(z_0) log v(z_1) by a product of two rules."""
    model = Model("m")
    z = model.latent("z", Normal(mean=0, variance=1), 2)
    v = [log(1 + exp(z[k])) for k in range(2)]
    if kind == "affine":
        model.observed("x", Normal(mean=z[0], variance=v[1]))
    else:
        model.observed("x", Gamma(shape=v[0], rate=v[1]))
    m, scale = np.array([0.3, 0.8]), np.array([[0.6, 0.0], [0.3, 0.4]])

    def density(a, b):
        if kind == "affine":
            return stats.norm.logpdf(0.7, a, np.sqrt(_softplus(b)))
        return stats.gamma.logpdf(0.7, _softplus(a), scale=1 / _softplus(b))

    C = scale @ scale.T
    expected = _two(density, m, scale) + stats.norm.logpdf(m).sum() - np.trace(C) / 2
    expected += stats.multivariate_normal(m, C).entropy()
    code = ep.compile(ep.prove(model), "numpy", "quadrature", "full")
    at = {"x": np.array([0.7]), "z.mean": m[None], "z.scale": scale[None]}
    np.testing.assert_allclose(code.elbo(at), expected, rtol=1e-9)
    no_covariance = {**at, "z.scale": np.diag(np.sqrt(np.diag(C)))[None]}
    assert abs(code.elbo(no_covariance) - expected) > 1e-3


def test_a_student_t_decoder():
    """A heavy tail's logarithm, by scalars W z that differ for each dimension."""
    model = Model("m")
    D, H = model.dims("D", "H")
    W, s = model.parameter("W", D, H), model.parameter("s", domain="positive")
    z = model.latent("z", Normal(mean=0, variance=1), H)
    model.observed("x", StudentT(degrees_of_freedom=4, mean=W @ z, scale2=s), D)
    w, m, tau, x = np.array([[0.5, -0.4], [1.0, 0.2]]), np.array([0.3, 0.1]), 0.5, [0.4, -1.0]
    expected = stats.norm.logpdf(m).sum() - tau**2 + 2 * stats.norm(0, tau).entropy()
    for row, value in zip(w, x, strict=True):
        u = stats.norm(row @ m, tau * np.sqrt(row @ row))
        expected += integrate.quad(
            lambda t, u=u, v=value: u.pdf(t) * stats.t.logpdf(v, 4, t, np.sqrt(0.8)),
            -9,
            9,
            epsabs=1e-12,
        )[0]
    code = ep.compile(ep.prove(model), expectation="quadrature")
    at = {"W": w, "s": 0.8, "x": np.array([x])}
    at |= {"z.mean": m[None], "z.deviation": np.full((1, 2), tau)}
    np.testing.assert_allclose(code.elbo(at), expected, rtol=1e-8)
    assert abs(code.gap(at) - code.directional_derivative(at)) < 1e-12


@pytest.mark.parametrize("covariance", ["diagonal", "full"])
@pytest.mark.parametrize("name", NEEDS_NODES)
def test_it_is_the_mean_over_samples(name, covariance):
    """log p(x, z) averaged over many draws from q, within six standard errors."""
    model = catalogue.load(name)
    try:
        code = ModelCode(model, batch=AnalyticBatch(model, covariance, nodes=64))
    except NotAnalytic:
        assert covariance == "full"
        return
    rng, count = np.random.default_rng(4), 40_000
    sizes = {**random_sizes(model, rng, high=2), POINTS.name: 2}
    values = random_instance(code, rng, sizes)
    if name == "ica_generalised_normal":
        values["p"] = values["p"] + 2  # no kinks that nodes would miss
    arrays = dict(values)
    for q in code.batch.factors.values():
        mean, spread = (values[f"{q.variable.name}.{suffix}"] for suffix in q.domains)
        noise = rng.normal(size=(2, count, *mean.shape[1:]))
        moved = np.einsum("nij,nsj->nsi", spread, noise) if q.full else spread[:, None] * noise
        arrays[q.variable.name] = mean[:, None] + moved
    arrays[WEIGHTS.name] = np.full((2, count), 1 / count)
    entropy = code.compile({"H": (code.batch.variational_entropy, ())})(sizes, values)["H"]
    joint = ModelCode(model).log_joint({**sizes, SAMPLES.name: count}, arrays)
    error = np.sqrt((joint.var(axis=1) / count).sum()) / 2
    assert abs(code.elbo(sizes, values) - entropy - joint.mean()) < 6 * error


# what uses it -------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["sparse_coding", "poisson_log_normal", "gamma_poisson"])
def test_a_closed_form_is_used_where_there_is_one(name):
    proof = ep.prove(catalogue.load(name))
    exact, nodes = (ep.compile(proof, expectation=e) for e in ("analytic", "quadrature"))
    assert exact.arguments == nodes.arguments
    engine, rng = ProofCode(proof, batch=AnalyticBatch(proof.model)), np.random.default_rng(2)
    values = random_instance(engine, rng, random_sizes(proof.model, rng))
    assert exact.elbo(values) == nodes.elbo(values)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_of_low_dimension_is_refused(name):
    with pytest.raises(ep.InputError, match="no closed form is known"):
        ep.compile(ep.prove(catalogue.load(name)), expectation="quadrature")


def test_chunks_change_nothing():
    proof = ep.prove(catalogue.load("rasch"))
    whole, parts = (ep.compile(proof, expectation="quadrature", chunk=c) for c in (None, 2))
    rng = np.random.default_rng(6)
    sizes = {**random_sizes(proof.model, rng), POINTS.name: 5}
    values = random_instance(whole._code, rng, sizes)
    values = {k: v for k, v in values.items() if k in whole.arguments}
    np.testing.assert_allclose(parts.elbo(values), whole.elbo(values), rtol=1e-12)
    for key, found in whole.gradient(values).items():
        np.testing.assert_allclose(parts.gradient(values)[key], found, rtol=1e-10, atol=1e-13)


def test_multiples_are_one_scalar():
    """softplus(u) softplus(2 u) for u = z_0 - z_1 takes one rule, not two that are one."""
    model = Model("m")
    z = model.latent("z", Normal(mean=0, variance=1), 2)
    u = z[0] - z[1]
    model.observed("x", Gamma(shape=log(1 + exp(u)), rate=log(1 + exp(1 - 2 * u))))
    code = ep.compile(ep.prove(model), expectation="quadrature")
    m, s = np.array([0.3, 0.8]), np.array([0.6, 0.5])
    normal = stats.norm(m[0] - m[1], np.hypot(*s))

    def integrand(u):
        scale = 1 / _softplus(1 - 2 * u)
        return normal.pdf(u) * stats.gamma.logpdf(0.7, _softplus(u), scale=scale)

    expected = integrate.quad(integrand, -7, 7, epsabs=1e-12)[0]
    expected += (stats.norm.logpdf(m) - s**2 / 2 + stats.norm(0, s).entropy()).sum()
    at = {"x": np.array([0.7]), "z.mean": m[None], "z.deviation": s[None]}
    np.testing.assert_allclose(code.elbo(at), expected, rtol=1e-8)


def test_third_moments_of_what_is_not_normal_are_refused():
    """E (z + r)^4 / v(z) for gamma r asks for more than covariances."""
    model = Model("m")
    z = model.latent("z", Normal(mean=0, variance=1))
    r = model.latent("r", Gamma(shape=1, rate=1))
    model.observed("x", Normal(mean=(z + r) ** 2, variance=log(1 + exp(z))))
    with pytest.raises(ep.InputError, match="x: no closed form is known"):
        ep.compile(ep.prove(model), expectation="quadrature")


def test_a_name_is_none_of_the_arrays_of_q_and_its_quadrature():
    for name in ("z.mean", "quadrature nodes"):
        with pytest.raises(ep.InputError, match="is not a name"):
            Model("m").parameter(name)
    model = Model("m")
    b = model.parameter("nodes")
    z = model.latent("z", Normal(mean=0, variance=1))
    model.observed("x", Poisson(rate=log(1 + exp(z - b))))
    code = ep.compile(ep.prove(model), expectation="quadrature")
    at = {"nodes": 0.3, "x": np.ones(1), "z.mean": np.ones(1), "z.deviation": np.ones(1)}
    assert code.elbo(at) != code.elbo({**at, "nodes": 0.4})


def test_three_scalars_are_refused():
    model = Model("m")
    z = model.latent("z", Normal(mean=0, variance=1), 3)
    model.observed("x", Poisson(rate=log(1 + exp(z[0]) + exp(z[1]) + exp(z[2]))))
    with pytest.raises(ep.InputError, match="x: no closed form is known"):
        ep.compile(ep.prove(model), expectation="quadrature")


def test_the_option_is_named():
    with pytest.raises(ep.InputError, match="'exact' is none of samples, analytic, quadrature"):
        ep.compile(ep.prove(catalogue.load("rasch")), expectation="exact")
    assert "quadrature" in functions.EXPECTATIONS


def test_a_magnitude_of_a_difference_of_latents_has_a_gradient():
    """E|y - z| of two normals in closed form: its spread is positive, a case that always holds."""
    model = ep.Model("a Laplace latent")
    s = model.parameter("s", domain="positive")
    z = model.latent("z", ep.Normal(mean=0, variance=1))
    y = model.latent("y", ep.Laplace(mean=z, scale=s))
    model.observed("x", ep.Normal(mean=y, variance=1))
    functions = ep.compile(ep.prove(model), expectation="analytic")
    rng = np.random.default_rng(0)
    at = {"s": np.array(1.3), "x": rng.normal(size=4)}
    for name in ("z", "y"):
        at |= {f"{name}.mean": rng.normal(size=4), f"{name}.deviation": rng.uniform(0.5, 1, 4)}
    for name, slope in functions.gradient(at).items():
        step = np.zeros(np.shape(at[name]))
        step[(0,) * step.ndim] = 1e-6
        above, below = (functions.elbo({**at, name: at[name] + e}) for e in (step, -step))
        assert np.ravel(slope)[0] == pytest.approx((above - below) / 2e-6, abs=1e-7)
