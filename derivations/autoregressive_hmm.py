"""Autoregressive hidden Markov model (Hamilton, 1989; Juang & Rabiner, 1985).

An observed series of second order whose coefficients, level and noise follow a hidden Markov chain.
The first two values have distributions of their own; the sum needs none of the coefficients.
"""

from entropy_proofs import Categorical, E, Model, Normal, log, pi

model = Model("Autoregressive hidden Markov model", group="time series")
K, T = model.dims("K", "T")

rho = model.parameter("rho", K, domain="simplex")
A = model.parameter("A", K, K, domain="simplex")
c = model.parameter("c", K)
phi = model.parameter("phi", K, 2)
v = model.parameter("v", K, domain="positive")
m = model.parameter("m", 2)
w = model.parameter("w", 2, domain="positive")

z = model.chain(
    "z",
    initial=Categorical(probabilities=rho),
    transition=lambda previous: Categorical(probabilities=A[previous]),
    length=T,
)
x = model.chain(
    "x",
    observed=True,
    initial=(Normal(mean=m[0], variance=w[0]), Normal(mean=m[1], variance=w[1])),
    transition=lambda previous, t: Normal(
        mean=c[z[t]] + phi[z[t], 0] * previous[0] + phi[z[t], 1] * previous[1],
        variance=v[z[t]],
    ),
    length=T,
)

start, step = -(rho * log(rho)).sum(), -(A * log(A)).sum(1)
states = start + step[z[:-1]].sum()
series = (log(2 * pi * E * w) / 2).sum() + (log(2 * pi * E * v) / 2)[z[2:]].sum()
rows = {rho: rho * (log(rho) + start), A: A * (log(A) + step[:, None])}
model.claim("field", {**rows, v: -v, w: -w})
model.claim("entropy", z, states)
model.claim("entropy", x, series)
model.claim("entropy sum", -states - series)
model.claim("optimum", m, x[:2])
model.claim("optimum", w, (x[:2] - m) ** 2)
