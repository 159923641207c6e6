"""Factor analysis with learned factor variances (Jöreskog, 1969).

The factors have variances of their own and the loadings unit columns, the other way to fix their
scale; compare the learned priors of arXiv:2010.14860. Both entropies follow from scales of the
model itself, without a flow.
"""

from entropy_proofs import E, Model, Normal, log, pi

model = Model("Factor analysis, learned prior", group="factor models")
D, H = model.dims("D", "H")

W = model.parameter("W", D, H, domain="unit columns")
mu = model.parameter("mu", D)
tau2 = model.parameter("tau2", H, domain="positive")
psi = model.parameter("psi", D, domain="positive")

z = model.latent("z", Normal(mean=0, variance=tau2), H)
x = model.observed("x", Normal(mean=W @ z + mu, variance=psi), D)

prior = log(2 * pi * E * tau2).sum() / 2
noise = log(2 * pi * E * psi).sum() / 2
model.claim("field", {tau2: -tau2, psi: -psi})
model.claim("entropy", z, prior)
model.claim("entropy", x, noise)
model.claim("entropy sum", -prior - noise)
model.claim("optimum", tau2, z**2)
model.claim("optimum", psi, (x - W @ z - mu) ** 2)
