"""Sparse coding with learned prior scales (Olshausen & Field, 1996; Velychko et al., 2024).

Laplace prior, Gaussian noise, dictionary with unit columns: arXiv:2311.01888, where the scales'
conditions are solved and put back, which leaves an objective of entropies alone. With Gaussian q
every term of it is analytical.
"""

from entropy_proofs import Abs, E, Expectation, Laplace, Model, Normal, eye, log, pi, sqrt

model = Model("Sparse coding", group="sparse coding")
D, H = model.dims("D", "H")

W = model.parameter("W", D, H, domain="unit columns")
lam = model.parameter("lam", H, domain="positive")
sigma2 = model.parameter("sigma2", domain="positive")

z = model.latent("z", Laplace(mean=0, scale=lam), H)
x = model.observed("x", Normal(mean=W @ z, variance=sigma2), D)

prior = log(2 * E * lam).sum()
noise = D / 2 * log(2 * pi * E * sigma2)
residual = x - W @ z
model.claim("field", {lam: -lam, sigma2: -sigma2})
model.claim("entropy", z, prior)
model.claim("entropy", x, noise)
model.claim("entropy sum", -prior - noise)
model.claim("optimum", lam, Abs(z))
model.claim("optimum", sigma2, residual @ residual / D)

others = Expectation(z[:, None] * z[None, :]) * (1 - eye(H))  # all columns but the own one
slope = Expectation(x[:, None] * z[None, :]) - W @ others
model.claim("optimum", W, slope / sqrt((slope**2).sum(0)))  # one column given the others
