"""Rasch model (Rasch, 1960; Bock & Aitkin, 1981).

A person of ability θ solves item d with log-odds θ - b_d. Nothing but the latent can scale the
logits, so abilities, difficulties and the variance of the abilities grow together. With that
variance known the flow no longer fits the prior; two_parameter_item_response mends it.
"""

from entropy_proofs import Bernoulli, E, Model, Normal, exp, log, pi

model = Model("Rasch model", group="relational models")
D = model.dims("D")

b = model.parameter("b", D)
tau2 = model.parameter("tau2", domain="positive")

theta = model.latent("theta", Normal(mean=0, variance=tau2))
x = model.observed("x", Bernoulli(logits=theta - b), D)

eta = theta - b
ability = log(2 * pi * E * tau2) / 2
answers = (log(1 + exp(eta)) - eta / (1 + exp(-eta))).sum()
model.claim("field", {b: b, tau2: tau2, theta: theta})
model.claim("entropy", theta, ability)
model.claim("entropy", x, answers)
model.claim("entropy sum", -ability - answers)
