"""Inverse Gaussian distribution by maximum likelihood (Tweedie, 1957).

First passage times of a drifting Brownian motion. The shape λ is the scale; the factor x^(-3/2)
has no parameter and stays as the base measure.
"""

from sympy import Interval, oo

from entropy_proofs import Density, E, Model, log, pi

model = Model("Inverse Gaussian distribution", group="maximum likelihood")

mu = model.parameter("mu", domain="positive")
lam = model.parameter("lam", domain="positive")


def log_density(x):
    return log(lam / (2 * pi * x**3)) / 2 - lam * (x - mu) ** 2 / (2 * mu**2 * x)


x = model.observed("x", Density(log_density, support=Interval.open(0, oo)))

model.claim("field", {lam: lam})
model.claim("entropy sum", log(lam) / 2 - log(2 * pi * E * x**3) / 2)
model.claim("optimum", mu, x)
