"""Poisson log-normal model (Aitchison & Ho, 1989; Chiquet, Mariadassou & Robin, 2021).

Overdispersed, correlated counts. Nothing scales the log-rates z + w but z itself: one flow of z
serves the Poisson and, with Σ, the prior. The prior's entropy is exact, the counts' is a
pseudo-entropy.
"""

from entropy_proofs import E, Model, MultivariateNormal, Poisson, det, exp, log, loggamma, pi

model = Model("Poisson log-normal", group="topic and count models")
D = model.dims("D")

w = model.parameter("w", D)
Sigma = model.parameter("Sigma", D, D, domain="positive definite")

z = model.latent("z", MultivariateNormal(mean=0, covariance=Sigma))
x = model.observed("x", Poisson(rate=exp(z + w)), D)

eta = z + w
prior = log(det(2 * pi * E * Sigma)) / 2
pseudo = (exp(eta) - eta * exp(eta)).sum()
model.claim("field", {w: w, Sigma: Sigma, z: z})
model.claim("entropy", z, prior)
model.claim("pseudo-entropy", x, pseudo)
model.claim("entropy sum", -prior - pseudo - loggamma(x + 1).sum())
