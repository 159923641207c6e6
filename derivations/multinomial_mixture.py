"""Multinomial mixture (Rigouste, Cappé & Yvon, 2007).

Count vectors with a known total n, such as word counts of documents; an exponential-family mixture
with a base measure, arXiv:2209.03077, Theorem 2. The pseudo-entropy is n times the entropy of one
draw; the multinomial coefficients are the base measure.
"""

from entropy_proofs import Categorical, Model, Multinomial, log, loggamma

model = Model("Multinomial mixture", group="mixtures")
D, K, n = model.dims("D", "K", "n")

rho = model.parameter("rho", K, domain="simplex")
theta = model.parameter("theta", K, D, domain="simplex")

c = model.latent("c", Categorical(probabilities=rho))
x = model.observed("x", Multinomial(trials=n, probabilities=theta[c]))

mixing = -(rho * log(rho)).sum()
draw = -(theta * log(theta)).sum(1)
log_coefficient = loggamma(n + 1) - loggamma(x + 1).sum()
rho_field = rho * (log(rho) + mixing)
model.claim("field", {rho: rho_field, theta: theta * (log(theta) + draw[:, None])})
model.claim("entropy", c, mixing)
model.claim("pseudo-entropy", x, n * draw[c])
model.claim("entropy sum", -mixing - n * draw[c] + log_coefficient)
