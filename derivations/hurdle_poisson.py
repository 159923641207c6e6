"""Hurdle model of counts by maximum likelihood (Mullahy, 1986).

One probability for zero and a truncated Poisson for the rest. Zeros tell nothing of λ: both parts
are optimised apart, yet the field couples them, for the rest of the sum is seen with probability
1 - p only. With h = 1/x! both together are a pseudo-entropy.
"""

from entropy_proofs import HurdlePoisson, Model, exp, log, loggamma

model = Model("Hurdle Poisson", group="maximum likelihood")
D = model.dims("D")

p = model.parameter("p", D, domain="unit interval")
lam = model.parameter("lam", D, domain="positive")

x = model.observed("x", HurdlePoisson(rate=lam, probability=p), D)

seen = 1 - exp(-lam)  # with this probability a Poisson is not zero
zeros = p * log(p) + (1 - p) * log(1 - p)
counts = -(zeros + (1 - p) * (lam * log(lam) / seen - log(exp(lam) - 1))).sum()
logit = log(p) - log(1 - p)
p_field = p * (1 - p) * (logit + log(exp(lam) - 1) - lam * log(lam) / seen)
model.claim("field", {lam: lam * log(lam), p: p_field})
model.claim("pseudo-entropy", x, counts)
model.claim("entropy sum", -counts - loggamma(x + 1).sum())
