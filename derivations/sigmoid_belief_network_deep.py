"""Sigmoid belief network with three layers (Neal, 1992; Hinton, Dayan, Frey & Neal, 1995).

The generative half of the Helmholtz machine. Each layer scales its own weights and biases; the sum
has one entropy for each layer, in nats of binary units.
"""

from entropy_proofs import Bernoulli, Model, exp, log

model = Model("Sigmoid belief network, three layers", group="belief networks")
D, H, L = model.dims("D", "H", "L")

rho = model.parameter("rho", L, domain="unit interval")
V = model.parameter("V", H, L)
a = model.parameter("a", H)
W = model.parameter("W", D, H)
b = model.parameter("b", D)

y = model.latent("y", Bernoulli(probability=rho), L)
z = model.latent("z", Bernoulli(logits=V @ y + a), H)
x = model.observed("x", Bernoulli(logits=W @ z + b), D)


def entropy_at(eta):
    """The entropy of independent bits with these logits."""
    return (log(1 + exp(eta)) - eta / (1 + exp(-eta))).sum()


top = -(rho * log(rho) + (1 - rho) * log(1 - rho)).sum()
rho_field = rho * (1 - rho) * (log(rho) - log(1 - rho))
model.claim("field", {rho: rho_field, V: V, a: a, W: W, b: b})
model.claim("entropy", y, top)
model.claim("entropy", z, entropy_at(V @ y + a))
model.claim("entropy", x, entropy_at(W @ z + b))
model.claim("entropy sum", -top - entropy_at(V @ y + a) - entropy_at(W @ z + b))
