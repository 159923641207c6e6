"""Linear regression by maximum likelihood (Gauss, 1809).

PRML, Eq. 3.10. Without latents the ELBO is the log-likelihood, and the theorem reads: at the least
squares solution the log-likelihood is minus the entropy, -n/2 log(2πe σ²), which every statistics
package prints and AIC is made of.
"""

from entropy_proofs import E, Model, Normal, inv, log, pi

model = Model("Linear regression", group="regression")
n, P = model.dims("n", "P")

Phi = model.parameter("Phi", n, P, fixed=True)
w = model.parameter("w", P)
sigma2 = model.parameter("sigma2", domain="positive")

y = model.observed("y", Normal(mean=Phi @ w, variance=sigma2), n)

noise = n / 2 * log(2 * pi * E * sigma2)
residual = y - Phi @ w
model.claim("field", {sigma2: -sigma2})
model.claim("entropy", y, noise)
model.claim("entropy sum", -noise)
model.claim("optimum", sigma2, residual @ residual / n)
model.claim("optimum", w, inv(Phi.T @ Phi) @ Phi.T @ y)  # PRML, Eq. 3.15
