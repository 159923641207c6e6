"""Poisson factor analysis (Canny, 2004; Zhou, Hannah, Dunson & Carin, 2012).

Gamma factors, rates W z with positive loadings. The gamma prior becomes an entropy; the Poisson
stays, since log(W z) is the logarithm of a sum, and no change of W scales it for all z. With
log-rates linear in z (poisson_log_normal_pca) the whole bound becomes a sum.
"""

from entropy_proofs import Gamma, Model, Poisson, digamma, log, loggamma

model = Model("Poisson factor analysis", group="topic and count models")
D, H = model.dims("D", "H")

a = model.parameter("a", H, domain="positive")
b = model.parameter("b", H, domain="positive")
W = model.parameter("W", D, H, domain="positive")

z = model.latent("z", Gamma(shape=a, rate=b), H)
x = model.observed("x", Poisson(rate=W @ z), D)

factors = (a - log(b) + loggamma(a) + (1 - a) * digamma(a)).sum()
counts = (x * log(W @ z) - W @ z - loggamma(x + 1)).sum()
model.claim("field", {a: a - 1, b: b})
model.claim("entropy", z, factors)
model.claim("entropy sum", -factors + counts)
