"""Mixture density network (Bishop, 1994).

PRML, Section 5.6: weights, means and log-variances of a mixture are networks of the covariates.
The gate's last layer scales its logits, the bias of the log-variances lowers them all: two fields
of two heads, and the means need none.
"""

from entropy_proofs import Categorical, E, Model, Normal, exp, eye, log, pi

model = Model("Mixture density network", group="mixtures")
n, P, K = model.dims("n", "P", "K")

Phi = model.parameter("Phi", n, P, fixed=True)

g = model.network("g", Phi, K)
m = model.network("m", Phi, K)
s = model.network("s", Phi, K)
c = model.latent("c", Categorical(logits=g), n)
chosen = eye(K)[c]
log_variance = (s * chosen).sum(1)
y = model.observed("y", Normal(mean=(m * chosen).sum(1), variance=exp(log_variance)), n)

odds = exp(g)
gate = (log(odds.sum(1)) - (odds * g).sum(1) / odds.sum(1)).sum()
noise = log(2 * pi * E * exp(log_variance)).sum() / 2
model.claim("field", {g.V: g.V, g.b: g.b, s.b: -1})
model.claim("entropy", c, gate)
model.claim("entropy", y, noise)
model.claim("entropy sum", -gate - noise)
