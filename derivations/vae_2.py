"""VAE-2: learned prior variances, first layer with unit columns (Damm et al., 2023).

The reparameterisation of arXiv:2010.14860: it has the same optima as VAE-1, but the scale of each
latent sits in the prior. Each conditional has a field of its own, and q may be of any family.
"""

from entropy_proofs import E, Model, Normal, log, pi

model = Model("VAE-2", group="variational autoencoders")
D, H = model.dims("D", "H")

alpha2 = model.parameter("alpha2", H, domain="positive")
sigma2 = model.parameter("sigma2", domain="positive")

z = model.latent("z", Normal(mean=0, variance=alpha2), H)
f = model.network("f", z, D, first="unit columns")
x = model.observed("x", Normal(mean=f, variance=sigma2), D)

prior = log(2 * pi * E * alpha2).sum() / 2
decoder = D / 2 * log(2 * pi * E * sigma2)
model.claim("field", {alpha2: -alpha2, sigma2: -sigma2})
model.claim("entropy", z, prior)
model.claim("entropy", x, decoder)
model.claim("entropy sum", -prior - decoder)
model.claim("optimum", alpha2, z**2)
model.claim("optimum", sigma2, (x - f) @ (x - f) / D)
