"""Probabilistic matrix factorisation (Salakhutdinov & Mnih, 2007).

Ratings of n users for m items as inner products of latent vectors. Both factors are latent, so the
mean is bilinear in latents; the three learned variances do not mind.
"""

from entropy_proofs import E, Model, Normal, log, pi

model = Model("Probabilistic matrix factorisation", group="relational models")
n, m, H = model.dims("n", "m", "H")

a = model.parameter("a", domain="positive")
b = model.parameter("b", domain="positive")
sigma2 = model.parameter("sigma2", domain="positive")

u = model.latent("u", Normal(mean=0, variance=a), n, H)
v = model.latent("v", Normal(mean=0, variance=b), m, H)
x = model.observed("x", Normal(mean=u @ v.T, variance=sigma2), n, m)

users = n * H / 2 * log(2 * pi * E * a)
items = m * H / 2 * log(2 * pi * E * b)
ratings = n * m / 2 * log(2 * pi * E * sigma2)
model.claim("field", {a: -a, b: -b, sigma2: -sigma2})
model.claim("entropy", u, users)
model.claim("entropy", v, items)
model.claim("entropy", x, ratings)
model.claim("entropy sum", -users - items - ratings)
model.claim("optimum", a, (u**2).sum() / (n * H))
