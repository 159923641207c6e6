"""Correlated topic model (Blei & Lafferty, 2007).

LDA with a logistic-normal in place of the Dirichlet. One flow of η serves two conditionals: it
scales the logits of the topics, and the normal prior follows with m and Σ. What stays in LDA
becomes an entropy here.
"""

from entropy_proofs import Categorical, E, Model, MultivariateNormal, det, exp, log, pi

model = Model("Correlated topic model", group="topic and count models")
K, V, n = model.dims("K", "V", "n")

m = model.parameter("m", K)
Sigma = model.parameter("Sigma", K, K, domain="positive definite")
phi = model.parameter("phi", K, V, domain="simplex")

eta = model.latent("eta", MultivariateNormal(mean=m, covariance=Sigma))
z = model.latent("z", Categorical(logits=eta), n)
w = model.observed("w", Categorical(probabilities=phi[z]), n)

odds = exp(eta)
logits = log(det(2 * pi * E * Sigma)) / 2
topic = log(odds.sum()) - (odds * eta).sum() / odds.sum()
word = -(phi * log(phi)).sum(1)
phi_field = phi * (log(phi) + word[:, None])
model.claim("field", {phi: phi_field, m: m, Sigma: Sigma, eta: eta})
model.claim("entropy", eta, logits)
model.claim("entropy", z, n * topic)
model.claim("entropy", w, word[z].sum())
model.claim("entropy sum", -logits - n * topic - word[z].sum())
