"""Independent component analysis with generalised-normal sources (Lee & Lewicki, 2000).

Noisy ICA whose sources have densities ∝ exp(-|z/a|^p), from peaked (p < 1) over Laplace and normal
to nearly uniform. The powers may be learned too: the field moves only the scales, so each source
gives the entropy of its own shape. Unit columns of W fix the sources' scales.
"""

from entropy_proofs import E, GeneralizedNormal, Model, Normal, log, loggamma, pi

model = Model("ICA, generalised-normal sources", group="factor models")
D, H = model.dims("D", "H")

W = model.parameter("W", D, H, domain="unit columns")
a = model.parameter("a", H, domain="positive")
p = model.parameter("p", H, domain="positive")
sigma2 = model.parameter("sigma2", domain="positive")

z = model.latent("z", GeneralizedNormal(mean=0, scale=a, power=p), H)
x = model.observed("x", Normal(mean=W @ z, variance=sigma2), D)

sources = (1 / p + log(2 * a / p) + loggamma(1 / p)).sum()
noise = D / 2 * log(2 * pi * E * sigma2)
residual = x - W @ z
model.claim("field", {a: -a / p, sigma2: -sigma2})
model.claim("entropy", z, sources)
model.claim("entropy", x, noise)
model.claim("entropy sum", -sources - noise)
model.claim("optimum", sigma2, residual @ residual / D)
