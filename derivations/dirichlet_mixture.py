"""Mixture of Dirichlet distributions (Bouguila, Ziou & Vaillancourt, 2004).

Clusters of compositions, vectors that add up to one; an exponential-family mixture as treated in
arXiv:2501.09022.
"""

from entropy_proofs import Categorical, Dirichlet, Model, digamma, log, loggamma

model = Model("Dirichlet mixture", group="mixtures")
D, K = model.dims("D", "K")

rho = model.parameter("rho", K, domain="simplex")
alpha = model.parameter("alpha", K, D, domain="positive")

c = model.latent("c", Categorical(probabilities=rho))
x = model.observed("x", Dirichlet(concentration=alpha[c]))

a, total = alpha[c], alpha[c].sum()
mixing = -(rho * log(rho)).sum()
log_normaliser = loggamma(a).sum() - loggamma(total)
component = log_normaliser + ((a - 1) * (digamma(total) - digamma(a))).sum()
model.claim("field", {rho: rho * (log(rho) + mixing), alpha: alpha - 1})
model.claim("entropy", c, mixing)
model.claim("entropy", x, component)
model.claim("entropy sum", -mixing - component)
