"""Student t distribution with learned degrees of freedom (Lange, Little & Taylor, 1989).

No exponential family and yet an entropy identity: the field moves s and ν so that ν s stands still,
and with it the logarithm log(1 + (x - m)²/(ν s)); only the exponent (ν+1)/2 in front of it grows.
For known ν see student_t_known_dof.
"""

from entropy_proofs import Model, StudentT, digamma, log, loggamma, pi

model = Model("Student t distribution", group="maximum likelihood")

m = model.parameter("m")
s = model.parameter("s", domain="positive")
nu = model.parameter("nu", domain="positive")

x = model.observed("x", StudentT(mean=m, scale2=s, degrees_of_freedom=nu))

half, tail = nu / 2, (nu + 1) / 2
log_normaliser = loggamma(half) - loggamma(tail) + log(pi * nu * s) / 2
entropy = log_normaliser + tail * (digamma(tail) - digamma(half))
model.claim("field", {nu: nu + 1, s: -s * (nu + 1) / nu})
model.claim("entropy", x, entropy)
model.claim("entropy sum", -entropy)
