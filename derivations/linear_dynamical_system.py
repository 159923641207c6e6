"""Linear dynamical system (Kalman, 1960; Ghahramani & Hinton, 1996).

The state-space model of the Kalman filter: PRML, Eqs. 13.75 to 13.77. Its sum is three log
determinants, free of q: at every stationary point the bound of a sequence follows from the
learned covariances alone.
"""

from entropy_proofs import E, Expectation, Model, MultivariateNormal, det, inv, log, pi

model = Model("Linear dynamical system", group="time series")
D, H, T = model.dims("D", "H", "T")

m = model.parameter("m", H)
P = model.parameter("P", H, H, domain="positive definite")
A = model.parameter("A", H, H)
Q = model.parameter("Q", H, H, domain="positive definite")
C = model.parameter("C", D, H)
R = model.parameter("R", D, D, domain="positive definite")

z = model.chain(
    "z",
    initial=MultivariateNormal(mean=m, covariance=P),
    transition=lambda previous: MultivariateNormal(mean=A @ previous, covariance=Q),
    length=T,
)
x = model.observed("x", MultivariateNormal(mean=z @ C.T, covariance=R), T)

states = log(det(2 * pi * E * P)) / 2 + (T - 1) * log(det(2 * pi * E * Q)) / 2
noise = T * log(det(2 * pi * E * R)) / 2
model.claim("field", {P: -P, Q: -Q, R: -R})
model.claim("entropy", z, states)
model.claim("entropy", x, noise)
model.claim("entropy sum", -states - noise)


def product(a, b):
    """The sum over time of E[a bᵀ]."""
    return Expectation((a[:, :, None] * b[:, None, :]).sum(0))


first, move, residual = z[0] - m, z[1:] - z[:-1] @ A.T, x - z @ C.T
model.claim("optimum", m, z[0])  # PRML, Eq. 13.110
model.claim("optimum", P, first[:, None] * first[None, :])  # Eq. 13.111, the new m put in
model.claim("optimum", A, product(z[1:], z[:-1]) @ inv(product(z[:-1], z[:-1])))  # Eq. 13.113
model.claim("optimum", Q, product(move, move) / (T - 1))  # Eq. 13.114
model.claim("optimum", C, product(x, z) @ inv(product(z, z)))  # Eq. 13.115
model.claim("optimum", R, product(residual, residual) / T)  # Eq. 13.116
