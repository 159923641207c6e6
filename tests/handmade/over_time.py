"""Chains that see time, inputs, other chains, and more than one step back."""

from __future__ import annotations

import numpy as np

from entropy_proofs import (
    Categorical,
    Exponential,
    Laplace,
    Model,
    MultivariateNormal,
    Normal,
    Poisson,
    exp,
)
from handmade.expected import NORMAL, Expected, normal_entropy


def _rows(p):
    return -np.sum(p * np.log(p), axis=-1)


def _row_field(p):
    return p * (np.log(p) + _rows(p)[..., None])


def ageing():
    m = Model("Waiting times that shrink with the step and grow with the one before")
    T = m.dims("T")
    w = m.parameter("w", domain="positive")
    m.chain("x", observed=True, length=T, initial=Exponential(rate=w),
            transition=lambda previous, t: Exponential(rate=w * t / previous))  # fmt: skip
    steps = np.array([1, 2])
    return m, Expected(
        {"x[0]": lambda n: 1 - np.log(n["w"]),
         "x[t]": lambda n: np.sum(1 - np.log(n["w"] * steps / n["x"][:-1]))},
        {"w": lambda n: n["w"]},
    )  # fmt: skip


def driven():
    m = Model("A latent level with inputs, seen twice")
    T = m.dims("T")
    u = m.parameter("u", T, fixed=True)
    a, c, w = (m.parameter(name) for name in "acw")
    s = m.parameter("s", domain="positive")
    z = m.chain("z", initial=Normal(mean=0, variance=1), length=T,
                transition=lambda previous, t: Normal(mean=a * previous + c * u[t], variance=1))  # fmt: skip
    m.observed("x", Laplace(mean=w * z, scale=s), T)
    return m, Expected(
        {"z[0]": lambda n: NORMAL, "z[t]": lambda n: 2 * NORMAL,
         "x": lambda n: 3 * (1 + np.log(2 * n["s"]))},
        {"c": lambda n: n["c"] / 2, "w": lambda n: -n["w"] / 2, "s": lambda n: -n["s"]}, {"z": 0.5},
    )  # fmt: skip


def by_the_step():
    m = Model("Dynamics and noise of each step, of a vector's coordinates")
    D, T = m.dims("D", "T")
    A, q = m.parameter("A", T - 1, D, D), m.parameter("q", T, D, domain="positive")
    m.chain("x", D, observed=True, length=T, initial=Normal(mean=0, variance=q[0]),
            transition=lambda previous, t: Normal(mean=A[t - 1] @ previous, variance=q[t]))  # fmt: skip
    return m, Expected(
        {"x[0]": lambda n: normal_entropy(n["q"][0]), "x[t]": lambda n: normal_entropy(n["q"][1:])},
        {"q": lambda n: -n["q"]},
    )


def two_steps_back():
    m = Model("Counts that remember two steps, under a switching rate")
    K, T = m.dims("K", "T")
    rho, A = m.parameter("rho", K, domain="simplex"), m.parameter("A", K, K, domain="simplex")
    a, b, c = m.parameter("a", K), m.parameter("b"), m.parameter("c")
    r = m.parameter("r", 2, domain="positive")
    z = m.chain("z", initial=Categorical(probabilities=rho), length=T,
                transition=lambda previous: Categorical(probabilities=A[previous]))  # fmt: skip
    m.chain("x", observed=True, length=T, initial=(Poisson(rate=r[0]), Poisson(rate=r[1])),
            transition=lambda previous, t: Poisson(
                rate=exp(a[z[t]] + b * previous[0] / 10 + c * previous[1] / 10)))  # fmt: skip

    def later(n):
        x = np.asarray(n["x"], dtype=float)
        eta = n["a"][n["z"][2:]] + n["b"] * x[1:-1] / 10 + n["c"] * x[:-2] / 10
        return np.sum(np.exp(eta) - eta * np.exp(eta))

    return m, Expected(
        {"z[0]": lambda n: _rows(n["rho"]), "z[t]": lambda n: np.sum(_rows(n["A"])[n["z"][:-1]]),
         "x[0]": lambda n: n["r"][0] - n["r"][0] * np.log(n["r"][0]),
         "x[1]": lambda n: n["r"][1] - n["r"][1] * np.log(n["r"][1]), "x[t]": later},
        {"rho": lambda n: _row_field(n["rho"]), "A": lambda n: _row_field(n["A"]), "a": lambda n: n["a"],
         "b": lambda n: n["b"], "c": lambda n: n["c"], "r": lambda n: n["r"] * np.log(n["r"])},
        pseudo=("x[0]", "x[1]", "x[t]"),
    )  # fmt: skip


def coupled():
    m = Model("A category and a vector, each of which sees the other's past")
    D, K, T = m.dims("D", "K", "T")
    rho, A = m.parameter("rho", K, domain="simplex"), m.parameter("A", K, K, domain="simplex")
    B, S = m.parameter("B", K, D, D), m.parameter("S", D, D, domain="positive definite")
    m.chains(
        ("c", "x"), observed=(False, True), length=T,
        initial=(Categorical(probabilities=rho), MultivariateNormal(mean=0, covariance=S)),
        transition=lambda previous, t: (
            Categorical(probabilities=A[previous[0]]),
            lambda c: MultivariateNormal(mean=B[c] @ previous[1], covariance=S / t),
        ),
    )  # fmt: skip

    def full(n, t=1):
        return np.linalg.slogdet(2 * np.pi * np.e * n["S"] / t)[1] / 2

    return m, Expected(
        {"c[0]": lambda n: _rows(n["rho"]), "c[t]": lambda n: np.sum(_rows(n["A"])[n["c"][:-1]]),
         "x[0]": full, "x[t]": lambda n: full(n, 1) + full(n, 2)},
        {"rho": lambda n: _row_field(n["rho"]), "A": lambda n: _row_field(n["A"]), "S": lambda n: -n["S"]},
    )  # fmt: skip
