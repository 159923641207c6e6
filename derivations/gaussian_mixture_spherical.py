"""Gaussian mixture with spherical covariances (Banfield & Raftery, 1993).

Each component has one variance (scikit-learn: covariance_type="spherical"), the probabilistic
version of k-means; a mixture of the kind treated in arXiv:2501.09022.
"""

from entropy_proofs import Categorical, E, Model, Normal, log, pi

model = Model("Gaussian mixture, spherical covariances", group="mixtures")
D, K = model.dims("D", "K")

rho = model.parameter("rho", K, domain="simplex")
mu = model.parameter("mu", K, D)
sigma2 = model.parameter("sigma2", K, domain="positive")

c = model.latent("c", Categorical(probabilities=rho))
x = model.observed("x", Normal(mean=mu[c], variance=sigma2[c]), D)

mixing = -(rho * log(rho)).sum()
component = D / 2 * log(2 * pi * E * sigma2[c])
model.claim("field", {rho: rho * (log(rho) + mixing), sigma2: -sigma2})
model.claim("entropy", c, mixing)
model.claim("entropy", x, component)
model.claim("entropy sum", -mixing - component)
