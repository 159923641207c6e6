"""VAE with one learned full decoder covariance (after Dorta et al., 2018).

Correlated residuals, the same for all z: the decoder's entropy is the log-volume of what the mean
does not explain, as in probabilistic CCA. The covariance may have any shape as long as it can be
scaled.
"""

from entropy_proofs import E, Model, MultivariateNormal, Normal, det, log, pi

model = Model("VAE, learned full covariance", group="variational autoencoders")
D, H = model.dims("D", "H")

Sigma = model.parameter("Sigma", D, D, domain="positive definite")

z = model.latent("z", Normal(mean=0, variance=1), H)
f = model.network("f", z, D)
x = model.observed("x", MultivariateNormal(mean=f, covariance=Sigma))

prior = H / 2 * log(2 * pi * E)
decoder = log(det(2 * pi * E * Sigma)) / 2
model.claim("field", {Sigma: -Sigma, f.U: -f.U / 2, z: z / 2})
model.claim("entropy", z, prior)
model.claim("entropy", x, decoder)
model.claim("entropy sum", -prior - decoder)
model.claim("optimum", Sigma, (x - f)[:, None] * (x - f)[None, :])
