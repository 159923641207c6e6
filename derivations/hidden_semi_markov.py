"""Hidden semi-Markov model by a duration state (Ferguson, 1980; Murphy, 2002; Yu, 2010).

Beside the state s runs a counter d. Where A keeps the state and B counts down while d > 0, and B
draws a new duration where d = 0, the chain is semi-Markov; these zeros stay zeros under EM, and
0 log 0 = 0 adds nothing. The sum holds for any tables A and B inside their simplexes.
"""

from entropy_proofs import Categorical, E, Model, Normal, log, pi

model = Model("Hidden semi-Markov model", group="time series")
D, K, L, T = model.dims("D", "K", "L", "T")

rho = model.parameter("rho", K, domain="simplex")
eta = model.parameter("eta", K, L, domain="simplex")
A = model.parameter("A", K, L, K, domain="simplex")
B = model.parameter("B", L, K, L, domain="simplex")
mu = model.parameter("mu", K, D)
v = model.parameter("v", K, D, domain="positive")

s, d = model.chains(
    ("s", "d"),
    initial=(Categorical(probabilities=rho), lambda s: Categorical(probabilities=eta[s])),
    transition=lambda previous: (
        Categorical(probabilities=A[previous]),
        lambda s: Categorical(probabilities=B[previous[1], s]),
    ),
    length=T,
)
x = model.observed("x", Normal(mean=mu[s], variance=v[s]), T, D)

start, first = -(rho * log(rho)).sum(), -(eta * log(eta)).sum(1)
step, count = -(A * log(A)).sum(2), -(B * log(B)).sum(2)
states = start + step[s[:-1], d[:-1]].sum()
durations = first[s[0]] + count[d[:-1], s[1:]].sum()
emissions = (log(2 * pi * E * v) / 2).sum(1)[s].sum()
rows = {rho: rho * (log(rho) + start), eta: eta * (log(eta) + first[:, None])}
tables = {A: A * (log(A) + step[:, :, None]), B: B * (log(B) + count[:, :, None])}
model.claim("field", {**rows, **tables, v: -v})
model.claim("entropy", s, states)
model.claim("entropy", d, durations)
model.claim("entropy", x, emissions)
model.claim("entropy sum", -states - durations - emissions)
