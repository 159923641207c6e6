"""Gradient steps of the M-step: they come back from where F is no number, and leave kinks."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy import optimize, stats
from sklearn.exceptions import ConvergenceWarning

import entropy_proofs as ep
from entropy_proofs.learn.em import maximise
from entropy_proofs.optimise.protocol import Result
from entropy_proofs.optimise.result import Reason


def general_normal():
    model = ep.Model("a power")
    scale, power = (model.parameter(n, domain="positive") for n in ("s", "b"))
    mean = model.parameter("mu")
    model.observed("x", ep.GeneralizedNormal(mean=mean, scale=scale, power=power))
    return model


def skewed():
    model = ep.Model("a slant")
    scale = model.parameter("scale", domain="positive")
    location, slant = model.parameter("location"), model.parameter("slant")
    model.observed("x", ep.SkewNormal(location=location, scale=scale, slant=slant))
    return model


def fitted(model, x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return ep.VariationalEstimator(model, optimizer="em", random_state=0).fit(x)


def likelihood(family, x, start):
    """Its maximum by Nelder and Mead: the last argument but those of place and scale is free."""

    def cost(at):
        shape, place, scale = at
        return -family(shape, place, np.exp(scale)).logpdf(x).mean()

    options = {"maxiter": 4000, "xatol": 1e-9, "fatol": 1e-12}
    return -optimize.minimize(cost, start, method="Nelder-Mead", options=options).fun


@pytest.mark.parametrize("seed", range(3))
def test_a_kink_holds_no_other_block(seed):
    """Where the power is below one, the mean is at a data point's cusp."""
    x = stats.gennorm.rvs(1.3, size=200, random_state=np.random.default_rng(seed))
    found = fitted(general_normal(), x)
    assert found.elbo_ == pytest.approx(likelihood(stats.gennorm, x, [1.3, 0, 0]), abs=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_steps_come_back_from_where_f_is_no_number(seed):
    x = stats.skewnorm.rvs(8, size=300, random_state=seed)
    found = fitted(skewed(), x)
    assert found.elbo_ == pytest.approx(likelihood(stats.skewnorm, x, [8, 0, 0]), abs=1e-6)
    assert found.converged_


@pytest.mark.parametrize("model", [general_normal, skewed])
def test_steps_that_are_stuck_have_not_converged(model, monkeypatch):
    monkeypatch.setattr(maximise, "solve", lambda solver, x: Result(x, Reason.NO_STEP()))
    x = stats.skewnorm.rvs(8, size=300, random_state=0)
    with pytest.warns(ConvergenceWarning):
        found = ep.VariationalEstimator(model(), optimizer="em", random_state=0).fit(x)
    assert not found.converged_
    assert "nats or more are left" in found.stopped_by_
