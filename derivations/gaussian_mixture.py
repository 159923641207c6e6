"""Gaussian mixture (Pearson, 1894; Dempster, Laird & Rubin, 1977).

Full covariances: PRML, Eq. 9.7; treated in arXiv:2209.03077 and arXiv:2501.09022. The latent c
stays in the sum, under the average of q: at a stationary point the mean responsibilities are ρ, and
the sum takes its published form -H[ρ] - Σ_c ρ_c 1/2 log det(2πe Σ_c).
"""

from entropy_proofs import (
    Categorical,
    E,
    Expectation,
    Model,
    MultivariateNormal,
    det,
    eye,
    log,
    pi,
)

model = Model("Gaussian mixture", group="mixtures")
D, K = model.dims("D", "K")

rho = model.parameter("rho", K, domain="simplex")
mu = model.parameter("mu", K, D)
Sigma = model.parameter("Sigma", K, D, D, domain="positive definite")

c = model.latent("c", Categorical(probabilities=rho))
x = model.observed("x", MultivariateNormal(mean=mu[c], covariance=Sigma[c]))

mixing = -(rho * log(rho)).sum()
component = log(det(2 * pi * E * Sigma[c])) / 2
model.claim("field", {rho: rho * (log(rho) + mixing), Sigma: -Sigma})
model.claim("entropy", c, mixing)
model.claim("entropy", x, component)
model.claim("entropy sum", -mixing - component)
model.claim("optimum", rho, eye(K)[c])
chosen, residual = eye(K)[c], x - mu
count = Expectation(chosen)
scatter = chosen[:, None, None] * residual[:, :, None] * residual[:, None, :]
model.claim("optimum", mu, Expectation(chosen[:, None] * x) / count[:, None])  # PRML, Eq. 9.24
model.claim("optimum", Sigma, Expectation(scatter) / count[:, None, None])  # Eq. 9.25
