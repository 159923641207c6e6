"""Normal groups with inverse-gamma variances (Smyth, 2004).

Each data point is a group (a gene) of n measurements with a variance of its own, drawn from a
learned inverse gamma: the empirical Bayes of limma, here with free shape and scale. The variances
flow, v ↦ -v; the scale b of their prior stands still.
"""

from entropy_proofs import E, InverseGamma, Model, Normal, digamma, log, loggamma, pi

model = Model("Normal, inverse-gamma variances", group="hierarchical and scale mixtures")
n = model.dims("n")

mu = model.parameter("mu")
a = model.parameter("a", domain="positive")
b = model.parameter("b", domain="positive")

v = model.latent("v", InverseGamma(shape=a, scale=b))
x = model.observed("x", Normal(mean=mu, variance=v), n)

variance = a + log(b) + loggamma(a) - (1 + a) * digamma(a)
noise = n / 2 * log(2 * pi * E * v)
model.claim("field", {a: a + 1, v: -v})
model.claim("entropy", v, variance)
model.claim("entropy", x, noise)
model.claim("entropy sum", -variance - noise)
