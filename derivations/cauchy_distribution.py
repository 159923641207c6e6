"""Cauchy distribution (Poisson, 1824; Cauchy, 1853).

A location-scale family without an entropy identity, although its entropy log(4π s) is elementary:
closed forms are not what decides.
"""

from sympy import Reals

from entropy_proofs import Density, Model, log, pi

model = Model("Cauchy distribution", group="counterexamples")

m = model.parameter("m")
s = model.parameter("s", domain="positive")


def log_density(x):
    return -log(pi * s) - log(1 + (x - m) ** 2 / s**2)


x = model.observed("x", Density(log_density, support=Reals))
