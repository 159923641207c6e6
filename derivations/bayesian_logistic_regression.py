"""Bayesian logistic regression with a learned prior variance (Jaakkola & Jordan, 2000).

The weights are latent, and nothing else can scale the logits: w flows, the prior variance follows.
Gaussian q contains this flow. With the variance known the two rates contradict each other: see
bayesian_logistic_regression_unit_prior.
"""

from entropy_proofs import Bernoulli, E, Model, Normal, exp, log, pi

model = Model("Bayesian logistic regression", group="regression")
n, P = model.dims("n", "P")

Phi = model.parameter("Phi", n, P, fixed=True)
tau2 = model.parameter("tau2", domain="positive")

w = model.latent("w", Normal(mean=0, variance=tau2), P)
y = model.observed("y", Bernoulli(logits=Phi @ w), n)

eta = Phi @ w
prior = P / 2 * log(2 * pi * E * tau2)
labels = (log(1 + exp(eta)) - eta / (1 + exp(-eta))).sum()
model.claim("field", {tau2: tau2, w: w})
model.claim("entropy", w, prior)
model.claim("entropy", y, labels)
model.claim("entropy sum", -prior - labels)
