"""VAE with one learned diagonal decoder covariance (Rybkin, Daniilidis & Levine, 2021, σ-VAE).

A noise variance for each coordinate of the data, the same for all z: between VAE-1 and VAE-3 of
arXiv:2010.14860. It is to the VAE what factor analysis is to p-PCA, and the sum is factor
analysis' own, whatever the decoder's mean is.
"""

from entropy_proofs import E, Model, Normal, log, pi

model = Model("VAE, learned diagonal covariance", group="variational autoencoders")
D, H = model.dims("D", "H")

sigma2 = model.parameter("sigma2", D, domain="positive")

z = model.latent("z", Normal(mean=0, variance=1), H)
f = model.network("f", z, D)
x = model.observed("x", Normal(mean=f, variance=sigma2), D)

prior = H / 2 * log(2 * pi * E)
decoder = log(2 * pi * E * sigma2).sum() / 2
model.claim("field", {sigma2: -sigma2, f.U: -f.U / 2, z: z / 2})
model.claim("entropy", z, prior)
model.claim("entropy", x, decoder)
model.claim("entropy sum", -prior - decoder)
model.claim("optimum", sigma2, (x - f) ** 2)
