"""Mixture of inverse gamma distributions (Llera, Vidaurre, Pruim & Beckmann, 2016).

Heavy-tailed sizes or variances of several kinds; an exponential-family mixture as treated in
arXiv:2501.09022. It is the gamma mixture of 1/x, and the Jacobian turns the shape's fixed point
from a = 1 to a = -1.
"""

from entropy_proofs import Categorical, InverseGamma, Model, digamma, log, loggamma

model = Model("Inverse gamma mixture", group="mixtures")
D, K = model.dims("D", "K")

rho = model.parameter("rho", K, domain="simplex")
a = model.parameter("a", K, D, domain="positive")
b = model.parameter("b", K, D, domain="positive")

c = model.latent("c", Categorical(probabilities=rho))
x = model.observed("x", InverseGamma(shape=a[c], scale=b[c]), D)

mixing = -(rho * log(rho)).sum()
component = (a[c] + log(b[c]) + loggamma(a[c]) - (1 + a[c]) * digamma(a[c])).sum()
model.claim("field", {rho: rho * (log(rho) + mixing), a: a + 1, b: b})
model.claim("entropy", c, mixing)
model.claim("entropy", x, component)
model.claim("entropy sum", -mixing - component)
