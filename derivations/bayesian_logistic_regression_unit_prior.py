"""Bayesian logistic regression with a fixed prior (Jaakkola & Jordan, 2000).

Two conditionals pull at one latent: the standard normal prior asks w to flow at rate 1/2, the
labels ask for rate 1, and no parameter is left to make up the difference. Learn the variance of the
prior (bayesian_logistic_regression), and both get their entropy.
"""

from entropy_proofs import Bernoulli, Model, Normal

model = Model("Bayesian logistic regression, fixed prior", group="counterexamples")
n, P = model.dims("n", "P")

Phi = model.parameter("Phi", n, P, fixed=True)

w = model.latent("w", Normal(mean=0, variance=1), P)
y = model.observed("y", Bernoulli(logits=Phi @ w), n)
