"""Gamma distribution by maximum likelihood (Pearson, 1893).

At the maximum of the likelihood the mean log-likelihood is minus the entropy. StatProofBook's page
on this entropy states + log b where its own proof ends in - log b: minus is right.
"""

from entropy_proofs import Gamma, Model, digamma, log, loggamma

model = Model("Gamma distribution", group="maximum likelihood")
D = model.dims("D")

a = model.parameter("a", D, domain="positive")
b = model.parameter("b", D, domain="positive")

x = model.observed("x", Gamma(shape=a, rate=b), D)

entropy = (a - log(b) + loggamma(a) + (1 - a) * digamma(a)).sum()
model.claim("field", {a: a - 1, b: b})
model.claim("entropy", x, entropy)
model.claim("entropy sum", -entropy)
