"""Student t as a gamma scale mixture with ν degrees of freedom (Liu & Rubin, 1995).

Shape and rate of the gamma are both ν/2, so no field on ν alone serves it. A flow of w whose rate
2/ν depends on the parameter does: the shape moves by its field, the flow makes up for the rate, and
σ² for the flow. It asks that q can be scaled; for other q the sum is partial.
"""

from entropy_proofs import E, Gamma, Model, Normal, digamma, log, loggamma, pi

model = Model("Student t, shared degrees of freedom", group="hierarchical and scale mixtures")
D = model.dims("D")

mu = model.parameter("mu", D)
sigma2 = model.parameter("sigma2", domain="positive")
nu = model.parameter("nu", domain="positive")

w = model.latent("w", Gamma(shape=nu / 2, rate=nu / 2))
x = model.observed("x", Normal(mean=mu, variance=sigma2 / w), D)

half = nu / 2
precision = half - log(half) + loggamma(half) + (1 - half) * digamma(half)
noise = D / 2 * log(2 * pi * E * sigma2 / w)
model.claim("field", {nu: nu - 2, sigma2: (2 / nu - 1) * sigma2, w: 2 / nu * w})
model.claim("entropy", w, precision)
model.claim("entropy", x, noise)
model.claim("entropy sum", -precision - noise)
