"""Multinomial logistic regression by maximum likelihood (Cox, 1958; Nelder & Wedderburn, 1972).

Softmax regression: PRML, Eq. 4.104. As for two classes the weights scale the logits, and at the
maximum of the likelihood the classifier is, on average, exactly as sure as it is right.
"""

from entropy_proofs import Categorical, Model, exp, log

model = Model("Multinomial logistic regression", group="regression")
n, P, C = model.dims("n", "P", "C")

Phi = model.parameter("Phi", n, P, fixed=True)
W = model.parameter("W", P, C)

y = model.observed("y", Categorical(logits=Phi @ W), n)

eta = Phi @ W
softmax = exp(eta) / exp(eta).sum(1)[:, None]
labels = log(exp(eta).sum(1)).sum() - (softmax * eta).sum()
model.claim("field", {W: W})
model.claim("entropy", y, labels)
model.claim("entropy sum", -labels)
