"""Student t as a gamma scale mixture, shape and rate free (Andrews & Mallows, 1974).

The precision w of a data point is gamma distributed; without w, x is Student t. The flow w ↦ w
scales the precision for x; for the gamma it takes the place of its rate, so b stands still.
"""

from entropy_proofs import E, Gamma, Model, Normal, digamma, log, loggamma, pi

model = Model("Student t, free gamma scale mixture", group="hierarchical and scale mixtures")
D = model.dims("D")

mu = model.parameter("mu", D)
a = model.parameter("a", domain="positive")
b = model.parameter("b", domain="positive")

w = model.latent("w", Gamma(shape=a, rate=b))
x = model.observed("x", Normal(mean=mu, variance=1 / w), D)

precision = a - log(b) + loggamma(a) + (1 - a) * digamma(a)
noise = D / 2 * log(2 * pi * E / w)
model.claim("field", {a: a - 1, w: w})
model.claim("entropy", w, precision)
model.claim("entropy", x, noise)
model.claim("entropy sum", -precision - noise)
