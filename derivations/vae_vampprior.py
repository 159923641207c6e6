"""VAE with a VampPrior (Tomczak & Welling, 2018).

The prior is the equal mixture of K normals that networks make of learned pseudo-inputs u_k; its
component c is a latent here. The bias of the log-variance network is the scale of all of them. In
the paper these networks are q's encoder too, which would move with that bias: the sum asks that the
prior has a bias of its own.
"""

from entropy_proofs import Categorical, E, Model, Normal, exp, eye, log, pi

model = Model("VAE, VampPrior", group="variational autoencoders")
D, H, K = model.dims("D", "H", "K")

u = model.parameter("u", K, D)
sigma2 = model.parameter("sigma2", domain="positive")

m = model.network("m", u, H)
s = model.network("s", u, H)
c = model.latent("c", Categorical(probabilities=eye(K).sum(0) / K))
z = model.latent("z", Normal(mean=m[c], variance=exp(s[c])), H)
f = model.network("f", z, D)
x = model.observed("x", Normal(mean=f, variance=sigma2), D)

component = log(2 * pi * E * exp(s[c])).sum() / 2
decoder = D / 2 * log(2 * pi * E * sigma2)
model.claim("field", {s.b: -1, sigma2: -sigma2})
model.claim("entropy", c, log(K))
model.claim("entropy", z, component)
model.claim("entropy", x, decoder)
model.claim("entropy sum", -log(K) - component - decoder)
