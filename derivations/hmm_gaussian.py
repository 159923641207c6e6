"""Hidden Markov model with Gaussian emissions (Rabiner, 1989).

PRML, Section 13.2: a Gaussian mixture whose component follows a Markov chain. The emissions share
their covariances over time, and one field serves all T of them.
"""

from entropy_proofs import (
    Categorical,
    E,
    Expectation,
    Model,
    MultivariateNormal,
    det,
    eye,
    log,
    pi,
)

model = Model("Hidden Markov model, Gaussian", group="time series")
D, K, T = model.dims("D", "K", "T")

rho = model.parameter("rho", K, domain="simplex")
A = model.parameter("A", K, K, domain="simplex")
mu = model.parameter("mu", K, D)
Sigma = model.parameter("Sigma", K, D, D, domain="positive definite")

z = model.chain(
    "z",
    initial=Categorical(probabilities=rho),
    transition=lambda previous: Categorical(probabilities=A[previous]),
    length=T,
)
x = model.observed("x", MultivariateNormal(mean=mu[z], covariance=Sigma[z]), T)

start = -(rho * log(rho)).sum()
step = -(A * log(A)).sum(1)
emission = log(det(2 * pi * E * Sigma)) / 2
A_field = A * (log(A) + step[:, None])
model.claim("field", {rho: rho * (log(rho) + start), A: A_field, Sigma: -Sigma})
model.claim("entropy", z, start + step[z[:-1]].sum())
model.claim("entropy", x, emission[z].sum())
model.claim("entropy sum", -start - step[z[:-1]].sum() - emission[z].sum())
before, after, state = eye(K)[z[:-1]], eye(K)[z[1:]], eye(K)[z]
moves = Expectation((before[:, :, None] * after[:, None, :]).sum(0))
count = Expectation(state.sum(0))
residual = x[:, None, :] - mu
scatter = (state[:, :, None, None] * residual[:, :, :, None] * residual[:, :, None, :]).sum(0)
model.claim("optimum", rho, eye(K)[z[0]])  # PRML, Eq. 13.18
model.claim("optimum", A, moves / Expectation(before.sum(0))[:, None])  # Eq. 13.19
model.claim(  # Eq. 13.20
    "optimum", mu, Expectation((state[:, :, None] * x[:, None, :]).sum(0)) / count[:, None]
)
model.claim("optimum", Sigma, Expectation(scatter) / count[:, None, None])  # Eq. 13.21
