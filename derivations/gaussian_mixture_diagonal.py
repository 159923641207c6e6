"""Gaussian mixture with diagonal covariances (Banfield & Raftery, 1993).

Each component has a variance for each coordinate (scikit-learn: covariance_type="diag"); a mixture
of the kind treated in arXiv:2501.09022.
"""

from entropy_proofs import Categorical, E, Model, Normal, log, pi

model = Model("Gaussian mixture, diagonal covariances", group="mixtures")
D, K = model.dims("D", "K")

rho = model.parameter("rho", K, domain="simplex")
mu = model.parameter("mu", K, D)
sigma2 = model.parameter("sigma2", K, D, domain="positive")

c = model.latent("c", Categorical(probabilities=rho))
x = model.observed("x", Normal(mean=mu[c], variance=sigma2[c]), D)

mixing = -(rho * log(rho)).sum()
component = log(2 * pi * E * sigma2[c]).sum() / 2
model.claim("field", {rho: rho * (log(rho) + mixing), sigma2: -sigma2})
model.claim("entropy", c, mixing)
model.claim("entropy", x, component)
model.claim("entropy sum", -mixing - component)
