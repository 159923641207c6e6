"""Factorial hidden Markov model (Ghahramani & Jordan, 1997).

Two independent chains whose contributions add up in the mean of x. The noise is shared by all
combinations of states, so its entropy is a number; the steps' entropies stay under q.
"""

from entropy_proofs import Categorical, E, Model, MultivariateNormal, det, log, pi

model = Model("Factorial hidden Markov model", group="time series")
D, K, L, T = model.dims("D", "K", "L", "T")

a, A = model.parameter("a", K, domain="simplex"), model.parameter("A", K, K, domain="simplex")
b, B = model.parameter("b", L, domain="simplex"), model.parameter("B", L, L, domain="simplex")
M = model.parameter("M", K, D)
N = model.parameter("N", L, D)
Sigma = model.parameter("Sigma", D, D, domain="positive definite")


def markov(name, start, steps):
    def step(previous):
        return Categorical(probabilities=steps[previous])

    return model.chain(name, initial=Categorical(probabilities=start), transition=step, length=T)


y = markov("y", a, A)
z = markov("z", b, B)
x = model.observed("x", MultivariateNormal(mean=M[y] + N[z], covariance=Sigma), T)

a_start, A_step = -(a * log(a)).sum(), -(A * log(A)).sum(1)
b_start, B_step = -(b * log(b)).sum(), -(B * log(B)).sum(1)
noise = T * log(det(2 * pi * E * Sigma)) / 2
starts = {a: a * (log(a) + a_start), b: b * (log(b) + b_start)}
steps = {A: A * (log(A) + A_step[:, None]), B: B * (log(B) + B_step[:, None])}
model.claim("field", {**starts, **steps, Sigma: -Sigma})
chains = a_start + A_step[y[:-1]].sum() + b_start + B_step[z[:-1]].sum()
model.claim("entropy sum", -chains - noise)
