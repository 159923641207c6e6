"""Stochastic frontier (Aigner, Lovell & Schmidt, 1977).

Output falls short of the frontier Φ w by an inefficiency u ≥ 0 of half-normal size, beside noise of
both signs. The two scales serve one conditional each: noise and inefficiency are told apart by the
likelihood, not by the identity.
"""

from entropy_proofs import E, HalfNormal, Model, Normal, log, pi

model = Model("Stochastic frontier", group="regression")
n, P = model.dims("n", "P")

Phi = model.parameter("Phi", n, P, fixed=True)
w = model.parameter("w", P)
s = model.parameter("s", domain="positive")
sigma2 = model.parameter("sigma2", domain="positive")

u = model.latent("u", HalfNormal(scale=s), n)
y = model.observed("y", Normal(mean=Phi @ w - u, variance=sigma2), n)

inefficiency = n / 2 * log(pi * E * s**2 / 2)
noise = n / 2 * log(2 * pi * E * sigma2)
model.claim("field", {s: -s / 2, sigma2: -sigma2})
model.claim("entropy", u, inefficiency)
model.claim("entropy", y, noise)
model.claim("entropy sum", -inefficiency - noise)
