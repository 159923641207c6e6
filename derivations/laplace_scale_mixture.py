"""Laplace as an exponential scale mixture of normals (Andrews & Mallows, 1974).

The hierarchy of the Bayesian lasso: an exponential variance t for each coordinate. The variances
are the only scale that x has, so they flow, t ↦ -t; the rate λ of the exponential moves twice as
fast as its own field would have it.
"""

from entropy_proofs import E, Exponential, Model, Normal, log, pi

model = Model("Laplace scale mixture", group="hierarchical and scale mixtures")
D = model.dims("D")

mu = model.parameter("mu", D)
lam = model.parameter("lam", D, domain="positive")

t = model.latent("t", Exponential(rate=lam), D)
x = model.observed("x", Normal(mean=mu, variance=t), D)

variances = (1 - log(lam)).sum()
noise = log(2 * pi * E * t).sum() / 2
model.claim("field", {lam: 2 * lam, t: -t})
model.claim("entropy", t, variances)
model.claim("entropy", x, noise)
model.claim("entropy sum", -variances - noise)
