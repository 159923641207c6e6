"""Models from textbooks as somebody new writes them, with the verdicts that the mathematics has.

Each was once answered wrongly, incompletely or not at all; the gap identity is held in numbers.
"""

from __future__ import annotations

import mpmath as mp
import pytest
from oracle.numbers import Numbers, gap

import entropy_proofs as ep
from entropy_proofs import (
    Categorical,
    Model,
    MultivariateStudentT,
)


def mixture_of_multivariate_t(model):
    """With its own tails for each component (Peel & McLachlan, 2000)."""
    D, K = model.dims("D", "K")
    rho = model.parameter("rho", K, domain="simplex")
    mu, S = model.parameter("mu", K, D), model.parameter("S", K, D, D, domain="positive definite")
    nu = model.parameter("nu", K, domain="positive")
    c = model.latent("c", Categorical(probabilities=rho))
    t = MultivariateStudentT(mean=mu[c], scale_matrix=S[c], degrees_of_freedom=nu[c])
    model.observed("x", t)
    return "proved", {"D": 2, "K": 2}


MODELS = (mixture_of_multivariate_t,)


@pytest.mark.parametrize("build", MODELS, ids=lambda build: build.__name__)
def test_the_verdict_is_that_of_the_mathematics(build):
    model = Model(build.__name__)
    verdict, sizes = build(model)
    proof = ep.prove(model)
    assert proof.verdict.value == verdict, proof
    with mp.workdps(25):
        left, slope = gap(proof, Numbers(model, 0, **sizes))
        assert abs(left - slope) < mp.mpf(10) ** -10 * (1 + abs(left))
