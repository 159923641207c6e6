"""Dawid-Skene model of annotators (Dawid & Skene, 1979).

J annotators label an item of unknown class c, each with a confusion matrix of its own. To the sum
it is a mixture of J categorical views: each annotator adds the entropy of the row that c picks in
its matrix.
"""

from entropy_proofs import Categorical, Model, log

model = Model("Dawid-Skene annotators", group="mixtures")
J, K = model.dims("J", "K")

rho = model.parameter("rho", K, domain="simplex")
A = model.parameter("A", J, K, K, domain="simplex")

c = model.latent("c", Categorical(probabilities=rho))
x = model.observed("x", Categorical(probabilities=A[:, c]), J)

classes = -(rho * log(rho)).sum()
rows = -(A * log(A)).sum(2)
model.claim("field", {rho: rho * (log(rho) + classes), A: A * (log(A) + rows[:, :, None])})
model.claim("entropy", c, classes)
model.claim("entropy", x, rows[:, c].sum())
model.claim("entropy sum", -classes - rows[:, c].sum())
