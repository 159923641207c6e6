"""Densities given parents `z`: the field may not depend on z, and log h not either."""

from sympy import (
    Abs,
    Function,
    Symbol,
    besseli,
    beta,
    cos,
    exp,
    factorial,
    gamma,
    log,
    loggamma,
    pi,
    symbols,
)

from .record import (
    POSITIVE,
    REAL,
    SHAPE,
    Density,
    constant,
    counts,
    half_line,
    integer,
    interval,
    line,
    listed,
)  # fmt: skip

x, z = symbols("x z", real=True)
t = Symbol("x", positive=True)
n = Symbol("x", integer=True, nonnegative=True)
n1, n2 = symbols("x1 x2", integer=True, nonnegative=True)
f, g, phi = Function("f", real=True), Function("g", real=True), Function("phi", real=True)
scale = Function("h", positive=True)
w, b, V, A, w1, w2, b1, b2 = symbols("w b V A w1 w2 b1 b2", real=True)
s2, q, lam, k, nu, sigma, kappa, alpha, r = symbols(
    "sigma2 q lambda k nu sigma kappa alpha r", positive=True
)
eta = w * z + b
NETWORK = {
    f: constant(lambda u: u * u / 2 - 1),
    g: constant(lambda u: u / 3),
    phi: constant(lambda u: u / (1 + u * u)),
    scale: constant(lambda u: 1 + u * u),
}
_given = {"given": (z,)}
_known = {z: REAL, **NETWORK}
_affine = {w: REAL, b: REAL, z: REAL}

NETWORKS = [
    Density(
        "normal, mean a network of the parent",
        -log(2 * pi * s2) / 2 - (x - f(z)) ** 2 / (2 * s2), x, (s2,), {s2: POSITIVE, **_known},
        line(x, f(z)), **_given, field={s2: -s2},
    ),
    Density(
        "normal, mean and variance networks, known up to a factor",
        -log(2 * pi * s2 * scale(z)) / 2 - (x - f(z)) ** 2 / (2 * s2 * scale(z)), x, (s2,),
        {s2: POSITIVE, **_known}, line(x, f(z)), **_given, field={s2: -s2},
    ),
    Density(
        "normal, mean and log variance networks with a bias",
        -log(2 * pi) / 2 - (g(z) + b) / 2 - (x - f(z)) ** 2 * exp(-g(z) - b) / 2, x, (b,),
        {b: REAL, **_known}, line(x, f(z)), **_given, field={b: -1},
    ),
    Density(
        "normal, linear dynamics", -log(2 * pi * q) / 2 - (x - A * z) ** 2 / (2 * q), x, (A, q),
        {A: REAL, q: POSITIVE, z: REAL}, line(x, A * z), **_given, field={q: -q},
    ),
    Density(
        "normal, unit variance, affine mean",
        -log(2 * pi) / 2 - (x - V * phi(z) - b) ** 2 / 2, x, (V, b),
        {V: REAL, b: REAL, **_known}, line(x), **_given, expectation="pseudo",
        field={V: V, b: b}, base=-(x**2) / 2,
    ),
    Density(
        "Laplace, location a network", -log(2 * lam) - Abs(x - f(z)) / lam, x, (lam,),
        {lam: POSITIVE, **_known}, line(x, f(z), lam), **_given, field={lam: -lam},
    ),
    Density(
        "generalised normal, location a network, known exponent",
        log(r) - log(2 * alpha * gamma(1 / r)) - (Abs(x - f(z)) / alpha) ** r, x, (alpha,),
        {alpha: POSITIVE, r: (0.8, 3), **_known}, line(x, f(z), alpha), **_given,
        field={alpha: -alpha / r},
    ),
    Density(
        "Student t, location a network, degrees of freedom free",
        loggamma((nu + 1) / 2) - loggamma(nu / 2) - log(nu * pi * s2) / 2
        - (nu + 1) / 2 * log(1 + (x - f(z)) ** 2 / (nu * s2)),
        x, (s2, nu), {s2: POSITIVE, nu: (2, 6), **_known}, line(x, f(z)), **_given,
        field={nu: nu + 1, s2: -s2 * (nu + 1) / nu},
    ),
    Density(
        "von Mises, location a network",
        kappa * cos(x - f(z)) - log(2 * pi * besseli(0, kappa)), x, (kappa,),
        {kappa: POSITIVE, **_known}, interval(x, -pi, pi), **_given, field={kappa: kappa},
    ),
    Density(
        "exponential, rate a network up to a factor",
        log(lam * scale(z)) - lam * scale(z) * t, t, (lam,), {lam: POSITIVE, **_known},
        half_line(t), **_given, field={lam: lam},
    ),
    Density(
        "log-normal, location a network with a bias",
        -log(t) - log(2 * pi * s2) / 2 - (log(t) - f(z) - b) ** 2 / (2 * s2), t, (b, s2),
        {b: REAL, s2: (0.2, 1), **_known}, half_line(t, 0, exp(f(z) + b)), **_given,
        field={s2: -s2, b: -s2},
    ),
    Density(
        "log-normal, location a network without a bias",
        -log(t) - log(2 * pi * s2) / 2 - (log(t) - f(z)) ** 2 / (2 * s2), t, (s2,),
        {s2: (0.2, 1), **_known}, half_line(t, 0, exp(f(z))), **_given, expectation="pseudo",
        field={s2: -s2}, base=-log(t),
    ),
    Density(
        "Bernoulli, logit a network's affine last layer",
        n * (V * phi(z) + b) - log(1 + exp(V * phi(z) + b)), n, (V, b),
        {V: REAL, b: REAL, **_known}, counts(n, 0, 1), **_given, field={V: V, b: b},
    ),
]  # fmt: skip

REGRESSIONS = [
    Density(
        "Bernoulli, affine logit", n * eta - log(1 + exp(eta)), n, (w, b), _affine,
        counts(n, 0, 1), **_given, field={w: w, b: b},
    ),
    Density(
        "categorical, affine logits",
        n1 * (w1 * z + b1) + n2 * (w2 * z + b2)
        - log(1 + exp(w1 * z + b1) + exp(w2 * z + b2)),
        (n1, n2), (w1, b1, w2, b2), {w1: REAL, w2: REAL, b1: REAL, b2: REAL, z: REAL},
        listed((n1, n2), [(1, 0), (0, 1), (0, 0)]), **_given,
        field={u: u for u in (w1, b1, w2, b2)},
    ),
    Density(
        "Poisson, affine log rate", n * eta - exp(eta) - log(factorial(n)), n, (w, b),
        {w: (-0.8, 0.8), b: (-0.8, 0.8), z: REAL}, counts(n, 0, 120), **_given,
        expectation="pseudo", field={w: w, b: b}, base=-log(factorial(n)),
    ),
    Density(
        "gamma, affine log rate",
        k * eta - loggamma(k) + (k - 1) * log(t) - t * exp(eta), t, (k, w, b),
        {k: SHAPE, **_affine}, half_line(t, 0, exp(-eta)), **_given, field={k: k - 1, b: 1},
    ),
    Density(
        "Weibull, known shape, affine log scale",
        log(k) - k * eta + (k - 1) * log(t) - t**k * exp(-k * eta), t, (w, b),
        {k: integer(2, 3), **_affine}, half_line(t, 0, exp(eta)), **_given,
        expectation="pseudo", field={b: -1 / k}, base=(k - 1) * log(t),
    ),
    Density(
        "inverse Gaussian, affine log mean",
        log(lam / (2 * pi * t**3)) / 2 - lam * (t - exp(eta)) ** 2 / (2 * exp(2 * eta) * t), t,
        (w, b, lam), {w: (-0.5, 0.5), b: (-0.5, 0.5), lam: POSITIVE, z: REAL}, half_line(t),
        **_given, expectation="pseudo", field={lam: lam}, base=-3 * log(t) / 2,
    ),
    Density(  # a = kappa s, c = kappa (1 - s), s = 1 / (1 + exp(-eta)); both scale with kappa
        "beta, affine logit of the mean",
        -log(beta(kappa / (1 + exp(-eta)), kappa / (1 + exp(eta))))
        + (kappa / (1 + exp(-eta)) - 1) * log(t) + (kappa / (1 + exp(eta)) - 1) * log(1 - t),
        t, (w, b, kappa), {w: (-0.5, 0.5), b: (-0.5, 0.5), kappa: (5, 9), z: (-1, 1)},
        interval(t), **_given, expectation="pseudo", field={kappa: kappa},
        base=-log(t) - log(1 - t),
    ),
    Density(
        "normal, regression with free noise",
        -log(sigma) - log(2 * pi) / 2 - (x - eta) ** 2 / (2 * sigma**2), x, (w, b, sigma),
        {sigma: POSITIVE, **_affine}, line(x, eta, sigma), **_given, field={sigma: -sigma / 2},
    ),
]  # fmt: skip

DENSITIES = NETWORKS + REGRESSIONS
