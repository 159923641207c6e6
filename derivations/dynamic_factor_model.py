"""Dynamic factor model (Geweke, 1977; Stock & Watson, 2002).

Many series follow a few factors, a vector autoregression of second order with unit noise; each
series has noise of its own. The factors' scale is fixed by their noise, and flows with them: the
field takes the loadings along.
"""

from entropy_proofs import E, Model, Normal, log, pi

model = Model("Dynamic factor model", group="time series")
D, H, T = model.dims("D", "H", "T")

A = model.parameter("A", H, H)
B = model.parameter("B", H, H)
Lambda = model.parameter("Lambda", D, H)
psi = model.parameter("psi", D, domain="positive")

f = model.chain(
    "f",
    H,
    initial=(Normal(mean=0, variance=1), Normal(mean=0, variance=1)),
    transition=lambda previous: Normal(mean=A @ previous[0] + B @ previous[1], variance=1),
    length=T,
)
x = model.observed("x", Normal(mean=f @ Lambda.T, variance=psi), T, D)

factors = T * H * log(2 * pi * E) / 2
noise = T * (log(2 * pi * E * psi) / 2).sum()
model.claim("field", {f: f / 2, Lambda: -Lambda / 2, psi: -psi})
model.claim("entropy", f, factors)
model.claim("entropy", x, noise)
model.claim("entropy sum", -factors - noise)
