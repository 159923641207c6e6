"""Linear dynamical system with inputs (Kalman, 1960; Ghahramani & Hinton, 1996).

The Kalman filter's model: known inputs u drive the state and the observations. They do not enter
the sum, which is that of the system without them.
"""

from entropy_proofs import E, Model, MultivariateNormal, det, log, pi

model = Model("Linear dynamical system with inputs", group="time series")
D, H, M, T = model.dims("D", "H", "M", "T")

u = model.parameter("u", T, M, fixed=True)
m = model.parameter("m", H)
P = model.parameter("P", H, H, domain="positive definite")
A = model.parameter("A", H, H)
B = model.parameter("B", H, M)
Q = model.parameter("Q", H, H, domain="positive definite")
C = model.parameter("C", D, H)
G = model.parameter("G", D, M)
R = model.parameter("R", D, D, domain="positive definite")

z = model.chain(
    "z",
    initial=MultivariateNormal(mean=m, covariance=P),
    transition=lambda previous, t: MultivariateNormal(mean=A @ previous + B @ u[t], covariance=Q),
    length=T,
)
x = model.observed("x", MultivariateNormal(mean=z @ C.T + u @ G.T, covariance=R), T)

states = log(det(2 * pi * E * P)) / 2 + (T - 1) * log(det(2 * pi * E * Q)) / 2
noise = T * log(det(2 * pi * E * R)) / 2
model.claim("field", {P: -P, Q: -Q, R: -R})
model.claim("entropy", z, states)
model.claim("entropy", x, noise)
model.claim("entropy sum", -states - noise)
