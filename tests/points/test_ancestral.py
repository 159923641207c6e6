"""Data drawn from a model by its log densities alone, against SciPy's distributions and moments."""

import numpy as np
import pytest
from scipy import stats

from entropy_proofs import (
    Density,
    Dirichlet,
    Exponential,
    Gamma,
    Interval,
    Laplace,
    Model,
    Multinomial,
    MultivariateNormal,
    Normal,
    Poisson,
    array,
    log,
    oo,
)
from entropy_proofs.evaluate.batch import POINTS
from entropy_proofs.evaluate.model_code import ModelCode
from entropy_proofs.points.ancestral import drawn_from_model


def drawn(model, points, sizes=None, values=None):
    sizes = {**(sizes or {}), POINTS.name: points}
    return drawn_from_model(ModelCode(model), sizes, values or {}, np.random.default_rng(0))


SCALARS = {
    "narrow": (Normal(mean=3.7, variance=1e-4), stats.norm(3.7, 0.01)),
    "far": (Normal(mean=1e4, variance=1), stats.norm(1e4, 1)),
    "kink": (Laplace(mean=-50, scale=2), stats.laplace(-50, 2)),
    "pole": (Gamma(shape=0.5, rate=3), stats.gamma(0.5, scale=1 / 3)),
    "large": (Exponential(rate=1e-3), stats.expon(scale=1e3)),
    "own": (
        Density(lambda x: log(x) - x**2 / 2, support=Interval.open(0, oo)),
        stats.rayleigh(),
    ),
}


@pytest.mark.parametrize("name", SCALARS)
def test_scalars_have_their_distribution(name):
    family, known = SCALARS[name]
    model = Model("m")
    model.observed("x", family)
    assert stats.kstest(drawn(model, 300)["x"], known.cdf).pvalue > 1e-3


def test_counts_have_their_distribution():
    model = Model("m")
    model.observed("x", Poisson(rate=array([0.3, 200.0])), 2)
    x = drawn(model, 300)["x"]
    for k, rate in enumerate((0.3, 200.0)):
        middle = stats.poisson(rate).cdf(x[:, k]) - stats.poisson(rate).pmf(x[:, k]) / 2
        assert abs(middle.mean() - 0.5) < 4 / np.sqrt(12 * 300)
        assert x[:, k].var() == pytest.approx(rate, rel=0.4)


def test_vectors_have_their_moments():
    model = Model("m")
    S = model.parameter("S", 2, 2, domain="positive definite", fixed=True)
    z = model.latent("z", MultivariateNormal(mean=array([1, 2]), covariance=S))
    model.observed("x", Normal(mean=z, variance=1e-4), 2)
    covariance = np.array([[2, 1.2], [1.2, 1]])
    found = drawn(model, 1000, values={"S": covariance})
    assert np.abs(found["z"].mean(axis=0) - [1, 2]).max() < 0.2
    assert np.abs(np.cov(found["z"].T) - covariance).max() < 0.3
    assert np.abs(found["x"] - found["z"]).max() < 0.05


def test_counts_of_categories_follow_their_probabilities():
    model = Model("m")
    z = model.latent("z", Dirichlet(concentration=array([0.5, 1.0, 3.0])))
    model.observed("x", Multinomial(probabilities=z, trials=20))
    found = drawn(model, 300)
    assert (found["x"].sum(axis=1) == 20).all()
    assert np.abs(found["z"].mean(axis=0) - np.array([0.5, 1, 3]) / 4.5).max() < 0.06
    assert np.abs(found["x"] / 20 - found["z"]).mean() < 0.1


def test_coupled_chains_are_drawn_step_by_step():
    model = Model("m")
    a, _ = model.chains(
        ("a", "b"),
        initial=(Normal(mean=5, variance=1), Normal(mean=1, variance=1)),
        transition=lambda previous: (
            Normal(mean=previous[0] / 2 + previous[1], variance=0.1),
            Normal(mean=previous[1] / 2, variance=0.1),
        ),
        length=(T := model.dims("T")),
    )
    model.observed("x", Normal(mean=a, variance=1e-4), T)
    x = drawn(model, 600, {"T": 3})["x"]
    step = np.array([[0.5, 1], [0, 0.5]])
    mean, covariance = np.array([5.0, 1.0]), np.eye(2)
    for t in range(3):
        assert x[:, t].mean() == pytest.approx(mean[0], abs=0.25)
        assert x[:, t].var() == pytest.approx(covariance[0, 0], rel=0.3)
        mean, covariance = step @ mean, step @ covariance @ step.T + 0.1 * np.eye(2)
