"""Weighted bounds: F = sum_k w_k E_q[log p_k] + w_q H[q], and the same weights on the entropies."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import sympy as sp
from catalogue.instances import Instance
from scipy import special, stats

import entropy_proofs as ep
from entropy_proofs import (
    Categorical,
    Laplace,
    Model,
    Normal,
    Poisson,
    Rational,
    Verdict,
)
from entropy_proofs.document.formats import FORMATS
from entropy_proofs.evaluate.model_code import ModelCode
from entropy_proofs.export.json import proof_record
from entropy_proofs.export.table import entropy_table, table_records
from entropy_proofs.judge import vouching
from entropy_proofs.learn.annealing import PREFIX, annealed
from entropy_proofs.model import catalogue
from entropy_proofs.points.stationary import FreeObjective, continuous_latents
from entropy_proofs.q.sampled import Normals
from entropy_proofs.search.search import search

# Priors and observables with and without flows, chains, shared parameters, pseudo-entropies.
NAMES = [
    "correlated_topic_model", "eight_schools", "gamma_gamma", "gaussian_mixture_tied",
    "hmm_poisson", "latent_dirichlet_allocation", "local_level", "poisson_factor_analysis",
    "poisson_log_normal", "ppca", "random_effects", "robust_ppca", "sigmoid_belief_network",
    "sparse_coding_annealed", "sparse_coding_spike_and_slab", "sparse_coding_unit_prior", "vae_1",
    "vae_beta", "vae_hierarchical",
]  # fmt: skip
FLOWING = [
    "ppca",
    "poisson_log_normal_pca",
    "sparse_coding_unit_prior",
    "vae_1",
    "vae_hierarchical",
]


@cache
def proved(name: str, names: tuple[str, ...] | None = None) -> ep.Proof:
    return ep.prove(annealed(catalogue.load(name), names))


# the identity holds, whatever the weights ---------------------------------------------------------
def weighed(name: str, seed: int, proof: ep.Proof) -> Instance:
    """The model at random numbers, the weights among them: all weights of its own file's terms."""
    at = Instance(name, seed, proof=proof)
    rng = np.random.default_rng([seed, 1])
    model = proof.model
    values = {p: rng.uniform(0.2, 3) for p in model.parameters if p.startswith(PREFIX)}
    at.point.arrays.update({p: np.asarray(v) for p, v in values.items()})
    known = {
        p.label: float(at.point.arrays[p.name]) for p in model.parameters.values() if not p.shape
    }
    terms = {t.variable: t.weight for t in model.terms} | {"q": model.q_weight}
    at.model.weighted = {k: float(w.xreplace(known)) for k, w in terms.items()}
    return at


@pytest.mark.parametrize("name", NAMES)
def test_the_gap_identity_for_random_weights(name):
    """F by scipy, its derivative along the engine's field and flow by a complex step."""
    proof = proved(name)
    assert proof.verdict is ep.prove(catalogue.load(name)).verdict
    at = weighed(name, 1, proof)
    assert len(set(at.model.weighted.values())) > 1
    parts = [at.elbo(), -at.entropy_sum(), -at.elbo_slope()]
    assert abs(sum(parts)) < 1e-12 * max(1, *map(abs, parts))


@pytest.mark.parametrize("name", ["ppca", "vae_1", "poisson_log_normal"])
def test_the_gap_identity_fails_with_a_weight_of_its_own_on_q(name):
    """The same field and flow, the same entropies, but H[q] weighs more than the prior."""
    at = weighed(name, 1, proved(name))
    at.model.weighted["q"] *= 1.5
    parts = [at.elbo(), -at.entropy_sum(), -at.elbo_slope()]
    assert abs(sum(parts)) > 1e-3


def test_compiled_functions_are_the_weighted_ones():
    """F and its derivative written by hand for sparse coding, S from the paper's entropies."""
    code = ep.compile(proved("sparse_coding"))
    rng = np.random.default_rng(0)
    N, S, D, H = 4, 3, 5, 2
    W, lam, sigma2 = rng.normal(size=(D, H)), rng.uniform(0.5, 2, H), 0.7
    W /= np.linalg.norm(W, axis=0)
    x, z = rng.normal(size=(N, D)), rng.normal(size=(N, S, H))
    w = {"weight.z": 0.3, "weight.x": 1.7, "weight.q": 2.1}

    def elbo(lam, sigma2):
        prior = stats.laplace.logpdf(z, scale=lam).sum(axis=-1).mean()
        noise = stats.norm.logpdf(x[:, None], z @ W.T, np.sqrt(sigma2)).sum(axis=-1).mean()
        return w["weight.z"] * prior + w["weight.x"] * noise

    given = {"W": W, "lam": lam, "sigma2": sigma2, "x": x, "z": z, **w}
    entropies = w["weight.z"] * np.log(2 * np.e * lam).sum()
    entropies += w["weight.x"] * D / 2 * np.log(2 * np.pi * np.e * sigma2)
    h = 1e-5  # along the field, the scales' logarithms
    slope = (elbo(lam * (1 - h), sigma2 * (1 - h)) - elbo(lam * (1 + h), sigma2 * (1 + h))) / (
        2 * h
    )
    assert code.elbo(given) == pytest.approx(elbo(lam, sigma2), rel=1e-12)
    assert code.entropy_sum(given) == pytest.approx(-entropies, rel=1e-12)
    assert code.directional_derivative(given) == pytest.approx(slope, rel=1e-8)
    assert code.gap(given) == pytest.approx(code.directional_derivative(given), rel=1e-10)


def test_analytic_expectations_weigh_the_entropy_of_q():
    code = ep.compile(proved("ppca"), expectation="analytic", covariance="full")
    rng = np.random.default_rng(0)
    x, m = rng.normal(size=(6, 4)), rng.normal(size=(6, 2))
    root = np.tril(rng.normal(size=(6, 2, 2)), -1) + rng.uniform(0.5, 2, (6, 1, 1)) * np.eye(2)
    (suffix,) = (a for a in code.arguments if a.startswith("z.") and a != "z.mean")
    given = {"W": rng.normal(size=(4, 2)), "mu": rng.normal(size=4), "sigma2": 0.8, "x": x,
             "z.mean": m, suffix: root, "weight.z": 0.4, "weight.x": 1.5}  # fmt: skip
    gap, slope = code.gap(given), code.directional_derivative(given)
    assert abs(gap) > 0.1
    assert gap == pytest.approx(slope, rel=1e-11)
    heavier = code.elbo({**given, "weight.z": 1.4}) - code.elbo(given)
    entropy = np.log(np.abs(np.linalg.det(root))).mean() + np.log(2 * np.pi * np.e)
    second = (m**2).sum(axis=1) + (root**2).sum(axis=(1, 2))
    prior = -np.log(2 * np.pi) - second.mean() / 2
    assert heavier == pytest.approx(entropy + prior, rel=1e-10)


# stationary points --------------------------------------------------------------------------------
def test_the_linear_beta_vae_at_its_closed_form_optimum():
    """p-PCA with weight beta on prior and q: all from the data's spectrum, as Tipping & Bishop's.

    The best q is the posterior for the noise variance beta sigma2, so that
    W W' + beta sigma2 I has the data's leading eigenvalues, and sigma2 (D - beta H) the rest's sum.
    """
    beta, N, D, H = 1.3, 200, 5, 2
    rng = np.random.default_rng(0)
    x = rng.normal(size=(N, D)) * [3, 2, 0.7, 0.6, 0.5]
    x -= x.mean(axis=0)
    values, vectors = np.linalg.eigh(x.T @ x / N)
    top, rest = values[::-1][:H], values[::-1][H:]
    sigma2 = rest.sum() / (D - beta * H)
    W = vectors[:, ::-1][:, :H] * np.sqrt(top - beta * sigma2)
    posterior = beta * sigma2 / top  # variances of q
    m = x @ W / top
    given = {"W": W, "mu": np.zeros(D), "sigma2": sigma2, "x": x, "z.mean": m,
             "z.deviation": np.broadcast_to(np.sqrt(posterior), (N, H)), "weight.z": beta}  # fmt: skip
    proof = proved("ppca", ("z",))
    code = ep.compile(proof, expectation="analytic")
    value, gradient = code.value_and_gradient(given)
    for slope in gradient.values():
        np.testing.assert_allclose(slope, 0, atol=1e-12)
    marginal = stats.multivariate_normal(np.zeros(D), W @ W.T + beta * sigma2 * np.eye(D))
    constants = beta * np.log(2 * np.pi * beta * sigma2) - np.log(2 * np.pi * sigma2)
    expected = beta * marginal.logpdf(x).mean() + D / 2 * constants
    entropy_sum = beta / 2 * np.log(posterior).sum() - D / 2 * np.log(2 * np.pi * np.e * sigma2)
    assert value == pytest.approx(expected, rel=1e-12)
    assert expected == pytest.approx(entropy_sum, rel=1e-12)
    assert code.entropy_sum(given) == pytest.approx(entropy_sum, rel=1e-12)
    unweighted = code.entropy_sum({**given, "weight.z": 1.0})
    assert abs(unweighted - value) > 1e-2


@pytest.mark.parametrize("name", ["vae_beta", "gaussian_mixture_tied", "hmm_categorical"])
def test_stationary_points_of_weighted_bounds(name):
    """F and S at what scipy finds, all parameters and q moving; q is the weighted bound's best."""
    rng = np.random.default_rng(0)
    line = rng.normal(size=(12, 1)) * [1, 2, 3] + 0.3 * rng.normal(size=(12, 3))
    data = None if name == "hmm_categorical" else line
    sizes = {"H": 1, "J_f": 1, "M_f": 1} if name == "vae_beta" else None
    found = ep.verify(proved(name), data=data, points=1, sizes=sizes)
    assert found.passed, found.reason
    for point in found.stationary_points:
        assert "stationary in all parameters and q" in point.fitted_by
        assert point.gap == pytest.approx(0, abs=1e-9)


def test_the_best_q_of_a_weighted_mixture_is_tempered():
    """q ∝ (ρ p)^(w / w_q): no other q has a higher F, and F is the free energy in closed form."""
    model = Model("m")
    K = model.dims("K")
    rho = model.parameter("rho", K, domain="simplex")
    mu = model.parameter("mu", K)
    c = model.latent("c", Categorical(probabilities=rho))
    x = model.observed("x", Normal(mean=mu[c], variance=1))
    model.weights({c: Rational(3, 2), x: Rational(1, 2)}, q=2)
    data = np.random.default_rng(0).normal(size=20)
    values = {"rho": np.array([0.2, 0.3, 0.5]), "mu": np.array([-1.0, 0.0, 2.0])}
    sizes = {"K": 3, "data points": 20, "samples": 3}
    objective = FreeObjective(
        ModelCode(model),
        sizes,
        {"x": data},
        {"rho", "mu"},
        Normals({}, 1),
        np.random.default_rng(0),
    )
    elbo, _ = objective(objective.start(values))
    log_p = 1.5 * np.log(values["rho"]) + 0.5 * stats.norm.logpdf(data[:, None], values["mu"], 1)
    assert elbo == pytest.approx(2 * special.logsumexp(log_p / 2, axis=1).mean(), rel=1e-12)


def test_the_gradient_of_q_s_coordinates_is_weighted():
    """Of means and log deviations, by central differences of F with H[q]."""
    model = Model("m")
    s = model.parameter("s", domain="positive")
    z = model.latent("z", Laplace(mean=0, scale=1), 2)
    x = model.observed("x", Poisson(rate=s * ep.exp(z[0] - z[1])))
    model.weights({z: Rational(1, 3), x: Rational(3, 2)}, q=Rational(5, 2))
    code, rng = ModelCode(model), np.random.default_rng(0)
    q = Normals.shared(continuous_latents(code, {}, {}), rng)
    sizes = {"data points": 3, "samples": q.count}
    objective = FreeObjective(code, sizes, {"x": np.array([0, 2, 5])}, {"s"}, q, rng)
    at = objective.start({"s": 1.3}) + 0.1 * rng.normal(size=13)
    steps = 1e-6 * np.eye(len(at))
    expected = [(objective(at + h)[0] - objective(at - h)[0]) / 2e-6 for h in steps]
    np.testing.assert_allclose(objective(at)[1], expected, rtol=1e-7, atol=1e-8)


def test_a_certified_point_of_a_weighted_bound():
    found = ep.enclose(proved("ppca"))
    assert found.contains_zero
    assert found.gap.radius < 1e-40


# parameters that conditionals of different weight share -------------------------------------------
def shared_noise(weights: bool) -> Model:
    """x and y share their noise variance, and weigh differently."""
    m = Model("two views, one noise")
    D, H = m.dims("D", "H")
    W, V = m.parameter("W", D, H), m.parameter("V", D, H)
    tau = m.parameter("tau", H, domain="positive")
    s = m.parameter("s", domain="positive")
    z = m.latent("z", Normal(mean=0, variance=tau), H)
    x = m.observed("x", Normal(mean=W @ z, variance=s), D)
    y = m.observed("y", Normal(mean=V @ z, variance=s), D)
    if weights:
        m.weights({x: Rational(1, 3), y: 2, z: Rational(3, 2)})
    return m


def test_a_shared_parameter_s_optimum_weighs_the_conditionals():
    proof = ep.prove(shared_noise(True))
    assert proof.verdict is Verdict.PROVED
    code = proof.objective.compile()
    rng = np.random.default_rng(0)
    N, S, D, H = 5, 3, 4, 2
    at = {n: rng.normal(size=s) for n, s in
          {"W": (D, H), "V": (D, H), "x": (N, D), "y": (N, D), "z": (N, S, H)}.items()}  # fmt: skip
    squares = {
        n: ((at[n][:, None] - at["z"] @ at[w].T) ** 2).sum(axis=-1).mean()
        for n, w in (("x", "W"), ("y", "V"))
    }
    expected = (squares["x"] / 3 + 2 * squares["y"]) / (D / 3 + 2 * D)
    optima = code.optima(at)
    assert optima["s"] == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(optima["tau"], (at["z"] ** 2).mean(axis=(0, 1)), rtol=1e-12)
    whole = ep.compile(proof)
    assert code.value(at) == pytest.approx(whole.elbo({**at, **optima}), rel=1e-12)


def test_sharing_with_different_weights_gains_nothing():
    """One variance would have to serve a scale and a mean: no field does, weights or none."""
    m = Model("m")
    s = m.parameter("s", domain="positive")
    z = m.latent("z", Laplace(mean=s, scale=1))
    m.observed("x", Normal(mean=0, variance=s))
    assert ep.prove(m).verdict is not Verdict.PROVED
    m.weights({z: 2}, q=2)
    proof = ep.prove(m)
    assert proof.verdict is not Verdict.PROVED
    assert not all(t.holds for t in proof.terms)


# must fail: a flow asks for equal weights ---------------------------------------------------------
@pytest.mark.parametrize("name", FLOWING)
def test_a_flow_with_a_weight_of_its_own_serves_nothing(name):
    latents = tuple(v.name for v in catalogue.load(name).latents())
    flowing = ep.prove(catalogue.load(name)).latent_flow
    proof = proved(name, (*latents, "q"))
    assert flowing
    assert not proof.latent_flow
    assert proof.verdict is Verdict.PARTIAL
    reasons = " ".join(t.reason for t in proof.terms if not t.holds)
    assert "would need the weight of H[q], weight.q, to equal that of" in reasons
    assert not any(t.reason.startswith("criterion refuted") for t in proof.terms)


def test_numbers_that_agree_are_enough_and_numbers_that_differ_are_not():
    def verdict(w: float, q: float) -> Verdict:
        model = catalogue.load("vae_1")
        model.weights({model.variables["z"].value: w}, q=q)
        return ep.prove(model).verdict

    assert verdict(0.25, Rational(1, 4)) is Verdict.PROVED
    assert verdict(0.25, Rational(1, 5)) is Verdict.PARTIAL


def test_a_weight_on_the_prior_alone_refutes_the_plain_sum_by_a_known_amount():
    """F - S = (w_z - w_q) E[div u] at every point that is stationary along field and flow."""
    proof = proved("vae_1", ("z", "q"))
    found = proof.counterexample
    surplus = (found.at["weight.z"] - found.at["weight.q"]) * found.at["H"] / 2
    assert abs(surplus) > 1e-2
    assert float(found.left) - float(found.right) == pytest.approx(surplus, rel=1e-9)


def test_what_would_help_is_an_equal_weight():
    model = Model("m")
    beta = model.parameter("beta", domain="positive", fixed=True)
    s = model.parameter("s", domain="positive")
    w = model.parameter("w")
    z = model.latent("z", Normal(mean=0, variance=1))
    model.observed("x", Normal(mean=w * z, variance=s))
    model.weights({z: beta})
    suggested = [str(s) for s in ep.prove(model).suggestions]
    assert suggested[0] == "give H[q] the weight of z, beta"
    assert not any("beta" in s and "learn" in s for s in suggested)


def test_an_identity_of_other_weights_is_not_the_model_s(monkeypatch):
    """Without a flow it holds for any weights, but then for another bound."""
    model = catalogue.load("sparse_coding_annealed")

    def altered(*args, **others):
        for found in search(*args, **others):
            terms = [
                replace(t, conditional=replace(t.conditional, weight=sp.Integer(2)))
                for t in found.terms
            ]
            yield replace(found, terms=tuple(terms))

    assert vouching.find(model)
    monkeypatch.setattr(vouching, "_SEARCHES", (altered,))
    assert vouching.find(model) is None


# claims and exports -------------------------------------------------------------------------------
@pytest.mark.parametrize("power", [0, 2])
def test_a_claimed_sum_with_other_weights_is_refuted(power):
    model = catalogue.load("vae_beta")
    D, H = model.dims_["D"], model.dims_["H"]
    beta, sigma2 = model.parameters["beta"].label, model.parameters["sigma2"].label
    prior, noise = H / 2 * sp.log(2 * sp.pi * sp.E), D / 2 * sp.log(2 * sp.pi * sp.E * sigma2)
    model.claims = []
    model.claim("entropy sum", -(beta**power) * prior - noise)
    model.claim("entropy sum", -beta * prior - beta**power * noise)
    verdicts = [c.verdict for c in ep.prove(model).claims]
    assert verdicts == [Verdict.REFUTED, Verdict.PROVED if power == 0 else Verdict.REFUTED]


def test_the_claims_of_the_weighted_models_hold():
    for name in ("vae_beta", "sparse_coding_annealed"):
        assert {c.verdict for c in ep.prove(catalogue.load(name)).claims} == {Verdict.PROVED}


def test_exports_show_the_weights_and_only_where_there_are_some():
    proof = ep.prove(catalogue.load("vae_beta"))
    assert proof_record(proof)["weights"] == {"z": "beta", "H[q]": "beta"}
    assert "beta*H[q(z)]" in proof_record(proof)["entropy_sum"]
    (row,) = table_records([proof])
    assert row["prior"][1:] == ("weight.z = beta", "weight.q = beta")
    assert r"$w_{z} = \beta$" in FORMATS["latex"].write(entropy_table([proof]))
    assert any("constant weights beta on z, beta on H[q]" in a for a in proof.assumptions)
    assert sum("multiply by the weights" in s.text for s in proof.steps) == 1
    plain = ep.prove(catalogue.load("vae_1"))
    assert "weights" not in proof_record(plain)
    assert "weight" not in FORMATS["latex"].write(entropy_table([plain])) + str(
        plain.assumptions
    ) + str(plain.steps)


def test_stationarity_conditions_are_weighted():
    plain, weighted = (ep.prove(shared_noise(w)) for w in (False, True))
    tau = plain.model.parameters["tau"].value
    at = (sp.Symbol("h"),)
    ratio = weighted.stationarity[tau].at(*at).args[0] / plain.stationarity[tau].at(*at).args[0]
    assert sp.simplify(ratio) == Rational(3, 2)
