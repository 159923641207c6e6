"""Exponential regression of survival times (Feigl & Zelen, 1965).

Log-hazards linear in the covariates, no censoring. Raising the intercept by one scales all hazards:
an entropy 1 - log λ for each patient.
"""

from entropy_proofs import Exponential, Model, exp

model = Model("Exponential survival regression", group="regression")
n, P = model.dims("n", "P")

Phi = model.parameter("Phi", n, P, fixed=True)
w = model.parameter("w", P)
c = model.parameter("c")

y = model.observed("y", Exponential(rate=exp(Phi @ w + c)), n)

survival = (1 - Phi @ w - c).sum()
model.claim("field", {c: 1})
model.claim("entropy", y, survival)
model.claim("entropy sum", -survival)
