"""Mixture of Student t distributions with learned degrees of freedom (Peel & McLachlan, 2000).

No exponential family, and yet a sum of entropies: the field moves ν and s so that ν s, the only
number inside the logarithm of the density, stands still. With ν known there is no such field: see
student_t_known_dof.
"""

from entropy_proofs import Categorical, Model, StudentT, digamma, log, loggamma, pi

model = Model("Student t mixture", group="mixtures")
D, K = model.dims("D", "K")

rho = model.parameter("rho", K, domain="simplex")
mu = model.parameter("mu", K, D)
s = model.parameter("s", K, D, domain="positive")
nu = model.parameter("nu", K, D, domain="positive")

c = model.latent("c", Categorical(probabilities=rho))
x = model.observed("x", StudentT(mean=mu[c], scale2=s[c], degrees_of_freedom=nu[c]), D)

half, tail = nu[c] / 2, (nu[c] + 1) / 2
mixing = -(rho * log(rho)).sum()
log_normaliser = loggamma(half) - loggamma(tail) + log(pi * nu[c] * s[c]) / 2
component = (log_normaliser + tail * (digamma(tail) - digamma(half))).sum()
rho_field = rho * (log(rho) + mixing)
model.claim("field", {rho: rho_field, nu: nu + 1, s: -s * (nu + 1) / nu})
model.claim("entropy", c, mixing)
model.claim("entropy", x, component)
model.claim("entropy sum", -mixing - component)
