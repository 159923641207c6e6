"""Gamma-gamma model of spending (Fader, Hardie & Lee, 2005).

A customer's n purchases are gamma distributed with a rate that is gamma distributed over customers.
One flow of the rate serves both levels and spares b.
"""

from entropy_proofs import Gamma, Model, digamma, log, loggamma

model = Model("Gamma-gamma model", group="hierarchical and scale mixtures")
n = model.dims("n")

p = model.parameter("p", domain="positive")
a = model.parameter("a", domain="positive")
b = model.parameter("b", domain="positive")

r = model.latent("r", Gamma(shape=a, rate=b))
x = model.observed("x", Gamma(shape=p, rate=r), n)

customer = a - log(b) + loggamma(a) + (1 - a) * digamma(a)
purchases = n * (p - log(r) + loggamma(p) + (1 - p) * digamma(p))
model.claim("field", {p: p - 1, a: a - 1, r: r})
model.claim("entropy", r, customer)
model.claim("entropy", x, purchases)
model.claim("entropy sum", -customer - purchases)
