"""Variance-preserving Gaussian diffusion with a learned step (Ho, Jain & Abbeel, 2020).

A chain of T noisy copies with one learned step β, then a linear decoder. β sits in mean and
variance at once and has no field of its own. It needs none: growing the whole chain at rate 1/2
serves the fixed start and every step, and W takes the growth back. So T entropies come from one
flow, for learned and for known β alike.
"""

from entropy_proofs import E, Model, MultivariateNormal, Normal, eye, log, pi, sqrt

model = Model("Gaussian diffusion chain", group="variational autoencoders")
D, T = model.dims("D", "T")

beta = model.parameter("beta", domain="unit interval")
W = model.parameter("W", D, D)
b = model.parameter("b", D)
sigma2 = model.parameter("sigma2", domain="positive")

z = model.chain(
    "z",
    initial=MultivariateNormal(mean=0, covariance=eye(D)),
    transition=lambda previous: MultivariateNormal(
        mean=sqrt(1 - beta) * previous, covariance=beta * eye(D)
    ),
    length=T,
)
x = model.observed("x", Normal(mean=W @ z[-1] + b, variance=sigma2), D)

chain = D / 2 * (log(2 * pi * E) + (T - 1) * log(2 * pi * E * beta))
noise = D / 2 * log(2 * pi * E * sigma2)
model.claim("field", {sigma2: -sigma2, W: -W / 2, z: z / 2})
model.claim("entropy", z, chain)
model.claim("entropy", x, noise)
model.claim("entropy sum", -chain - noise)
