"""Coupled hidden Markov model (Brand, Oliver & Pentland, 1997).

Two chains, each of whose steps depends on the previous states of both. Every pair of states has its
own row of probabilities, and the entropies of the rows that were passed add up.
"""

from entropy_proofs import (
    Categorical,
    E,
    Model,
    MultivariateNormal,
    Poisson,
    det,
    log,
    loggamma,
    pi,
)

model = Model("Coupled hidden Markov model", group="time series")
D, K, L, T = model.dims("D", "K", "L", "T")

alpha = model.parameter("alpha", K, domain="simplex")
beta = model.parameter("beta", L, domain="simplex")
A = model.parameter("A", K, L, K, domain="simplex")
B = model.parameter("B", K, L, L, domain="simplex")
mu = model.parameter("mu", K, D)
Sigma = model.parameter("Sigma", K, D, D, domain="positive definite")
lam = model.parameter("lam", L, domain="positive")

y, z = model.chains(
    ("y", "z"),
    initial=(Categorical(probabilities=alpha), Categorical(probabilities=beta)),
    transition=lambda previous: (
        Categorical(probabilities=A[previous]),
        Categorical(probabilities=B[previous]),
    ),
    length=T,
)
x = model.observed("x", MultivariateNormal(mean=mu[y], covariance=Sigma[y]), T)
n = model.observed("n", Poisson(rate=lam[z]), T)

y_start, y_step = -(alpha * log(alpha)).sum(), -(A * log(A)).sum(2)
z_start, z_step = -(beta * log(beta)).sum(), -(B * log(B)).sum(2)
y_chain = y_start + y_step[y[:-1], z[:-1]].sum()
z_chain = z_start + z_step[y[:-1], z[:-1]].sum()
emission = (log(det(2 * pi * E * Sigma)) / 2)[y].sum()
counts = (lam - lam * log(lam))[z].sum()
starts = {alpha: alpha * (log(alpha) + y_start), beta: beta * (log(beta) + z_start)}
steps = {A: A * (log(A) + y_step[:, :, None]), B: B * (log(B) + z_step[:, :, None])}
model.claim("field", {**starts, **steps, Sigma: -Sigma, lam: lam * log(lam)})
model.claim("entropy", y, y_chain)
model.claim("entropy", z, z_chain)
model.claim("entropy", x, emission)
model.claim("pseudo-entropy", n, counts)
model.claim("entropy sum", -y_chain - z_chain - emission - counts - loggamma(n + 1).sum())
