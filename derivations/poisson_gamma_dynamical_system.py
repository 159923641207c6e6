"""Poisson gamma dynamical system (Schein, Zhou & Wallach, 2016).

Gamma states whose means are mixed by Pi from one step to the next, and Poisson counts of them. The
concentration tau serves the later steps, as a pseudo-entropy; the counts stay: a rate that adds up
latents is no exponential family of any parameter.
"""

from entropy_proofs import Gamma, Model, Poisson, digamma, log, loggamma

model = Model("Poisson gamma dynamical system", group="time series")
D, H, T = model.dims("D", "H", "T")

tau = model.parameter("tau", domain="positive")
nu = model.parameter("nu", H, domain="positive")
b = model.parameter("b", domain="positive")
Pi = model.parameter("Pi", H, H, domain="simplex")
Phi = model.parameter("Phi", H, D, domain="simplex")
delta = model.parameter("delta", domain="positive")

h = model.chain(
    "h",
    H,
    initial=Gamma(shape=nu, rate=b),
    transition=lambda previous: Gamma(shape=tau * (previous @ Pi), rate=tau),
    length=T,
)
x = model.observed("x", Poisson(rate=delta * (h @ Phi)), T, D)

alpha = tau * (h[:-1] @ Pi)
first = (nu - log(b) + loggamma(nu) + (1 - nu) * digamma(nu)).sum()
later = (alpha + loggamma(alpha) - alpha * digamma(alpha)).sum()
model.claim("field", {tau: tau, nu: nu - 1, b: b})
model.claim("pseudo-entropy", h, first + later)
