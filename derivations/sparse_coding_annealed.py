"""Sparse coding with an annealed prior (Velychko, Damm, Fischer & Lücke, 2024).

The entropies of arXiv:2311.01888 with a weight γ on the prior's, which annealing moves to 1 during
learning. No latent flows here: the scales serve the prior, the noise variance the observable, so
the weight of each is free. The optimal scales do not depend on γ.
"""

from entropy_proofs import Abs, E, Laplace, Model, Normal, log, pi

model = Model("Sparse coding, annealed prior", group="sparse coding")
D, H = model.dims("D", "H")

gamma = model.parameter("gamma", domain="positive", fixed=True)
W = model.parameter("W", D, H, domain="unit columns")
lam = model.parameter("lam", H, domain="positive")
sigma2 = model.parameter("sigma2", domain="positive")

z = model.latent("z", Laplace(mean=0, scale=lam), H)
x = model.observed("x", Normal(mean=W @ z, variance=sigma2), D)
model.weights({z: gamma})

prior = log(2 * E * lam).sum()
noise = D / 2 * log(2 * pi * E * sigma2)
residual = x - W @ z
model.claim("field", {lam: -lam, sigma2: -sigma2})
model.claim("entropy", z, prior)
model.claim("entropy", x, noise)
model.claim("entropy sum", -gamma * prior - noise)
model.claim("optimum", lam, Abs(z))
model.claim("optimum", sigma2, residual @ residual / D)
