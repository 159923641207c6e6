"""Conditional VAE (Sohn, Lee & Yan, 2015).

Outputs y of known inputs C: prior and decoder are networks of them. The prior's log-variance has a
bias, which is its scale, so z need not flow; what is known to a network never enters a field.
"""

from entropy_proofs import E, Model, Normal, exp, log, pi

model = Model("Conditional VAE", group="variational autoencoders")
n, D, H, P = model.dims("n", "D", "H", "P")

C = model.parameter("C", n, P, fixed=True)
sigma2 = model.parameter("sigma2", domain="positive")

m = model.network("m", C, H)
s = model.network("s", C, H)
z = model.latent("z", Normal(mean=m, variance=exp(s)), n, H)
f = model.network("f", [z, C], D)
y = model.observed("y", Normal(mean=f, variance=sigma2), n, D)

prior = log(2 * pi * E * exp(s)).sum() / 2
decoder = n * D / 2 * log(2 * pi * E * sigma2)
model.claim("field", {s.b: -1, sigma2: -sigma2})
model.claim("entropy", z, prior)
model.claim("entropy", y, decoder)
model.claim("entropy sum", -prior - decoder)
model.claim("optimum", sigma2, ((y - f) ** 2).sum() / (n * D))
