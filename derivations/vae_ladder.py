"""Ladder VAE (Sønderby, Raiko, Maaløe, Sønderby & Winther, 2016).

The generative part of a ladder of two steps: each layer's mean and variance are networks of the one
above. The ladder's own idea, an encoder that goes down along the generative path, is a q like any
other: the sum does not ask how it was made. Only the top layer has a fixed prior and flows.
"""

from entropy_proofs import Bernoulli, E, Model, Normal, exp, log, pi

model = Model("Ladder VAE", group="variational autoencoders")
D, H, L = model.dims("D", "H", "L")

y = model.latent("y", Normal(mean=0, variance=1), L)
m = model.network("m", y, H)
s = model.network("s", y, H)
z = model.latent("z", Normal(mean=m, variance=exp(s)), H)
f = model.network("f", z, D)
x = model.observed("x", Bernoulli(logits=f), D)

top = L / 2 * log(2 * pi * E)
lower = log(2 * pi * E * exp(s)).sum() / 2
decoder = (log(1 + exp(f)) - f / (1 + exp(-f))).sum()
flow = {m.U: -m.U / 2, s.U: -s.U / 2, y: y / 2}
model.claim("field", {f.V: f.V, f.b: f.b, s.b: -1, **flow})
model.claim("entropy", y, top)
model.claim("entropy", z, lower)
model.claim("entropy", x, decoder)
model.claim("entropy sum", -top - lower - decoder)
