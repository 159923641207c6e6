"""The models whose loadings and q have a closed form together."""

from __future__ import annotations

import entropy_proofs as ep
from entropy_proofs import Model, Normal
from entropy_proofs.model import catalogue
from entropy_proofs.updates.principal_axes import principal_axes


def test_what_is_said_of_it():
    updates = ep.prove("factor_analysis").updates
    assert not updates.global_optimum
    assert updates.record()["with_q"].startswith("given psi, the likelihood's maximum over W, mu")
    assert "=  given psi" in str(updates)


def other(prior=1, slope=1, weight=1):
    model = Model("other")
    D, H = model.dims("D", "H")
    W, mu = model.parameter("W", D, H), model.parameter("mu", D)
    psi = model.parameter("psi", D, domain="positive")
    z = model.latent("z", Normal(mean=0, variance=prior), H)
    model.observed("x", Normal(mean=slope * (W @ z) + mu, variance=weight * psi), D)
    return model


def test_other_models_have_none():
    assert principal_axes(other()) is not None
    for wrong in ({"prior": 2}, {"slope": 2}, {"weight": 2}):
        assert principal_axes(other(**wrong)) is None
    for name in ("gaussian_mixture", "ppca_learned_prior", "linear_regression", "sparse_coding"):
        assert principal_axes(catalogue.load(name)) is None
