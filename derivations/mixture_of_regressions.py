"""Mixture of linear regressions (Quandt & Ramsey, 1978; DeSarbo & Cron, 1988).

Each response belongs to one of K regression lines: PRML, Eq. 14.34 (there with one shared noise).
The covariates Φ are known numbers; the whole data set of n responses is one data point.
"""

from entropy_proofs import Categorical, E, Model, Normal, log, pi

model = Model("Mixture of linear regressions", group="mixtures")
n, P, K = model.dims("n", "P", "K")

Phi = model.parameter("Phi", n, P, fixed=True)
rho = model.parameter("rho", K, domain="simplex")
B = model.parameter("B", K, P)
sigma2 = model.parameter("sigma2", K, domain="positive")

c = model.latent("c", Categorical(probabilities=rho), n)
y = model.observed("y", Normal(mean=(Phi * B[c]).sum(1), variance=sigma2[c]), n)

mixing = -(rho * log(rho)).sum()
noise = log(2 * pi * E * sigma2[c]).sum() / 2
model.claim("field", {rho: rho * (log(rho) + mixing), sigma2: -sigma2})
model.claim("entropy", c, n * mixing)
model.claim("entropy", y, noise)
model.claim("entropy sum", -n * mixing - noise)
