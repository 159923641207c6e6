"""Probabilities that are mixed from others: admixtures, a background beside topics, smoothing."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import IndexedBase

import entropy_proofs as ep
from entropy_proofs import Bernoulli, Categorical, Dirichlet, Model, Multinomial, Verdict
from entropy_proofs.evaluate.batch import POINTS, SAMPLES
from entropy_proofs.evaluate.random_values import random_instance


def model_with(*dims):
    model = Model("m")
    return model, *model.dims(*dims)


def simplex(model, name, *shape, **known):
    return model.parameter(name, *shape, domain="simplex", **known)


def with_background(known=()):
    model, D, n = model_with("D", "n")
    w = model.parameter("w", domain="unit interval", fixed="w" in known)
    p, q = (simplex(model, name, D, fixed=name in known) for name in "pq")
    model.observed("x", Multinomial(trials=n, probabilities=w * p + (1 - w) * q))
    return model


def three():
    model, D, n = model_with("D", "n")
    w = simplex(model, "w", 3)
    p, q, r = (simplex(model, name, D) for name in "pqr")
    model.observed("x", Multinomial(trials=n, probabilities=w[0] * p + w[1] * q + w[2] * r))
    return model


def smoothed():
    model, D, n = model_with("D", "n")
    e = model.parameter("e", domain="unit interval", fixed=True)
    p = simplex(model, "p", D)
    model.observed("x", Multinomial(trials=n, probabilities=(1 - e) * p + e / D))
    return model


def admixture(family=Multinomial, known=False):
    """Probabilistic latent semantic analysis of one document, its assignments summed out."""
    model, D, K, n = model_with("D", "K", "n")
    mixed = simplex(model, "theta", K, fixed=known) @ simplex(model, "p", K, D)
    if family is Multinomial:
        model.observed("x", Multinomial(trials=n, probabilities=mixed))
    elif family is Categorical:
        model.observed("x", Categorical(probabilities=mixed), n)
    else:
        scale = model.parameter("s", domain="positive")
        model.observed("x", Dirichlet(concentration=scale * mixed))
    return model


def admixtures_in_clusters():
    """Each cluster has topics of its own."""
    model, D, K, C, n = model_with("D", "K", "C", "n")
    c = model.latent("c", Categorical(probabilities=simplex(model, "rho", C)))
    theta, p = simplex(model, "theta", K), simplex(model, "p", C, K, D)
    model.observed("x", Multinomial(trials=n, probabilities=theta @ p[c]))
    return model


def of_admixtures(family=Multinomial):
    """Topics are mixed of words, and what is seen of topics."""
    model, D, K, L, n = model_with("D", "K", "L", "n")
    a, B, C = (
        simplex(model, name, *shape)
        for name, shape in {"a": (K,), "B": (K, L), "C": (L, D)}.items()
    )
    if family is Multinomial:
        model.observed("x", Multinomial(trials=n, probabilities=a @ (B @ C)))
    else:
        model.observed("x", Categorical(probabilities=a @ B @ C), n)
    return model


def mean_of_rows():
    model, D, K, n = model_with("D", "K", "n")
    model.observed("x", Multinomial(trials=n, probabilities=simplex(model, "P", K, D).sum(0) / K))
    return model


def mixed_shares():
    """Below one, as each of what is mixed."""
    model, D, K = model_with("D", "K")
    M = model.parameter("M", K, D, domain="unit interval")
    model.observed("x", Bernoulli(probability=simplex(model, "theta", K) @ M), D)
    return model


def topics_with_background(over_time=False):
    model, D, K, n, *T = model_with("D", "K", "n", *["T"] * over_time)
    w, q = model.parameter("w", domain="unit interval"), simplex(model, "q", D)
    rho, p = simplex(model, "rho", K), simplex(model, "p", K, D)
    if over_time:
        A = simplex(model, "A", K, K)
        c = model.chain(
            "c",
            initial=Categorical(probabilities=rho),
            transition=lambda previous: Categorical(probabilities=A[previous]),
            length=T[0],
        )
    else:
        c = model.latent("c", Categorical(probabilities=rho))
    model.observed("x", Multinomial(trials=n, probabilities=w * p[c] + (1 - w) * q), *T)
    return model


MODELS = {
    "a background": with_background,
    "with known weight": lambda: with_background("w"),
    "known itself": lambda: with_background("q"),
    "three": three,
    "smoothed": smoothed,
    "an admixture": admixture,
    "with known shares": lambda: admixture(known=True),
    "of categories": lambda: admixture(Categorical),
    "of concentrations": lambda: admixture(Dirichlet),
    "in clusters": admixtures_in_clusters,
    "of admixtures": of_admixtures,
    "of admixtures, of categories": lambda: of_admixtures(Categorical),
    "a mean": mean_of_rows,
    "of shares": mixed_shares,
    "beside topics": topics_with_background,
    "beside states": lambda: topics_with_background(over_time=True),
}


@pytest.mark.parametrize("build", MODELS.values(), ids=MODELS)
def test_mixed_simplexes_move_so_that_the_mixture_does(build):
    proof = ep.prove(build())
    assert proof.verdict is Verdict.PROVED
    code, rng = ep.compile(proof)._code, np.random.default_rng(1)
    sizes = {**dict.fromkeys(proof.model.dims_, 2), POINTS.name: 2, SAMPLES.name: 2}
    found = code.identity(sizes, random_instance(code, rng, sizes))
    assert found.residual < 1e-12
    assert found.scale > 0.1


def test_every_part_of_an_admixture_moves_as_it_does():
    """r (log r + H), r = theta p, for each row of p: by hand, in NumPy."""
    proof = ep.prove(admixture())
    theta, p = np.array([0.3, 0.7]), np.array([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3]])
    r = theta @ p
    H = -r @ np.log(r)
    ((array, direction),) = proof.field.items()
    labels = {s.name: s for s in proof.entropy_sum.free_symbols}
    sizes = {labels["K"]: 2, labels["D"]: 3}
    elements = {IndexedBase(labels["theta"])[k]: theta[k] for k in range(2)}
    elements |= {array.at(k, d): p[k, d] for k in range(2) for d in range(3)}
    for k in range(2):
        moved = [direction.at(k, d).subs(sizes).doit().subs(elements) for d in range(3)]
        np.testing.assert_allclose(np.array(moved, float), r * (np.log(r) + H), rtol=1e-12)


def documents(known):
    """Each document has shares of its own, so no direction of the topics serves all."""
    model, D, K, N, n = model_with("D", "K", "N", "n")
    mixed = simplex(model, "theta", N, K, fixed=known) @ simplex(model, "p", K, D)
    model.observed("x", Multinomial(trials=n, probabilities=mixed), N)
    return model


def mixed_by_a_label():
    """p would have to move for each cluster otherwise."""
    model, D, K, C, n = model_with("D", "K", "C", "n")
    c = model.latent("c", Categorical(probabilities=simplex(model, "rho", C)))
    theta, p = simplex(model, "theta", C, K), simplex(model, "p", K, D)
    model.observed("x", Multinomial(trials=n, probabilities=theta[c] @ p))
    return model


def with_a_latent_mixture():
    model, D, K, n = model_with("D", "K", "n")
    alpha = model.parameter("alpha", K, domain="positive")
    theta = model.latent("theta", Dirichlet(concentration=alpha))
    mixed = theta @ simplex(model, "p", K, D)
    model.observed("x", Multinomial(trials=n, probabilities=mixed))
    return model


UNSERVED = {
    "documents": lambda: documents(known=False),
    "documents with known shares": lambda: documents(known=True),
    "a label": mixed_by_a_label,
    "a latent mixture": with_a_latent_mixture,
}


@pytest.mark.parametrize("build", UNSERVED.values(), ids=UNSERVED)
def test_a_mixture_that_differs_from_case_to_case_has_no_field(build):
    assert ep.prove(build()).verdict is not Verdict.PROVED
