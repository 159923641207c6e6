"""Gaussian mixture with known weights (McLachlan & Peel, 2000).

A discrete latent cannot flow, and its prior has nothing to learn: the components become entropies,
the mixing term E_q[log ρ_c] stays. The sum is partial.
"""

from entropy_proofs import Categorical, E, Model, MultivariateNormal, det, log, pi

model = Model("Gaussian mixture, known weights", group="mixtures")
D, K = model.dims("D", "K")

rho = model.parameter("rho", K, domain="simplex", fixed=True)
mu = model.parameter("mu", K, D)
Sigma = model.parameter("Sigma", K, D, D, domain="positive definite")

c = model.latent("c", Categorical(probabilities=rho))
x = model.observed("x", MultivariateNormal(mean=mu[c], covariance=Sigma[c]))

component = log(det(2 * pi * E * Sigma[c])) / 2
model.claim("field", {Sigma: -Sigma})
model.claim("entropy", x, component)
model.claim("entropy sum", log(rho[c]) - component)
