"""Mixture of experts (Jacobs, Jordan, Nowlan & Hinton, 1991).

A mixture of linear regressions whose weights depend on the covariates through a softmax gate: PRML,
Eq. 14.53. The gate's logits are linear in V, so V ↦ V is its field and no simplex is needed.
"""

from entropy_proofs import Categorical, E, Model, Normal, exp, log, pi

model = Model("Mixture of experts", group="mixtures")
n, P, K = model.dims("n", "P", "K")

Phi = model.parameter("Phi", n, P, fixed=True)
V = model.parameter("V", P, K)
B = model.parameter("B", K, P)
sigma2 = model.parameter("sigma2", K, domain="positive")

c = model.latent("c", Categorical(logits=Phi @ V), n)
y = model.observed("y", Normal(mean=(Phi * B[c]).sum(1), variance=sigma2[c]), n)

eta = Phi @ V
odds = exp(eta)
gate = (log(odds.sum(1)) - (odds * eta).sum(1) / odds.sum(1)).sum()
noise = log(2 * pi * E * sigma2[c]).sum() / 2
model.claim("field", {V: V, sigma2: -sigma2})
model.claim("entropy", c, gate)
model.claim("entropy", y, noise)
model.claim("entropy sum", -gate - noise)
