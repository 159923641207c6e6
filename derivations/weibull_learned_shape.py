"""Weibull distribution with learned shape (Weibull, 1951).

With k learned, (k - 1) log x is no base measure any more, and moving k brings up (x/λ)^k log(x/λ),
which nothing cancels. At the maximum of the likelihood E[log x] need not be the model's, and the
mean log-likelihood is not minus the entropy. For k known see weibull_distribution.
"""

from sympy import Interval, oo

from entropy_proofs import Density, Model, log

model = Model("Weibull distribution, learned shape", group="counterexamples")

k = model.parameter("k", domain="positive")
lam = model.parameter("lam", domain="positive")


def log_density(x):
    return log(k / lam) + (k - 1) * log(x / lam) - (x / lam) ** k


x = model.observed("x", Density(log_density, support=Interval.open(0, oo)))
