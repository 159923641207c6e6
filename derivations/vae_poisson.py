"""Poisson VAE (Zhao et al., 2020).

Counts with a network for the log-rates; an exponential-family decoder with a base measure, as in
arXiv:2209.03077, Theorem 2. The decoder term is the pseudo-entropy λ - λ log λ with log λ = f(z).
"""

from entropy_proofs import E, Model, Normal, Poisson, exp, log, loggamma, pi

model = Model("Poisson VAE", group="variational autoencoders")
D, H = model.dims("D", "H")

z = model.latent("z", Normal(mean=0, variance=1), H)
f = model.network("f", z, D)
x = model.observed("x", Poisson(rate=exp(f)), D)

prior = H / 2 * log(2 * pi * E)
pseudo = (exp(f) - f * exp(f)).sum()
model.claim("field", {f.V: f.V, f.b: f.b, f.U: -f.U / 2, z: z / 2})
model.claim("entropy", z, prior)
model.claim("pseudo-entropy", x, pseudo)
model.claim("entropy sum", -prior - pseudo - loggamma(x + 1).sum())
