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
    Normal,
    exp,
    sin,
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


def stochastic_volatility_about_a_level(model):
    """As in Stan's user's guide: no scale is learned beside exp(h), but h may shift."""
    T = model.dims("T")
    mu, phi = model.parameter("mu"), model.parameter("phi")
    s, p = model.parameter("s", domain="positive"), model.parameter("p", domain="positive")
    h = model.chain(
        "h",
        initial=Normal(mean=mu, variance=p),
        transition=lambda previous: Normal(mean=mu + phi * (previous - mu), variance=s**2),
        length=T,
    )
    model.observed("y", Normal(mean=0, variance=exp(h)), T)
    return "proved", {"T": 4}


def log_variance_about_a_known_level(model):
    """Without a level that is learned a shift of h has nothing to take it in."""
    s = model.parameter("s", domain="positive")
    h = model.latent("h", Normal(mean=0, variance=s))
    model.observed("y", Normal(mean=0, variance=exp(h)))
    return "partial", {}


def log_variance_that_shifts_something_else(model):
    """sin(h) is the mean of a variable whose variance is known."""
    mu, s = model.parameter("mu"), model.parameter("s", domain="positive")
    h = model.latent("h", Normal(mean=mu, variance=s))
    model.latent("k", Normal(mean=sin(h), variance=1))
    model.observed("y", Normal(mean=0, variance=exp(h)))
    return "partial", {}


MODELS = (
    mixture_of_multivariate_t,
    stochastic_volatility_about_a_level,
    log_variance_about_a_known_level,
    log_variance_that_shifts_something_else,
)


@pytest.mark.parametrize("build", MODELS, ids=lambda build: build.__name__)
def test_the_verdict_is_that_of_the_mathematics(build):
    model = Model(build.__name__)
    verdict, sizes = build(model)
    proof = ep.prove(model)
    assert proof.verdict.value == verdict, proof
    with mp.workdps(25):
        left, slope = gap(proof, Numbers(model, 0, **sizes))
        assert abs(left - slope) < mp.mpf(10) ** -10 * (1 + abs(left))
