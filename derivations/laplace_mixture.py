"""Mixture of Laplace distributions (Cord, Ambroise & Cocquerez, 2006).

Robust clustering with medians in place of means. With learned locations the Laplace is no
exponential family, so the theorems of arXiv:2209.03077 do not cover it; its scales are enough.
"""

from entropy_proofs import Categorical, E, Laplace, Model, log

model = Model("Laplace mixture", group="mixtures")
D, K = model.dims("D", "K")

rho = model.parameter("rho", K, domain="simplex")
mu = model.parameter("mu", K, D)
s = model.parameter("s", K, D, domain="positive")

c = model.latent("c", Categorical(probabilities=rho))
x = model.observed("x", Laplace(mean=mu[c], scale=s[c]), D)

mixing = -(rho * log(rho)).sum()
component = log(2 * E * s[c]).sum()
model.claim("field", {rho: rho * (log(rho) + mixing), s: -s})
model.claim("entropy", c, mixing)
model.claim("entropy", x, component)
model.claim("entropy sum", -mixing - component)
