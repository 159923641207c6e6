"""Gamma-Poisson model, or negative binomial (Greenwood & Yule, 1920).

The rates z of the counts are the latents themselves. The Poisson has no parameter, and the flow
z log z that it wants does not fit the gamma: the prior becomes an entropy, the counts stay.
"""

from entropy_proofs import Gamma, Model, Poisson, digamma, log, loggamma

model = Model("Gamma-Poisson model", group="topic and count models")
D = model.dims("D")

a = model.parameter("a", D, domain="positive")
b = model.parameter("b", D, domain="positive")

z = model.latent("z", Gamma(shape=a, rate=b), D)
x = model.observed("x", Poisson(rate=z), D)

rates = (a - log(b) + loggamma(a) + (1 - a) * digamma(a)).sum()
counts = (x * log(z) - z - loggamma(x + 1)).sum()
model.claim("field", {a: a - 1, b: b})
model.claim("entropy", z, rates)
model.claim("entropy sum", -rates + counts)
