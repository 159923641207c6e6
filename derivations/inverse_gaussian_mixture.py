"""Mixture of inverse Gaussian distributions (Amoh, 1984).

First passage times of several kinds; an exponential-family mixture as treated in arXiv:2501.09022.
The factor x^(-3/2) has no parameter and stays as the base measure, the same for all components; the
means stand still.
"""

from entropy_proofs import Categorical, E, InverseGaussian, Model, log, pi

model = Model("Inverse Gaussian mixture", group="mixtures")
D, K = model.dims("D", "K")

rho = model.parameter("rho", K, domain="simplex")
mu = model.parameter("mu", K, D, domain="positive")
lam = model.parameter("lam", K, D, domain="positive")

c = model.latent("c", Categorical(probabilities=rho))
x = model.observed("x", InverseGaussian(mean=mu[c], shape=lam[c]), D)

mixing = -(rho * log(rho)).sum()
component = (log(2 * pi * E) - log(lam[c])).sum() / 2
model.claim("field", {rho: rho * (log(rho) + mixing), lam: lam})
model.claim("entropy", c, mixing)
model.claim("entropy sum", -mixing - component - 3 * log(x).sum() / 2)
