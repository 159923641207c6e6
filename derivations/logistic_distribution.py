"""Logistic distribution (Verhulst, 1845).

It looks like a smooth Laplace, whose scale is enough for an entropy. Here the scale also sits in
log(1 + exp(-(x - m)/s)), and no field on (m, s) gives this back.
"""

from sympy import Reals

from entropy_proofs import Density, Model, exp, log

model = Model("Logistic distribution", group="counterexamples")

m = model.parameter("m")
s = model.parameter("s", domain="positive")


def log_density(x):
    return -(x - m) / s - log(s) - 2 * log(1 + exp(-(x - m) / s))


x = model.observed("x", Density(log_density, support=Reals))
