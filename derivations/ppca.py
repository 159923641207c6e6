"""Probabilistic PCA (Tipping & Bishop, 1999).

Principal component analysis as a linear Gaussian model: PRML, Eqs. 12.31 and 12.32; treated as the
linear VAE in arXiv:2010.14860 and as p-PCA in arXiv:2501.09022. The prior has no parameter, so its
entropy comes from a flow: z grows, W shrinks, and W z stands still. At the exact posterior the
bound becomes -D/2 log(2πe σ²) - 1/2 log det(WᵀW/σ² + I): the noise alone prices the model.
"""

from entropy_proofs import E, Expectation, Model, Normal, inv, log, pi

model = Model("Probabilistic PCA", group="factor models")
D, H = model.dims("D", "H")

W = model.parameter("W", D, H)
mu = model.parameter("mu", D)
sigma2 = model.parameter("sigma2", domain="positive")

z = model.latent("z", Normal(mean=0, variance=1), H)
x = model.observed("x", Normal(mean=W @ z + mu, variance=sigma2), D)

prior = H / 2 * log(2 * pi * E)
noise = D / 2 * log(2 * pi * E * sigma2)
residual = x - W @ z - mu
model.claim("field", {sigma2: -sigma2, W: -W / 2, z: z / 2})
model.claim("entropy", z, prior)
model.claim("entropy", x, noise)
model.claim("entropy sum", -prior - noise)
model.claim("optimum", sigma2, residual @ residual / D)
model.claim("optimum", mu, x - W @ z)
model.claim(  # PRML, Eq. 12.56
    "optimum",
    W,
    Expectation((x - mu)[:, None] * z[None, :]) @ inv(Expectation(z[:, None] * z[None, :])),
)
