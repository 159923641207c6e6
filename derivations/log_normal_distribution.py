"""Log-normal distribution by maximum likelihood (Galton, 1879).

Written as a bare density. The Jacobian -log x looks like a base measure, but the location can
absorb it: (m, s) ↦ (-s, -s) yields the differential entropy itself, no pseudo-entropy.
"""

from sympy import Interval, oo

from entropy_proofs import Density, E, Model, log, pi

model = Model("Log-normal distribution", group="maximum likelihood")

m = model.parameter("m")
s = model.parameter("s", domain="positive")


def log_density(x):
    return -log(x) - log(2 * pi * s) / 2 - (log(x) - m) ** 2 / (2 * s)


x = model.observed("x", Density(log_density, support=Interval.open(0, oo)))

entropy = m + log(2 * pi * E * s) / 2
model.claim("field", {m: -s, s: -s})
model.claim("entropy", x, entropy)
model.claim("entropy sum", -entropy)
model.claim("optimum", m, log(x))
model.claim("optimum", s, (log(x) - m) ** 2)
