"""Mixture density network (Bishop, 1994).

PRML, Section 5.6: weights, means and log-variances of a mixture are networks of the covariates, the
latter two of the component as well. The gate's last layer scales its logits, the bias of the
log-variances lowers them all: two fields of two heads, and the means need none.
"""

from entropy_proofs import Categorical, E, Model, Normal, exp, log, pi

model = Model("Mixture density network", group="mixtures")
n, P, K = model.dims("n", "P", "K")

Phi = model.parameter("Phi", n, P, fixed=True)

g = model.network("g", Phi, K)
c = model.latent("c", Categorical(logits=g), n)
m = model.network("m", [Phi, c])
s = model.network("s", [Phi, c])
y = model.observed("y", Normal(mean=m, variance=exp(s)), n)

odds = exp(g)
gate = (log(odds.sum(1)) - (odds * g).sum(1) / odds.sum(1)).sum()
noise = log(2 * pi * E * exp(s)).sum() / 2
model.claim("field", {g.V: g.V, g.b: g.b, s.b: -1})
model.claim("entropy", c, gate)
model.claim("entropy", y, noise)
model.claim("entropy sum", -gate - noise)
