"""Hidden Markov model with Gaussian emissions of diagonal covariances (Rabiner, 1989).

A variance for each state and coordinate, as speech recognisers had them (hmmlearn:
covariance_type="diag"): PRML, Section 13.2, with Σ_k diagonal.
"""

from entropy_proofs import Categorical, E, Model, Normal, log, pi

model = Model("Hidden Markov model, Gaussian, diagonal covariances", group="time series")
D, K, T = model.dims("D", "K", "T")

rho = model.parameter("rho", K, domain="simplex")
A = model.parameter("A", K, K, domain="simplex")
mu = model.parameter("mu", K, D)
sigma2 = model.parameter("sigma2", K, D, domain="positive")

z = model.chain(
    "z",
    initial=Categorical(probabilities=rho),
    transition=lambda previous: Categorical(probabilities=A[previous]),
    length=T,
)
x = model.observed("x", Normal(mean=mu[z], variance=sigma2[z]), T, D)

start = -(rho * log(rho)).sum()
step = -(A * log(A)).sum(1)
emission = log(2 * pi * E * sigma2).sum(1) / 2
A_field = A * (log(A) + step[:, None])
model.claim("field", {rho: rho * (log(rho) + start), A: A_field, sigma2: -sigma2})
model.claim("entropy", z, start + step[z[:-1]].sum())
model.claim("entropy", x, emission[z].sum())
model.claim("entropy sum", -start - step[z[:-1]].sum() - emission[z].sum())
