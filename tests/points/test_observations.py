"""Data for fits: random numbers where a model draws none, and what they must keep to."""

from __future__ import annotations

import numpy as np
import pytest
from catalogue.spread import MODELS

import entropy_proofs as ep
from entropy_proofs import InputError, Normal
from entropy_proofs.evaluate.batch import POINTS
from entropy_proofs.evaluate.model_code import ModelCode
from entropy_proofs.points.fits import constants
from entropy_proofs.points.observations import (
    check_bounds,
    check_complete,
    observed_names,
    random_data,
)


def drawn(model, points=400):
    code, rng = ModelCode(model, "numpy"), np.random.default_rng(1)
    given, sizes = constants(code, None, dict.fromkeys(model.dims_, 3), rng)
    sizes = {**sizes, POINTS.name: points}
    return random_data(model, sizes, given, rng), {**sizes, **given}


@pytest.mark.parametrize("name", MODELS)
def test_random_numbers_lie_in_the_support(name):
    model = ep.load(name)
    data, known = drawn(model, 40)
    assert list(data) == observed_names(model)
    check_bounds(model, data, known)
    check_complete(data)
    for variable, x in data.items():
        assert x.shape == (40, *(known.get(str(n), n) for n in model.variables[variable].shape))


def test_random_numbers_are_in_two_groups_and_away_from_bounds():
    """A binary coordinate is neither always nor never one: variances and shares stay inside."""
    data, _ = drawn(ep.load("bernoulli_mixture"))
    share = data["x"].mean(axis=0)
    assert ((share > 0.02) & (share < 0.98)).all()
    (counts,) = drawn(ep.load("poisson_mixture"))[0].values()
    assert (counts.var(axis=0) > counts.mean(axis=0)).any()  # two rates: more than one Poisson's
    assert (counts == counts.round()).all()


def test_what_only_em_takes_is_named():
    with pytest.raises(InputError, match=r"^y: contains NaN or infinity"):
        check_complete({"x": np.ones(3), "y": np.array([1.0, np.nan])})


def test_random_real_numbers_have_heavy_tails():
    """Excess kurtosis of Student's t with three degrees of freedom is not finite."""
    model = ep.Model("m")
    model.observed("x", Normal(mean=0, variance=1))
    x = drawn(model, 20_000)[0]["x"]
    z = (x - x.mean()) / x.std()
    assert (z**4).mean() > 6
