"""Hidden Markov model with discrete emissions (Baum & Petrie, 1966; Rabiner, 1989).

PRML, Eqs. 13.7 to 13.10. One field serves the transition matrix A at all times: each row moves as a
categorical. A sequence of length T is one data point; its sum has the entropy of the start, T - 1
entropies of steps and T of emissions, each under q.
"""

from entropy_proofs import Categorical, Model, log

model = Model("Hidden Markov model, categorical", group="time series")
K, M, T = model.dims("K", "M", "T")

rho = model.parameter("rho", K, domain="simplex")
A = model.parameter("A", K, K, domain="simplex")
B = model.parameter("B", K, M, domain="simplex")

z = model.chain(
    "z",
    initial=Categorical(probabilities=rho),
    transition=lambda previous: Categorical(probabilities=A[previous]),
    length=T,
)
x = model.observed("x", Categorical(probabilities=B[z]), T)

start = -(rho * log(rho)).sum()
step = -(A * log(A)).sum(1)
emission = -(B * log(B)).sum(1)
rows = {A: A * (log(A) + step[:, None]), B: B * (log(B) + emission[:, None])}
model.claim("field", {rho: rho * (log(rho) + start), **rows})
model.claim("entropy", z, start + step[z[:-1]].sum())
model.claim("entropy", x, emission[z].sum())
model.claim("entropy sum", -start - step[z[:-1]].sum() - emission[z].sum())
