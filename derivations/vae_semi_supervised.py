"""Semi-supervised VAE, model M2 (Kingma, Rezende, Mohamed & Welling, 2014b).

A class y and a style z make x together. A labelled point is one whose q(y) is certain of its label:
the identity holds for every q and moves none of it in y, so the same sum serves labelled and
unlabelled points, with H[q(y)] = 0 for the former.
"""

from entropy_proofs import Categorical, E, Model, Normal, log, pi

model = Model("Semi-supervised VAE", group="variational autoencoders")
D, H, K = model.dims("D", "H", "K")

rho = model.parameter("rho", K, domain="simplex")
sigma2 = model.parameter("sigma2", domain="positive")

y = model.latent("y", Categorical(probabilities=rho))
z = model.latent("z", Normal(mean=0, variance=1), H)
f = model.network("f", [z, y], D)
x = model.observed("x", Normal(mean=f, variance=sigma2), D)

classes = -(rho * log(rho)).sum()
style = H / 2 * log(2 * pi * E)
decoder = D / 2 * log(2 * pi * E * sigma2)
rho_field = rho * (log(rho) + classes)
model.claim("field", {rho: rho_field, sigma2: -sigma2, f.U: -f.U / 2, z: z / 2})
model.claim("entropy", y, classes)
model.claim("entropy", z, style)
model.claim("entropy", x, decoder)
model.claim("entropy sum", -classes - style - decoder)
model.claim("optimum", sigma2, ((x - f) ** 2).sum() / D)
