"""Link functions, networks and chains; and models of which a part holds."""

from __future__ import annotations

import numpy as np

from entropy_proofs import (
    Bernoulli,
    Binomial,
    Categorical,
    Dirichlet,
    Exponential,
    Laplace,
    Model,
    Normal,
    Poisson,
    exp,
)
from handmade.expected import (
    NORMAL,
    Expected,
    bernoulli_entropy,
    normal_entropy,
    poisson_pseudo,
    sigmoid,
)


def poisson_factors():
    m = Model("Poisson with log-linear rates")
    D, H = m.dims("D", "H")
    z = m.latent("z", Normal(mean=0, variance=1), H)
    m.observed("x", Poisson(rate=exp(m.parameter("W", D, H) @ z + m.parameter("b", D))), D)
    return m, Expected(
        {"z": lambda n: 3 * NORMAL, "x": lambda n: poisson_pseudo(n["W"] @ n["z"] + n["b"])},
        {"W": lambda n: n["W"] / 2, "b": lambda n: n["b"]}, {"z": 0.5}, pseudo=("x",),
    )  # fmt: skip


def poisson_of_products():
    m = Model("Poisson with a product of rates")
    a, b = m.parameter("a", domain="positive"), m.parameter("b", domain="positive")
    m.observed("x", Poisson(rate=a * b))
    return m, Expected({"x": lambda n: poisson_pseudo(np.log(n["a"] * n["b"]))}, pseudo=("x",))


def exponential_regression():
    m = Model("Exponential regression on known inputs")
    N, H = m.dims("N", "H")
    u = m.parameter("u", N, H, fixed=True)
    w, b = m.parameter("w", H), m.parameter("b")
    m.observed("x", Exponential(rate=exp(u @ w + b)), N)
    return m, Expected({"x": lambda n: np.sum(1 - n["u"] @ n["w"] - n["b"])}, {"b": lambda n: 1.0})


def softmax_regression():
    m = Model("Softmax regression on known inputs")
    K, H = m.dims("K", "H")
    u = m.parameter("u", H, fixed=True)
    W, b = m.parameter("W", K, H), m.parameter("b", K)
    m.observed("x", Categorical(logits=W @ u + b))

    def entropy(n):
        eta = n["W"] @ n["u"] + n["b"]
        p = np.exp(eta) / np.exp(eta).sum()
        return -(p * np.log(p)).sum()

    return m, Expected({"x": entropy}, {"W": lambda n: n["W"], "b": lambda n: n["b"]})


def item_response():
    m = Model("Discriminations on known abilities")
    N, D = m.dims("N", "D")
    theta = m.parameter("theta", N, fixed=True)
    a, b = m.parameter("a", D, domain="positive"), m.parameter("b", D)
    m.observed("x", Bernoulli(logits=a * (theta[:, None] - b)), N, D)
    return m, Expected(
        {"x": lambda n: bernoulli_entropy(sigmoid(n["a"] * (n["theta"][:, None] - n["b"])))},
        {"a": lambda n: n["a"]},
    )  # fmt: skip


def learned_weights_beside_known_ones():
    m = Model("Bernoulli whose weights are learned ones and known ones, added")
    D, H = m.dims("D", "H")
    z = m.latent("z", Normal(mean=0, variance=1), H)
    V = m.parameter("V", H, D, fixed=True)
    m.observed("x", Bernoulli(logits=(m.parameter("W", D, H) + V.T) @ z + m.parameter("b", D)), D)
    return m, Expected(
        {
            "z": lambda n: 3 * NORMAL,
            "x": lambda n: bernoulli_entropy(sigmoid((n["W"] + n["V"].T) @ n["z"] + n["b"])),
        },
        {"W": lambda n: (n["W"] + n["V"].T) / 2, "b": lambda n: n["b"]}, {"z": 0.5},
    )  # fmt: skip


def known_gains_with_an_offset():
    m = Model("Bernoulli whose weights have known gains, and an offset")
    D, H = m.dims("D", "H")
    z = m.latent("z", Normal(mean=0, variance=1), H)
    s = m.parameter("s", H, domain="positive", fixed=True)
    m.observed("x", Bernoulli(logits=(m.parameter("W", D, H) * s + 1) @ z), D)
    return m, Expected(
        {"z": lambda n: 3 * NORMAL, "x": lambda n: bernoulli_entropy(sigmoid((n["W"] * n["s"] + 1) @ n["z"]))},
        {"W": lambda n: (n["W"] + 1 / n["s"]) / 2}, {"z": 0.5},
    )  # fmt: skip


def binomial():
    m = Model("Binomial with a logit")
    D = m.dims("D")
    n_, b = m.parameter("n", domain="positive", fixed=True), m.parameter("b", D)
    m.observed("x", Binomial(trials=n_, probability=1 / (1 + exp(-b))), D)
    return m, Expected({"x": lambda n: n["n"] * bernoulli_entropy(sigmoid(n["b"]))},
                       {"b": lambda n: n["b"]}, pseudo=("x",))  # fmt: skip


def two_input_decoder():
    m = Model("Decoder of two latents")
    D, H, K = m.dims("D", "H", "K")
    z = m.latent("z", Normal(mean=0, variance=1), H)
    y = m.latent("y", Laplace(mean=0, scale=1), K)
    f = m.network("f", [z, y], D)
    m.observed("x", Normal(mean=f, variance=m.parameter("s", domain="positive")), D)
    return m, Expected(
        {"z": lambda n: 3 * NORMAL, "y": lambda n: 3 * (1 + np.log(2)), "x": lambda n: 3 * normal_entropy(n["s"])},
        {"f.U1": lambda n: -n["f.U1"] / 2, "f.U2": lambda n: -n["f.U2"]}, {"z": 0.5, "y": 1.0},
    )  # fmt: skip


def decoder_with_skip():
    m = Model("Decoder beside a linear map, variance head on a category")
    D, H, K = m.dims("D", "H", "K")
    c = m.latent("c", Categorical(probabilities=m.parameter("rho", K, domain="simplex")))
    z = m.latent("z", Normal(mean=m.parameter("m", K, H)[c], variance=1), H)
    f, g = m.network("f", z, D), m.network("g", c, D)
    m.observed("x", Laplace(mean=f + m.parameter("W", D, H) @ z, scale=exp(g)), D)
    return m, Expected({"c": lambda n: -np.sum(n["rho"] * np.log(n["rho"])), "z": lambda n: 3 * NORMAL},
                       {"g.b": lambda n: -np.ones(3)}, {"z": 0.5})  # fmt: skip


def poisson_state_space():
    m = Model("Gaussian chain seen through Poisson counts")
    T = m.dims("T")
    q0, q = m.parameter("q0", domain="positive"), m.parameter("q", domain="positive")
    phi, b = m.parameter("phi"), m.parameter("b")
    z = m.chain(
        "z",
        initial=Normal(mean=0, variance=q0),
        length=T,
        transition=lambda z: Normal(mean=phi * z, variance=q),
    )
    m.observed("x", Poisson(rate=exp(z + b)), T)
    return m, Expected(
        {"z[0]": lambda n: normal_entropy(n["q0"]), "z[t]": lambda n: 2 * normal_entropy(n["q"]),
         "x": lambda n: poisson_pseudo(n["z"] + n["b"])},
        {"q0": lambda n: n["q0"], "q": lambda n: n["q"], "b": lambda n: n["b"]}, {"z": 1.0}, pseudo=("x",),
    )  # fmt: skip


def binary_chain():
    m = Model("Chain of switches")
    T = m.dims("T")
    p, a = m.parameter("p", domain="unit interval"), m.parameter("a", 2, domain="unit interval")
    s = m.parameter("s", 2, domain="positive")
    z = m.chain(
        "z",
        initial=Bernoulli(probability=p),
        length=T,
        transition=lambda z: Bernoulli(probability=a[z]),
    )
    m.observed("x", Normal(mean=m.parameter("mu", 2)[z], variance=s[z]), T)
    return m, Expected(
        {"z[0]": lambda n: bernoulli_entropy(n["p"]), "z[t]": lambda n: bernoulli_entropy(n["a"][n["z"][:-1]]),
         "x": lambda n: normal_entropy(n["s"][n["z"]])},
        {"p": lambda n: n["p"] * (np.log(n["p"]) + bernoulli_entropy(n["p"])), "s": lambda n: -n["s"]},
    )  # fmt: skip


def autoregression():
    m = Model("Observed autoregression with one variance")
    T = m.dims("T")
    phi, s = m.parameter("phi"), m.parameter("s", domain="positive")
    m.chain(
        "x",
        initial=Normal(mean=0, variance=s),
        length=T,
        observed=True,
        transition=lambda x: Normal(mean=phi * x, variance=s),
    )
    return m, Expected({"x[0]": lambda n: normal_entropy(n["s"]), "x[t]": lambda n: 2 * normal_entropy(n["s"])},
                       {"s": lambda n: -n["s"]})  # fmt: skip


def dirichlet_categorical():
    m = Model("Categories of a latent simplex")
    K = m.dims("K")
    theta = m.latent("theta", Dirichlet(concentration=m.parameter("alpha", K, domain="positive")))
    c = m.latent("c", Categorical(probabilities=theta))
    s = m.parameter("s", K, domain="positive")
    m.observed("x", Normal(mean=m.parameter("mu", K)[c], variance=s[c]))
    return m, Expected(
        {"x": lambda n: normal_entropy(n["s"][n["c"]])}, stays=("c",), verdict="partial"
    )


def known_variance():
    m = Model("Normal with a known variance")
    D = m.dims("D")
    m.observed("x", Normal(mean=m.parameter("mu", D), variance=2), D)
    return m, Expected({"x": lambda n: np.sum(-n["mu"] ** 2) / 4}, {"mu": lambda n: n["mu"]},
                       pseudo=("x",), verdict="partial")  # fmt: skip


def known_prior_and_link():
    m = Model("Neither prior nor link can move")
    H = m.dims("H")
    z = m.latent("z", Normal(mean=0, variance=1), H)
    u = m.parameter("u", H, fixed=True)
    m.observed("x", Normal(mean=u @ z, variance=m.parameter("s", domain="positive")))
    return m, Expected({"x": lambda n: normal_entropy(n["s"])}, {"s": lambda n: -n["s"]},
                       stays=("z",), verdict="partial")  # fmt: skip
