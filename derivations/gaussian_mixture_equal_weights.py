"""Gaussian mixture with equal weights (Celeux & Govaert, 1992).

Nothing about the mixing is learned, and nothing has to be: a uniform log-probability is already
minus its entropy, log K. Any other fixed weights leave a term behind: see
gaussian_mixture_fixed_weights.
"""

from entropy_proofs import Categorical, E, Model, MultivariateNormal, det, eye, log, pi

model = Model("Gaussian mixture, equal weights", group="mixtures")
D, K = model.dims("D", "K")

mu = model.parameter("mu", K, D)
Sigma = model.parameter("Sigma", K, D, D, domain="positive definite")

c = model.latent("c", Categorical(probabilities=eye(K).sum(0) / K))
x = model.observed("x", MultivariateNormal(mean=mu[c], covariance=Sigma[c]))

component = log(det(2 * pi * E * Sigma[c])) / 2
model.claim("field", {Sigma: -Sigma})
model.claim("entropy", c, log(K))
model.claim("entropy", x, component)
model.claim("entropy sum", -log(K) - component)
