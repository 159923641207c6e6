"""PARAFAC as a latent-variable model (Harshman, 1970; Carroll & Chang, 1970).

Matrices x of which all are sums of the same H rank-one terms, each in an amount z_h of its own. The
mean is trilinear; z grows, and either factor can take the growth back.
"""

from entropy_proofs import E, Model, Normal, log, pi

model = Model("PARAFAC", group="factor models")
I, J, H = model.dims("I", "J", "H")

A = model.parameter("A", I, H)
B = model.parameter("B", J, H)
sigma2 = model.parameter("sigma2", domain="positive")

z = model.latent("z", Normal(mean=0, variance=1), H)
x = model.observed("x", Normal(mean=(A * z) @ B.T, variance=sigma2), I, J)

prior = H / 2 * log(2 * pi * E)
noise = I * J / 2 * log(2 * pi * E * sigma2)
model.claim("field", {A: -A / 2, sigma2: -sigma2, z: z / 2})
model.claim("entropy", z, prior)
model.claim("entropy", x, noise)
model.claim("entropy sum", -prior - noise)
