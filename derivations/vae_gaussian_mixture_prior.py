"""VAE with a Gaussian-mixture prior (Jiang et al., 2017).

Variational deep embedding: clusters in the latent space of a VAE. The prior's variances are
learned, so the clusters need no flow; the cluster c stays in the entropy of z.
"""

from entropy_proofs import Categorical, E, Model, Normal, log, pi

model = Model("VAE, Gaussian-mixture prior", group="variational autoencoders")
D, H, K = model.dims("D", "H", "K")

rho = model.parameter("rho", K, domain="simplex")
m = model.parameter("m", K, H)
tau2 = model.parameter("tau2", K, H, domain="positive")
sigma2 = model.parameter("sigma2", domain="positive")

c = model.latent("c", Categorical(probabilities=rho))
z = model.latent("z", Normal(mean=m[c], variance=tau2[c]), H)
f = model.network("f", z, D)
x = model.observed("x", Normal(mean=f, variance=sigma2), D)

mixing = -(rho * log(rho)).sum()
cluster = log(2 * pi * E * tau2[c]).sum() / 2
decoder = D / 2 * log(2 * pi * E * sigma2)
model.claim("field", {rho: rho * (log(rho) + mixing), tau2: -tau2, sigma2: -sigma2})
model.claim("entropy", c, mixing)
model.claim("entropy", z, cluster)
model.claim("entropy", x, decoder)
model.claim("entropy sum", -mixing - cluster - decoder)
