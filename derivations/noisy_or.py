"""Noisy-OR network (Pearl, 1988; Shwe et al., 1991, the medical QMR-DT).

Each present cause fails to act with probability exp(-W_dh): the probability of an effect is
1 - exp(-(W z + b)). This link is not canonical: as soon as H > 1, no change of (W, b) scales the
log-probabilities of both outcomes for all z at once. The causes become an entropy, the effects
stay: a partial sum.
"""

from entropy_proofs import Bernoulli, Model, exp, log

model = Model("Noisy-OR network", group="belief networks")
D, H = model.dims("D", "H")

rho = model.parameter("rho", H, domain="unit interval")
W = model.parameter("W", D, H, domain="positive")
b = model.parameter("b", D, domain="positive")

z = model.latent("z", Bernoulli(probability=rho), H)
x = model.observed("x", Bernoulli(probability=1 - exp(-(W @ z + b))), D)

silent = W @ z + b
causes = -(rho * log(rho) + (1 - rho) * log(1 - rho)).sum()
effects = (x * log(1 - exp(-silent)) - (1 - x) * silent).sum()
model.claim("field", {rho: rho * (1 - rho) * (log(rho) - log(1 - rho))})
model.claim("entropy", z, causes)
model.claim("entropy sum", -causes + effects)
