"""Local level model (Harvey, 1989; Durbin & Koopman, 2012).

A random walk seen through noise, the smallest structural time series. The ratio q/r is the signal
to noise ratio of exponential smoothing; the sum needs both.
"""

from entropy_proofs import E, Model, Normal, log, pi

model = Model("Local level model", group="time series")
T = model.dims("T")

m = model.parameter("m")
p = model.parameter("p", domain="positive")
q = model.parameter("q", domain="positive")
r = model.parameter("r", domain="positive")

z = model.chain(
    "z",
    initial=Normal(mean=m, variance=p),
    transition=lambda previous: Normal(mean=previous, variance=q),
    length=T,
)
x = model.observed("x", Normal(mean=z, variance=r), T)

level = log(2 * pi * E * p) / 2 + (T - 1) * log(2 * pi * E * q) / 2
noise = T * log(2 * pi * E * r) / 2
model.claim("field", {p: -p, q: -q, r: -r})
model.claim("entropy", z, level)
model.claim("entropy", x, noise)
model.claim("entropy sum", -level - noise)
model.claim("optimum", r, (x - z) @ (x - z) / T)
