"""Switching linear dynamical system (Kim, 1994; Ghahramani & Hinton, 2000).

A Markov chain s chooses the dynamics of the state z at each step. No parameter of the means moves:
the sum has the entropies of both chains and of the noise, whatever the dynamics are.
"""

from entropy_proofs import Categorical, E, Model, MultivariateNormal, det, log, pi

model = Model("Switching linear dynamical system", group="time series")
D, H, K, T = model.dims("D", "H", "K", "T")

rho = model.parameter("rho", K, domain="simplex")
B = model.parameter("B", K, K, domain="simplex")
m = model.parameter("m", H)
P = model.parameter("P", H, H, domain="positive definite")
A = model.parameter("A", K, H, H)
Q = model.parameter("Q", K, H, H, domain="positive definite")
C = model.parameter("C", D, H)
R = model.parameter("R", D, D, domain="positive definite")

s = model.chain(
    "s",
    initial=Categorical(probabilities=rho),
    transition=lambda previous: Categorical(probabilities=B[previous]),
    length=T,
)
z = model.chain(
    "z",
    initial=MultivariateNormal(mean=m, covariance=P),
    transition=lambda previous, t: MultivariateNormal(mean=A[s[t]] @ previous, covariance=Q[s[t]]),
    length=T,
)
x = model.observed("x", MultivariateNormal(mean=z @ C.T, covariance=R), T)

start, step = -(rho * log(rho)).sum(), -(B * log(B)).sum(1)
switches = start + step[s[:-1]].sum()
states = log(det(2 * pi * E * P)) / 2 + (log(det(2 * pi * E * Q)) / 2)[s[1:]].sum()
noise = T * log(det(2 * pi * E * R)) / 2
rows = {rho: rho * (log(rho) + start), B: B * (log(B) + step[:, None])}
model.claim("field", {**rows, P: -P, Q: -Q, R: -R})
model.claim("entropy", s, switches)
model.claim("entropy", z, states)
model.claim("entropy", x, noise)
model.claim("entropy sum", -switches - states - noise)
