"""Logistic regression by maximum likelihood (Cox, 1958).

PRML, Eq. 4.89. At the maximum of the likelihood the cross entropy of the labels equals the entropy
of the predictions: the fitted classifier is, on average, exactly as sure as it is right. It fails
with a penalty on w; then the gap is the penalty's slope along w.
"""

from entropy_proofs import Bernoulli, Model, exp, log

model = Model("Logistic regression", group="regression")
n, P = model.dims("n", "P")

Phi = model.parameter("Phi", n, P, fixed=True)
w = model.parameter("w", P)

y = model.observed("y", Bernoulli(logits=Phi @ w), n)

eta = Phi @ w
labels = (log(1 + exp(eta)) - eta / (1 + exp(-eta))).sum()
model.claim("field", {w: w})
model.claim("entropy", y, labels)
model.claim("entropy sum", -labels)
