"""Hidden Markov model with Gaussian emissions of one shared covariance (Rabiner, 1989).

The states differ in their means alone (hmmlearn: covariance_type="tied"): PRML, Section 13.2, with
one Σ, whose entropy no longer depends on the chain.
"""

from entropy_proofs import Categorical, E, Model, MultivariateNormal, det, log, pi

model = Model("Hidden Markov model, Gaussian, tied covariance", group="time series")
D, K, T = model.dims("D", "K", "T")

rho = model.parameter("rho", K, domain="simplex")
A = model.parameter("A", K, K, domain="simplex")
mu = model.parameter("mu", K, D)
Sigma = model.parameter("Sigma", D, D, domain="positive definite")

z = model.chain(
    "z",
    initial=Categorical(probabilities=rho),
    transition=lambda previous: Categorical(probabilities=A[previous]),
    length=T,
)
x = model.observed("x", MultivariateNormal(mean=mu[z], covariance=Sigma), T)

start = -(rho * log(rho)).sum()
step = -(A * log(A)).sum(1)
emission = log(det(2 * pi * E * Sigma)) / 2
A_field = A * (log(A) + step[:, None])
model.claim("field", {rho: rho * (log(rho) + start), A: A_field, Sigma: -Sigma})
model.claim("entropy", z, start + step[z[:-1]].sum())
model.claim("entropy", x, T * emission)
model.claim("entropy sum", -start - step[z[:-1]].sum() - T * emission)
