"""Poisson PCA (Collins, Dasgupta & Schapire, 2001; Chiquet, Mariadassou & Robin, 2018).

Factor analysis of counts with log-rates linear in a standard normal latent. As in logistic PCA, z
grows at rate 1/2 for its prior and W adds the rest for the Poisson.
"""

from entropy_proofs import E, Model, Normal, Poisson, exp, log, loggamma, pi

model = Model("Poisson PCA", group="topic and count models")
D, H = model.dims("D", "H")

W = model.parameter("W", D, H)
mu = model.parameter("mu", D)

z = model.latent("z", Normal(mean=0, variance=1), H)
x = model.observed("x", Poisson(rate=exp(W @ z + mu)), D)

eta = W @ z + mu
prior = H / 2 * log(2 * pi * E)
pseudo = (exp(eta) - eta * exp(eta)).sum()
model.claim("field", {W: W / 2, mu: mu, z: z / 2})
model.claim("entropy", z, prior)
model.claim("pseudo-entropy", x, pseudo)
model.claim("entropy sum", -prior - pseudo - loggamma(x + 1).sum())
