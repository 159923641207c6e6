"""Latent Dirichlet allocation (Blei, Ng & Jordan, 2003).

Topics of a document with n words. Topic proportions and words have fields, the topic assignments
have none: p(z|θ) = θ_z has no parameter, and no flow of θ serves it and the Dirichlet at once. The
term E_q[log θ_z] stays: a partial sum. Compare correlated_topic_model, where nothing stays.
"""

from entropy_proofs import Categorical, Dirichlet, Model, digamma, log, loggamma

model = Model("Latent Dirichlet allocation", group="topic and count models")
K, V, n = model.dims("K", "V", "n")

alpha = model.parameter("alpha", K, domain="positive")
phi = model.parameter("phi", K, V, domain="simplex")

theta = model.latent("theta", Dirichlet(concentration=alpha))
z = model.latent("z", Categorical(probabilities=theta), n)
w = model.observed("w", Categorical(probabilities=phi[z]), n)

total = alpha.sum()
log_normaliser = loggamma(alpha).sum() - loggamma(total)
proportions = log_normaliser + ((alpha - 1) * (digamma(total) - digamma(alpha))).sum()
word = -(phi * log(phi)).sum(1)
model.claim("field", {alpha: alpha - 1, phi: phi * (log(phi) + word[:, None])})
model.claim("entropy", theta, proportions)
model.claim("entropy", w, word[z].sum())
model.claim("entropy sum", -proportions + log(theta[z]).sum() - word[z].sum())
