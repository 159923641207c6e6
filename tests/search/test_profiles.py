"""A total times a profile: one positive array, whose parts move as it does."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import lambdify

import entropy_proofs as ep
from entropy_proofs import Categorical, Dirichlet, Exponential, Model, Normal, Poisson, Verdict
from entropy_proofs.evaluate.batch import POINTS, SAMPLES
from entropy_proofs.evaluate.random_values import random_instance
from entropy_proofs.judge.vouching import conditional
from entropy_proofs.proof.term_results import learned_motions
from entropy_proofs.search.moving import Setting
from entropy_proofs.search.profiles import profiled


def parts(model, *shape):
    K = model.dims("K")
    s = model.parameter("s", *shape, domain="positive")
    return K, s, model.parameter("rho", *shape, K, domain="simplex")


def counts():
    model = Model("m")
    K, s, rho = parts(model)
    model.observed("x", Poisson(rate=s * rho), K)
    return model


def times():
    model = Model("m")
    K, s, rho = parts(model)
    model.observed("x", Exponential(rate=s * rho), K)
    return model


def clusters():
    model = Model("m")
    C = model.dims("C")
    K, s, rho = parts(model, C)
    c = model.latent("c", Categorical(probabilities=model.parameter("pi", C, domain="simplex")))
    model.observed("x", Poisson(rate=s[c] * rho[c]), K)
    return model


def proportions():
    model = Model("m")
    _, s, rho = parts(model)
    model.observed("x", Dirichlet(concentration=s * rho))
    return model


MODELS = {"counts": counts, "times": times, "clusters": clusters, "proportions": proportions}


@pytest.mark.parametrize("build", MODELS.values(), ids=MODELS)
def test_a_total_and_its_profile_are_proved(build):
    proof = ep.prove(build())
    assert (proof.verdict, proof.conditions) == (Verdict.PROVED, ())
    assert bool(proof.pseudo) is (build in (counts, clusters))
    code, rng = ep.compile(proof)._code, np.random.default_rng(1)
    sizes = {**dict.fromkeys(proof.model.dims_, 3), POINTS.name: 2, SAMPLES.name: 2}
    assert code.identity(sizes, random_instance(code, rng, sizes)).residual < 1e-12


def test_the_fields_of_counts():
    """rho (log rho + H) and s (log s - H), with the profile's entropy H: by hand, in NumPy."""
    proof = ep.prove(counts())
    field = {str(array): (array, direction) for array, direction in proof.field.items()}
    array, direction = field["rho"]
    total, grown = field["s"]
    (K,) = (s for s in grown.free_symbols if s.name == "K")
    arguments = [total, [array.at(k) for k in range(3)]]
    found = lambdify(
        arguments, [d.subs(K, 3).doit() for d in (grown, *map(direction.at, range(3)))]
    )
    s, rho = 2.5, np.array([0.2, 0.3, 0.5])
    H = -rho @ np.log(rho)
    wanted = [s * (np.log(s) - H), *(rho * (np.log(rho) + H))]
    np.testing.assert_allclose(found(s, rho), wanted, rtol=1e-12)


def elsewhere_too():
    model = Model("m")
    K, s, rho = parts(model)
    model.observed("x", Poisson(rate=s * rho), K)
    model.observed("y", Normal(mean=s, variance=1))
    return model


def alone():
    model = Model("m")
    K, s, rho = parts(model)
    model.observed("x", Poisson(rate=s + rho), K)
    return model


@pytest.mark.parametrize("build", [elsewhere_too, alone])
def test_what_stands_otherwise_stays_as_it_is(build):
    model = build()
    conditionals = [conditional(model, t) for t in model.terms]
    assert profiled(Setting(conditionals, learned_motions(model.learned().values()))) is None
