"""Local level model with a diffuse start (Durbin & Koopman, 2012; Harvey, 1989).

Where nothing is known of the level before the first observation, that observation is where it
starts: given it, the next level is N(m, q + c r), with c = 1 for a flat prior. statsmodels'
likelihood of the other T observations is that of this model. Both variances scale together.
"""

from entropy_proofs import E, Model, Normal, log, pi

model = Model("Local level model, diffuse start", group="time series")
T = model.dims("T")

m = model.parameter("m", fixed=True)
c = model.parameter("c", domain="positive", fixed=True)
q = model.parameter("q", domain="positive")
r = model.parameter("r", domain="positive")

z = model.chain(
    "z",
    initial=Normal(mean=m, variance=q + c * r),
    transition=lambda previous: Normal(mean=previous, variance=q),
    length=T,
)
x = model.observed("x", Normal(mean=z, variance=r), T)

level = log(2 * pi * E * (q + c * r)) / 2 + (T - 1) * log(2 * pi * E * q) / 2
noise = T * log(2 * pi * E * r) / 2
model.claim("field", {q: -q, r: -r})
model.claim("entropy", z, level)
model.claim("entropy", x, noise)
model.claim("entropy sum", -level - noise)
