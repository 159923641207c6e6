"""Hidden Markov model with Poisson emissions (Zucchini, MacDonald & Langrock, 2016).

Counts that switch between K regimes, such as spikes or earthquakes per year. Chain and rates give
entropy and pseudo-entropy; the factorials are the base measure.
"""

from entropy_proofs import Categorical, Expectation, Model, Poisson, eye, log, loggamma

model = Model("Hidden Markov model, Poisson", group="time series")
D, K, T = model.dims("D", "K", "T")

rho = model.parameter("rho", K, domain="simplex")
A = model.parameter("A", K, K, domain="simplex")
lam = model.parameter("lam", K, D, domain="positive")

z = model.chain(
    "z",
    initial=Categorical(probabilities=rho),
    transition=lambda previous: Categorical(probabilities=A[previous]),
    length=T,
)
x = model.observed("x", Poisson(rate=lam[z]), T, D)

start = -(rho * log(rho)).sum()
step = -(A * log(A)).sum(1)
pseudo = (lam - lam * log(lam)).sum(1)
A_field = A * (log(A) + step[:, None])
model.claim("field", {rho: rho * (log(rho) + start), A: A_field, lam: lam * log(lam)})
model.claim("entropy", z, start + step[z[:-1]].sum())
model.claim("pseudo-entropy", x, pseudo[z].sum())
chain = start + step[z[:-1]].sum()
model.claim("entropy sum", -chain - pseudo[z].sum() - loggamma(x + 1).sum())
before, after, state = eye(K)[z[:-1]], eye(K)[z[1:]], eye(K)[z]
moves = Expectation((before[:, :, None] * after[:, None, :]).sum(0))
counted = Expectation((state[:, :, None] * x[:, None, :]).sum(0))
model.claim("optimum", rho, eye(K)[z[0]])  # PRML, Eq. 13.18
model.claim("optimum", A, moves / Expectation(before.sum(0))[:, None])  # Eq. 13.19
model.claim("optimum", lam, counted / Expectation(state.sum(0))[:, None])
