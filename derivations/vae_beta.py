"""β-VAE: the Kullback-Leibler divergence to the prior weighs β (Higgins et al., 2017).

The bound E[log p(x|z)] - β KL(q, p(z)) is the ELBO of VAE-1 with the weight β on the prior and on
H[q]. z flows as in VAE-1, which asks for just that: equal weights on p(z) and on q. At stationary
points the weighted bound is then the weighted sum of the three entropies of arXiv:2010.14860.
"""

from entropy_proofs import E, Model, Normal, log, pi

model = Model("Beta-VAE", group="variational autoencoders")
D, H = model.dims("D", "H")

beta = model.parameter("beta", domain="positive", fixed=True)
sigma2 = model.parameter("sigma2", domain="positive")

z = model.latent("z", Normal(mean=0, variance=1), H)
f = model.network("f", z, D)
x = model.observed("x", Normal(mean=f, variance=sigma2), D)
model.weights({z: beta}, q=beta)

prior = H / 2 * log(2 * pi * E)
decoder = D / 2 * log(2 * pi * E * sigma2)
model.claim("field", {sigma2: -sigma2, f.U: -f.U / 2, z: z / 2})
model.claim("entropy", z, prior)
model.claim("entropy", x, decoder)
model.claim("entropy sum", -beta * prior - decoder)
model.claim("optimum", sigma2, (x - f) @ (x - f) / D)
