"""VAE with binary latents (Drefs, Guiraud, Panagiotou & Lücke, 2022).

A network of bits: no reparameterisation trick and no flow either, since bits cannot be scaled. None
is needed, as the prior is learned.
"""

from entropy_proofs import Bernoulli, E, Model, Normal, log, pi

model = Model("VAE, binary latents", group="variational autoencoders")
D, H = model.dims("D", "H")

rho = model.parameter("rho", H, domain="unit interval")
sigma2 = model.parameter("sigma2", domain="positive")

z = model.latent("z", Bernoulli(probability=rho), H)
f = model.network("f", z, D)
x = model.observed("x", Normal(mean=f, variance=sigma2), D)

prior = -(rho * log(rho) + (1 - rho) * log(1 - rho)).sum()
decoder = D / 2 * log(2 * pi * E * sigma2)
log_odds = log(rho) - log(1 - rho)
model.claim("field", {rho: rho * (1 - rho) * log_odds, sigma2: -sigma2})
model.claim("entropy", z, prior)
model.claim("entropy", x, decoder)
model.claim("entropy sum", -prior - decoder)
model.claim("optimum", rho, z)
