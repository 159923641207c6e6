"""Bernoulli VAE (Kingma & Welling, 2014).

The standard VAE of binary images; an exponential-family decoder in the sense of arXiv:2209.03077.
The logits end in an affine layer, so (V, b) ↦ (V, b) scales them, whatever the network hides.
"""

from entropy_proofs import Bernoulli, E, Model, Normal, exp, log, pi

model = Model("Bernoulli VAE", group="variational autoencoders")
D, H = model.dims("D", "H")

z = model.latent("z", Normal(mean=0, variance=1), H)
f = model.network("f", z, D)
x = model.observed("x", Bernoulli(logits=f), D)

prior = H / 2 * log(2 * pi * E)
decoder = (log(1 + exp(f)) - f / (1 + exp(-f))).sum()
model.claim("field", {f.V: f.V, f.b: f.b, f.U: -f.U / 2, z: z / 2})
model.claim("entropy", z, prior)
model.claim("entropy", x, decoder)
model.claim("entropy sum", -prior - decoder)
