"""ARCH, autoregressive conditional heteroscedasticity (Engle, 1982).

The variance of a return follows the square of the one before. It is linear in (ω, α), so both scale
together and one field serves all steps, whatever was observed: the entropies stand under the data's
average, not under q's.
"""

from entropy_proofs import E, Model, Normal, log, pi

model = Model("ARCH", group="time series")
T = model.dims("T")

v = model.parameter("v", domain="positive")
omega = model.parameter("omega", domain="positive")
alpha = model.parameter("alpha", domain="positive")

x = model.chain(
    "x",
    observed=True,
    initial=Normal(mean=0, variance=v),
    transition=lambda previous: Normal(mean=0, variance=omega + alpha * previous**2),
    length=T,
)

start = log(2 * pi * E * v) / 2
steps = log(2 * pi * E * (omega + alpha * x[:-1] ** 2)).sum() / 2
model.claim("field", {v: -v, omega: -omega, alpha: -alpha})
model.claim("entropy", x, start + steps)
model.claim("entropy sum", -start - steps)
