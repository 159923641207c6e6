"""Group factor analysis (Virtanen, Klami, Khan & Kaski, 2012).

M groups of D variables share n points' factors z; a group switches off what it does not use by the
precision α_mh of its loadings, which are latent. Factors have a fixed prior and must flow, so all
loadings flow against them; their precisions follow at twice the rate, with nothing left over.
"""

from entropy_proofs import E, Model, Normal, log, pi

model = Model("Group factor analysis", group="factor models")
n, M, D, H = model.dims("n", "M", "D", "H")

alpha = model.parameter("alpha", M, H, domain="positive")
mu = model.parameter("mu", M, D)
sigma2 = model.parameter("sigma2", M, domain="positive")

z = model.latent("z", Normal(mean=0, variance=1), n, H)
W = model.latent("W", Normal(mean=0, variance=1 / alpha[:, None, :]), M, D, H)
mean = (W[None, :, :, :] * z[:, None, None, :]).sum(3) + mu
x = model.observed("x", Normal(mean=mean, variance=sigma2[:, None]), n, M, D)

prior = n * H / 2 * log(2 * pi * E)
loadings = D / 2 * log(2 * pi * E / alpha).sum()
noise = n * D / 2 * log(2 * pi * E * sigma2).sum()
model.claim("field", {alpha: 2 * alpha, sigma2: -sigma2, z: z / 2, W: -W / 2})
model.claim("entropy", z, prior)
model.claim("entropy", W, loadings)
model.claim("entropy", x, noise)
model.claim("entropy sum", -prior - loadings - noise)
