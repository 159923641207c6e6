"""Bernoulli mixture, or latent class analysis (Lazarsfeld, 1950).

PRML, Eqs. 9.44 to 9.47; an exponential-family mixture as treated in arXiv:2501.09022. With a
constant base measure all entropies are Shannon entropies.
"""

from entropy_proofs import Bernoulli, Categorical, Expectation, Model, eye, log

model = Model("Bernoulli mixture", group="mixtures")
D, K = model.dims("D", "K")

rho = model.parameter("rho", K, domain="simplex")
theta = model.parameter("theta", K, D, domain="unit interval")

c = model.latent("c", Categorical(probabilities=rho))
x = model.observed("x", Bernoulli(probability=theta[c]), D)

p = theta[c]
mixing = -(rho * log(rho)).sum()
component = -(p * log(p) + (1 - p) * log(1 - p)).sum()
log_odds = log(theta) - log(1 - theta)
model.claim("field", {rho: rho * (log(rho) + mixing), theta: theta * (1 - theta) * log_odds})
model.claim("entropy", c, mixing)
model.claim("entropy", x, component)
model.claim("entropy sum", -mixing - component)
chosen = eye(K)[c]
model.claim("optimum", rho, chosen)
model.claim("optimum", theta, Expectation(chosen[:, None] * x) / Expectation(chosen)[:, None])
