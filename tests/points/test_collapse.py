"""A scale that went to zero is told by the data's own resolution, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest

import entropy_proofs as ep
from entropy_proofs.points.collapse import Spreads, collapsed

NORMAL = np.random.default_rng(0).normal(size=(200, 4))
ORDINARY = {
    "as they are": NORMAL,
    "a large mean": NORMAL + 1e5,
    "a larger mean": NORMAL - 1e9,
    "clusters far apart": np.concatenate([NORMAL, NORMAL + 1e6]),
    "one outlier": np.concatenate([NORMAL, np.full((1, 4), 1e8)]),
    "one constant column": np.concatenate([NORMAL[:, :3], np.full((200, 1), 1e5)], axis=1),
}


@pytest.mark.parametrize("case", ORDINARY)
@pytest.mark.parametrize("unit", [1e-9, 1, 1e9])
def test_a_variance_like_the_datas_is_none(case, unit):
    model, x = ep.load("ppca"), ORDINARY[case] * unit
    spread = Spreads(model, {"x": x})
    assert collapsed(model, {"sigma2": (1e-2 * unit) ** 2}, spread) == ""
    assert collapsed(model, {"sigma2": (1e-6 * unit) ** 2}, spread) == "sigma2"


def test_each_column_is_compared_with_its_own_scale():
    model, units = ep.load("factor_analysis"), np.array([1e-4, 1, 1e3, 1e6])
    spread = Spreads(model, {"x": NORMAL * units})
    assert collapsed(model, {"psi": (0.1 * units) ** 2}, spread) == ""
    assert collapsed(model, {"psi": (0.1 * units) ** 2 * [1, 1, 1, 1e-10]}, spread) == "psi"


def test_data_that_do_not_vary():
    model = ep.load("ppca")
    spread = Spreads(model, {"x": np.zeros((9, 3))})
    assert collapsed(model, {"sigma2": 1e-9}, spread) == "sigma2"
    assert collapsed(model, {"sigma2": 1e-3}, spread) == ""


def test_discrete_data_say_nothing_of_scales():
    model = ep.load("gamma_poisson")
    assert collapsed(model, {"b": 1e-30}, Spreads(model, {"x": np.ones((3, 2))})) == ""


@pytest.mark.parametrize("family", ["mean", "bounded", "variance", "rate"])
def test_what_no_density_grows_with_has_not_collapsed(family):
    """F has a limit at a mean of zero, and where a scale inside a logarithm is bounded below."""
    model = ep.Model(family)
    p = model.parameter("p", domain="positive")
    by_family = {
        "mean": lambda: ep.Normal(mean=p, variance=1),
        "bounded": lambda: ep.Normal(mean=0, variance=1 + p),
        "variance": lambda: ep.Normal(mean=0, variance=p),
        "rate": lambda: ep.Exponential(rate=1 / p),
    }
    model.observed("x", by_family[family]())
    spread = Spreads(model, {"x": np.abs(NORMAL[:, 0])})
    assert collapsed(model, {"p": 1e-30}, spread) == ("p" if family in {"variance", "rate"} else "")
