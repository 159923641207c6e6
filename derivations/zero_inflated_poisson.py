"""Zero-inflated Poisson by maximum likelihood (Lambert, 1992).

Counts with more zeros than a Poisson has. Zeros of both kinds look alike, so there is an atom at 0
in the density itself; with it the law is an exponential family in [x = 0] and x, and both of its
parameters are needed. The base measure 1/x! is the Poisson's.
"""

from entropy_proofs import KroneckerDelta, Model, ZeroInflatedPoisson, exp, log, loggamma

model = Model("Zero-inflated Poisson", group="maximum likelihood")
D = model.dims("D")

p = model.parameter("p", D, domain="unit interval")
lam = model.parameter("lam", D, domain="positive")

x = model.observed("x", ZeroInflatedPoisson(rate=lam, probability=p), D)

zero = p + (1 - p) * exp(-lam)
positive = (1 - zero) * (log(1 - p) - lam) + (1 - p) * lam * log(lam)
counts = -(zero * log(zero) + positive).sum()
odds = p * exp(lam) / (1 - p)  # of an excess zero to one of the Poisson
rate_field = lam * log(lam)
p_field = p * (1 - p) * ((1 + odds) * log(1 + odds) / odds - rate_field)
model.claim("field", {lam: rate_field, p: p_field})
model.claim("pseudo-entropy", x, counts)
model.claim("entropy sum", -counts - loggamma(x + 1).sum())

zeros = KroneckerDelta(x, 0)  # more of them than a Poisson's, else p = 0
model.claim("optimum", p, (zeros - exp(-lam)) / (1 - exp(-lam)))
