"""Mixture of log-normal distributions (Fowlkes, 1979).

Sizes and durations of several kinds; an exponential-family mixture as treated in arXiv:2501.09022.
The Jacobian -log x is no base measure: each component's location absorbs it, and the entropies are
those of x, not of log x.
"""

from entropy_proofs import Categorical, E, LogNormal, Model, log, pi

model = Model("Log-normal mixture", group="mixtures")
D, K = model.dims("D", "K")

rho = model.parameter("rho", K, domain="simplex")
m = model.parameter("m", K, D)
s = model.parameter("s", K, D, domain="positive")

c = model.latent("c", Categorical(probabilities=rho))
x = model.observed("x", LogNormal(log_mean=m[c], log_variance=s[c]), D)

mixing = -(rho * log(rho)).sum()
component = (m[c] + log(2 * pi * E * s[c]) / 2).sum()
model.claim("field", {rho: rho * (log(rho) + mixing), m: -s, s: -s})
model.claim("entropy", c, mixing)
model.claim("entropy", x, component)
model.claim("entropy sum", -mixing - component)
