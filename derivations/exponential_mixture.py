"""Mixture of exponential distributions (Jewell, 1982).

Waiting times of several kinds; an exponential-family mixture as treated in arXiv:2501.09022. The
base measure is constant, so the entropies 1 - log λ are differential entropies.
"""

from entropy_proofs import Categorical, Exponential, Model, log

model = Model("Exponential mixture", group="mixtures")
D, K = model.dims("D", "K")

rho = model.parameter("rho", K, domain="simplex")
lam = model.parameter("lam", K, D, domain="positive")

c = model.latent("c", Categorical(probabilities=rho))
x = model.observed("x", Exponential(rate=lam[c]), D)

mixing = -(rho * log(rho)).sum()
component = (1 - log(lam[c])).sum()
model.claim("field", {rho: rho * (log(rho) + mixing), lam: lam})
model.claim("entropy", c, mixing)
model.claim("entropy", x, component)
model.claim("entropy sum", -mixing - component)
