"""Regression with errors in the variables, structural form (Madansky, 1959; Fuller, 1987).

The covariate ξ is seen with noise too. For normal data the line is not identified by the three
variances; every point of the ridge of optima has the same sum of entropies.
"""

from entropy_proofs import E, Model, Normal, log, pi

model = Model("Errors in variables", group="regression")

m = model.parameter("m")
t2 = model.parameter("t2", domain="positive")
a = model.parameter("a")
b = model.parameter("b")
s2 = model.parameter("s2", domain="positive")
r2 = model.parameter("r2", domain="positive")

xi = model.latent("xi", Normal(mean=m, variance=t2))
x = model.observed("x", Normal(mean=xi, variance=s2))
y = model.observed("y", Normal(mean=a + b * xi, variance=r2))

covariate = log(2 * pi * E * t2) / 2
reading = log(2 * pi * E * s2) / 2
response = log(2 * pi * E * r2) / 2
model.claim("field", {t2: -t2, s2: -s2, r2: -r2})
model.claim("entropy", xi, covariate)
model.claim("entropy", x, reading)
model.claim("entropy", y, response)
model.claim("entropy sum", -covariate - reading - response)
model.claim("optimum", r2, (y - a - b * xi) ** 2)
