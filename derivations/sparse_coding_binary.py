"""Binary sparse coding (Haft, Hofman & Tresp, 2004; Henniges et al., 2010).

Each of H causes is present with the same learned probability ρ. The prior entropy is H times that
of one bit.
"""

from entropy_proofs import Bernoulli, E, Model, Normal, log, pi

model = Model("Binary sparse coding", group="sparse coding")
D, H = model.dims("D", "H")

rho = model.parameter("rho", domain="unit interval")
W = model.parameter("W", D, H)
sigma2 = model.parameter("sigma2", domain="positive")

z = model.latent("z", Bernoulli(probability=rho), H)
x = model.observed("x", Normal(mean=W @ z, variance=sigma2), D)

prior = -H * (rho * log(rho) + (1 - rho) * log(1 - rho))
noise = D / 2 * log(2 * pi * E * sigma2)
residual = x - W @ z
model.claim("field", {rho: rho * (1 - rho) * (log(rho) - log(1 - rho)), sigma2: -sigma2})
model.claim("entropy", z, prior)
model.claim("entropy", x, noise)
model.claim("entropy sum", -prior - noise)
model.claim("optimum", rho, z.sum() / H)
model.claim("optimum", sigma2, residual @ residual / D)
