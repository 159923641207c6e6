"""Densities of several scalars, written out in coordinates."""

import numpy as np
from scipy import stats
from sympy import (
    Abs,
    IndexedBase,
    Matrix,
    Rational,
    Sum,
    Symbol,
    cos,
    hyper,
    log,
    loggamma,
    pi,
    sin,
    sinh,
    sqrt,
    symbols,
)  # fmt: skip

from .record import (
    POSITIVE,
    REAL,
    SHAPE,
    UNIT,
    Density,
    counts,
    half_line,
    integer,
    interval,
    line,
    product,
    sphere,
    triangle,
)  # fmt: skip

x, y, u, m1, m2, mu = symbols("x y u m1 m2 mu", real=True)
r, t = symbols("x1 x2", positive=True)
c = Symbol("c", integer=True, nonnegative=True)
s1, s2, d1, d2, p, a1, a2, a3, kappa, nu, alpha, beta, lam, theta = symbols(
    "s1 s2 d1 d2 p alpha1 alpha2 alpha3 kappa nu alpha beta lambda theta", positive=True
)
rho, w1, w2, b = symbols("rho w1 w2 b", real=True)
t0, t1, t2 = symbols("t0 t1 t2", real=True)
e1, e2, e3, n1, n2, n3 = symbols("e1 e2 e3 n1 n2 n3", real=True)
K, D = symbols("K D", integer=True, positive=True)
k = Symbol("k", integer=True, positive=True)
X = IndexedBase("x", shape=(K,), offset=1, positive=True)
alphas = IndexedBase("alpha", shape=(K,), offset=1, positive=True)
Y = IndexedBase("y", shape=(D,), offset=1, real=True)
means = IndexedBase("mu", shape=(D,), offset=1, real=True)
variances = IndexedBase("v", shape=(D,), offset=1, positive=True)
pair = Matrix([x - m1, y - m2])
MEANS = {m1: REAL, m2: REAL}
plane = product(line(x, m1, count=161), line(y, m2, count=161))
origin = product(line(x, count=161), line(y, count=161))


def _gaussian(difference, covariance):
    """log N(difference; 0, covariance), from determinant and inverse."""
    size = len(difference)
    quadratic = (difference.T * covariance.inv() * difference)[0]
    return -(size * log(2 * pi) + log(covariance.det()) + quadratic) / 2


def _many(low, high, size):
    return lambda generator, values: generator.uniform(low, high, values[size])


DIRECTION = {
    n1: (-0.6, 0.6),
    n2: (-0.6, 0.6),
    n3: lambda generator, values: (1 - values[n1] ** 2 - values[n2] ** 2) ** 0.5,
}

NORMAL = [
    Density(
        "bivariate normal, explicit covariance",
        -log(2 * pi) - log(s1 * s2 - b**2) / 2
        - (s2 * (x - m1) ** 2 - 2 * b * (x - m1) * (y - m2) + s1 * (y - m2) ** 2)
        / (2 * (s1 * s2 - b**2)),
        (x, y), (m1, m2, s1, s2, b),
        {**MEANS, s1: (1, 2), s2: (1, 2), b: (-0.8, 0.8)}, plane,
        field={s1: -s1, s2: -s2, b: -b},
        reference=lambda v: stats.multivariate_normal(
            [0, 0], [[v[s1], v[b]], [v[b], v[s2]]]).entropy(),
    ),
    Density(
        "bivariate normal, deviations and correlation",
        -log(2 * pi * s1 * s2 * sqrt(1 - rho**2))
        - ((x - m1) ** 2 / s1**2 - 2 * rho * (x - m1) * (y - m2) / (s1 * s2)
           + (y - m2) ** 2 / s2**2) / (2 * (1 - rho**2)),
        (x, y), (m1, m2, s1, s2, rho),
        {**MEANS, s1: POSITIVE, s2: POSITIVE, rho: (-0.8, 0.8)}, plane,
        field={s1: -s1 / 2, s2: -s2 / 2},
    ),
    Density(
        "bivariate normal, diagonal",
        -log(2 * pi) - log(s1 * s2) / 2 - (x - m1) ** 2 / (2 * s1) - (y - m2) ** 2 / (2 * s2),
        (x, y), (m1, m2, s1, s2), {**MEANS, s1: POSITIVE, s2: POSITIVE}, plane,
        field={s1: -s1, s2: -s2},
    ),
    Density(
        "bivariate normal, low rank plus diagonal",
        _gaussian(pair, Matrix([[w1**2 + d1, w1 * w2], [w1 * w2, w2**2 + d2]])), (x, y),
        (m1, m2, w1, w2, d1, d2), {**MEANS, w1: REAL, w2: REAL, d1: POSITIVE, d2: POSITIVE},
        plane, field={w1: -w1 / 2, w2: -w2 / 2, d1: -d1, d2: -d2},
    ),
    Density(  # the precision is I - w w' / (1 + w'w): only r / (1 + r), r = w'w, has to scale
        "bivariate normal, low rank plus unit noise",
        _gaussian(Matrix([x, y]), Matrix([[w1**2 + 1, w1 * w2], [w1 * w2, w2**2 + 1]])), (x, y),
        (w1, w2), {w1: REAL, w2: REAL}, origin, expectation="pseudo",
        field={w: w * (1 + w1**2 + w2**2) / 2 for w in (w1, w2)}, base=-(x**2 + y**2) / 2,
    ),
    Density(
        "bivariate normal, Cholesky factor",
        _gaussian(pair, Matrix([[s1**2, s1 * b], [s1 * b, b**2 + s2**2]])), (x, y),
        (m1, m2, s1, s2, b), {**MEANS, s1: (0.7, 2), s2: (0.7, 2), b: REAL}, plane,
        field={s1: -s1 / 2, s2: -s2 / 2, b: -b / 2},
    ),
    Density(
        "trivariate normal, Toeplitz covariance",
        _gaussian(Matrix([x, y, u]), Matrix([[t0, t1, t2], [t1, t0, t1], [t2, t1, t0]])),
        (x, y, u), (t0, t1, t2), {t0: (1.5, 3), t1: (-0.6, 0.6), t2: (-0.6, 0.6)},
        sample=lambda g, v: dict(zip((x, y, u), g.normal(size=3), strict=True)),
        field={t0: -t0, t1: -t1, t2: -t2},
        reference=lambda v: stats.multivariate_normal(np.zeros(3), [
            [v[t0], v[t1], v[t2]], [v[t1], v[t0], v[t1]], [v[t2], v[t1], v[t0]]]).entropy(),
    ),
    Density(
        "trivariate normal, autoregressive covariance",
        -Rational(3, 2) * log(2 * pi * s2) - log(1 - rho**2)
        - (x**2 + (1 + rho**2) * y**2 + u**2 - 2 * rho * (x * y + y * u))
        / (2 * s2 * (1 - rho**2)),
        (x, y, u), (s2, rho), {s2: POSITIVE, rho: (-0.8, 0.8)},
        sample=lambda g, v: dict(zip((x, y, u), g.normal(size=3), strict=True)),
        field={s2: -s2},
        reference=lambda v: stats.multivariate_normal(np.zeros(3), v[s2] * np.array([
            [1, v[rho], v[rho] ** 2], [v[rho], 1, v[rho]], [v[rho] ** 2, v[rho], 1]])).entropy(),
    ),
    Density(
        "normal in D dimensions, spherical, indexed",
        -D * log(2 * pi * s2) / 2 - Sum((Y[k] - means[k]) ** 2, (k, 1, D)) / (2 * s2), Y,
        (means, s2), {D: integer(2, 5), means: _many(-1, 1, D), s2: POSITIVE},
        sample=lambda g, v: {Y: g.normal(size=v[D])}, field={s2: -s2},
        reference=lambda v: stats.multivariate_normal(
            np.zeros(v[D]), v[s2] * np.eye(v[D])).entropy(),
    ),
    Density(
        "normal in D dimensions, diagonal, indexed",
        -Sum(log(2 * pi * variances[k]) / 2 + (Y[k] - means[k]) ** 2 / (2 * variances[k]),
             (k, 1, D)),
        Y, (means, variances),
        {D: integer(2, 5), means: _many(-1, 1, D), variances: _many(0.5, 2, D)},
        sample=lambda g, v: {Y: g.normal(size=v[D])}, field={variances[k]: -variances[k]},
        reference=lambda v: stats.multivariate_normal(
            np.zeros(v[D]), np.diag(v[variances])).entropy(),
    ),
    Density(
        "Gaussian mixture with its label",
        c * (log(p) - log(2 * pi * s1) / 2 - (x - m1) ** 2 / (2 * s1))
        + (1 - c) * (log(1 - p) - log(2 * pi * s2) / 2 - (x - m2) ** 2 / (2 * s2)),
        (c, x), (p, m1, m2, s1, s2), {p: UNIT, **MEANS, s1: POSITIVE, s2: POSITIVE},
        product(counts(c, 0, 1), line(x)),
        field={s1: -s1, s2: -s2, p: p * (1 - p) * (log(p / (1 - p)) - log(s1 / s2) / 2)},
    ),
    Density(
        "Laplace in two dimensions, one scale",
        -2 * log(2 * lam) - (Abs(x - m1) + Abs(y - m2)) / lam, (x, y), (m1, m2, lam),
        {**MEANS, lam: POSITIVE}, plane, field={lam: -lam},
    ),
    Density(
        "bivariate Student t, scale and degrees of freedom free",
        -log(2 * pi) - log(s1 * s2) / 2
        - (nu + 2) / 2 * log(1 + ((x - m1) ** 2 / s1 + (y - m2) ** 2 / s2) / nu),
        (x, y), (m1, m2, s1, s2, nu), {**MEANS, s1: POSITIVE, s2: POSITIVE, nu: (3, 6)}, plane,
        field={nu: nu + 2, s1: -s1 * (nu + 2) / nu, s2: -s2 * (nu + 2) / nu},
    ),
]  # fmt: skip

SIMPLEX = [
    Density(
        "Dirichlet, three explicit components",
        loggamma(a1 + a2 + a3) - loggamma(a1) - loggamma(a2) - loggamma(a3)
        + (a1 - 1) * log(r) + (a2 - 1) * log(t) + (a3 - 1) * log(1 - r - t),
        (r, t), (a1, a2, a3), {a1: SHAPE, a2: SHAPE, a3: SHAPE}, triangle(r, t),
        field={a: a - 1 for a in (a1, a2, a3)},
        reference=lambda v: stats.dirichlet([v[a1], v[a2], v[a3]]).entropy(),
    ),
    Density(
        "Dirichlet, K components",
        loggamma(Sum(alphas[k], (k, 1, K))) - Sum(loggamma(alphas[k]), (k, 1, K))
        + Sum((alphas[k] - 1) * log(X[k]), (k, 1, K)),
        X, (alphas,), {K: integer(2, 5), alphas: _many(0.6, 3, K)},
        sample=lambda g, v: {X: g.dirichlet(np.ones(v[K]))}, field={alphas[k]: alphas[k] - 1},
        reference=lambda v: stats.dirichlet(v[alphas]).entropy(), note="general dimension",
    ),
    Density(
        "logistic normal on the simplex, one variance",
        -log(2 * pi * s1) - log(r * t * (1 - r - t))
        - ((log(r / (1 - r - t)) - m1) ** 2 + (log(t / (1 - r - t)) - m2) ** 2) / (2 * s1),
        (r, t), (m1, m2, s1), {m1: (-0.5, 0.5), m2: (-0.5, 0.5), s1: (0.4, 1)}, triangle(r, t),
        expectation="pseudo", field={s1: -s1}, base=-log(r * t * (1 - r - t)),
    ),
]  # fmt: skip

DIRECTIONS = [
    Density(
        "von Mises-Fisher on the sphere, known mean direction",
        log(kappa / (4 * pi * sinh(kappa))) + kappa * (n1 * e1 + n2 * e2 + n3 * e3),
        (e1, e2, e3), (kappa,), {kappa: POSITIVE, **DIRECTION}, sphere(e1, e2, e3),
        field={kappa: kappa},
        reference=lambda v: stats.vonmises_fisher([v[n1], v[n2], v[n3]], v[kappa]).entropy(),
    ),
    Density(
        "von Mises-Fisher on the sphere, natural parameter",
        e1 * w1 + e2 * w2 + e3 * b - log(4 * pi * sinh(sqrt(w1**2 + w2**2 + b**2)))
        + log(w1**2 + w2**2 + b**2) / 2,
        (e1, e2, e3), (w1, w2, b), {w1: REAL, w2: REAL, b: REAL}, sphere(e1, e2, e3),
        field={w1: w1, w2: w2, b: b},
    ),
    Density(
        "Watson on the sphere",
        -log(4 * pi * hyper([Rational(1, 2)], [Rational(3, 2)], kappa))
        + kappa * (n1 * e1 + n2 * e2 + n3 * e3) ** 2,
        (e1, e2, e3), (kappa,), {kappa: POSITIVE, **DIRECTION}, sphere(e1, e2, e3),
        field={kappa: kappa},
    ),
]  # fmt: skip

JOINT = [
    Density(
        "normal-gamma",
        alpha * log(beta) - loggamma(alpha) + log(lam / (2 * pi)) / 2
        + (alpha - Rational(1, 2)) * log(r) - beta * r - lam * r * (x - mu) ** 2 / 2,
        (x, r), (mu, lam, alpha, beta), {mu: REAL, lam: POSITIVE, alpha: SHAPE, beta: POSITIVE},
        product(half_line(r, count=201), line(x, mu, count=201)),
        field={alpha: alpha - Rational(1, 2), beta: beta, lam: lam},
    ),
    Density(
        "normal-inverse-gamma",
        log(lam / (2 * pi * r)) / 2 + alpha * log(beta) - loggamma(alpha)
        - (alpha + 1) * log(r) - (2 * beta + lam * (x - mu) ** 2) / (2 * r),
        (x, r), (mu, lam, alpha, beta), {mu: REAL, lam: POSITIVE, alpha: SHAPE, beta: POSITIVE},
        product(half_line(r, count=201), line(x, mu, count=201)),
        field={alpha: alpha + Rational(3, 2), beta: beta, lam: lam},
    ),
    Density(
        "bivariate Lomax",
        log(alpha * (alpha + 1) / theta**2) - (alpha + 2) * log(1 + (r + t) / theta), (r, t),
        (alpha, theta), {alpha: (2, 4), theta: POSITIVE},
        product(half_line(r, count=201), half_line(t, count=201)), field={alpha: alpha + 2},
    ),
    Density(
        "von Mises-Fisher in polar coordinates",
        log(kappa / (4 * pi * sinh(kappa))) + kappa * cos(r) + log(sin(r)), (r, t), (kappa,),
        {kappa: POSITIVE},
        product(interval(r, 0, pi, 81), interval(t, 0, 2 * pi, 81)),
        expectation="pseudo", field={kappa: kappa}, base=log(sin(r)),
        note="the Jacobian of the coordinates becomes the base measure",
    ),
]  # fmt: skip

DENSITIES = NORMAL + SIMPLEX + DIRECTIONS + JOINT
