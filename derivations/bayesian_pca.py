"""Bayesian PCA with automatic relevance determination (Bishop, 1999).

PRML, Eq. 12.60: the loadings are latent, with one precision for each column, which switches off
what the data do not need. As in group_factor_analysis the fixed prior of z flows, the loadings flow
against it, and α takes up the difference.
"""

from entropy_proofs import E, Expectation, Model, Normal, log, pi

model = Model("Bayesian PCA, relevance determination", group="factor models")
n, D, H = model.dims("n", "D", "H")

alpha = model.parameter("alpha", H, domain="positive")
mu = model.parameter("mu", D)
sigma2 = model.parameter("sigma2", domain="positive")

z = model.latent("z", Normal(mean=0, variance=1), n, H)
W = model.latent("W", Normal(mean=0, variance=1 / alpha), D, H)
x = model.observed("x", Normal(mean=z @ W.T + mu, variance=sigma2), n, D)

prior = n * H / 2 * log(2 * pi * E)
loadings = D / 2 * log(2 * pi * E / alpha).sum()
noise = n * D / 2 * log(2 * pi * E * sigma2)
model.claim("field", {alpha: 2 * alpha, sigma2: -sigma2, z: z / 2, W: -W / 2})
model.claim("entropy", z, prior)
model.claim("entropy", W, loadings)
model.claim("entropy", x, noise)
model.claim("entropy sum", -prior - loadings - noise)
model.claim("optimum", alpha, D / Expectation((W**2).sum(0)))
