"""Robust probabilistic PCA with Laplace noise (Gao, 2008).

p-PCA under an L1 reconstruction loss. Laplace noise around W z is no exponential family in x, since
its statistic |x - W z| contains the latent; the parameterization criterion of arXiv:2209.03077 does
not speak of it. The identity holds all the same: it only asks for a scale.
"""

from entropy_proofs import Abs, E, Laplace, Model, Normal, log, pi

model = Model("Robust probabilistic PCA", group="factor models")
D, H = model.dims("D", "H")

W = model.parameter("W", D, H)
mu = model.parameter("mu", D)
s = model.parameter("s", domain="positive")

z = model.latent("z", Normal(mean=0, variance=1), H)
x = model.observed("x", Laplace(mean=W @ z + mu, scale=s), D)

prior = H / 2 * log(2 * pi * E)
noise = D * log(2 * E * s)
model.claim("field", {s: -s, W: -W / 2, z: z / 2})
model.claim("entropy", z, prior)
model.claim("entropy", x, noise)
model.claim("entropy sum", -prior - noise)
model.claim("optimum", s, Abs(x - W @ z - mu).sum() / D)
