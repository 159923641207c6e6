"""Objectives and their optima: gradients, exact posteriors, and what kind of point it is."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from entropy_proofs import Bernoulli, InputError, Model, Multinomial, Normal
from entropy_proofs.evaluate.batch import POINTS, SAMPLES
from entropy_proofs.evaluate.model_code import ModelCode
from entropy_proofs.evaluate.random_values import random_instance, random_sizes
from entropy_proofs.model import catalogue
from entropy_proofs.optimise.newton import hessian, signs
from entropy_proofs.points import fits
from entropy_proofs.points.exact_posterior import GaussianPosterior
from entropy_proofs.points.stationary import FreeObjective, discrete_states, kind_of, q_for
from entropy_proofs.q.sampled import Cloud, Normals

MODELS = (
    "ppca",
    "gaussian_mixture",
    "sigmoid_belief_network",
    "sparse_coding",
    "vae_2",
    "vae_gaussian_mixture_prior",
    "hmm_gaussian",
    "gamma_poisson",
    "latent_dirichlet_allocation",
)


def objective_of(name, seed=0, points=4):
    rng = np.random.default_rng(seed)
    code = ModelCode(catalogue.load(name))
    sizes = {**random_sizes(code.model, rng), POINTS.name: points, SAMPLES.name: 1}
    values = random_instance(code, rng, sizes)
    latent = {v.name for v in code.model.latents()}
    learned = {p.name for p in code.model.learned().values()}
    given = {k: v for k, v in values.items() if k not in latent | learned | {"weights"}}
    q = q_for(code, sizes, values, rng)
    objective = FreeObjective(code, sizes, given, learned, q, rng)
    return objective, objective.start(values)


@pytest.mark.parametrize("name", MODELS)
def test_gradients_agree_with_differences(name):
    objective, x = objective_of(name)
    rng = np.random.default_rng(1)
    gradient = objective(x)[1]
    for _ in range(4):
        direction = rng.normal(size=len(x))
        direction *= 1e-6 / np.linalg.norm(direction)
        slope = (objective(x + direction)[0] - objective(x - direction)[0]) / 2
        assert gradient @ direction == pytest.approx(slope, rel=2e-4, abs=1e-11)


@pytest.mark.parametrize("name", ["vae_2", "sigmoid_belief_network"])
def test_hessians_agree_with_differences_of_every_coordinate(name):
    objective, x = objective_of(name, points=3)
    found = hessian(objective, x)
    for k in range(len(x)):
        step = np.zeros_like(x)
        step[k] = 1e-5
        row = (objective(x + step)[1] - objective(x - step)[1]) / 2e-5
        np.testing.assert_allclose(found[k], row, atol=1e-6 * (1 + np.abs(found).max()))


def test_the_exact_posterior_gives_the_marginal_likelihood():
    objective, x = objective_of("ppca")
    assert isinstance(objective.q, GaussianPosterior)
    arrays, _ = objective.arrays(x)
    covariance = arrays["W"] @ arrays["W"].T + arrays["sigma2"] * np.eye(len(arrays["mu"]))
    expected = multivariate_normal.logpdf(arrays["x"], arrays["mu"], covariance).mean()
    assert objective(x)[0] == pytest.approx(expected, rel=1e-10)


def test_enumeration_gives_the_marginal_likelihood():
    objective, x = objective_of("gaussian_mixture")
    arrays, _ = objective.arrays(x)
    density = sum(
        rho * multivariate_normal.pdf(arrays["x"], mean, covariance)
        for rho, mean, covariance in zip(arrays["rho"], arrays["mu"], arrays["Sigma"], strict=True)
    )
    assert objective(x)[0] == pytest.approx(np.log(density).mean(), rel=1e-10)


def test_shared_noise_is_white_and_antithetic():
    objective, _ = objective_of("vae_2")
    assert isinstance(objective.q, Normals)
    (noise,) = objective.q.eps.values()
    flat = noise.reshape(noise.shape[1], -1)
    np.testing.assert_allclose(flat.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(flat.T @ flat / len(flat), np.eye(flat.shape[1]), atol=1e-12)


def test_a_cloud_scales_its_samples_and_its_entropy():
    samples = {"z": np.random.default_rng(0).normal(size=(3, 5, 2))}
    cloud = Cloud(samples, 1.5, {"z"})
    blocks = {"z.scale": np.full((3, 2), np.log(2))}
    moved, entropy = cloud.arrays(blocks, {})
    np.testing.assert_allclose(moved["z"], 2 * samples["z"])
    assert entropy == pytest.approx(1.5 + 2 * np.log(2))


class Quadratic:
    """x' A x / 2 + b' x as an objective."""

    def __init__(self, curvatures):
        self.curvatures = np.array(curvatures, dtype=float)

    def independent(self):
        return len(self.curvatures), np.zeros((0, 0), dtype=int)

    def __call__(self, x):
        gradient = self.curvatures * x - 1.0
        return float(self.curvatures @ x**2 / 2 - x.sum()), gradient


@pytest.mark.parametrize(
    ("curvatures", "kind"),
    [([-1, -3], "maximum"), ([-1, 2], "saddle"), ([1, 2], "minimum"), ([-1, 0], "maximum")],
)
def test_the_hessian_tells_the_kind(curvatures, kind):
    assert kind_of(signs(Quadratic(curvatures), np.zeros(2))) == kind


def test_singular_points_have_no_value():
    objective, x = objective_of("gaussian_mixture")
    value, gradient = objective(np.full_like(x, -1e4))
    assert not np.isfinite(value) or not np.all(np.isfinite(gradient))


def test_fitted_points_of_models_with_kinks_say_what_is_stationary():
    from entropy_proofs.evaluate.model_code import ProofCode
    from entropy_proofs.proving.proof import prove

    code = ProofCode(prove(catalogue.load("least_absolute_deviations")))
    point = fits.fitted(code, None, {}, np.random.default_rng(0))
    assert point.holds
    assert "the field" in point.fitted_by
    assert abs(point.gap) < 1e-8


def test_an_optimum_on_kinks_is_settled_along_the_field():
    from entropy_proofs.evaluate.model_code import ProofCode
    from entropy_proofs.proving.proof import prove

    code = ProofCode(prove(catalogue.load("robust_ppca")))
    point = fits.fitted(code, None, {}, np.random.default_rng(0))
    assert point.holds
    assert "along the field" in point.fitted_by
    assert abs(point.gap) < 1e-10


# q on some of the joint states -------------------------------------------------------------------
def crowded(points=30):
    """Eight bits for each data point, which the real latent sees too."""
    model = Model("crowded")
    n = model.dims("n")
    rate, mean = model.parameter("p", domain="unit interval"), model.parameter("mu", 2)
    variance = model.parameter("s2", domain="positive")
    bits = model.latent("b", Bernoulli(probability=rate), n)
    level = model.latent("z", Normal(mean=0, variance=1))
    model.observed("x", Normal(mean=mean[bits] + level, variance=variance), n)
    code, rng, sizes = ModelCode(model), np.random.default_rng(0), {"n": 8, POINTS.name: points}
    given = {"x": rng.normal(size=(points, 8))}
    start = {"p": np.array(0.4), "mu": np.array([-1.0, 1.0]), "s2": np.array(0.5)}
    q = q_for(code, sizes, {**given, **start}, rng)
    objective = FreeObjective(code, sizes, given, set(start), q, rng)
    return objective, objective.start(start)


def test_q_has_some_of_many_joint_states_at_random():
    objective, x = crowded()
    states = objective.states["b"]
    assert objective.truncated
    assert objective.all_states == 2**8
    assert states.shape == (30, objective.branches, 8)
    assert 30 * objective.branches * objective.q.count <= 2**11
    for own in states:
        assert len(np.unique(own, axis=0)) == objective.branches
    assert f"q on {objective.branches} of 256 joint states" in objective.on_states
    weights = objective.arrays(x)[0]["weights"]
    np.testing.assert_allclose(weights.sum(axis=1), 1)


def test_the_gradient_of_a_truncated_bound_agrees_with_differences():
    objective, x = crowded()
    direction = 1e-6 * np.random.default_rng(1).normal(size=len(x))
    slope = (objective(x + direction)[0] - objective(x - direction)[0]) / 2
    assert objective(x)[1] @ direction == pytest.approx(slope, rel=2e-4, abs=1e-11)


def test_a_truncated_bound_lies_below_the_whole_one():
    objective, x = crowded(points=1)
    whole, _ = crowded(points=1)
    whole.states = {"b": np.array(list(product((0, 1), repeat=8)))[None]}
    whole.branches = 2**8
    whole.sizes = {**whole.sizes, SAMPLES.name: 2**8 * whole.q.count}
    objective.states = {"b": whole.states["b"][:, :5]}
    objective.branches = 5
    objective.sizes = {**objective.sizes, SAMPLES.name: 5 * objective.q.count}
    assert objective(x)[0] < whole(x)[0] - 0.1


def test_counts_of_categories_are_listed():
    model = Model("counts")
    p = model.parameter("p", 3, domain="simplex")
    c = model.latent("c", Multinomial(probabilities=p, trials=2))
    model.observed("x", Normal(mean=(c * model.parameter("w", 3)).sum(), variance=1))
    states = discrete_states(ModelCode(model), {}, {})["c"]
    assert sorted(map(tuple, states)) == sorted(
        (a, b, 2 - a - b) for a in range(3) for b in range(3 - a)
    )


def test_no_more_states_are_enumerated_than_there_is_room_for():
    """2**12 = 4096 rows of twelve coins, all different, and none of thirteen."""
    model = Model("coins")
    H = model.dims("H")
    z = model.latent("z", Bernoulli(probability=model.parameter("p", domain="unit interval")), H)
    model.observed("x", Normal(mean=z.sum(), variance=1))
    code = ModelCode(model)
    states = discrete_states(code, {"H": 12, POINTS.name: 1}, {"p": 0.5})["z"]
    assert len(np.unique(np.reshape(states, (-1, 12)), axis=0)) == 4096
    with pytest.raises(InputError, match=r"^z: more than 4096 joint states"):
        discrete_states(code, {"H": 13, POINTS.name: 1}, {"p": 0.5})
