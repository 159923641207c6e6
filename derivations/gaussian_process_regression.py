"""Gaussian process regression with learned amplitude and noise (Rasmussen & Williams, 2006).

PRML, Eqs. 6.59 and 6.60; K is the kernel matrix of the n inputs at unit amplitude, its length scale
chosen beforehand. Amplitude and noise are scales; the entropy of f is 1/2 log det(2πe a K).
"""

from entropy_proofs import E, Model, MultivariateNormal, Normal, det, inv, log, pi

model = Model("Gaussian process regression", group="regression")
n = model.dims("n")

K = model.parameter("K", n, n, domain="positive definite", fixed=True)
a = model.parameter("a", domain="positive")
sigma2 = model.parameter("sigma2", domain="positive")

f = model.latent("f", MultivariateNormal(mean=0, covariance=a * K))
y = model.observed("y", Normal(mean=f, variance=sigma2), n)

process = log(det(2 * pi * E * a * K)) / 2
noise = n / 2 * log(2 * pi * E * sigma2)
model.claim("field", {a: -a, sigma2: -sigma2})
model.claim("entropy", f, process)
model.claim("entropy", y, noise)
model.claim("entropy sum", -process - noise)
model.claim("optimum", a, f @ inv(K) @ f / n)
model.claim("optimum", sigma2, (y - f) @ (y - f) / n)
