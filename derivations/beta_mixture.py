"""Mixture of beta distributions (Ji et al., 2005).

Clusters of proportions or correlation coefficients; an exponential-family mixture as treated in
arXiv:2501.09022. Uniform components, α = β = 1, are the fixed point of the field: there it stands
still and the entropy is 0.
"""

from entropy_proofs import Beta, Categorical, Model, digamma, log, loggamma

model = Model("Beta mixture", group="mixtures")
D, K = model.dims("D", "K")

rho = model.parameter("rho", K, domain="simplex")
alpha = model.parameter("alpha", K, D, domain="positive")
beta = model.parameter("beta", K, D, domain="positive")

c = model.latent("c", Categorical(probabilities=rho))
x = model.observed("x", Beta(alpha=alpha[c], beta=beta[c]), D)

a, b = alpha[c], beta[c]
mixing = -(rho * log(rho)).sum()
log_normaliser = loggamma(a) + loggamma(b) - loggamma(a + b)
mean = (a - 1) * digamma(a) + (b - 1) * digamma(b) - (a + b - 2) * digamma(a + b)
component = (log_normaliser - mean).sum()
model.claim("field", {rho: rho * (log(rho) + mixing), alpha: alpha - 1, beta: beta - 1})
model.claim("entropy", c, mixing)
model.claim("entropy", x, component)
model.claim("entropy sum", -mixing - component)
