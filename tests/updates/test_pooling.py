"""Updates for data points of different sizes: which are those of all of them together."""

from __future__ import annotations

import pytest

import entropy_proofs as ep
from entropy_proofs.updates.pooling import not_pooled

CHAINS = [
    "hmm_categorical", "hmm_gaussian", "hmm_gaussian_diagonal", "hmm_gaussian_spherical",
    "hmm_gaussian_tied", "hmm_poisson", "linear_dynamical_system", "local_level", "coupled_hmm",
    "factorial_hmm", "autoregressive_hmm", "switching_linear_dynamical_system",
]  # fmt: skip


def of(model):
    proof = ep.prove(model)
    (time,) = (n for n in proof.model.dims_.values() if n.name == "T")
    return not_pooled(proof.updates.m_step, time)


@pytest.mark.parametrize("name", CHAINS)
def test_chains_pool(name):
    assert of(name) == ()


def levels(variance, mean=0):
    """A chain whose steps vary as T says."""
    model = ep.Model("Chain")
    T = model.dims("T")
    s = model.parameter("s", domain="positive")
    m = model.parameter("m")
    v = model.parameter("v", domain="positive")
    z = model.chain(
        "z", initial=ep.Normal(mean=m, variance=v), length=T,
        transition=lambda previous: ep.Normal(mean=previous, variance=s),
    )  # fmt: skip
    r = model.parameter("r", domain="positive")
    model.observed("x", ep.Normal(mean=z + mean, variance=variance(r, T)), T)
    return model


def test_a_random_walk_pools():
    assert of(levels(lambda r, T: r)) == ()


@pytest.mark.parametrize(
    "variance", [lambda r, T: r / T, lambda r, T: r * T, lambda r, T: r * T**2]
)
def test_sizes_beside_averages_do_not(variance):
    """Its optimum from mean averages and the mean T is not that of all sequences."""
    assert of(levels(variance)) == ("r",)
