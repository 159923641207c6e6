"""Sparse coding with a unit-scale Laplace prior (Olshausen & Field, 1996).

The usual parameterisation: the dictionary's columns carry the scales; compare arXiv:2311.01888. A
Laplace prior wants z to grow at rate 1, where a normal prior wants 1/2, so W ↦ -W.
"""

from entropy_proofs import E, Laplace, Model, Normal, log, pi

model = Model("Sparse coding, unit-scale prior", group="sparse coding")
D, H = model.dims("D", "H")

W = model.parameter("W", D, H)
sigma2 = model.parameter("sigma2", domain="positive")

z = model.latent("z", Laplace(mean=0, scale=1), H)
x = model.observed("x", Normal(mean=W @ z, variance=sigma2), D)

prior = H * log(2 * E)
noise = D / 2 * log(2 * pi * E * sigma2)
residual = x - W @ z
model.claim("field", {sigma2: -sigma2, W: -W, z: z})
model.claim("entropy", z, prior)
model.claim("entropy", x, noise)
model.claim("entropy sum", -prior - noise)
model.claim("optimum", sigma2, residual @ residual / D)
