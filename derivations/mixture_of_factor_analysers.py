"""Mixture of factor analysers (Ghahramani & Hinton, 1996b).

Locally linear manifolds with one shared noise: a discrete and a continuous latent in one model. The
flow of z is the same in all components, all loadings shrink together.
"""

from entropy_proofs import Categorical, E, Expectation, Model, Normal, eye, inv, log, pi

model = Model("Mixture of factor analysers", group="mixtures")
D, H, K = model.dims("D", "H", "K")

rho = model.parameter("rho", K, domain="simplex")
W = model.parameter("W", K, D, H)
mu = model.parameter("mu", K, D)
psi = model.parameter("psi", D, domain="positive")

c = model.latent("c", Categorical(probabilities=rho))
z = model.latent("z", Normal(mean=0, variance=1), H)
x = model.observed("x", Normal(mean=W[c] @ z + mu[c], variance=psi), D)

mixing = -(rho * log(rho)).sum()
prior = H / 2 * log(2 * pi * E)
noise = log(2 * pi * E * psi).sum() / 2
model.claim("field", {rho: rho * (log(rho) + mixing), psi: -psi, W: -W / 2, z: z / 2})
model.claim("entropy", c, mixing)
model.claim("entropy", z, prior)
model.claim("entropy", x, noise)
model.claim("entropy sum", -mixing - prior - noise)
model.claim("optimum", psi, (x - W[c] @ z - mu[c]) ** 2)
chosen = eye(K)[c]
among = Expectation(chosen[:, None, None] * z[:, None] * z[None, :])
with_data = Expectation(chosen[:, None, None] * (x - mu)[:, :, None] * z[None, None, :])
model.claim("optimum", rho, chosen)
model.claim(
    "optimum", mu, Expectation(chosen[:, None] * (x - W @ z)) / Expectation(chosen)[:, None]
)
model.claim("optimum", W, with_data @ inv(among))
