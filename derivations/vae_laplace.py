"""L1 VAE: a Laplace decoder with learned scale (cf. Kingma & Welling, 2014).

The absolute error in place of the squared one. |x - f(z)| is no statistic of an exponential family,
so arXiv:2209.03077 does not cover this decoder; the identity needs nothing but its scale.
"""

from entropy_proofs import Abs, E, Laplace, Model, Normal, log, pi

model = Model("L1 VAE", group="variational autoencoders")
D, H = model.dims("D", "H")

s = model.parameter("s", domain="positive")

z = model.latent("z", Normal(mean=0, variance=1), H)
f = model.network("f", z, D)
x = model.observed("x", Laplace(mean=f, scale=s), D)

prior = H / 2 * log(2 * pi * E)
decoder = D * log(2 * E * s)
model.claim("field", {s: -s, f.U: -f.U / 2, z: z / 2})
model.claim("entropy", z, prior)
model.claim("entropy", x, decoder)
model.claim("entropy sum", -prior - decoder)
model.claim("optimum", s, Abs(x - f).sum() / D)
