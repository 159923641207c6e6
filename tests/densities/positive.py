"""Densities on the positive half line."""

from scipy import stats
from sympy import (
    Abs,
    Rational,
    Symbol,
    besselk,
    beta,
    exp,
    gamma,
    log,
    loggamma,
    lowergamma,
    pi,
    sqrt,
    symbols,
)  # fmt: skip

from .record import POSITIVE, REAL, SHAPE, Density, half_line, integer, interval, joined

x = Symbol("x", positive=True)
mu = Symbol("mu", real=True)
a, b, c, d, k, theta, lam, sigma, s2, alpha, nu, tau2, m, p, q, r, omega = symbols(
    "a b c d k theta lambda sigma sigma2 alpha nu tau2 m p q r Omega", positive=True
)
d1, d2, x0, xi = symbols("d1 d2 x0 xi", positive=True)
half = Rational(1, 2)

GAMMA = [
    Density(
        "gamma, shape and rate", a * log(b) - loggamma(a) + (a - 1) * log(x) - b * x, x, (a, b),
        {a: SHAPE, b: POSITIVE}, half_line(x), field={a: a - 1, b: b},
        reference=lambda v: stats.gamma(v[a], scale=1 / v[b]).entropy(),
    ),
    Density(
        "gamma, shape and scale, log of the textbook fraction",
        log(x ** (k - 1) * exp(-x / theta) / (gamma(k) * theta**k)), x, (k, theta),
        {k: SHAPE, theta: POSITIVE}, half_line(x), field={k: k - 1, theta: -theta},
        reference=lambda v: stats.gamma(v[k], scale=v[theta]).entropy(),
    ),
    Density(
        "gamma, shape and mean",
        k * log(k / m) - log(gamma(k)) + (k - 1) * log(x) - k * x / m, x, (k, m),
        {k: SHAPE, m: POSITIVE}, half_line(x), field={k: k - 1, m: -m / k},
    ),
    Density(
        "Erlang, known shape", k * log(b) - loggamma(k) + (k - 1) * log(x) - b * x, x, (b,),
        {k: integer(2, 5), b: POSITIVE}, half_line(x), expectation="pseudo", field={b: b},
        base=(k - 1) * log(x),
    ),
    Density(
        "gamma, known rate", a * log(2) - loggamma(a) + (a - 1) * log(x) - 2 * x, x, (a,),
        {a: SHAPE}, half_line(x), expectation="pseudo", field={a: a}, base=-log(x) - 2 * x,
    ),
    Density(
        "gamma, shape equal to rate", a * log(a) - loggamma(a) + (a - 1) * log(x) - a * x, x,
        (a,), {a: SHAPE}, half_line(x), expectation="pseudo", field={a: a}, base=-log(x),
    ),
    Density(
        "inverse gamma", a * log(b) - log(gamma(a)) - (a + 1) * log(x) - b / x, x, (a, b),
        {a: SHAPE, b: POSITIVE}, half_line(x), field={a: a + 1, b: b},
        reference=lambda v: stats.invgamma(v[a], scale=v[b]).entropy(),
    ),
    Density(
        "exponential, rate", log(lam) - lam * x, x, (lam,), {lam: POSITIVE}, half_line(x),
        field={lam: lam}, reference=lambda v: stats.expon(scale=1 / v[lam]).entropy(),
    ),
    Density(
        "exponential, scale", -log(theta) - x / theta, x, (theta,), {theta: POSITIVE},
        half_line(x), field={theta: -theta},
    ),
    Density(
        "exponential, scale and start", -log(theta) - (x - x0) / theta, x, (x0, theta),
        {x0: POSITIVE, theta: POSITIVE}, half_line(x, x0), field={theta: -theta},
        note="the support moves with x0: the field must leave x0 alone",
    ),
    Density(
        "chi-squared", -k / 2 * log(2) - loggamma(k / 2) + (k / 2 - 1) * log(x) - x / 2, x, (k,),
        {k: (2.2, 6)}, half_line(x), expectation="pseudo", field={k: k}, base=-x / 2 - log(x),
    ),
    Density(
        "inverse chi-squared",
        -k / 2 * log(2) - loggamma(k / 2) - (k / 2 + 1) * log(x) - 1 / (2 * x), x, (k,),
        {k: (2.2, 6)}, half_line(x), expectation="pseudo", field={k: k},
        base=-1 / (2 * x) - log(x),
    ),
    Density(
        "scaled inverse chi-squared",
        nu / 2 * log(tau2 * nu / 2) - loggamma(nu / 2) - nu * tau2 / (2 * x)
        - (1 + nu / 2) * log(x),
        x, (nu, tau2), {nu: (2, 6), tau2: POSITIVE}, half_line(x),
        field={nu: nu + 2, tau2: -2 * tau2 / nu},
    ),
    Density(
        "chi", log(2 ** (1 - k / 2) * x ** (k - 1) * exp(-(x**2) / 2) / gamma(k / 2)), x, (k,),
        {k: (1.5, 6)}, half_line(x), expectation="pseudo", field={k: k},
        base=-(x**2) / 2 - log(x),
    ),
    Density(
        "Nakagami",
        log(2) + m * log(m) - loggamma(m) - m * log(omega) + (2 * m - 1) * log(x)
        - m * x**2 / omega,
        x, (m, omega), {m: SHAPE, omega: POSITIVE}, half_line(x),
        field={m: m - half, omega: -omega / (2 * m)},
        reference=lambda v: stats.nakagami(v[m], scale=v[omega] ** 0.5).entropy(),
    ),
    Density(
        "generalised gamma, known exponent",
        log(p) - d * log(a) - loggamma(d / p) + (d - 1) * log(x) - (x / a) ** p, x, (a, d),
        {a: POSITIVE, d: SHAPE, p: POSITIVE}, half_line(x, 0, a),
        field={d: d - 1, a: -a / p},
        reference=lambda v: stats.gengamma(v[d] / v[p], v[p], scale=v[a]).entropy(),
    ),
    Density(
        "generalised gamma, all free",
        log(p / a**d * x ** (d - 1) * exp(-((x / a) ** p)) / gamma(d / p)), x, (a, d, p),
        {a: POSITIVE, d: SHAPE, p: POSITIVE}, half_line(x, 0, a),
        field={d: d - 1, a: -a / p},
    ),
    Density(
        "gamma truncated from above, known shape and bound",
        5 * log(b) / 2 + 3 * log(x) / 2 - b * x - log(lowergamma(Rational(5, 2), 3 * b)), x,
        (b,), {b: POSITIVE}, interval(x, 0, 3), expectation="pseudo", field={b: b},
        base=3 * log(x) / 2,
    ),
]  # fmt: skip

SCALES = [
    Density(
        "half-normal", log(sqrt(2 / pi) / sigma) - x**2 / (2 * sigma**2), x, (sigma,),
        {sigma: POSITIVE}, half_line(x, 0, sigma), field={sigma: -sigma / 2},
        reference=lambda v: stats.halfnorm(0, v[sigma]).entropy(),
    ),
    Density(
        "Rayleigh", log(x) - 2 * log(sigma) - x**2 / (2 * sigma**2), x, (sigma,),
        {sigma: POSITIVE}, half_line(x, 0, sigma), expectation="pseudo",
        field={sigma: -sigma / 2}, base=log(x),
    ),
    Density(
        "Maxwell", log(sqrt(2 / pi) * x**2 / a**3 * exp(-(x**2) / (2 * a**2))), x, (a,),
        {a: POSITIVE}, half_line(x, 0, a), expectation="pseudo", field={a: -a / 2},
        base=2 * log(x),
    ),
    Density(
        "Weibull, known shape",
        log(k / lam) + (k - 1) * log(x / lam) - (x / lam) ** k, x, (lam,),
        {lam: POSITIVE, k: SHAPE}, half_line(x, 0, lam), expectation="pseudo",
        field={lam: -lam / k}, base=(k - 1) * log(x),
    ),
    Density(
        "Fréchet, known shape",
        log(alpha / sigma) - (1 + alpha) * log(x / sigma) - (x / sigma) ** (-alpha), x, (sigma,),
        {sigma: POSITIVE, alpha: SHAPE}, half_line(x, 0, sigma), expectation="pseudo",
        field={sigma: sigma / alpha}, base=-(1 + alpha) * log(x),
    ),
    Density(
        "Lévy", log(c / (2 * pi)) / 2 - c / (2 * x) - 3 * log(x) / 2, x, (c,), {c: POSITIVE},
        half_line(x, 0, c), expectation="pseudo", field={c: c}, base=-3 * log(x) / 2,
    ),
    Density(
        "inverse Gaussian",
        log(lam / (2 * pi * x**3)) / 2 - lam * (x - theta) ** 2 / (2 * theta**2 * x), x,
        (theta, lam), {theta: POSITIVE, lam: POSITIVE}, half_line(x), expectation="pseudo",
        field={lam: lam}, base=-3 * log(x) / 2,
    ),
    Density(
        "reciprocal inverse Gaussian",
        log(lam / (2 * pi * x)) / 2 - lam * (1 - theta * x) ** 2 / (2 * theta**2 * x), x,
        (theta, lam), {theta: POSITIVE, lam: POSITIVE}, half_line(x), expectation="pseudo",
        field={lam: lam}, base=-log(x) / 2,
    ),
    Density(
        "generalised inverse Gaussian, known order",
        log(a / b) / 4 - log(2 * besselk(half, sqrt(a * b))) - log(x) / 2 - (a * x + b / x) / 2,
        x, (a, b), {a: POSITIVE, b: POSITIVE}, half_line(x), expectation="pseudo",
        field={a: a, b: b}, base=-log(x) / 2,
    ),
    Density(
        "generalised inverse Gaussian, all free",
        p * log(a / b) / 2 - log(2 * besselk(p, sqrt(a * b))) + (p - 1) * log(x)
        - (a * x + b / x) / 2,
        x, (a, b, p), {a: POSITIVE, b: POSITIVE, p: POSITIVE}, half_line(x),
        field={a: a, b: b, p: p - 1},
        note="the entropy holds the derivative of a Bessel function by its order",
    ),
    Density(
        "Gompertz, known growth", log(b * q) + q + b * x - q * exp(b * x), x, (q,),
        {q: POSITIVE, b: POSITIVE}, half_line(x), expectation="pseudo", field={q: q}, base=b * x,
    ),
    Density(
        "Lindley", 2 * log(theta) - log(1 + theta) + log(1 + x) - theta * x, x, (theta,),
        {theta: POSITIVE}, half_line(x), expectation="pseudo", field={theta: theta},
        base=log(1 + x),
    ),
    Density(
        "Birnbaum-Saunders, unit scale",
        log((sqrt(x) + 1 / sqrt(x)) / (2 * c * x)) - log(2 * pi) / 2
        - (sqrt(x) - 1 / sqrt(x)) ** 2 / (2 * c**2),
        x, (c,), {c: POSITIVE}, half_line(x), expectation="pseudo", field={c: -c / 2},
        base=log(sqrt(x) + 1 / sqrt(x)) - log(x),
    ),
]  # fmt: skip

TAILS = [
    Density(
        "log-normal",
        -log(x) - log(2 * pi * s2) / 2 - (log(x) - mu) ** 2 / (2 * s2), x, (mu, s2),
        {mu: REAL, s2: (0.2, 1.5)}, half_line(x), field={s2: -s2, mu: -s2},
        reference=lambda v: stats.lognorm(v[s2] ** 0.5, scale=float(exp(v[mu]))).entropy(),
    ),
    Density(
        "log-normal, location known", log(exp(-(log(x) ** 2) / (2 * s2)) / (x * sqrt(2 * pi * s2))),
        x, (s2,), {s2: (0.2, 1.5)}, half_line(x), expectation="pseudo", field={s2: -s2},
        base=-log(x),
    ),
    Density(
        "log-Laplace", -log(2 * b) - log(x) - Abs(log(x) - mu) / b, x, (mu, b),
        {mu: REAL, b: (0.2, 0.8)}, joined(interval(x, 0, exp(mu)), half_line(x, exp(mu))),
        expectation="pseudo", field={b: -b}, base=-log(x),
    ),
    Density(
        "Pareto, known minimum", log(alpha) + alpha * log(x0) - (alpha + 1) * log(x), x, (alpha,),
        {alpha: SHAPE, x0: POSITIVE}, half_line(x, x0, x0), field={alpha: alpha + 1},
        reference=lambda v: stats.pareto(v[alpha], scale=v[x0]).entropy(),
    ),
    Density(
        "Pareto, minimum free", log(alpha * x0**alpha / x ** (alpha + 1)), x, (alpha, x0),
        {alpha: SHAPE, x0: POSITIVE}, half_line(x, x0, x0), field={alpha: alpha + 1},
        note="the support moves with x0: the field must leave x0 alone",
    ),
    Density(
        "Lomax, known scale", log(alpha) + alpha * log(lam) - (alpha + 1) * log(x + lam), x,
        (alpha,), {alpha: SHAPE, lam: POSITIVE}, half_line(x), field={alpha: alpha + 1},
        reference=lambda v: stats.lomax(v[alpha], scale=v[lam]).entropy(),
    ),
    Density(
        "Lomax, scale free", log(alpha / lam) - (alpha + 1) * log(1 + x / lam), x, (alpha, lam),
        {alpha: SHAPE, lam: POSITIVE}, half_line(x), field={alpha: alpha + 1},
    ),
    Density(
        "generalised Pareto", -log(sigma) - (1 + 1 / xi) * log(1 + xi * x / sigma), x,
        (xi, sigma), {xi: (0.2, 0.8), sigma: POSITIVE}, half_line(x),
        field={xi: -xi * (1 + xi), sigma: -sigma * (1 + xi)},
        reference=lambda v: stats.genpareto(v[xi], scale=v[sigma]).entropy(),
    ),
    Density(
        "beta prime", (a - 1) * log(x) - (a + b) * log(1 + x) - log(beta(a, b)), x, (a, b),
        {a: SHAPE, b: SHAPE}, half_line(x), field={a: a - 1, b: b + 1},
        reference=lambda v: stats.betaprime(v[a], v[b]).entropy(),
    ),
    Density(
        "F",
        d1 / 2 * log(d1) + d2 / 2 * log(d2) + (d1 / 2 - 1) * log(x)
        - (d1 + d2) / 2 * log(d1 * x + d2) - log(beta(d1 / 2, d2 / 2)),
        x, (d1, d2), {d1: (2.5, 6), d2: (2.5, 6)}, half_line(x), expectation="pseudo",
        field={d1: d1, d2: d2}, base=-log(x),
    ),
    Density(
        "Burr XII, known exponent",
        log(c * k) + (c - 1) * log(x) - (k + 1) * log(1 + x**c), x, (k,),
        {c: POSITIVE, k: SHAPE}, half_line(x), expectation="pseudo", field={k: k + 1},
        base=(c - 1) * log(x),
    ),
    Density(
        "Burr XII, known exponent, scale free",
        log(3 * k / lam) + 2 * log(x / lam) - (k + 1) * log(1 + (x / lam) ** 3), x, (k, lam),
        {k: SHAPE, lam: POSITIVE}, half_line(x, 0, lam), expectation="pseudo",
        field={k: k + 1}, base=2 * log(x),
    ),
    Density(
        "Dagum, known exponent",
        log(a * p / x) + a * p * log(x / b) - (p + 1) * log(1 + (x / b) ** a), x, (p, b),
        {a: SHAPE, p: POSITIVE, b: POSITIVE}, half_line(x, 0, b), expectation="pseudo",
        field={p: p + 1}, base=-(1 + a) * log(x),
    ),
    Density(
        "generalised beta of the second kind, all free",
        log(a) + (a * p - 1) * log(x) - a * p * log(b) - log(beta(p, q))
        - (p + q) * log(1 + (x / b) ** a),
        x, (a, b, p, q), {a: SHAPE, b: POSITIVE, p: SHAPE, q: SHAPE}, half_line(x, 0, b),
        field={p: p - 1 / a, q: q + 1 / a},
    ),
]  # fmt: skip

DENSITIES = GAMMA + SCALES + TAILS
