"""Every mutant of an identity that was found is rejected by the checker."""

from __future__ import annotations

from functools import cache

import pytest

from entropy_proofs import catalogue
from entropy_proofs.checker import check
from entropy_proofs.proof import find
from entropy_proofs.results import conditional
from must_fail.mutants import Subject, mutants

NAMES = [
    "bayesian_linear_regression", "beta_mixture", "correlated_topic_model", "diffusion_chain",
    "dirichlet_mixture", "eight_schools", "exponential_mixture", "factor_analysis", "gamma_gamma",
    "gaussian_mixture", "gaussian_mixture_fixed_weights", "gaussian_process_regression",
    "heteroscedastic_regression", "hmm_categorical", "ica_generalised_normal",
    "latent_dirichlet_allocation", "local_level", "logistic_regression", "multinomial_mixture",
    "noisy_or", "normal_inverse_gamma", "poisson_log_normal", "poisson_mixture", "ppca",
    "robust_ppca", "sigmoid_belief_network", "sparse_coding_binary", "sparse_coding_unit_prior",
    "stochastic_block_model", "student_t_distribution", "two_parameter_item_response", "vae_0",
    "vae_1", "vae_2", "vae_beta", "vae_categorical", "von_mises_mixture", "weibull_distribution",
]  # fmt: skip
# The softmax does not see a common shift of all logits: these variants are right.
TRUE = {("vae_categorical", "field f.b shifted"), ("vae_categorical", "field f.V shifted")}
EACH = pytest.mark.parametrize("name", NAMES)


@cache
def subject(name: str) -> Subject:
    model = catalogue.load(name)
    return Subject(model, find(model, [conditional(model, t) for t in model.terms]))


def accepted(s: Subject, identity) -> bool:
    return check(identity, s.learned, s.scalable).holds


@EACH
def test_the_identity_itself_is_accepted(name):
    s = subject(name)
    assert check(s.identity, s.learned, s.scalable).reason == ""
    assert accepted(s, s.identity)


@EACH
def test_every_mutant_is_rejected(name):
    s = subject(name)
    tried = {n: mutant for n, mutant in mutants(s) if (name, n) not in TRUE}
    assert len(tried) > 10
    survivors = [n for n, mutant in tried.items() if accepted(s, mutant)]
    assert not survivors


@EACH
def test_a_rejection_says_why_in_one_line(name):
    s = subject(name)
    for wrong, mutant in list(mutants(s))[:6]:
        outcome = check(mutant, s.learned, s.scalable)
        assert outcome.reason or (name, wrong) in TRUE, wrong
        assert "\n" not in outcome.reason


@EACH
def test_every_conditional_is_accounted_for(name):
    """Each is an entropy or stays, once, as the model states it."""
    s = subject(name)
    found = [*(t.conditional for t in s.identity.terms), *s.identity.unmoved]
    stated = [conditional(s.model, t) for t in s.model.terms]
    assert sorted(found, key=lambda c: c.name) == sorted(stated, key=lambda c: c.name)


def test_there_are_more_mutants_than_models():
    kinds = {m.split()[0] for n in NAMES[:12] for m, _ in mutants(subject(n))}
    assert {"field", "flow", "entropy", "log", "H", "rate"} <= kinds
    assert sum(len(dict(mutants(subject(n)))) for n in NAMES[:12]) > 300
