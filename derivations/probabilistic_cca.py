"""Probabilistic canonical correlation analysis (Bach & Jordan, 2005).

Two views of one standard normal latent, each with a full noise covariance; at the maximum of the
likelihood the loadings span the canonical directions. One flow of z serves both views: both
loadings shrink while z grows.
"""

from entropy_proofs import E, Model, MultivariateNormal, Normal, det, log, pi

model = Model("Probabilistic CCA", group="factor models")
D_x, D_y, H = model.dims("D_x", "D_y", "H")

A = model.parameter("A", D_x, H)
B = model.parameter("B", D_y, H)
mu = model.parameter("mu", D_x)
nu = model.parameter("nu", D_y)
Phi = model.parameter("Phi", D_x, D_x, domain="positive definite")
Psi = model.parameter("Psi", D_y, D_y, domain="positive definite")

z = model.latent("z", Normal(mean=0, variance=1), H)
x = model.observed("x", MultivariateNormal(mean=A @ z + mu, covariance=Phi))
y = model.observed("y", MultivariateNormal(mean=B @ z + nu, covariance=Psi))

prior = H / 2 * log(2 * pi * E)
noise_x = log(det(2 * pi * E * Phi)) / 2
noise_y = log(det(2 * pi * E * Psi)) / 2
model.claim("field", {Phi: -Phi, Psi: -Psi, A: -A / 2, B: -B / 2, z: z / 2})
model.claim("entropy", x, noise_x)
model.claim("entropy", y, noise_y)
model.claim("entropy sum", -prior - noise_x - noise_y)
