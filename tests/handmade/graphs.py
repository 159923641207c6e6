"""Several conditionals that share parameters or latents."""

from __future__ import annotations

import numpy as np

from entropy_proofs import (
    Categorical,
    Exponential,
    Gamma,
    Laplace,
    Model,
    MultivariateNormal,
    Normal,
    Poisson,
    diag,
    eye,
)
from handmade.expected import NORMAL, Expected, gamma_entropy, normal_entropy, poisson_pseudo


def shared_loadings():
    m = Model("Two views with one W")
    D, H = m.dims("D", "H")
    W = m.parameter("W", D, H)
    s, t = m.parameter("s", domain="positive"), m.parameter("t", D, domain="positive")
    z = m.latent("z", Normal(mean=0, variance=1), H)
    m.observed("x", Normal(mean=W @ z + m.parameter("mu", D), variance=s), D)
    m.observed("y", Normal(mean=W @ z, variance=t), D)
    return m, Expected(
        {"z": lambda n: 3 * NORMAL, "x": lambda n: 3 * normal_entropy(n["s"]), "y": lambda n: normal_entropy(n["t"])},
        {"W": lambda n: -n["W"] / 2, "s": lambda n: -n["s"], "t": lambda n: -n["t"]}, {"z": 0.5},
    )  # fmt: skip


def shared_noise():
    m = Model("Two views with one noise")
    D, H = m.dims("D", "H")
    s = m.parameter("s", domain="positive")
    z = m.latent("z", Normal(mean=0, variance=m.parameter("v", H, domain="positive")), H)
    m.observed("x", Normal(mean=m.parameter("W", D, H) @ z, variance=s), D)
    m.observed("y", Normal(mean=m.parameter("V", H) @ z, variance=s))
    return m, Expected(
        {"z": lambda n: normal_entropy(n["v"]), "x": lambda n: 3 * normal_entropy(n["s"]), "y": lambda n: normal_entropy(n["s"])},
        {"s": lambda n: -n["s"]},
    )  # fmt: skip


def two_latents():
    m = Model("Gaussian and Laplace sources")
    D, H, K = m.dims("D", "H", "K")
    s = m.parameter("s", domain="positive")
    z = m.latent("z", Normal(mean=0, variance=1), H)
    y = m.latent("y", Laplace(mean=0, scale=1), K)
    W, V = m.parameter("W", D, H), m.parameter("V", D, K)
    m.observed("x", Normal(mean=W @ z + V @ y, variance=s), D)
    return m, Expected(
        {"z": lambda n: 3 * NORMAL, "y": lambda n: 3 * (1 + np.log(2)), "x": lambda n: 3 * normal_entropy(n["s"])},
        {"W": lambda n: -n["W"] / 2, "V": lambda n: -n["V"]}, {"z": 0.5, "y": 1.0},
    )  # fmt: skip


def plates():
    m = Model("Latents with two plates")
    N, D, H = m.dims("N", "D", "H")
    W, s = m.parameter("W", D, H), m.parameter("s", D, domain="positive")
    z = m.latent("z", Normal(mean=0, variance=m.parameter("v", H, domain="positive")), N, H)
    m.observed("x", Normal(mean=z @ W.T, variance=s), N, D)
    return m, Expected(
        {"z": lambda n: 3 * normal_entropy(n["v"]), "x": lambda n: 3 * normal_entropy(n["s"])},
        {"s": lambda n: -n["s"]},
    )  # fmt: skip


def random_effects():
    m = Model("Rows and columns")
    N, D = m.dims("N", "D")
    mu, s = m.parameter("mu", D), m.parameter("s", domain="positive")
    z = m.latent("z", Normal(mean=0, variance=m.parameter("t", domain="positive")), N)
    m.observed("x", Normal(mean=mu + z[:, None], variance=s), N, D)
    return m, Expected(
        {"z": lambda n: 3 * normal_entropy(n["t"]), "x": lambda n: 9 * normal_entropy(n["s"])},
        {"s": lambda n: -n["s"], "t": lambda n: -n["t"]},
    )  # fmt: skip


def three_arrays():
    m = Model("A component that chooses three arrays")
    D, K = m.dims("D", "K")
    rho = m.parameter("rho", K, domain="simplex")
    mu, s = m.parameter("mu", K, D), m.parameter("s", K, domain="positive")
    r = m.parameter("r", K, domain="positive")
    c = m.latent("c", Categorical(probabilities=rho))
    m.observed("x", Normal(mean=mu[c], variance=s[c]), D)
    m.observed("y", Poisson(rate=r[c]))
    return m, Expected(
        {"c": lambda n: -np.sum(n["rho"] * np.log(n["rho"])), "x": lambda n: 3 * normal_entropy(n["s"][n["c"]]),
         "y": lambda n: poisson_pseudo(np.log(n["r"][n["c"]]))},
        {"s": lambda n: -n["s"], "r": lambda n: n["r"] * np.log(n["r"]),
         "rho": lambda n: n["rho"] * (np.log(n["rho"]) - np.sum(n["rho"] * np.log(n["rho"])))},
        pseudo=("y",),
    )  # fmt: skip


def product_of_scales():
    m = Model("Normal with a common and a component's scale")
    D, K = m.dims("D", "K")
    c = m.latent("c", Categorical(probabilities=m.parameter("rho", K, domain="simplex")))
    s, lam = m.parameter("s", domain="positive"), m.parameter("lam", K, domain="positive")
    m.observed("x", Normal(mean=m.parameter("mu", D), variance=s * lam[c]), D)
    return m, Expected({"c": lambda n: -np.sum(n["rho"] * np.log(n["rho"])),
                        "x": lambda n: 3 * normal_entropy(n["s"] * n["lam"][n["c"]])})  # fmt: skip


def known_scales():
    m = Model("Contaminated normal with known ratios")
    K = m.dims("K")
    c = m.latent("c", Categorical(probabilities=m.parameter("rho", K, domain="simplex")))
    s, lam = (
        m.parameter("s", domain="positive"),
        m.parameter("lam", K, domain="positive", fixed=True),
    )
    m.observed("x", Normal(mean=m.parameter("mu"), variance=s * lam[c]))
    return m, Expected({"c": lambda n: -np.sum(n["rho"] * np.log(n["rho"])),
                        "x": lambda n: normal_entropy(n["s"] * n["lam"][n["c"]])},
                       {"s": lambda n: -n["s"]})  # fmt: skip


def hierarchy():
    m = Model("Three Gaussian layers")
    D, H, K = m.dims("D", "H", "K")
    y = m.latent("y", Normal(mean=0, variance=1), K)
    z = m.latent(
        "z",
        Normal(mean=m.parameter("A", H, K) @ y, variance=m.parameter("t", domain="positive")),
        H,
    )
    m.observed(
        "x",
        Normal(mean=m.parameter("B", D, H) @ z, variance=m.parameter("s", D, domain="positive")),
        D,
    )
    return m, Expected({"y": lambda n: 3 * NORMAL, "z": lambda n: 3 * normal_entropy(n["t"]),
                        "x": lambda n: normal_entropy(n["s"])})  # fmt: skip


def exponential_of_gamma():
    m = Model("Exponential with a gamma rate")
    z = m.latent(
        "z",
        Gamma(shape=m.parameter("a", domain="positive"), rate=m.parameter("b", domain="positive")),
    )
    m.observed("x", Exponential(rate=z))
    return m, Expected(
        {"z": lambda n: gamma_entropy(n["a"], n["b"]), "x": lambda n: 1 - np.log(n["z"])},
        {"a": lambda n: n["a"] - 1}, {"z": 1.0},
    )  # fmt: skip


def diagonal_by_diag():
    m = Model("Factor analysis by diag")
    D, H = m.dims("D", "H")
    W, psi = m.parameter("W", D, H), m.parameter("psi", D, domain="positive")
    z = m.latent("z", MultivariateNormal(mean=0, covariance=eye(H)))
    m.observed("x", MultivariateNormal(mean=W @ z, covariance=diag(psi)))
    return m, Expected({"z": lambda n: 3 * NORMAL, "x": lambda n: normal_entropy(n["psi"])},
                       {"W": lambda n: -n["W"] / 2, "psi": lambda n: -n["psi"]}, {"z": 0.5})  # fmt: skip
