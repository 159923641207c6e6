"""Mixture of probabilistic principal component analysers (Tipping & Bishop, 1999b).

Each component is a p-PCA with its own noise variance; the latent c stays in the noise entropy.
"""

from entropy_proofs import Categorical, E, Model, Normal, log, pi

model = Model("Mixture of p-PCA", group="mixtures")
D, H, K = model.dims("D", "H", "K")

rho = model.parameter("rho", K, domain="simplex")
W = model.parameter("W", K, D, H)
mu = model.parameter("mu", K, D)
sigma2 = model.parameter("sigma2", K, domain="positive")

c = model.latent("c", Categorical(probabilities=rho))
z = model.latent("z", Normal(mean=0, variance=1), H)
x = model.observed("x", Normal(mean=W[c] @ z + mu[c], variance=sigma2[c]), D)

mixing = -(rho * log(rho)).sum()
prior = H / 2 * log(2 * pi * E)
noise = D / 2 * log(2 * pi * E * sigma2[c])
model.claim("field", {rho: rho * (log(rho) + mixing), sigma2: -sigma2, W: -W / 2, z: z / 2})
model.claim("entropy", c, mixing)
model.claim("entropy", z, prior)
model.claim("entropy", x, noise)
model.claim("entropy sum", -mixing - prior - noise)
