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


def test_with_as_many_axes_as_coordinates_it_is_said_of_one_less():
    assert ep.prove("ppca").updates.axes.text.endswith(
        "; where H ≥ D as with D - 1 of them, and zeros"
    )
    for count, said in ((2, False), (3, True), (4, True)):
        model = Model("written out")
        W, mu = model.parameter("W", 3, count), model.parameter("mu", 3)
        s2 = model.parameter("s2", domain="positive")
        z = model.latent("z", Normal(mean=0, variance=1), count)
        model.observed("x", Normal(mean=W @ z + mu, variance=s2), 3)
        assert ("as with 3 - 1" in principal_axes(model).text) == said


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
