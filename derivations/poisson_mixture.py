"""Poisson mixture (McLachlan & Peel, 2000).

The standard example with a base measure, treated in arXiv:2209.03077 (Theorem 2) and
arXiv:2501.09022: the entropy of a Poisson has no closed form, its pseudo-entropy λ - λ log λ has.
The base measure -log x! is an average over the data, a constant of learning.
"""

from entropy_proofs import Categorical, Expectation, Model, Poisson, eye, log, loggamma

model = Model("Poisson mixture", group="mixtures")
D, K = model.dims("D", "K")

rho = model.parameter("rho", K, domain="simplex")
lam = model.parameter("lam", K, D, domain="positive")

c = model.latent("c", Categorical(probabilities=rho))
x = model.observed("x", Poisson(rate=lam[c]), D)

mixing = -(rho * log(rho)).sum()
pseudo = (lam[c] - lam[c] * log(lam[c])).sum()
model.claim("field", {rho: rho * (log(rho) + mixing), lam: lam * log(lam)})
model.claim("entropy", c, mixing)
model.claim("pseudo-entropy", x, pseudo)
model.claim("entropy sum", -mixing - pseudo - loggamma(x + 1).sum())
chosen = eye(K)[c]
model.claim("optimum", rho, chosen)
model.claim("optimum", lam, Expectation(chosen[:, None] * x) / Expectation(chosen)[:, None])
