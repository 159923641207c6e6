"""Densities written with matrix symbols, most of them in general dimension."""

import numpy as np
from scipy import special, stats
from sympy import (
    DiagMatrix,
    Identity,
    MatrixSymbol,
    Product,
    Rational,
    Sum,
    Symbol,
    Trace,
    besseli,
    det,
    gamma,
    log,
    loggamma,
    pi,
    symbols,
)  # fmt: skip

from .record import POSITIVE, Density, integer, plane, positive_definite

p, q, n = symbols("p q n", integer=True, positive=True)
j = Symbol("j", integer=True, positive=True)
s2, a, nu, kappa, tau, m0 = symbols("sigma2 a nu kappa tau n", positive=True)
x, mu, d = MatrixSymbol("x", p, 1), MatrixSymbol("mu", p, 1), MatrixSymbol("d", p, 1)
z, A = MatrixSymbol("z", q, 1), MatrixSymbol("A", p, q)
S, V, Psi, Lam, L = (MatrixSymbol(name, p, p) for name in ("Sigma", "V", "Psi", "Lambda", "L"))
X, G, W = MatrixSymbol("X", p, p), MatrixSymbol("K", p, p), MatrixSymbol("W", p, q)
Y, M = MatrixSymbol("X", n, p), MatrixSymbol("M", n, p)
U, C = MatrixSymbol("U", n, n), MatrixSymbol("V", p, p)
X2, V2 = MatrixSymbol("X", 2, 2), MatrixSymbol("V", 2, 2)


def _size(values, length):
    return length if isinstance(length, int) else values[length]


def full(*shape):
    """Draws a matrix of standard normals."""
    return lambda g, v: g.normal(size=[_size(v, length) for length in shape])


def definite(length):
    """Draws a symmetric positive definite matrix."""

    def draw(g, v):
        size = _size(v, length)
        factor = g.normal(size=(size, size)) * 0.5
        return factor @ factor.T + np.diag(g.uniform(0.5, 1.5, size))

    return draw


def diagonal(g, v):
    return np.diag(g.uniform(0.5, 2, v[p]))


def lower(g, v):
    return np.tril(g.normal(size=(v[p], v[p])), -1) + diagonal(g, v)


def _vector(g, v):
    return {x: g.normal(size=(v[p], 1))}


def _definite_point(symbol, length):
    return lambda g, v: {symbol: definite(length)(g, v)}


def _normal_entropy(covariance):
    return lambda v: stats.multivariate_normal(np.zeros(v[p]), covariance(v)).entropy()


def _log_normal(difference, covariance):
    quadratic = Trace(covariance.I * difference * difference.T)
    return -(p * log(2 * pi) + log(det(covariance)) + quadratic) / 2


SIZE = {p: integer(2, 4)}
MEAN = {mu: full(p, 1)}

NORMAL = [
    Density(
        "multivariate normal", _log_normal(x - mu, S), x, (mu, S),
        {**SIZE, **MEAN, S: definite(p)}, sample=_vector, field={S: -S},
        reference=_normal_entropy(lambda v: v[S]),
    ),
    Density(
        "multivariate normal, quadratic form as an entry",
        -p * log(2 * pi) / 2 - log(det(S)) / 2 - ((x - mu).T * S.I * (x - mu))[0, 0] / 2,
        x, (mu, S), {**SIZE, **MEAN, S: definite(p)}, sample=_vector, field={S: -S},
        reference=_normal_entropy(lambda v: v[S]),
    ),
    Density(
        "multivariate normal, precision",
        -p * log(2 * pi) / 2 + log(det(Lam)) / 2 - Trace((x - mu).T * Lam * (x - mu)) / 2,
        x, (mu, Lam), {**SIZE, **MEAN, Lam: definite(p)}, sample=_vector, field={Lam: Lam},
        reference=_normal_entropy(lambda v: np.linalg.inv(v[Lam])),
    ),
    Density(
        "multivariate normal, spherical",
        -p * log(2 * pi * s2) / 2 - Trace((x - mu).T * (x - mu)) / (2 * s2), x, (mu, s2),
        {**SIZE, **MEAN, s2: POSITIVE}, sample=_vector, field={s2: -s2},
        reference=_normal_entropy(lambda v: v[s2] * np.eye(v[p])),
    ),
    Density(
        "multivariate normal, diagonal", _log_normal(x - mu, DiagMatrix(d)), x, (mu, d),
        {**SIZE, **MEAN, d: lambda g, v: g.uniform(0.5, 2, (v[p], 1))}, sample=_vector,
        field={d: -d}, reference=_normal_entropy(lambda v: np.diag(v[d].ravel())),
    ),
    Density(
        "multivariate normal, low rank plus diagonal",
        _log_normal(x - mu, W * W.T + DiagMatrix(d)), x, (mu, W, d),
        {**SIZE, q: integer(1, 2), **MEAN, W: full(p, q),
         d: lambda g, v: g.uniform(0.5, 2, (v[p], 1))},
        sample=_vector, field={W: -W / 2, d: -d},
        reference=_normal_entropy(lambda v: v[W] @ v[W].T + np.diag(v[d].ravel())),
    ),
    Density(
        "multivariate normal, low rank plus a matrix", _log_normal(x - mu, W * W.T + Psi), x,
        (mu, W, Psi), {**SIZE, q: integer(1, 2), **MEAN, W: full(p, q), Psi: diagonal},
        sample=_vector, field={W: -W / 2, Psi: -Psi},
        reference=_normal_entropy(lambda v: v[W] @ v[W].T + v[Psi]),
    ),
    Density(
        "multivariate normal, low rank plus spherical (probabilistic PCA)",
        _log_normal(x - mu, W * W.T + s2 * Identity(p)), x, (mu, W, s2),
        {**SIZE, q: integer(1, 2), **MEAN, W: full(p, q), s2: POSITIVE}, sample=_vector,
        field={W: -W / 2, s2: -s2},
        reference=_normal_entropy(lambda v: v[W] @ v[W].T + v[s2] * np.eye(v[p])),
    ),
    Density(
        "multivariate normal, Cholesky factor", _log_normal(x - mu, L * L.T), x, (mu, L),
        {**SIZE, **MEAN, L: lower}, sample=_vector, field={L: -L / 2},
        reference=_normal_entropy(lambda v: v[L] @ v[L].T),
    ),
    Density(
        "Gaussian process with free amplitude and noise",
        _log_normal(x, a * G + s2 * Identity(p)), x, (a, s2),
        {**SIZE, G: definite(p), a: POSITIVE, s2: POSITIVE}, sample=_vector,
        field={a: -a, s2: -s2},
        reference=_normal_entropy(lambda v: v[a] * v[G] + v[s2] * np.eye(v[p])),
    ),
    Density(
        "multivariate normal, free factor of a known covariance", _log_normal(x - mu, a * G), x,
        (mu, a), {**SIZE, **MEAN, G: definite(p), a: POSITIVE}, sample=_vector, field={a: -a},
        reference=_normal_entropy(lambda v: v[a] * v[G]),
    ),
    Density(
        "multivariate normal, linear in a parent", _log_normal(x - A * z - mu, S), x, (A, mu, S),
        {**SIZE, q: integer(1, 3), A: full(p, q), **MEAN, S: definite(p), z: full(q, 1)},
        sample=_vector, given=(z,), field={S: -S}, reference=_normal_entropy(lambda v: v[S]),
    ),
    Density(
        "multivariate normal, known covariance", _log_normal(x - mu, G), x, (mu,),
        {p: 2, **MEAN, G: definite(p)}, plane(x), expectation="pseudo", field={mu: mu},
        base=-Trace(G.I * x * x.T) / 2,
    ),
    Density(
        "multivariate Student t, scale and degrees of freedom free",
        loggamma((nu + p) / 2) - loggamma(nu / 2) - p * log(nu * pi) / 2 - log(det(S)) / 2
        - (nu + p) / 2 * log(1 + Trace(S.I * (x - mu) * (x - mu).T) / nu),
        x, (mu, S, nu), {**SIZE, **MEAN, S: definite(p), nu: (2, 6)}, sample=_vector,
        field={nu: nu + p, S: -S * ((nu + p) / nu)},
        reference=lambda v: stats.multivariate_t(
            np.zeros(v[p]), v[S], df=v[nu]).entropy(),
        note="general dimension",
    ),
    Density(
        "matrix normal",
        -n * p * log(2 * pi) / 2 - n * log(det(C)) / 2 - p * log(det(U)) / 2
        - Trace(C.I * (Y - M).T * U.I * (Y - M)) / 2,
        Y, (M, U, C),
        {**SIZE, n: integer(2, 3), M: full(n, p), U: definite(n), C: definite(p)},
        sample=lambda g, v: {Y: g.normal(size=(v[n], v[p]))}, field={U: -U},
        reference=lambda v: stats.matrix_normal(v[M], v[U], v[C]).entropy(),
    ),
    Density(
        "von Mises-Fisher, known mean direction, general dimension",
        (Rational(1, 2) * p - 1) * log(kappa) - p * log(2 * pi) / 2
        - log(besseli(p / 2 - 1, kappa)) + kappa * Trace(mu.T * x),
        x, (kappa,),
        {**SIZE, mu: lambda g, v: _unit(g, v), kappa: POSITIVE},
        sample=lambda g, v: {x: _unit(g, v)}, field={kappa: kappa},
        reference=lambda v: _fisher_entropy(v), note="general dimension",
    ),
]  # fmt: skip


def _unit(g, v):
    direction = g.normal(size=(v[p], 1))
    return direction / np.linalg.norm(direction)


def _fisher_entropy(v):
    if v[p] == 2:
        return stats.vonmises(v[kappa]).entropy()
    return stats.vonmises_fisher(v[mu].ravel(), v[kappa]).entropy()


def _log_multigamma(argument):
    """log of the multivariate gamma function in p dimensions."""
    return p * (p - 1) * log(pi) / 4 + Sum(loggamma(argument + (1 - j) / 2), (j, 1, p))


def _inverse_wishart_entropy(freedom, scale):
    """X = Y^-1 with Y Wishart: H[X] = H[Y] - (size + 1) E log|Y|.

    SciPy 1.17's own `invwishart.entropy` subtracts (size + 1)/2 log 2 where it must be
    size (size + 1)/2 log 2 (a sample's mean of -logpdf confirms the latter).
    """
    size = len(scale)
    inverse = np.linalg.inv(scale)
    halves = (freedom + 1 - np.arange(1, size + 1)) / 2
    log_det = special.digamma(halves).sum() + size * np.log(2) + np.linalg.slogdet(inverse)[1]
    return stats.wishart(freedom, inverse).entropy() - (size + 1) * log_det


def _wishart_entropy(scale):
    return lambda v: stats.wishart(v[m0], scale(v)).entropy()


WISHART = [
    Density(
        "Wishart",
        (m0 - p - 1) / 2 * log(det(X)) - Trace(V.I * X) / 2 - m0 * p / 2 * log(2)
        - m0 / 2 * log(det(V)) - _log_multigamma(m0 / 2),
        X, (m0, V), {**SIZE, V: definite(p), m0: (4.5, 7)}, sample=_definite_point(X, p),
        field={m0: m0 - p - 1, V: -V}, reference=_wishart_entropy(lambda v: v[V]),
        note="general dimension",
    ),
    Density(
        "Wishart, product of gamma functions",
        (m0 - p - 1) / 2 * log(det(X)) - Trace(V.I * X) / 2 - m0 * p / 2 * log(2)
        - m0 / 2 * log(det(V)) - p * (p - 1) * log(pi) / 4
        - log(Product(gamma((m0 + 1 - j) / 2), (j, 1, p))),
        X, (m0, V), {**SIZE, V: definite(p), m0: (4.5, 7)}, sample=_definite_point(X, p),
        field={m0: m0 - p - 1, V: -V}, reference=_wishart_entropy(lambda v: v[V]),
        note="general dimension",
    ),
    Density(
        "Wishart, two dimensions",
        (m0 - 3) / 2 * log(det(X2)) - Trace(V2.I * X2) / 2 - m0 * log(2)
        - m0 / 2 * log(det(V2)) - log(pi) / 2 - loggamma(m0 / 2) - loggamma((m0 - 1) / 2),
        X2, (m0, V2), {V2: definite(2), m0: (3, 6)}, positive_definite(X2),
        field={m0: m0 - 3, V2: -V2}, reference=_wishart_entropy(lambda v: v[V2]),
    ),
    Density(
        "Wishart, two dimensions, known degrees of freedom",
        (m0 - 3) / 2 * log(det(X2)) - Trace(V2.I * X2) / 2 - m0 * log(2)
        - m0 / 2 * log(det(V2)) - log(pi) / 2 - loggamma(m0 / 2) - loggamma((m0 - 1) / 2),
        X2, (V2,), {V2: definite(2), m0: (3.2, 6)}, positive_definite(X2), expectation="pseudo",
        field={V2: -V2}, base=(m0 - 3) / 2 * log(det(X2)),
    ),
    Density(
        "Wishart, known degrees of freedom",
        (m0 - p - 1) / 2 * log(det(X)) - Trace(V.I * X) / 2 - m0 * p / 2 * log(2)
        - m0 / 2 * log(det(V)) - _log_multigamma(m0 / 2),
        X, (V,), {p: 2, V: definite(p), m0: (3.2, 6)}, positive_definite(X),
        expectation="pseudo", field={V: -V}, base=(m0 - p - 1) / 2 * log(det(X)),
        note="general dimension",
    ),
    Density(
        "inverse Wishart",
        nu / 2 * log(det(Psi)) - nu * p / 2 * log(2) - _log_multigamma(nu / 2)
        - (nu + p + 1) / 2 * log(det(X)) - Trace(Psi * X.I) / 2,
        X, (Psi, nu), {**SIZE, Psi: definite(p), nu: (4.5, 7)}, sample=_definite_point(X, p),
        field={nu: nu + p + 1, Psi: Psi},
        reference=lambda v: _inverse_wishart_entropy(v[nu], v[Psi]), note="general dimension",
    ),
    Density(
        "inverse Wishart, two dimensions",
        nu / 2 * log(det(V2)) - nu * log(2) - log(pi) / 2 - loggamma(nu / 2)
        - loggamma((nu - 1) / 2) - (nu + 3) / 2 * log(det(X2)) - Trace(V2 * X2.I) / 2,
        X2, (V2, nu), {V2: definite(2), nu: (3, 6)},
        sample=_definite_point(X2, 2), field={nu: nu + 3, V2: V2},
        reference=lambda v: _inverse_wishart_entropy(v[nu], v[V2]),
    ),
]  # fmt: skip

GAUSS_WISHART = Density(
    "normal-Wishart",
    p * log(tau / (2 * pi)) / 2
    + log(det(X)) / 2
    - tau * Trace(X * (x - mu) * (x - mu).T) / 2
    + (m0 - p - 1) / 2 * log(det(X))
    - Trace(V.I * X) / 2
    - m0 * p / 2 * log(2)
    - m0 / 2 * log(det(V))
    - _log_multigamma(m0 / 2),
    (x, X),
    (mu, tau, V, m0),
    {**SIZE, **MEAN, tau: POSITIVE, V: definite(p), m0: (4.5, 7)},
    sample=lambda g, v: {**_vector(g, v), X: definite(p)(g, v)},
    field={m0: m0 - p, tau: tau, V: -V},
    note="general dimension; the variable is a vector and a matrix",
)

DENSITIES = [*NORMAL, *WISHART, GAUSS_WISHART]
