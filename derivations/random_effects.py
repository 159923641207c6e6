"""One-way random effects model (Fisher, 1925; Laird & Ware, 1982).

Each data point is a group of n measurements around its own level, with variance components τ²
between and σ² within groups. Two scales, two entropies, no flow.
"""

from entropy_proofs import E, Model, Normal, log, pi

model = Model("Random effects", group="hierarchical and scale mixtures")
n = model.dims("n")

mu = model.parameter("mu")
tau2 = model.parameter("tau2", domain="positive")
sigma2 = model.parameter("sigma2", domain="positive")

theta = model.latent("theta", Normal(mean=mu, variance=tau2))
x = model.observed("x", Normal(mean=theta, variance=sigma2), n)

between = log(2 * pi * E * tau2) / 2
within = n / 2 * log(2 * pi * E * sigma2)
model.claim("field", {tau2: -tau2, sigma2: -sigma2})
model.claim("entropy", theta, between)
model.claim("entropy", x, within)
model.claim("entropy sum", -between - within)
model.claim("optimum", tau2, (theta - mu) ** 2)
model.claim("optimum", sigma2, ((x - theta) ** 2).sum() / n)
