"""Eight schools (Rubin, 1981): random effects with known standard errors.

Schools' effects around a common mean, seen with known errors. The effects' variance τ² is learned
and gives an entropy. The measurements have no scale to learn: no Shannon entropy, at most a
pseudo-entropy under the flow that scales all effects.
"""

from entropy_proofs import E, Model, Normal, log, pi

model = Model("Eight schools", group="hierarchical and scale mixtures")
J = model.dims("J")

s2 = model.parameter("s2", J, domain="positive", fixed=True)
mu = model.parameter("mu")
tau2 = model.parameter("tau2", domain="positive")

theta = model.latent("theta", Normal(mean=mu, variance=tau2), J)
x = model.observed("x", Normal(mean=theta, variance=s2), J)

model.claim("entropy", theta, J / 2 * log(2 * pi * E * tau2))
