"""Factor analysis (Spearman, 1904; Rubin & Thayer, 1982).

p-PCA with a noise variance for each coordinate: PRML, Eq. 12.64; treated in arXiv:2209.03077 and
arXiv:2501.09022. As in p-PCA the standard normal prior gets its entropy from the flow of z. In the
bound only the uniquenesses ψ remain, a sum over coordinates.
"""

from entropy_proofs import E, Expectation, Model, Normal, inv, log, pi

model = Model("Factor analysis", group="factor models")
D, H = model.dims("D", "H")

W = model.parameter("W", D, H)
mu = model.parameter("mu", D)
psi = model.parameter("psi", D, domain="positive")

z = model.latent("z", Normal(mean=0, variance=1), H)
x = model.observed("x", Normal(mean=W @ z + mu, variance=psi), D)

prior = H / 2 * log(2 * pi * E)
noise = log(2 * pi * E * psi).sum() / 2
model.claim("field", {psi: -psi, W: -W / 2, z: z / 2})
model.claim("entropy", z, prior)
model.claim("entropy", x, noise)
model.claim("entropy sum", -prior - noise)
model.claim("optimum", psi, (x - W @ z - mu) ** 2)
model.claim("optimum", mu, x - W @ z)
model.claim(  # PRML, Eq. 12.56
    "optimum",
    W,
    Expectation((x - mu)[:, None] * z[None, :]) @ inv(Expectation(z[:, None] * z[None, :])),
)
