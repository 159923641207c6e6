"""Input-output hidden Markov model (Bengio & Frasconi, 1995).

Known inputs u drive the transitions through a softmax, and the emissions linearly. The transitions
are natural in their weights, so scaling these is the field, whatever the inputs are.
"""

from entropy_proofs import Categorical, E, Model, Normal, exp, log, pi

model = Model("Input-output hidden Markov model", group="time series")
K, M, T = model.dims("K", "M", "T")

u = model.parameter("u", T, M, fixed=True)
rho = model.parameter("rho", K, domain="simplex")
W = model.parameter("W", K, K, M)
B = model.parameter("B", K, M)
v = model.parameter("v", K, domain="positive")

z = model.chain(
    "z",
    initial=Categorical(probabilities=rho),
    transition=lambda previous, t: Categorical(logits=W[previous] @ u[t]),
    length=T,
)
x = model.observed("x", Normal(mean=(B[z] * u).sum(1), variance=v[z]), T)

start = -(rho * log(rho)).sum()
eta = (W[z[:-1]] * u[1:, None]).sum(2)
partition = exp(eta).sum(1)
steps = (log(partition) - (exp(eta) * eta).sum(1) / partition).sum()
emissions = (log(2 * pi * E * v) / 2)[z].sum()
model.claim("field", {rho: rho * (log(rho) + start), W: W, v: -v})
model.claim("entropy", z, start + steps)
model.claim("entropy", x, emissions)
model.claim("entropy sum", -start - steps - emissions)
