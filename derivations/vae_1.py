"""VAE-1: the standard Gaussian VAE (Kingma & Welling, 2014).

Standard normal prior, any decoder network, one learned noise variance: arXiv:2010.14860, where the
sum of three entropies was found. z flows outwards, the first layer shrinks, all hidden units stand
still. The assumption: q can be scaled, as it can if the encoder's mean layer is linear and its
log-variance layer has a bias.
"""

from entropy_proofs import E, Model, Normal, log, pi

model = Model("VAE-1", group="variational autoencoders")
D, H = model.dims("D", "H")

sigma2 = model.parameter("sigma2", domain="positive")

z = model.latent("z", Normal(mean=0, variance=1), H)
f = model.network("f", z, D)
x = model.observed("x", Normal(mean=f, variance=sigma2), D)

prior = H / 2 * log(2 * pi * E)
decoder = D / 2 * log(2 * pi * E * sigma2)
model.claim("field", {sigma2: -sigma2, f.U: -f.U / 2, z: z / 2})
model.claim("entropy", z, prior)
model.claim("entropy", x, decoder)
model.claim("entropy sum", -prior - decoder)
model.claim("optimum", sigma2, (x - f) @ (x - f) / D)
