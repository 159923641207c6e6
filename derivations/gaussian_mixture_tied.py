"""Gaussian mixture with one shared covariance (Friedman & Rubin, 1967).

The components differ in their means alone (scikit-learn: covariance_type="tied"), which is linear
discriminant analysis without labels. One field serves the shared Σ, and the entropy of x no longer
depends on c: the sum is a number of the parameters alone.
"""

from entropy_proofs import Categorical, E, Model, MultivariateNormal, det, log, pi

model = Model("Gaussian mixture, tied covariance", group="mixtures")
D, K = model.dims("D", "K")

rho = model.parameter("rho", K, domain="simplex")
mu = model.parameter("mu", K, D)
Sigma = model.parameter("Sigma", D, D, domain="positive definite")

c = model.latent("c", Categorical(probabilities=rho))
x = model.observed("x", MultivariateNormal(mean=mu[c], covariance=Sigma))

mixing = -(rho * log(rho)).sum()
component = log(det(2 * pi * E * Sigma)) / 2
residual = x - mu[c]
model.claim("field", {rho: rho * (log(rho) + mixing), Sigma: -Sigma})
model.claim("entropy", c, mixing)
model.claim("entropy", x, component)
model.claim("entropy sum", -mixing - component)
model.claim("optimum", Sigma, residual[:, None] * residual[None, :])
