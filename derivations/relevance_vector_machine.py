"""Relevance vector machine, or automatic relevance determination (Tipping, 2001).

Bayesian linear regression with a precision for each weight: PRML, Eq. 7.80. Weights whose precision
runs to infinity leave the model; stationary points inside the domain are what the sum speaks of.
"""

from entropy_proofs import E, Model, Normal, log, pi

model = Model("Relevance vector machine", group="regression")
n, P = model.dims("n", "P")

Phi = model.parameter("Phi", n, P, fixed=True)
alpha = model.parameter("alpha", P, domain="positive")
beta = model.parameter("beta", domain="positive")

w = model.latent("w", Normal(mean=0, variance=1 / alpha), P)
y = model.observed("y", Normal(mean=Phi @ w, variance=1 / beta), n)

prior = log(2 * pi * E / alpha).sum() / 2
noise = n / 2 * log(2 * pi * E / beta)
model.claim("field", {alpha: alpha, beta: beta})
model.claim("entropy", w, prior)
model.claim("entropy", y, noise)
model.claim("entropy sum", -prior - noise)
