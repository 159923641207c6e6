"""Stochastic block model (Holland, Laskey & Leinhardt, 1983; Nowicki & Snijders, 2001).

A directed graph on n nodes (self-loops allowed); an edge depends on the blocks of its two ends. The
whole graph is one data point, and each edge has two latent parents. Blocks and edges are learned
probabilities, so all entropies are Shannon entropies.
"""

from entropy_proofs import Bernoulli, Categorical, Model, log

model = Model("Stochastic block model", group="relational models")
n, K = model.dims("n", "K")

rho = model.parameter("rho", K, domain="simplex")
B = model.parameter("B", K, K, domain="unit interval")

z = model.latent("z", Categorical(probabilities=rho), n)
x = model.observed("x", Bernoulli(probability=B[z[:, None], z[None, :]]), n, n)

p = B[z[:, None], z[None, :]]
block = -(rho * log(rho)).sum()
edges = -(p * log(p) + (1 - p) * log(1 - p)).sum()
log_odds = log(B) - log(1 - B)
model.claim("field", {rho: rho * (log(rho) + block), B: B * (1 - B) * log_odds})
model.claim("entropy", z, n * block)
model.claim("entropy", x, edges)
model.claim("entropy sum", -n * block - edges)
