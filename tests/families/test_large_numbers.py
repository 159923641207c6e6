"""Numbers of trials, shapes and degrees of any size: no answer depends on how many digits n! has."""

from __future__ import annotations

import pytest
from scipy import stats

from entropy_proofs import (
    Beta,
    Binomial,
    Gamma,
    Model,
    Multinomial,
    NegativeBinomial,
    StudentT,
    Verdict,
    prove,
)

NUMBERS = (16, 17, 21, 22, 400, 3000)  # 17! is more than 2^48, 21! more than 2^64


def binomial(n, m):
    return Binomial(trials=n, probability=m.parameter("p", domain="unit interval"))


def negative_binomial(n, m):
    return NegativeBinomial(shape=n, probability=m.parameter("p", domain="unit interval"))


def gamma(n, m):
    return Gamma(shape=n, rate=m.parameter("b", domain="positive"))


def beta(n, m):
    return Beta(alpha=n, beta=m.parameter("b", domain="positive"))


def multinomial(n, m):
    K = m.dims("K")
    return Multinomial(trials=n, probabilities=m.parameter("p", K, domain="simplex"))


@pytest.mark.parametrize("n", NUMBERS)
@pytest.mark.parametrize("family", [binomial, negative_binomial, gamma, beta, multinomial])
def test_proofs_do_not_depend_on_how_large_a_number_is(family, n):
    model = Model("m")
    model.observed("x", family(n, model))
    proof = prove(model)
    assert proof.verdict is Verdict.PROVED
    assert len(str(proof)) < 400
    assert len(proof._repr_latex_()) < 1500


@pytest.mark.parametrize("n", NUMBERS)
def test_log_densities_of_large_numbers(n):
    for ours, theirs in (
        (Binomial(trials=n, probability=0.25).log_density(3), stats.binom(n, 0.25).logpmf(3)),
        (
            NegativeBinomial(shape=n, probability=0.75).log_density(3),
            stats.nbinom(n, 0.75).logpmf(3),
        ),
        (Gamma(shape=n, rate=2).log_density(3), stats.gamma(n, scale=0.5).logpdf(3)),
        (
            StudentT(mean=0, scale2=1, degrees_of_freedom=n).log_density(3),
            stats.t(n).logpdf(3),
        ),
    ):
        assert float(ours) == pytest.approx(theirs, rel=1e-9)
