"""Poisson regression, the log-linear model (Nelder & Wedderburn, 1972).

A generalised linear model with its canonical link: the natural parameter is linear in w, so w ↦ w
scales it. The counts' factorials are the base measure, and the entropies are pseudo-entropies.
"""

from entropy_proofs import Model, Poisson, exp, loggamma

model = Model("Poisson regression", group="regression")
n, P = model.dims("n", "P")

Phi = model.parameter("Phi", n, P, fixed=True)
w = model.parameter("w", P)

y = model.observed("y", Poisson(rate=exp(Phi @ w)), n)

eta = Phi @ w
pseudo = (exp(eta) - eta * exp(eta)).sum()
model.claim("field", {w: w})
model.claim("pseudo-entropy", y, pseudo)
model.claim("entropy sum", -pseudo - loggamma(y + 1).sum())
