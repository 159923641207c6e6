"""Thresholds as the cumulative probabilities that they stand for."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit
from sympy import lambdify

from entropy_proofs import Model, Normal, OrderedCategorical, prove
from entropy_proofs.judge.vouching import conditional
from entropy_proofs.proof.term_results import learned_motions
from entropy_proofs.search.cumulative import cumulative
from entropy_proofs.search.moving import Setting


def _answers(n: int) -> Model:
    model = Model("answers")
    t = model.parameter("t", n, domain="increasing")
    model.observed("y", OrderedCategorical(location=0, thresholds=t))
    return model


@pytest.mark.parametrize("n", [3, 6])
def test_thresholds_move_as_their_probabilities_do(n):
    """D t_k sigmoid'(t_k) = sum_(j <= k) p_j (log p_j + H): by hand, in NumPy."""
    proof = prove(_answers(n))
    assert str(proof.verdict) == "proved"
    t = np.linspace(-1.5, 2, n)
    p = np.diff([0, *expit(t), 1])
    H = -p @ np.log(p)
    moved = np.cumsum(p * (np.log(p) + H))[:-1] / (expit(t) * expit(-t))
    ((array, direction),) = proof.field.items()
    places = [array.at(k) for k in range(n)]
    found = lambdify([places], [direction.at(k) for k in range(n)])(t)
    np.testing.assert_allclose(found, moved, rtol=1e-10)
    np.testing.assert_allclose(lambdify([places], -proof.entropy_sum)(t), H, rtol=1e-10)


def test_thresholds_beside_something_else_stay_thresholds():
    model = Model("answers of a trait")
    t, z = (
        model.parameter("t", 2, domain="increasing"),
        model.latent("z", Normal(mean=0, variance=1)),
    )
    model.observed("y", OrderedCategorical(location=z, thresholds=t))
    assert _shares(model) is None
    assert _shares(_answers(2)) is not None


def test_only_thresholds_of_a_known_number_are_seen_so():
    model = Model("answers in any number, beside numbers that are no answers")
    b, s = model.parameter("b", 3), model.parameter("s", domain="positive")
    model.observed("x", Normal(mean=b, variance=s), 3)
    assert _shares(model) is None
    t = model.parameter("t", model.dims("K"), domain="increasing")
    model.observed("y", OrderedCategorical(location=0, thresholds=t))
    assert _shares(model) is None


def _shares(model: Model):
    conditionals = [conditional(model, term) for term in model.terms]
    return cumulative(Setting(conditionals, learned_motions(model.learned().values())))
