"""Mixture of categorical distributions, or latent class analysis (Lazarsfeld & Henry, 1968).

Answers to D questions with V options each, independent given the class; bernoulli_mixture is the
case of two options. All entropies are Shannon's.
"""

from entropy_proofs import Categorical, Model, log

model = Model("Categorical mixture, latent class analysis", group="mixtures")
D, K, V = model.dims("D", "K", "V")

rho = model.parameter("rho", K, domain="simplex")
theta = model.parameter("theta", K, D, V, domain="simplex")

c = model.latent("c", Categorical(probabilities=rho))
x = model.observed("x", Categorical(probabilities=theta[c]), D)

mixing = -(rho * log(rho)).sum()
answers = -(theta * log(theta)).sum(2)
theta_field = theta * (log(theta) + answers[:, :, None])
model.claim("field", {rho: rho * (log(rho) + mixing), theta: theta_field})
model.claim("entropy", c, mixing)
model.claim("entropy", x, answers[c].sum())
model.claim("entropy sum", -mixing - answers[c].sum())
