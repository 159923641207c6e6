"""Least absolute deviations regression (Boscovich, 1757; Laplace, 1789).

Linear regression with Laplace noise: medians for means. The log-likelihood at the optimum is
-n log(2e s), with s the mean absolute residual.
"""

from entropy_proofs import Abs, E, Laplace, Model, log

model = Model("Least absolute deviations", group="regression")
n, P = model.dims("n", "P")

Phi = model.parameter("Phi", n, P, fixed=True)
w = model.parameter("w", P)
s = model.parameter("s", domain="positive")

y = model.observed("y", Laplace(mean=Phi @ w, scale=s), n)

noise = n * log(2 * E * s)
model.claim("field", {s: -s})
model.claim("entropy", y, noise)
model.claim("entropy sum", -noise)
model.claim("optimum", s, Abs(y - Phi @ w).sum() / n)
