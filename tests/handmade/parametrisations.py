"""One conditional, written with other parameters than the textbook's."""

from __future__ import annotations

import numpy as np
from scipy.special import digamma, gammaln
from sympy import Abs, Matrix

from entropy_proofs import (
    Beta,
    Categorical,
    Density,
    Dirichlet,
    Gamma,
    Interval,
    Laplace,
    Model,
    MultivariateNormal,
    Normal,
    exp,
    eye,
    log,
    oo,
    pi,
    sqrt,
    tanh,
)
from handmade.expected import Expected, beta_entropy, gamma_entropy, normal_entropy


def precision():
    m = Model("Normal with a precision")
    D = m.dims("D")
    mu, tau = m.parameter("mu", D), m.parameter("tau", domain="positive")
    m.observed("x", Normal(mean=mu, variance=1 / tau), D)
    return m, Expected(
        {"x": lambda n: 3 * normal_entropy(1 / n["tau"])}, {"tau": lambda n: n["tau"]}
    )


def log_scale():
    m = Model("Normal with log scales")
    D = m.dims("D")
    mu, s = m.parameter("mu", D), m.parameter("s", D)
    m.observed("x", Normal(mean=mu, variance=exp(2 * s)), D)
    return m, Expected({"x": lambda n: normal_entropy(np.exp(2 * n["s"]))},
                       {"s": lambda n: -np.ones(3) / 2})  # fmt: skip


def standard_deviation():
    m = Model("Normal with a standard deviation")
    mu, s = m.parameter("mu"), m.parameter("s", domain="positive")
    m.observed("x", Normal(mean=mu, variance=s**2))
    m.observed("y", Laplace(mean=mu, scale=sqrt(s)))
    # the two need s -> -s/2 and s -> -2s, and neither stands still along the other's field
    return m, Expected({}, stays=("x", "y"), verdict="refuted")


def natural_parameters():
    m = Model("Normal with natural parameters")
    a, lam = m.parameter("a"), m.parameter("lam", domain="positive")

    def log_density(x):
        return a * x - lam * x**2 / 2 - a**2 / (2 * lam) + log(lam / (2 * pi)) / 2

    m.observed("x", Density(log_density))
    return m, Expected({"x": lambda n: normal_entropy(1 / n["lam"])})


def gamma_by_mean():
    m = Model("Gamma by mean and shape")
    D = m.dims("D")
    mean, a = m.parameter("mean", D, domain="positive"), m.parameter("a", D, domain="positive")
    m.observed("x", Gamma(shape=a, rate=a / mean), D)
    return m, Expected({"x": lambda n: gamma_entropy(n["a"], n["a"] / n["mean"])},
                       {"a": lambda n: n["a"] - 1, "mean": lambda n: -n["mean"] / n["a"]})  # fmt: skip


def gamma_in_logs():
    m = Model("Gamma with log parameters")
    u, v = m.parameter("u"), m.parameter("v")
    m.observed("x", Gamma(shape=exp(u), rate=exp(v)))
    return m, Expected({"x": lambda n: gamma_entropy(np.exp(n["u"]), np.exp(n["v"]))},
                       {"u": lambda n: 1 - np.exp(-n["u"]), "v": lambda n: 1.0})  # fmt: skip


def beta_by_mean():
    m = Model("Beta by mean and sample size")
    mean, k = m.parameter("mean", domain="unit interval"), m.parameter("k", domain="positive")
    m.observed("x", Beta(alpha=mean * k, beta=(1 - mean) * k))
    return m, Expected({"x": lambda n: beta_entropy(n["mean"] * n["k"], (1 - n["mean"]) * n["k"])},
                       {"k": lambda n: n["k"] - 2, "mean": lambda n: (2 * n["mean"] - 1) / n["k"]})  # fmt: skip


def dirichlet_in_logs():
    m = Model("Dirichlet with log concentrations")
    K = m.dims("K")
    w = m.parameter("w", K)
    m.observed("x", Dirichlet(concentration=exp(w)))

    def entropy(n):
        a = np.exp(n["w"])
        log_b = gammaln(a).sum() - gammaln(a.sum())
        return log_b + (a.sum() - len(a)) * digamma(a.sum()) - ((a - 1) * digamma(a)).sum()

    return m, Expected({"x": entropy}, {"w": lambda n: 1 - np.exp(-n["w"])})


def shifted_variance():
    m = Model("Normal with a noise floor")
    s = m.parameter("s", domain="positive")
    m.observed("x", Normal(mean=m.parameter("mu"), variance=s + 1))
    return m, Expected({"x": lambda n: normal_entropy(n["s"] + 1)}, {"s": lambda n: -n["s"] - 1})


def sum_of_variances():
    m = Model("Normal with two variances")
    a, b = m.parameter("a", domain="positive"), m.parameter("b", domain="positive")
    m.observed("x", Normal(mean=m.parameter("mu"), variance=a + 2 * b))
    return m, Expected({"x": lambda n: normal_entropy(n["a"] + 2 * n["b"])})


def low_rank_covariance():
    m = Model("Gaussian with low-rank plus diagonal covariance")
    D, H = m.dims("D", "H")
    W, s = m.parameter("W", D, H), m.parameter("s", domain="positive")
    m.observed("x", MultivariateNormal(mean=m.parameter("mu", D), covariance=W @ W.T + s * eye(D)))

    def entropy(n):
        covariance = n["W"] @ n["W"].T + n["s"] * np.eye(3)
        return np.linalg.slogdet(2 * np.pi * np.e * covariance)[1] / 2

    return m, Expected({"x": entropy}, {"W": lambda n: -n["W"] / 2, "s": lambda n: -n["s"]})


def scaled_known_covariance():
    m = Model("Gaussian with a known shape of covariance")
    D = m.dims("D")
    S = m.parameter("S", D, D, domain="positive definite", fixed=True)
    a = m.parameter("a", domain="positive")
    m.observed("x", MultivariateNormal(mean=m.parameter("mu", D), covariance=a**2 * S))

    def entropy(n):
        return np.linalg.slogdet(2 * np.pi * np.e * n["a"] ** 2 * n["S"])[1] / 2

    return m, Expected({"x": entropy}, {"a": lambda n: -n["a"] / 2})


def regularised_components():
    m = Model("Gaussian mixture whose covariances have a known matrix added")
    K, D = m.dims("K", "D")
    S = m.parameter("S", K, D, D, domain="positive definite")
    B = m.parameter("B", D, D, domain="positive definite", fixed=True)
    shares = m.parameter("pi", K, domain="simplex")
    c = m.latent("c", Categorical(probabilities=shares))
    m.observed("x", MultivariateNormal(mean=m.parameter("mu", K, D)[c], covariance=S[c] + B))

    def entropies(n):
        covariances = 2 * np.pi * np.e * (n["S"] + n["B"])
        return np.linalg.slogdet(covariances)[1][int(n["c"])] / 2

    return m, Expected(
        {"c": lambda n: -n["pi"] @ np.log(n["pi"]), "x": entropies},
        {"S": lambda n: -n["S"] - n["B"]},
    )


def weibull_log_scale():
    m = Model("Weibull with a log scale and a known shape")
    k = m.parameter("k", domain="positive", fixed=True)
    u = m.parameter("u")

    def log_density(x):
        return log(k) - u + (k - 1) * (log(x) - u) - exp(k * (log(x) - u))

    m.observed("x", Density(log_density, support=Interval.open(0, oo)))
    # H of the base measure x^(k-1): E[(x/lam)^k] - log k + k u
    return m, Expected({"x": lambda n: 1 + n["k"] * n["u"] - np.log(n["k"])}, pseudo=("x",))


def _entropy_of(covariance):
    return np.linalg.slogdet(2 * np.pi * np.e * np.array(covariance))[1] / 2


def correlation():
    m = Model("Two scales and a correlation")
    mu, r = m.parameter("mu", 2), m.parameter("r")
    s, t = (m.parameter(name, domain="positive") for name in "st")
    between = tanh(r) * s * t
    m.observed("x", MultivariateNormal(mean=mu, covariance=[[s**2, between], [between, t**2]]))

    def covariance(n):
        between = np.tanh(n["r"]) * n["s"] * n["t"]
        return [[n["s"] ** 2, between], [between, n["t"] ** 2]]

    return m, Expected({"x": lambda n: _entropy_of(covariance(n))})


def factor_of_a_covariance():
    m = Model("A covariance by its Cholesky factor, written out")
    a, b, c = (m.parameter(name, domain="positive") for name in "abc")
    d, e, f, mean = (m.parameter(name) for name in "defm")
    factor = Matrix([[a, 0, 0], [d, b, 0], [e, f, c]])
    m.observed("x", MultivariateNormal(mean=Matrix([0, 0, mean]), covariance=factor * factor.T))
    return m, Expected({"x": lambda n: 3 * normal_entropy(1) + np.log(n["a"] * n["b"] * n["c"])})


def equal_correlations():
    m = Model("Four known scales, one correlation and a noise floor")
    v, w = (m.parameter(name, domain="positive") for name in "vw")
    scales = np.arange(1, 5)
    covariance = [[v * i * j + (w if i == j else 0) for i in range(1, 5)] for j in range(1, 5)]
    m.observed("x", MultivariateNormal(mean=0, covariance=covariance))
    return m, Expected(
        {"x": lambda n: _entropy_of(n["v"] * np.outer(scales, scales) + n["w"] * np.eye(4))},
        {"v": lambda n: -n["v"], "w": lambda n: -n["w"]},
    )


def scales_with_one_correlation():
    m = Model("Three scales and a share as the correlation of any two")
    s, r = m.parameter("s", 3, domain="positive"), m.parameter("r")
    between = 1 / (1 + exp(r))
    covariance = [[s[i] * s[j] * (1 if i == j else between) for i in range(3)] for j in range(3)]
    m.observed("x", MultivariateNormal(mean=m.parameter("mu", 3), covariance=covariance))

    def entropy(n):
        between = 1 / (1 + np.exp(n["r"]))
        correlation = between + (1 - between) * np.eye(3)
        return _entropy_of(np.outer(n["s"], n["s"]) * correlation)

    return m, Expected({"x": entropy})


def magnitudes():
    m = Model("Scales without a domain, of which the magnitude or the square counts")
    D = m.dims("D")
    a, b, c = m.parameter("a"), m.parameter("b", D), m.parameter("c", D)
    m.observed("x", Laplace(mean=0, scale=Abs(a)))
    m.observed("y", Normal(mean=0, variance=Abs(b)), D)
    m.observed("z", Normal(mean=0, variance=c**2), D)
    return m, Expected(
        {
            "x": lambda n: 1 + np.log(2 * abs(n["a"])),
            "y": lambda n: normal_entropy(abs(n["b"])),
            "z": lambda n: normal_entropy(n["c"] ** 2),
        },
        {"a": lambda n: -n["a"], "b": lambda n: -n["b"], "c": lambda n: -n["c"] / 2},
    )


def sums_of_squares():
    m = Model("Scales that add up several squares")
    a, b, c = m.parameter("a"), m.parameter("b"), m.parameter("c", 2)
    m.observed("x", Normal(mean=0, variance=a**2 + b**4))
    m.observed("y", Laplace(mean=0, scale=sqrt(c[0] ** 2 + c[1] ** 2)))
    return m, Expected(
        {
            "x": lambda n: normal_entropy(n["a"] ** 2 + n["b"] ** 4),
            "y": lambda n: 1 + np.log(2 * np.hypot(*n["c"])),
        },
        {"a": lambda n: -n["a"] / 2, "b": lambda n: -n["b"] / 4, "c": lambda n: -n["c"]},
    )
