"""Two-parameter logistic item response model (Birnbaum, 1968).

Rasch's model with a discrimination a_d for each item, log-odds a_d (θ - b_d). The abilities are
standard normal: θ and b grow at rate 1/2 for the prior, and a adds the other half for the answers.
"""

from entropy_proofs import Bernoulli, E, Model, Normal, exp, log, pi

model = Model("Two-parameter item response", group="relational models")
D = model.dims("D")

a = model.parameter("a", D, domain="positive")
b = model.parameter("b", D)

theta = model.latent("theta", Normal(mean=0, variance=1))
x = model.observed("x", Bernoulli(logits=a * (theta - b)), D)

eta = a * (theta - b)
ability = log(2 * pi * E) / 2
answers = (log(1 + exp(eta)) - eta / (1 + exp(-eta))).sum()
model.claim("field", {a: a / 2, b: b / 2, theta: theta / 2})
model.claim("entropy", theta, ability)
model.claim("entropy", x, answers)
model.claim("entropy sum", -ability - answers)
