"""Categorical VAE (Bowman et al., 2016).

One of M symbols through a softmax, the decoder of language models; an exponential-family decoder in
the sense of arXiv:2209.03077. Scaling the last layer scales the logits. The redundancy of the
softmax, a shift of all logits, does no harm: the identity asks for one field, not for all.
"""

from entropy_proofs import Categorical, E, Model, Normal, exp, log, pi

model = Model("Categorical VAE", group="variational autoencoders")
M, H = model.dims("M", "H")

z = model.latent("z", Normal(mean=0, variance=1), H)
f = model.network("f", z, M)
x = model.observed("x", Categorical(logits=f))

total = exp(f).sum()
prior = H / 2 * log(2 * pi * E)
decoder = log(total) - (f * exp(f)).sum() / total
model.claim("field", {f.V: f.V, f.b: f.b, f.U: -f.U / 2, z: z / 2})
model.claim("entropy", z, prior)
model.claim("entropy", x, decoder)
model.claim("entropy sum", -prior - decoder)
