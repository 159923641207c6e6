"""Arguments that look like what is declared, and are parts of it."""

from __future__ import annotations

import pytest

import entropy_proofs as ep


def parts_of_declared():
    model = ep.Model("parts of what is declared")
    D, K = model.dims("D", "K")
    p = model.parameter("p", K, domain="simplex")
    table = model.parameter("table", K, K, domain="simplex")
    stack = model.parameter("stack", D, D, D, domain="positive definite")
    k, d = ep.arange(K), ep.arange(D)
    return model, {
        "a simplex without its end": ep.Categorical(probabilities=p[:-1]),
        "a simplex without its start": ep.Categorical(probabilities=p[1:]),
        "a column of rows": ep.Categorical(probabilities=table[:, 0]),
        "the diagonal of rows": ep.Categorical(probabilities=table[k, k]),
        "rows of several covariances": ep.MultivariateNormal(mean=0, covariance=stack[d, d]),
        "a face of a stack": ep.MultivariateNormal(mean=0, covariance=stack[:, 0]),
    }


@pytest.mark.parametrize("which", parts_of_declared()[1])
def test_a_part_is_not_in_the_domain_of_the_whole(which):
    model, families = parts_of_declared()
    model.observed("x", families[which])
    with pytest.raises(ep.InputError, match=r"x: (probabilities|covariance) must be"):
        ep.prove(model)


def test_wholes_are():
    model = ep.Model("wholes")
    D, K = model.dims("D", "K")
    table = model.parameter("table", K, K, domain="simplex")
    stack = model.parameter("stack", K, D, D, domain="positive definite")
    c = model.latent("c", ep.Categorical(probabilities=table[0]))
    model.observed("x", ep.Categorical(probabilities=table[c]))
    model.observed("y", ep.MultivariateNormal(mean=0, covariance=stack[c]))
    proof = ep.prove(model)
    assert proof.verdict is ep.Verdict.PROVED
    assert not any("domain (" in said for said in proof.assumptions)


def mixture():
    model = ep.Model("a mixture whose q is declared")
    K = model.dims("K")
    r = model.parameter("r", K, domain="simplex")
    s = model.parameter("s", K, domain="positive")
    c = model.latent("c", ep.Categorical(probabilities=r))
    x = model.observed("x", ep.Normal(mean=0, variance=s[c]))
    return model, K, c, x


def test_arguments_of_a_declared_q_are_held_to_their_domains():
    model, K, c, _ = mixture()
    R = model.variational("R", K + 1, domain="simplex")
    model.q(c, ep.Categorical(probabilities=R[1:]))
    with pytest.raises(ep.InputError, match="c: probabilities must be"):
        ep.prove(model)


def test_what_is_not_known_of_a_declared_q_is_assumed():
    model, K, c, _ = mixture()
    z = model.latent("z", ep.Normal(mean=0, variance=1))
    v = model.variational("v")
    model.q(z, ep.Normal(mean=model.variational("m"), variance=10**6 + v))
    model.q(c, ep.Categorical(probabilities=model.variational("R", K, domain="simplex")))
    said = [a for a in ep.prove(model).assumptions if "domain (" in a]
    assert said == ["variance of q of z is in its domain (positive): v + 1000000"]
