"""Mixture of geometric distributions (Everitt & Hand, 1981).

Numbers of trials of several kinds; an exponential-family mixture as treated in arXiv:2501.09022. Of
the usual laws of counts the geometric is the one without a base measure, so its components have
entropies, not pseudo-entropies as in poisson_mixture.
"""

from entropy_proofs import Categorical, Geometric, Model, log

model = Model("Geometric mixture", group="mixtures")
D, K = model.dims("D", "K")

rho = model.parameter("rho", K, domain="simplex")
p = model.parameter("p", K, D, domain="unit interval")

c = model.latent("c", Categorical(probabilities=rho))
x = model.observed("x", Geometric(probability=p[c]), D)

mixing = -(rho * log(rho)).sum()
component = -(log(p[c]) + (1 - p[c]) * log(1 - p[c]) / p[c]).sum()
model.claim("field", {rho: rho * (log(rho) + mixing), p: -(1 - p) * log(1 - p)})
model.claim("entropy", c, mixing)
model.claim("entropy", x, component)
model.claim("entropy sum", -mixing - component)
