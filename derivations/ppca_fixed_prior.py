"""Probabilistic PCA with a prior that is known, but not centred or white.

A change of coordinates of the linear Gaussian model of Tipping & Bishop (1999): z keeps the mean m
and the variances v of a prior that was fixed beforehand, as in transfer from an earlier fit. The
flow scales z about m, and so both scales and shifts it; W shrinks, and the intercept takes in what
W m loses, so that W z + mu stands still.
"""

from entropy_proofs import E, Model, Normal, log, pi

model = Model("Probabilistic PCA with a fixed prior", group="factor models")
D, H = model.dims("D", "H")

m = model.parameter("m", H, fixed=True)
v = model.parameter("v", H, domain="positive", fixed=True)
W = model.parameter("W", D, H)
mu = model.parameter("mu", D)
sigma2 = model.parameter("sigma2", domain="positive")

z = model.latent("z", Normal(mean=m, variance=v), H)
x = model.observed("x", Normal(mean=W @ z + mu, variance=sigma2), D)

prior = log(2 * pi * E * v).sum() / 2
noise = D / 2 * log(2 * pi * E * sigma2)
residual = x - W @ z - mu
model.claim("field", {sigma2: -sigma2, W: -W / 2, mu: W @ m / 2, z: (z - m) / 2})
model.claim("entropy", z, prior)
model.claim("entropy", x, noise)
model.claim("entropy sum", -prior - noise)
model.claim("optimum", sigma2, residual @ residual / D)
