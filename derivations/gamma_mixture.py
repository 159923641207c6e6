"""Mixture of gamma distributions (Webb, 2000).

Shape and rate learned; an exponential-family mixture as treated in arXiv:2501.09022. The field
a ↦ a - 1 makes the base measure constant: the entropies are differential entropies, no
pseudo-entropies.
"""

from entropy_proofs import Categorical, Gamma, Model, digamma, log, loggamma

model = Model("Gamma mixture", group="mixtures")
D, K = model.dims("D", "K")

rho = model.parameter("rho", K, domain="simplex")
a = model.parameter("a", K, D, domain="positive")
b = model.parameter("b", K, D, domain="positive")

c = model.latent("c", Categorical(probabilities=rho))
x = model.observed("x", Gamma(shape=a[c], rate=b[c]), D)

mixing = -(rho * log(rho)).sum()
component = (a[c] - log(b[c]) + loggamma(a[c]) + (1 - a[c]) * digamma(a[c])).sum()
model.claim("field", {rho: rho * (log(rho) + mixing), a: a - 1, b: b})
model.claim("entropy", c, mixing)
model.claim("entropy", x, component)
model.claim("entropy sum", -mixing - component)
