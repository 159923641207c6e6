"""Probabilistic PCA with learned prior variances (Damm et al., 2023).

p-PCA in the parameterisation of VAE-2, arXiv:2010.14860: the columns of W have unit length and the
prior variances carry the lengths. It describes the same distributions of x as p-PCA, but every
conditional now has a scale of its own, so no flow of z and no assumption on q is needed.
"""

from entropy_proofs import E, Expectation, Model, Normal, eye, log, pi, sqrt

model = Model("Probabilistic PCA, learned prior", group="factor models")
D, H = model.dims("D", "H")

W = model.parameter("W", D, H, domain="unit columns")
mu = model.parameter("mu", D)
tau2 = model.parameter("tau2", H, domain="positive")
sigma2 = model.parameter("sigma2", domain="positive")

z = model.latent("z", Normal(mean=0, variance=tau2), H)
x = model.observed("x", Normal(mean=W @ z + mu, variance=sigma2), D)

prior = log(2 * pi * E * tau2).sum() / 2
noise = D / 2 * log(2 * pi * E * sigma2)
residual = x - W @ z - mu
model.claim("field", {tau2: -tau2, sigma2: -sigma2})
model.claim("entropy", z, prior)
model.claim("entropy", x, noise)
model.claim("entropy sum", -prior - noise)
model.claim("optimum", tau2, z**2)
model.claim("optimum", sigma2, residual @ residual / D)
model.claim("optimum", mu, x - W @ z)

others = Expectation(z[:, None] * z[None, :]) * (1 - eye(H))  # all columns but the own one
slope = Expectation((x - mu)[:, None] * z[None, :]) - W @ others
model.claim("optimum", W, slope / sqrt((slope**2).sum(0)))  # one column given the others
