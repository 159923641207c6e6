"""Parameters whose rows are named one by one, and rates that are products over two indices."""

from __future__ import annotations

import numpy as np

from entropy_proofs import Bernoulli, Categorical, Model, MultivariateNormal, Normal, Poisson
from handmade.expected import Expected, bernoulli_entropy, normal_entropy


def probabilities_by_number():
    m = Model("Two coins in one vector")
    D = m.dims("D")
    rho = m.parameter("rho", 2, domain="unit interval")
    s = m.parameter("s", domain="positive")
    a = m.latent("a", Bernoulli(probability=rho[0]))
    b = m.latent("b", Bernoulli(probability=rho[1]))
    m.observed("x", Normal(mean=a - b, variance=s), D)
    return m, Expected(
        {
            "a": lambda n: bernoulli_entropy(n["rho"][0]),
            "b": lambda n: bernoulli_entropy(n["rho"][1]),
            "x": lambda n: 3 * normal_entropy(n["s"]),
        },
        {"rho": lambda n: n["rho"] * (1 - n["rho"]) * np.log(n["rho"] / (1 - n["rho"]))},
    )


def variances_by_number():
    m = Model("Every conditional's variance in one vector")
    s = m.parameter("s", 4, domain="positive")
    z = m.latent("z", Normal(mean=0, variance=s[0]))
    for k, name in enumerate("xyw", start=1):
        m.observed(name, Normal(mean=z, variance=s[k]))
    return m, Expected(
        {name: lambda n, k=k: normal_entropy(n["s"][k]) for k, name in enumerate("zxyw")},
        {"s": lambda n: -n["s"]},
    )


def covariances_by_number():
    m = Model("Two blocks, each with a covariance of its own")
    D = m.dims("D")
    S = m.parameter("S", 2, D, D, domain="positive definite")
    m.observed("x", MultivariateNormal(mean=0, covariance=S[0]))
    m.observed("y", MultivariateNormal(mean=0, covariance=3 * S[1]))

    def entropy(n, k, scale):
        return np.linalg.slogdet(2 * np.pi * np.e * scale * n["S"][k])[1] / 2

    return m, Expected(
        {"x": lambda n: entropy(n, 0, 1), "y": lambda n: entropy(n, 1, 3)},
        {"S": lambda n: -n["S"]},
    )


def rates_that_are_products():
    """lambda_cd = lam_c w_d: both move as t log t, so that lambda does."""
    m = Model("Poisson mixture with exposures")
    D, K = m.dims("D", "K")
    rho = m.parameter("rho", K, domain="simplex")
    lam = m.parameter("lam", K, domain="positive")
    w = m.parameter("w", D, domain="positive")
    c = m.latent("c", Categorical(probabilities=rho))
    m.observed("x", Poisson(rate=lam[c] * w), D)

    def pseudo(n):
        rate = n["lam"][int(n["c"])] * n["w"]
        return np.sum(rate - rate * np.log(rate))

    return m, Expected(
        {"c": lambda n: -np.sum(n["rho"] * np.log(n["rho"])), "x": pseudo},
        {"lam": lambda n: n["lam"] * np.log(n["lam"]), "w": lambda n: n["w"] * np.log(n["w"])},
        pseudo=("x",),
    )
