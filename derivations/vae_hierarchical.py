"""Hierarchical VAE with two layers of latents (Rezende, Mohamed & Wierstra, 2014).

A deep latent Gaussian model: y generates z generates x. Each learned variance serves its own layer,
only the top prior needs a flow, and that flow stops at the first network: z and x do not notice.
The sum has one entropy for each layer, however many there are.
"""

from entropy_proofs import E, Model, Normal, log, pi

model = Model("Hierarchical VAE", group="variational autoencoders")
D, H, L = model.dims("D", "H", "L")

tau2 = model.parameter("tau2", H, domain="positive")
sigma2 = model.parameter("sigma2", domain="positive")

y = model.latent("y", Normal(mean=0, variance=1), L)
f = model.network("f", y, H)
z = model.latent("z", Normal(mean=f, variance=tau2), H)
g = model.network("g", z, D)
x = model.observed("x", Normal(mean=g, variance=sigma2), D)

top = L / 2 * log(2 * pi * E)
middle = log(2 * pi * E * tau2).sum() / 2
decoder = D / 2 * log(2 * pi * E * sigma2)
model.claim("field", {tau2: -tau2, sigma2: -sigma2, f.U: -f.U / 2, y: y / 2})
model.claim("entropy", y, top)
model.claim("entropy", z, middle)
model.claim("entropy", x, decoder)
model.claim("entropy sum", -top - middle - decoder)
model.claim("optimum", tau2, (z - f) ** 2)
