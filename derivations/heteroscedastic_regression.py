"""Heteroscedastic regression (Harvey, 1976).

Mean and log-variance are both linear in the covariates. Only the intercept c of the log-variance
has to move: lowering it by one scales all variances at once.
"""

from entropy_proofs import E, Model, Normal, exp, log, pi

model = Model("Heteroscedastic regression", group="regression")
n, P = model.dims("n", "P")

Phi = model.parameter("Phi", n, P, fixed=True)
w = model.parameter("w", P)
v = model.parameter("v", P)
c = model.parameter("c")

y = model.observed("y", Normal(mean=Phi @ w, variance=exp(Phi @ v + c)), n)

noise = log(2 * pi * E * exp(Phi @ v + c)).sum() / 2
model.claim("field", {c: -1})
model.claim("entropy", y, noise)
model.claim("entropy sum", -noise)
