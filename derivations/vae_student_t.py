"""Student t VAE with learned degrees of freedom (after Takahashi et al., 2018).

A heavy-tailed decoder, robust to outliers. It is no exponential family, but with ν learned it has a
field: (s, ν) ↦ (-s (ν+1)/ν, ν+1) keeps ν s still and scales the exponent (ν+1)/2. Scale s and ν are
shared by all coordinates.
"""

from entropy_proofs import E, Model, Normal, StudentT, digamma, log, loggamma, pi

model = Model("Student t VAE", group="variational autoencoders")
D, H = model.dims("D", "H")

s = model.parameter("s", domain="positive")
nu = model.parameter("nu", domain="positive")

z = model.latent("z", Normal(mean=0, variance=1), H)
f = model.network("f", z, D)
x = model.observed("x", StudentT(mean=f, scale2=s, degrees_of_freedom=nu), D)

half, tail = nu / 2, (nu + 1) / 2
prior = H / 2 * log(2 * pi * E)
log_normaliser = loggamma(half) - loggamma(tail) + log(pi * nu * s) / 2
decoder = D * (log_normaliser + tail * (digamma(tail) - digamma(half)))
model.claim("field", {nu: nu + 1, s: -s * (nu + 1) / nu, f.U: -f.U / 2, z: z / 2})
model.claim("entropy", z, prior)
model.claim("entropy", x, decoder)
model.claim("entropy sum", -prior - decoder)
