"""Stochastic volatility (Taylor, 1982; Kim, Shephard & Chib, 1998).

Returns whose log-variance h follows an autoregression. The base level β of the variance is the only
scale of the returns; their entropy stays under q, through the mean of h.
"""

from entropy_proofs import E, Model, Normal, exp, log, pi

model = Model("Stochastic volatility", group="time series")
T = model.dims("T")

phi = model.parameter("phi")
p = model.parameter("p", domain="positive")
q = model.parameter("q", domain="positive")
beta = model.parameter("beta", domain="positive")

h = model.chain(
    "h",
    initial=Normal(mean=0, variance=p),
    transition=lambda previous: Normal(mean=phi * previous, variance=q),
    length=T,
)
x = model.observed("x", Normal(mean=0, variance=beta * exp(h)), T)

states = log(2 * pi * E * p) / 2 + (T - 1) * log(2 * pi * E * q) / 2
returns = T * log(2 * pi * E * beta) / 2 + h.sum() / 2
model.claim("field", {p: -p, q: -q, beta: -beta})
model.claim("entropy", h, states)
model.claim("entropy", x, returns)
model.claim("entropy sum", -states - returns)
model.claim("optimum", beta, (x**2 * exp(-h)).sum() / T)
