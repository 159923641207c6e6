"""Sigmoid belief network (Neal, 1992; Saul, Jaakkola & Jordan, 1996).

Binary causes, binary effects, logistic links; treated in arXiv:2209.03077 and arXiv:2501.09022. The
logits are linear in (W, mu), so scaling both is the field, for continuous and binary z alike.
"""

from entropy_proofs import Bernoulli, Model, exp, log

model = Model("Sigmoid belief network", group="belief networks")
D, H = model.dims("D", "H")

rho = model.parameter("rho", H, domain="unit interval")
W = model.parameter("W", D, H)
mu = model.parameter("mu", D)

z = model.latent("z", Bernoulli(probability=rho), H)
x = model.observed("x", Bernoulli(logits=W @ z + mu), D)

eta = W @ z + mu
causes = -(rho * log(rho) + (1 - rho) * log(1 - rho)).sum()
effects = (log(1 + exp(eta)) - eta / (1 + exp(-eta))).sum()
model.claim("field", {rho: rho * (1 - rho) * (log(rho) - log(1 - rho)), W: W, mu: mu})
model.claim("entropy", z, causes)
model.claim("entropy", x, effects)
model.claim("entropy sum", -causes - effects)
model.claim("optimum", rho, z)
