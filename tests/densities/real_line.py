"""Densities on the real line (and the circle)."""

import sympy as sp
from scipy import stats
from sympy import (
    Abs,
    Piecewise,
    Rational,
    Symbol,
    asinh,
    besseli,
    besselk,
    beta,
    cos,
    cosh,
    erf,
    exp,
    gamma,
    log,
    loggamma,
    pi,
    sin,
    sqrt,
    symbols,
)  # fmt: skip

from .record import POSITIVE, REAL, SHAPE, Density, interval, line

x = Symbol("x", real=True)
mu = Symbol("mu", real=True)
sigma, s2, tau, b, c, alpha, nu, kappa, p, m, delta, rho, lam, k, theta = symbols(
    "sigma sigma2 tau b c alpha nu kappa p m delta rho lambda k theta", positive=True
)
ell, a = symbols("ell a", real=True)
z = (x - mu) / sigma

_normal = {mu: REAL, sigma: POSITIVE}
_moves = {
    "space": line(x, mu, sigma),
    "reference": lambda v: stats.norm(v[mu], v[sigma]).entropy(),
}

NORMAL = [
    Density(
        "normal, variance", -log(2 * pi * s2) / 2 - (x - mu) ** 2 / (2 * s2), x, (mu, s2),
        {mu: REAL, s2: POSITIVE}, line(x, mu, sqrt(s2)), field={s2: -s2},
        reference=lambda v: stats.norm(v[mu], v[s2] ** 0.5).entropy(),
    ),
    Density(
        "normal, standard deviation, log of the textbook fraction",
        log(exp(-((x - mu) ** 2) / (2 * sigma**2)) / (sigma * sqrt(2 * pi))), x, (mu, sigma),
        _normal, **_moves, field={sigma: -sigma / 2},
    ),
    Density(
        "normal, z score", -log(sigma) - log(2 * pi) / 2 - z**2 / 2, x, (mu, sigma), _normal,
        **_moves, field={sigma: -sigma / 2},
    ),
    Density(
        "normal, precision", log(tau / (2 * pi)) / 2 - tau * (x - mu) ** 2 / 2, x, (mu, tau),
        {mu: REAL, tau: POSITIVE}, line(x, mu, 1 / sqrt(tau)), field={tau: tau},
    ),
    Density(
        "normal, log variance", -(log(2 * pi) + ell + (x - mu) ** 2 * exp(-ell)) / 2, x,
        (mu, ell), {mu: REAL, ell: REAL}, line(x, mu, exp(ell / 2)), field={ell: -1},
    ),
    Density(
        "normal, natural parameters", a * x - b * x**2 + log(b / pi) / 2 - a**2 / (4 * b), x,
        (a, b), {a: REAL, b: POSITIVE}, line(x, a / b / 2, 1 / sqrt(b)), field={a: a, b: b},
    ),
    Density(
        "normal, mean known", -log(2 * pi * s2) / 2 - (x - 2) ** 2 / (2 * s2), x, (s2,),
        {s2: POSITIVE}, line(x, 2, sqrt(s2)), field={s2: -s2},
    ),
    Density(
        "normal, unit variance", -log(2 * pi) / 2 - (x - mu) ** 2 / 2, x, (mu,), {mu: REAL},
        line(x, mu), expectation="pseudo", field={mu: mu}, base=-(x**2) / 2,
    ),
    Density(
        "normal, variance a known constant", -log(2 * pi * s2) / 2 - (x - mu) ** 2 / (2 * s2),
        x, (mu,), {mu: REAL, s2: POSITIVE}, line(x, mu, sqrt(s2)), expectation="pseudo",
        field={mu: mu}, base=-(x**2) / (2 * s2),
    ),
    Density(
        "normal, variance equal to the mean",
        -log(2 * pi * theta) / 2 - (x - theta) ** 2 / (2 * theta), x, (theta,),
        {theta: POSITIVE}, line(x, theta, sqrt(theta)), expectation="pseudo",
        field={theta: -theta}, base=x,
    ),
    Density(
        "normal truncated to a known interval",
        -((x - mu) ** 2) / (2 * sigma**2)
        - log(sigma * sqrt(pi / 2) * (erf((2 - mu) / (sigma * sqrt(2)))
                                      - erf((-1 - mu) / (sigma * sqrt(2))))),
        x, (mu, sigma), _normal, interval(x, -1, 2), field={sigma: -sigma / 2},
        reference=lambda v: stats.truncnorm(
            (-1 - v[mu]) / v[sigma], (2 - v[mu]) / v[sigma], v[mu], v[sigma]).entropy(),
    ),
]  # fmt: skip

HEAVY = [
    Density(
        "Laplace", -log(2 * b) - Abs(x - mu) / b, x, (mu, b), {mu: REAL, b: POSITIVE},
        line(x, mu, b), field={b: -b}, reference=lambda v: stats.laplace(0, v[b]).entropy(),
    ),
    Density(
        "Laplace, log of the textbook fraction", log(exp(-Abs(x - mu) / b) / (2 * b)), x,
        (mu, b), {mu: REAL, b: POSITIVE}, line(x, mu, b), field={b: -b},
    ),
    Density(
        "asymmetric Laplace, two rates",
        log(c * b / (c + b))
        + Piecewise((-b * (x - mu), x >= mu), (c * (x - mu), True)),
        x, (mu, b, c), {mu: REAL, b: POSITIVE, c: POSITIVE}, line(x, mu), field={b: b, c: c},
    ),
    Density(
        "generalised normal, known exponent",
        log(p) - log(2 * alpha * gamma(1 / p)) - (Abs(x - mu) / alpha) ** p, x, (mu, alpha),
        {mu: REAL, alpha: POSITIVE, p: (0.8, 3)}, line(x, mu, alpha), field={alpha: -alpha / p},
        reference=lambda v: stats.gennorm(v[p], v[mu], v[alpha]).entropy(),
    ),
    Density(
        "generalised normal, exponent 3/2",
        log(Rational(3, 2) / (2 * alpha * gamma(Rational(2, 3))))
        - (Abs(x - mu) / alpha) ** Rational(3, 2),
        x, (mu, alpha), {mu: REAL, alpha: POSITIVE}, line(x, mu, alpha),
        field={alpha: -alpha * Rational(2, 3)},
    ),
    Density(
        "generalised normal, all free",
        log(p) - log(2 * alpha) - loggamma(1 / p) - (Abs(x - mu) / alpha) ** p, x,
        (mu, alpha, p), {mu: REAL, alpha: POSITIVE, p: (0.8, 3)}, line(x, mu, alpha),
        field={alpha: -alpha / p},
    ),
    Density(  # only with nu fixed is there no field: nu sigma^2 stays, nu + 1 is scaled
        "Student t, location, scale and degrees of freedom free",
        loggamma((nu + 1) / 2) - loggamma(nu / 2) - log(nu * pi) / 2 - log(sigma)
        - (nu + 1) / 2 * log(1 + (x - mu) ** 2 / (nu * sigma**2)),
        x, (mu, sigma, nu), {mu: REAL, sigma: POSITIVE, nu: (2, 6)}, line(x, mu, sigma),
        field={nu: nu + 1, sigma: -sigma * (nu + 1) / (2 * nu)},
        reference=lambda v: stats.t(v[nu], v[mu], v[sigma]).entropy(),
    ),
    Density(
        "Pearson VII",
        -log(alpha * beta(m - Rational(1, 2), Rational(1, 2)))
        - m * log(1 + ((x - lam) / alpha) ** 2),
        x, (lam, alpha, m), {lam: REAL, alpha: POSITIVE, m: (1.5, 4)}, line(x, lam, alpha),
        field={m: m},
    ),
    Density(
        "hyperbolic",
        log(sqrt(alpha**2 - a**2) / (2 * alpha * delta
                                     * besselk(1, delta * sqrt(alpha**2 - a**2))))
        - alpha * sqrt(delta**2 + (x - mu) ** 2) + a * (x - mu),
        x, (alpha, a, delta, mu),
        {alpha: (2, 4), a: REAL, delta: POSITIVE, mu: REAL}, line(x, mu),
        field={alpha: alpha, a: a},
    ),
    Density(
        "hyperbolic cosine", -kappa * cosh(x - mu) - log(2 * besselk(0, kappa)), x,
        (mu, kappa), {mu: REAL, kappa: POSITIVE}, line(x, mu), field={kappa: kappa},
    ),
]  # fmt: skip

SKEWED = [
    Density(
        "Gumbel, known scale", -log(b) - (x - mu) / b - exp(-(x - mu) / b), x, (mu,),
        {mu: REAL, b: POSITIVE}, line(x, mu, b), expectation="pseudo", field={mu: b},
        base=-x / b,
    ),
    Density(
        "Gumbel, unit scale", -(x - mu) - exp(-(x - mu)), x, (mu,), {mu: REAL}, line(x, mu),
        expectation="pseudo", field={mu: 1}, base=-x,
    ),
    Density(
        "Moyal, unit scale", -log(2 * pi) / 2 - (x - mu + exp(-(x - mu))) / 2, x, (mu,),
        {mu: REAL}, line(x, mu), expectation="pseudo", field={mu: 1}, base=-x / 2,
    ),
    Density(
        "log-gamma", k * x - exp(x) / theta - k * log(theta) - loggamma(k), x, (k, theta),
        {k: SHAPE, theta: POSITIVE}, line(x), field={k: k, theta: -theta},
        reference=lambda v: stats.loggamma(v[k]).entropy(),
    ),
    Density(
        "log-gamma, unit scale", k * x - exp(x) - log(gamma(k)), x, (k,), {k: SHAPE},
        line(x), expectation="pseudo", field={k: k}, base=-exp(x),
    ),
    Density(
        "Fisher z",
        log(2) + m / 2 * log(m) + nu / 2 * log(nu) - log(beta(m / 2, nu / 2)) + m * x
        - (m + nu) / 2 * log(m * exp(2 * x) + nu),
        x, (m, nu), {m: (2, 6), nu: (2, 6)}, line(x), field={m: m, nu: nu},
    ),
    Density(
        "generalised logistic, type IV",
        -log(beta(alpha, b)) - b * x - (alpha + b) * log(1 + exp(-x)), x, (alpha, b),
        {alpha: SHAPE, b: SHAPE}, line(x), field={alpha: alpha, b: b},
    ),
    Density(
        "generalised logistic, type I", log(alpha) - x - (alpha + 1) * log(1 + exp(-x)), x,
        (alpha,), {alpha: SHAPE}, line(x), expectation="pseudo", field={alpha: alpha + 1},
        base=-x,
    ),
    Density(
        "Johnson SU, known location and scale",
        log(delta) - log(2 * pi) / 2 - log(1 + x**2) / 2 - (a + delta * asinh(x)) ** 2 / 2,
        x, (a, delta), {a: REAL, delta: POSITIVE}, line(x), expectation="pseudo",
        field={a: a / 2, delta: delta / 2}, base=-log(1 + x**2) / 2,
    ),
]  # fmt: skip

CIRCLE = [
    Density(
        "von Mises", kappa * cos(x - mu) - log(2 * pi * besseli(0, kappa)), x, (mu, kappa),
        {mu: REAL, kappa: POSITIVE}, interval(x, -sp.pi, sp.pi), field={kappa: kappa},
        reference=lambda v: stats.vonmises(v[kappa], v[mu]).entropy(),
    ),
    Density(
        "von Mises, cosine and sine",
        a * cos(x) + ell * sin(x) - log(2 * pi * besseli(0, sqrt(a**2 + ell**2))), x,
        (a, ell), {a: (0.3, 1.5), ell: (-1.5, -0.3)}, interval(x, -sp.pi, sp.pi),
        field={a: a, ell: ell},
    ),
]  # fmt: skip

DENSITIES = NORMAL + HEAVY + SKEWED + CIRCLE
