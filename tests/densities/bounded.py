"""Densities on an interval with known ends (and one whose end is free)."""

from scipy import stats
from sympy import Rational, Symbol, atanh, beta, exp, gamma, log, loggamma, pi, symbols

from .record import POSITIVE, SHAPE, Density, interval

x = Symbol("x", positive=True)
mu, lam, ell = symbols("mu lambda ell", real=True)
a, b, p, q, s2, phi, alpha, delta, rate = symbols("a b p q sigma2 phi alpha delta r", positive=True)
unit = interval(x)

BETA = [
    Density(
        "beta", (a - 1) * log(x) + (b - 1) * log(1 - x) - log(beta(a, b)), x, (a, b),
        {a: SHAPE, b: SHAPE}, unit, field={a: a - 1, b: b - 1},
        reference=lambda v: stats.beta(v[a], v[b]).entropy(),
    ),
    Density(
        "beta, gamma functions, log of the textbook fraction",
        log(gamma(a + b) / (gamma(a) * gamma(b)) * x ** (a - 1) * (1 - x) ** (b - 1)), x,
        (a, b), {a: SHAPE, b: SHAPE}, unit, field={a: a - 1, b: b - 1},
    ),
    Density(
        "beta, mean and precision",
        loggamma(phi) - loggamma(p * phi) - loggamma((1 - p) * phi) + (p * phi - 1) * log(x)
        + ((1 - p) * phi - 1) * log(1 - x),
        x, (p, phi), {p: (0.3, 0.7), phi: (4, 8)}, unit,
        field={phi: phi - 2, p: (2 * p - 1) / phi},
    ),
    Density(
        "beta, equal shapes", (a - 1) * log(x * (1 - x)) - log(beta(a, a)), x, (a,), {a: SHAPE},
        unit, field={a: a - 1},
    ),
    Density(
        "beta, second shape known",
        (a - 1) * log(x) + log(1 - x) * 2 - log(beta(a, 3)), x, (a,), {a: SHAPE}, unit,
        expectation="pseudo", field={a: a}, base=2 * log(1 - x) - log(x),
    ),
    Density(
        "beta on a known interval",
        (a - 1) * log(x - 1) + (b - 1) * log(3 - x) - log(beta(a, b)) - (a + b - 1) * log(2), x,
        (a, b), {a: SHAPE, b: SHAPE}, interval(x, 1, 3), field={a: a - 1, b: b - 1},
    ),
    Density(
        "power function", log(a) + (a - 1) * log(x), x, (a,), {a: SHAPE}, unit,
        field={a: a - 1}, reference=lambda v: stats.powerlaw(v[a]).entropy(),
    ),
    Density(
        "Kumaraswamy, first shape known",
        log(a * b) + (a - 1) * log(x) + (b - 1) * log(1 - x**a), x, (b,), {a: SHAPE, b: SHAPE},
        unit, expectation="pseudo", field={b: b - 1}, base=(a - 1) * log(x),
    ),
    Density(
        "unit gamma",
        a * log(b) - loggamma(a) + (a - 1) * log(-log(x)) + (b - 1) * log(x), x, (a, b),
        {a: SHAPE, b: SHAPE}, unit, field={a: a - 1, b: b - 1},
    ),
    Density(
        "Topp-Leone", log(2 * alpha * (1 - x)) + (alpha - 1) * log(x * (2 - x)), x, (alpha,),
        {alpha: SHAPE}, unit, expectation="pseudo", field={alpha: alpha - 1}, base=log(1 - x),
    ),
    Density(
        "generalised beta of the first kind, all free",
        log(delta) + (delta * p - 1) * log(x) + (q - 1) * log(1 - (x / b) ** delta)
        - delta * p * log(b) - log(beta(p, q)),
        x, (delta, b, p, q), {delta: SHAPE, b: POSITIVE, p: SHAPE, q: SHAPE},
        interval(x, 0, b), field={p: p - 1 / delta, q: q - 1},
        note="the support moves with b: the field must leave b alone",
    ),
]  # fmt: skip

OTHER = [
    Density(
        "logit-normal",
        -log(2 * pi * s2) / 2 - log(x) - log(1 - x)
        - (log(x / (1 - x)) - mu) ** 2 / (2 * s2),
        x, (mu, s2), {mu: (-0.7, 0.7), s2: (0.3, 1)}, unit, expectation="pseudo",
        field={s2: -s2}, base=-log(x) - log(1 - x),
    ),
    Density(
        "Johnson SB, known interval",
        log(delta) - log(2 * pi) / 2 - log(x * (1 - x))
        - (ell + delta * log(x / (1 - x))) ** 2 / 2,
        x, (ell, delta), {ell: (-0.7, 0.7), delta: (1, 2)}, unit, expectation="pseudo",
        field={ell: ell / 2, delta: delta / 2}, base=-log(x * (1 - x)),
    ),
    Density(
        "continuous Bernoulli",
        x * log(p) + (1 - x) * log(1 - p) + log(2 * atanh(1 - 2 * p) / (1 - 2 * p)), x, (p,),
        {p: (0.1, 0.4)}, unit, field={p: p * (1 - p) * log(p / (1 - p))},
    ),
    Density(
        "exponential truncated at a known bound",
        log(rate) - rate * x - log(1 - exp(-2 * rate)), x, (rate,), {rate: POSITIVE},
        interval(x, 0, 2), field={rate: rate},
        reference=lambda v: stats.truncexpon(2 * v[rate], scale=1 / v[rate]).entropy(),
    ),
    Density(
        "Pareto truncated to a known interval",
        log(alpha) - (alpha + 1) * log(x) - log(1 - Rational(1, 3) ** alpha), x, (alpha,),
        {alpha: SHAPE}, interval(x, 1, 3), field={alpha: alpha + 1},
    ),
]  # fmt: skip

DENSITIES = BETA + OTHER
