"""Gaussian process classification (Williams & Barber, 1998).

Logistic labels of a latent function with learned amplitude. The flow f scales the logits, the
amplitude follows: as in Bayesian logistic regression, for any kernel.
"""

from entropy_proofs import Bernoulli, E, Model, MultivariateNormal, det, exp, log, pi

model = Model("Gaussian process classification", group="regression")
n = model.dims("n")

K = model.parameter("K", n, n, domain="positive definite", fixed=True)
a = model.parameter("a", domain="positive")

f = model.latent("f", MultivariateNormal(mean=0, covariance=a * K))
y = model.observed("y", Bernoulli(logits=f), n)

process = log(det(2 * pi * E * a * K)) / 2
labels = (log(1 + exp(f)) - f / (1 + exp(-f))).sum()
model.claim("field", {a: a, f: f})
model.claim("entropy", f, process)
model.claim("entropy", y, labels)
model.claim("entropy sum", -process - labels)
