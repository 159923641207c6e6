"""Bayesian linear regression with learned precisions (MacKay, 1992).

The evidence approximation: PRML, Eqs. 3.52 and 3.10, with the precisions α of the weights and β of
the noise learned. At the exact posterior of w the sum is the evidence at its maximum over (α, β).
"""

from entropy_proofs import E, Expectation, Model, Normal, log, pi

model = Model("Bayesian linear regression", group="regression")
n, P = model.dims("n", "P")

Phi = model.parameter("Phi", n, P, fixed=True)
alpha = model.parameter("alpha", domain="positive")
beta = model.parameter("beta", domain="positive")

w = model.latent("w", Normal(mean=0, variance=1 / alpha), P)
y = model.observed("y", Normal(mean=Phi @ w, variance=1 / beta), n)

prior = P / 2 * log(2 * pi * E / alpha)
noise = n / 2 * log(2 * pi * E / beta)
model.claim("field", {alpha: alpha, beta: beta})
model.claim("entropy", w, prior)
model.claim("entropy", y, noise)
model.claim("entropy sum", -prior - noise)
residual = y - Phi @ w
model.claim("optimum", alpha, P / Expectation(w @ w))  # PRML, Eq. 9.63
model.claim("optimum", beta, n / Expectation(residual @ residual))  # Eq. 9.68
