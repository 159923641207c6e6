"""Weibull distribution with known shape (Weibull, 1951).

x^k is exponentially distributed, and the scale of x does what a rate does. The factor x^(k-1) is a
base measure because k is known; learn k, and the identity is gone: see weibull_learned_shape.
"""

from sympy import Interval, oo

from entropy_proofs import Density, Model, log

model = Model("Weibull distribution, known shape", group="maximum likelihood")

k = model.parameter("k", domain="positive", fixed=True)
lam = model.parameter("lam", domain="positive")


def log_density(x):
    return log(k / lam) + (k - 1) * log(x / lam) - (x / lam) ** k


x = model.observed("x", Density(log_density, support=Interval.open(0, oo)))

model.claim("field", {lam: -lam / k})
model.claim("entropy sum", log(k) - k * log(lam) - 1 + (k - 1) * log(x))
