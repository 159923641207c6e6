"""Sparse-coding VAE: a Laplace prior and a network (Barello, Charles & Pillow, 2018).

Sparse coding (arXiv:2311.01888) with a non-linear decoder: prior scales learned, first layer with
unit columns as in VAE-2. The same entropies as in linear sparse coding, for any network.
"""

from entropy_proofs import Abs, E, Laplace, Model, Normal, log, pi

model = Model("VAE, Laplace prior", group="variational autoencoders")
D, H = model.dims("D", "H")

lam = model.parameter("lam", H, domain="positive")
sigma2 = model.parameter("sigma2", domain="positive")

z = model.latent("z", Laplace(mean=0, scale=lam), H)
f = model.network("f", z, D, first="unit columns")
x = model.observed("x", Normal(mean=f, variance=sigma2), D)

prior = log(2 * E * lam).sum()
decoder = D / 2 * log(2 * pi * E * sigma2)
model.claim("field", {lam: -lam, sigma2: -sigma2})
model.claim("entropy", z, prior)
model.claim("entropy", x, decoder)
model.claim("entropy sum", -prior - decoder)
model.claim("optimum", lam, Abs(z))
model.claim("optimum", sigma2, (x - f) @ (x - f) / D)
