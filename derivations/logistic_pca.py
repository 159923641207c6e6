"""Logistic PCA (Tipping, 1998; Collins, Dasgupta & Schapire, 2001).

Binary factor analysis: a standard normal latent seen through linear logits. The prior wants z to
grow at rate 1/2, the Bernoulli wants all logits to grow at rate 1; W makes up the difference. Here
the loadings grow, where in p-PCA they shrink.
"""

from entropy_proofs import Bernoulli, E, Model, Normal, exp, log, pi

model = Model("Logistic PCA", group="factor models")
D, H = model.dims("D", "H")

W = model.parameter("W", D, H)
mu = model.parameter("mu", D)

z = model.latent("z", Normal(mean=0, variance=1), H)
x = model.observed("x", Bernoulli(logits=W @ z + mu), D)

eta = W @ z + mu
prior = H / 2 * log(2 * pi * E)
pixels = (log(1 + exp(eta)) - eta / (1 + exp(-eta))).sum()
model.claim("field", {W: W / 2, mu: mu, z: z / 2})
model.claim("entropy", z, prior)
model.claim("entropy", x, pixels)
model.claim("entropy sum", -prior - pixels)
