"""Hidden Markov model with Gaussian emissions of spherical covariances (Rabiner, 1989).

One variance for each state (hmmlearn: covariance_type="spherical"): PRML, Section 13.2, with
Σ_k = σ²_k I.
"""

from entropy_proofs import Categorical, E, Model, Normal, log, pi

model = Model("Hidden Markov model, Gaussian, spherical covariances", group="time series")
D, K, T = model.dims("D", "K", "T")

rho = model.parameter("rho", K, domain="simplex")
A = model.parameter("A", K, K, domain="simplex")
mu = model.parameter("mu", K, D)
sigma2 = model.parameter("sigma2", K, domain="positive")

z = model.chain(
    "z",
    initial=Categorical(probabilities=rho),
    transition=lambda previous: Categorical(probabilities=A[previous]),
    length=T,
)
x = model.observed("x", Normal(mean=mu[z, :], variance=sigma2[z][:, None]), T, D)

start = -(rho * log(rho)).sum()
step = -(A * log(A)).sum(1)
emission = D / 2 * log(2 * pi * E * sigma2)
A_field = A * (log(A) + step[:, None])
model.claim("field", {rho: rho * (log(rho) + start), A: A_field, sigma2: -sigma2})
model.claim("entropy", z, start + step[z[:-1]].sum())
model.claim("entropy", x, emission[z].sum())
model.claim("entropy sum", -start - step[z[:-1]].sum() - emission[z].sum())
