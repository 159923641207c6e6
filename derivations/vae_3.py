"""VAE-3: a decoder with a variance network (Damm et al., 2023).

Mean and log-variance of each coordinate are networks of z, the general Gaussian VAE of
arXiv:2010.14860. The bias of the log-variance head is the scale: lowering it by one is the field,
however deep the network. The decoder entropy stays under the average of q.
"""

from entropy_proofs import E, Model, Normal, exp, log, pi

model = Model("VAE-3", group="variational autoencoders")
D, H = model.dims("D", "H")

z = model.latent("z", Normal(mean=0, variance=1), H)
f = model.network("f", z, D)
g = model.network("g", z, D)
x = model.observed("x", Normal(mean=f, variance=exp(g)), D)

prior = H / 2 * log(2 * pi * E)
decoder = log(2 * pi * E * exp(g)).sum() / 2
model.claim("field", {g.b: -1, f.U: -f.U / 2, g.U: -g.U / 2, z: z / 2})
model.claim("entropy", z, prior)
model.claim("entropy", x, decoder)
model.claim("entropy sum", -prior - decoder)
