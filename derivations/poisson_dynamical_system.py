"""Poisson linear dynamical system (Smith & Brown, 2003; Macke et al., 2011).

Linear dynamics behind the spike counts of D neurons. The log-rates are linear in (C, d), so scaling
both is the field: no flow is needed, where poisson_log_normal has nothing else to scale.
"""

from entropy_proofs import E, Model, MultivariateNormal, Poisson, det, exp, log, loggamma, pi

model = Model("Poisson linear dynamical system", group="time series")
D, H, T = model.dims("D", "H", "T")

m = model.parameter("m", H)
P = model.parameter("P", H, H, domain="positive definite")
A = model.parameter("A", H, H)
Q = model.parameter("Q", H, H, domain="positive definite")
C = model.parameter("C", D, H)
d = model.parameter("d", D)

z = model.chain(
    "z",
    initial=MultivariateNormal(mean=m, covariance=P),
    transition=lambda previous: MultivariateNormal(mean=A @ previous, covariance=Q),
    length=T,
)
x = model.observed("x", Poisson(rate=exp(z @ C.T + d)), T, D)

eta = z @ C.T + d
states = log(det(2 * pi * E * P)) / 2 + (T - 1) * log(det(2 * pi * E * Q)) / 2
pseudo = (exp(eta) - eta * exp(eta)).sum()
model.claim("field", {P: -P, Q: -Q, C: C, d: d})
model.claim("entropy", z, states)
model.claim("pseudo-entropy", x, pseudo)
model.claim("entropy sum", -states - pseudo - loggamma(x + 1).sum())
