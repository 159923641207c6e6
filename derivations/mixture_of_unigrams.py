"""Mixture of unigrams (Nigam, McCallum, Thrun & Mitchell, 2000).

One topic for each document: LDA without mixed membership. Word by word there is no multinomial
coefficient and so no base measure; compare multinomial_mixture, which counts words.
"""

from entropy_proofs import Categorical, Model, log

model = Model("Mixture of unigrams", group="topic and count models")
K, V, n = model.dims("K", "V", "n")

rho = model.parameter("rho", K, domain="simplex")
phi = model.parameter("phi", K, V, domain="simplex")

c = model.latent("c", Categorical(probabilities=rho))
w = model.observed("w", Categorical(probabilities=phi[c]), n)

mixing = -(rho * log(rho)).sum()
word = -(phi * log(phi)).sum(1)
rho_field = rho * (log(rho) + mixing)
model.claim("field", {rho: rho_field, phi: phi * (log(phi) + word[:, None])})
model.claim("entropy", c, mixing)
model.claim("entropy", w, n * word[c])
model.claim("entropy sum", -mixing - n * word[c])
