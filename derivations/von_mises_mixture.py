"""Mixture of von Mises distributions (Fisher, 1993).

Clusters of angles; an exponential-family mixture as treated in arXiv:2501.09022. The mean direction
stands still, the concentration κ is the scale.
"""

from entropy_proofs import (
    Categorical,
    Expectation,
    Model,
    VonMises,
    atan2,
    besseli,
    cos,
    eye,
    log,
    pi,
    sin,
)

model = Model("von Mises mixture", group="mixtures")
D, K = model.dims("D", "K")

rho = model.parameter("rho", K, domain="simplex")
mu = model.parameter("mu", K, D)
kappa = model.parameter("kappa", K, D, domain="positive")

c = model.latent("c", Categorical(probabilities=rho))
x = model.observed("x", VonMises(mean=mu[c], concentration=kappa[c]), D)

k = kappa[c]
mixing = -(rho * log(rho)).sum()
component = (log(2 * pi * besseli(0, k)) - k * besseli(1, k) / besseli(0, k)).sum()
model.claim("field", {rho: rho * (log(rho) + mixing), kappa: kappa})
model.claim("entropy", c, mixing)
model.claim("entropy", x, component)
model.claim("entropy sum", -mixing - component)

chosen = eye(K)[c]
east, north = Expectation(chosen[:, None] * cos(x)), Expectation(chosen[:, None] * sin(x))
model.claim("optimum", rho, chosen)
model.claim("optimum", mu, atan2(north, east))  # Mardia & Jupp (2000), section 5.3
