"""Spike-and-slab sparse coding (Titsias & Lázaro-Gredilla, 2011; Sheikh, Shelton & Lücke, 2014).

A bit s decides whether a cause is present, a normal slab z how strongly: x sees their product.
Written with both latents, no density has a point mass, and each conditional has its own field.
"""

from entropy_proofs import Bernoulli, E, Model, Normal, log, pi

model = Model("Spike-and-slab sparse coding", group="sparse coding")
D, H = model.dims("D", "H")

rho = model.parameter("rho", H, domain="unit interval")
m = model.parameter("m", H)
tau2 = model.parameter("tau2", H, domain="positive")
W = model.parameter("W", D, H)
sigma2 = model.parameter("sigma2", domain="positive")

s = model.latent("s", Bernoulli(probability=rho), H)
z = model.latent("z", Normal(mean=m, variance=tau2), H)
x = model.observed("x", Normal(mean=W @ (s * z), variance=sigma2), D)

spike = -(rho * log(rho) + (1 - rho) * log(1 - rho)).sum()
slab = log(2 * pi * E * tau2).sum() / 2
noise = D / 2 * log(2 * pi * E * sigma2)
rho_field = rho * (1 - rho) * (log(rho) - log(1 - rho))
model.claim("field", {rho: rho_field, tau2: -tau2, sigma2: -sigma2})
model.claim("entropy", s, spike)
model.claim("entropy", z, slab)
model.claim("entropy", x, noise)
model.claim("entropy sum", -spike - slab - noise)
model.claim("optimum", rho, s)
