"""Densities of counts, labels and bits."""

from scipy import stats
from sympy import (
    Abs,
    Eq,
    IndexedBase,
    Piecewise,
    Sum,
    Symbol,
    binomial,
    exp,
    factorial,
    gamma,
    log,
    loggamma,
    oo,
    symbols,
    zeta,
)  # fmt: skip

from .record import POSITIVE, REAL, UNIT, Density, counts, integer, listed

x = Symbol("x", integer=True, nonnegative=True)
y = Symbol("y", integer=True, positive=True)
i = Symbol("i", integer=True)
x1, x2, x3 = symbols("x1:4", integer=True, nonnegative=True)
j, k = symbols("j k", integer=True, positive=True)
n, K, N = symbols("n K N", integer=True, positive=True)
p, q, lam, r, s, nu, mu, p1, p2, w0 = symbols("p q lambda r s nu mu p1 p2 w", positive=True)
eta, eta1, eta2 = symbols("eta eta1 eta2", real=True)
etas = IndexedBase("eta", shape=(K,), offset=1, real=True)
weights = IndexedBase("w", shape=(K,), offset=1, positive=True)
onehot = IndexedBase("x", shape=(K,), offset=1, integer=True, nonnegative=True)
rho = p * exp(lam) / (1 - p)


def _logit(probability):
    return log(probability / (1 - probability))


def _pair(generator, values):
    """Two of three probabilities."""
    return generator.dirichlet([3, 3, 3])[1] * (1 - values[p1])


def _trials(v):
    """All (a, b) with a + b <= n."""
    return [(a, b) for a in range(v[n] + 1) for b in range(v[n] + 1 - a)]


def _vector(low, high, size=K):
    return lambda generator, values: generator.uniform(low, high, values[size])


def _one_hot(generator, values):
    row = [0] * values[K]
    row[generator.integers(values[K])] = 1
    return {onehot: row}


BITS = [
    Density(
        "Bernoulli", x * log(p) + (1 - x) * log(1 - p), x, (p,), {p: UNIT}, counts(x, 0, 1),
        field={p: p * (1 - p) * _logit(p)}, reference=lambda v: stats.bernoulli(v[p]).entropy(),
    ),
    Density(
        "Bernoulli, log of the textbook power", log(p**x * (1 - p) ** (1 - x)), x, (p,),
        {p: UNIT}, counts(x, 0, 1), field={p: p * (1 - p) * _logit(p)},
    ),
    Density(
        "Bernoulli, logit", x * eta - log(1 + exp(eta)), x, (eta,), {eta: REAL},
        counts(x, 0, 1), field={eta: eta},
    ),
    Density(
        "Bernoulli, cases", Piecewise((log(p), Eq(x, 1)), (log(1 - p), True)), x, (p,),
        {p: UNIT}, counts(x, 0, 1), field={p: p * (1 - p) * _logit(p)},
    ),
    Density(
        "binomial, known trials",
        log(binomial(n, x)) + x * log(p) + (n - x) * log(1 - p), x, (p,),
        {p: UNIT, n: integer(2, 9)}, counts(x, 0, n), expectation="pseudo",
        field={p: p * (1 - p) * _logit(p)}, base=log(binomial(n, x)),
    ),
    Density(
        "binomial, seven trials", log(binomial(7, x)) + x * log(p) + (7 - x) * log(1 - p), x,
        (p,), {p: UNIT}, counts(x, 0, 7), expectation="pseudo",
        field={p: p * (1 - p) * _logit(p)}, base=log(binomial(7, x)),
    ),
    Density(
        "binomial, seven trials, log of the textbook fraction",
        log(factorial(7) / (factorial(x) * factorial(7 - x)) * p**x * (1 - p) ** (7 - x)), x,
        (p,), {p: UNIT}, counts(x, 0, 7), expectation="pseudo",
        field={p: p * (1 - p) * _logit(p)}, base=log(binomial(7, x)),
    ),
]  # fmt: skip

COUNTS = [
    Density(
        "negative binomial, known failures",
        loggamma(x + r) - loggamma(r) - log(factorial(x)) + r * log(1 - p) + x * log(p), x,
        (p,), {p: (0.15, 0.7), r: POSITIVE}, counts(x), expectation="pseudo",
        field={p: p * log(p)}, base=loggamma(x + r) - log(factorial(x)),
    ),
    Density(
        "negative binomial, three failures",
        log(binomial(x + 2, x)) + 3 * log(p) + x * log(1 - p), x, (p,), {p: (0.3, 0.85)},
        counts(x), expectation="pseudo", field={p: -(1 - p) * log(1 - p)},
        base=log(binomial(x + 2, x)),
    ),
    Density(
        "geometric, trials", (y - 1) * log(1 - p) + log(p), y, (p,), {p: UNIT}, counts(y, 1),
        field={p: -(1 - p) * log(1 - p)}, reference=lambda v: stats.geom(v[p]).entropy(),
    ),
    Density(
        "geometric, failures", x * log(1 - p) + log(p), x, (p,), {p: UNIT}, counts(x),
        field={p: -(1 - p) * log(1 - p)},
    ),
    Density(
        "geometric, truncated at a known count",
        x * log(p) + log((1 - p) / (1 - p**6)), x, (p,), {p: UNIT}, counts(x, 0, 5),
        field={p: p * log(p)},
    ),
    Density(
        "Poisson", x * log(lam) - lam - log(factorial(x)), x, (lam,), {lam: POSITIVE},
        counts(x, 0, 120), expectation="pseudo", field={lam: lam * log(lam)},
        base=-log(factorial(x)),
    ),
    Density(
        "Poisson, log of the textbook fraction", log(lam**x * exp(-lam) / gamma(x + 1)), x,
        (lam,), {lam: POSITIVE}, counts(x, 0, 120), expectation="pseudo",
        field={lam: lam * log(lam)}, base=-loggamma(x + 1),
    ),
    Density(
        "Poisson, log rate", x * eta - exp(eta) - loggamma(x + 1), x, (eta,), {eta: REAL},
        counts(x, 0, 120), expectation="pseudo", field={eta: eta}, base=-loggamma(x + 1),
    ),
    Density(
        "Poisson without zero", y * log(lam) - log(factorial(y)) - log(exp(lam) - 1), y, (lam,),
        {lam: POSITIVE}, counts(y, 1, 120), expectation="pseudo",
        field={lam: lam * log(lam)}, base=-log(factorial(y)),
    ),
    Density(
        "zero-inflated Poisson",
        Piecewise((log(p + (1 - p) * exp(-lam)), Eq(x, 0)),
                  (log(1 - p) - lam + x * log(lam) - log(factorial(x)), True)),
        x, (p, lam), {p: UNIT, lam: POSITIVE}, counts(x, 0, 120), expectation="pseudo",
        field={lam: lam * log(lam),
               p: p * (1 - p) * ((1 + rho) * log(1 + rho) / rho - lam * log(lam))},
        base=-log(factorial(x)),
    ),
    Density(
        "Conway-Maxwell-Poisson",
        x * log(lam) - nu * log(factorial(x))
        - log(Sum(lam**j / factorial(j) ** nu, (j, 0, oo))),
        x, (lam, nu), {lam: POSITIVE, nu: (0.7, 2)}, counts(x, 0, 120),
        field={lam: lam * log(lam), nu: nu},
    ),
    Density(
        "logarithmic series", -log(-log(1 - p)) + y * log(p) - log(y), y, (p,), {p: UNIT},
        counts(y, 1), expectation="pseudo", field={p: p * log(p)}, base=-log(y),
    ),
    Density(
        "Borel", -mu * y + (y - 1) * log(mu * y) - log(factorial(y)), y, (mu,),
        {mu: (0.1, 0.6)}, counts(y, 1, 160), expectation="pseudo",
        field={mu: mu * (log(mu) - mu) / (1 - mu)}, base=(y - 1) * log(y) - log(factorial(y)),
    ),
    Density(
        "discrete Laplace", log((1 - p) / (1 + p)) + Abs(i) * log(p), i, (p,), {p: UNIT},
        listed((i,), [(a,) for a in range(-400, 401)]), field={p: p * log(p)},
    ),
    Density(
        "discrete normal",
        -lam * i**2 - log(1 + 2 * Sum(exp(-lam * j**2), (j, 1, oo))), i, (lam,), {lam: POSITIVE},
        listed((i,), [(a,) for a in range(-40, 41)]), field={lam: lam},
    ),
    Density(
        "zeta", -s * log(y) - log(zeta(s)), y, (s,), {s: (4, 6)}, counts(y, 1, 4000),
        field={s: s}, note="the entropy holds the derivative of the zeta function",
    ),
    Density(
        "Zipf, known size", -s * log(y) - log(Sum(k ** (-s), (k, 1, N))), y, (s,),
        {s: (0.5, 3), N: integer(3, 12)}, counts(y, 1, N), field={s: s},
    ),
]  # fmt: skip

LABELS = [
    Density(
        "categorical, three explicit labels",
        x1 * log(p1) + x2 * log(p2) + (1 - x1 - x2) * log(1 - p1 - p2), (x1, x2), (p1, p2),
        {p1: (0.15, 0.45), p2: _pair}, listed((x1, x2), [(1, 0), (0, 1), (0, 0)]),
        field={a: a * (log(a) - p1 * log(p1) - p2 * log(p2)
                       - (1 - p1 - p2) * log(1 - p1 - p2)) for a in (p1, p2)},
        reference=lambda v: stats.multinomial(1, [v[p1], v[p2], 1 - v[p1] - v[p2]]).entropy(),
    ),
    Density(
        "categorical, three explicit logits",
        x1 * eta1 + x2 * eta2 - log(1 + exp(eta1) + exp(eta2)), (x1, x2), (eta1, eta2),
        {eta1: REAL, eta2: REAL}, listed((x1, x2), [(1, 0), (0, 1), (0, 0)]),
        field={eta1: eta1, eta2: eta2},
    ),
    Density(
        "categorical, K logits",
        Sum(onehot[k] * etas[k], (k, 1, K)) - log(Sum(exp(etas[k]), (k, 1, K))), onehot,
        (etas,), {K: integer(2, 5), etas: _vector(-1, 1)}, sample=_one_hot,
        field={etas[k]: etas[k]}, note="general dimension",
    ),
    Density(
        "categorical, K weights, label as index", log(weights[y] / Sum(weights[k], (k, 1, K))), y,
        (weights,), {K: integer(2, 5), weights: _vector(0.5, 2)}, counts(y, 1, K),
        field={weights[k]: weights[k] * log(weights[k])}, note="general dimension",
    ),
    Density(
        "multinomial, three explicit labels, known trials",
        log(factorial(n) / (factorial(x1) * factorial(x2) * factorial(n - x1 - x2)))
        + x1 * log(p1) + x2 * log(p2) + (n - x1 - x2) * log(1 - p1 - p2), (x1, x2), (p1, p2),
        {n: integer(2, 6), p1: (0.15, 0.45), p2: _pair}, listed((x1, x2), _trials),
        expectation="pseudo",
        field={a: a * (log(a) - p1 * log(p1) - p2 * log(p2)
                       - (1 - p1 - p2) * log(1 - p1 - p2)) for a in (p1, p2)},
        base=-log(factorial(x1) * factorial(x2) * factorial(n - x1 - x2)),
    ),
    Density(
        "negative multinomial, known failures",
        loggamma(r + x1 + x2) - loggamma(r) - loggamma(x1 + 1) - loggamma(x2 + 1)
        + r * log(1 - p1 - p2) + x1 * log(p1) + x2 * log(p2), (x1, x2), (p1, p2),
        {r: POSITIVE, p1: (0.1, 0.3), p2: (0.1, 0.3)},
        listed((x1, x2), [(a, b) for a in range(90) for b in range(90)]), expectation="pseudo",
        field={p1: p1 * log(p1), p2: p2 * log(p2)},
        base=loggamma(r + x1 + x2) - loggamma(x1 + 1) - loggamma(x2 + 1),
    ),
    Density(
        "two bits in a chain",
        x1 * log(p) + (1 - x1) * log(1 - p)
        + x1 * (x2 * log(p1) + (1 - x2) * log(1 - p1))
        + (1 - x1) * (x2 * log(p2) + (1 - x2) * log(1 - p2)),
        (x1, x2), (p, p1, p2), {p: UNIT, p1: UNIT, p2: UNIT},
        listed((x1, x2), [(0, 0), (0, 1), (1, 0), (1, 1)]),
        field={p1: p1 * (1 - p1) * _logit(p1), p2: p2 * (1 - p2) * _logit(p2),
               p: p * (1 - p) * (_logit(p) + log(1 - p1) - log(1 - p2)
                                 + p1 * _logit(p1) - p2 * _logit(p2))},
    ),
    Density(
        "Boltzmann machine, three units",
        eta * x1 + eta1 * x2 + eta2 * x3 + w0 * (x1 * x2 + x2 * x3)
        - log(Sum(Sum(Sum(exp(eta * i + eta1 * j + eta2 * k + w0 * (i * j + j * k)),
                          (i, 0, 1)), (j, 0, 1)), (k, 0, 1)).doit()),
        (x1, x2, x3), (eta, eta1, eta2, w0),
        {eta: REAL, eta1: REAL, eta2: REAL, w0: POSITIVE},
        listed((x1, x2, x3), [(a, b, c) for a in (0, 1) for b in (0, 1) for c in (0, 1)]),
        field={eta: eta, eta1: eta1, eta2: eta2, w0: w0},
    ),
]  # fmt: skip

DENSITIES = BITS + COUNTS + LABELS
