"""Densities without the identity, whatever the field and the base measure.

Each is refuted numerically by `tests/test_identity.py` (an inconsistent linear system).
"""

from sympy import (
    Abs,
    Function,
    Rational,
    Symbol,
    besseli,
    besselk,
    beta,
    binomial,
    cos,
    cosh,
    erf,
    erfc,
    exp,
    factorial,
    log,
    loggamma,
    pi,
    sech,
    sinh,
    sqrt,
    symbols,
)  # fmt: skip

from .conditional import NETWORK
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
    listed,
    product,
)  # fmt: skip

x, y, mu, mu2, w, b, z, rho = symbols("x y mu mu2 w b z rho", real=True)
t = Symbol("x", positive=True)
n = Symbol("x", integer=True, nonnegative=True)
i = Symbol("x", integer=True)
c = Symbol("x", integer=True, positive=True)
n1, n2 = symbols("x1 x2", integer=True, nonnegative=True)
f, phi = Function("f", real=True), Function("phi", real=True)
scale = Function("h", positive=True)
sigma, nu, s, k, lam, a, q, p, r, theta, alpha, delta, gam, m1, m2 = symbols(
    "sigma nu s k lambda a q p r theta alpha delta gamma m1 m2", positive=True
)
score = (x - mu) / sigma
LOCATION = {mu: REAL, sigma: POSITIVE}


def refuse(name, log_density, variable, parameters, draws, space, given=(), note=""):
    return Density(
        name, log_density, variable, parameters, draws, space, given, "refuse", note=note
    )


REAL_LINE = [
    refuse("Student t, known degrees of freedom",
           loggamma((nu + 1) / 2) - loggamma(nu / 2) - log(nu * pi) / 2 - log(sigma)
           - (nu + 1) / 2 * log(1 + score**2 / nu),
           x, (mu, sigma), {**LOCATION, nu: (2, 6)}, line(x)),
    refuse("Student t, three degrees of freedom",
           log(2 / (pi * sqrt(3) * sigma)) - 2 * log(1 + score**2 / 3), x, (mu, sigma), LOCATION,
           line(x)),
    refuse("Student t, only the degrees of freedom free",
           loggamma((nu + 1) / 2) - loggamma(nu / 2) - log(nu * pi) / 2
           - (nu + 1) / 2 * log(1 + x**2 / nu),
           x, (nu,), {nu: (2, 6)}, line(x)),
    refuse("Cauchy", -log(pi * sigma) - log(1 + score**2), x, (mu, sigma), LOCATION, line(x)),
    refuse("Cauchy, scale only", log(sigma / (pi * (x**2 + sigma**2))), x, (sigma,),
           {sigma: POSITIVE}, line(x)),
    refuse("logistic", -score - log(sigma) - 2 * log(1 + exp(-score)), x, (mu, sigma), LOCATION,
           line(x)),
    refuse("logistic, location only", -(x - mu) - 2 * log(1 + exp(-(x - mu))), x, (mu,),
           {mu: REAL}, line(x)),
    refuse("hyperbolic secant", log(sech(pi * score / 2) / (2 * sigma)), x, (mu, sigma), LOCATION,
           line(x)),
    refuse("skew normal",
           log(2 / sigma) - log(2 * pi) / 2 - score**2 / 2
           + log((1 + erf(w * score / sqrt(2))) / 2),
           x, (mu, sigma, w), {**LOCATION, w: (0.3, 1.5)}, line(x)),
    refuse("Gumbel, scale free", -log(sigma) - score - exp(-score), x, (mu, sigma), LOCATION,
           line(x)),
    refuse("Gumbel, only the scale free", -log(sigma) - x / sigma - exp(-x / sigma), x, (sigma,),
           {sigma: POSITIVE}, line(x)),
    refuse("generalised extreme value",
           -log(sigma) - (1 + 1 / alpha) * log(1 + alpha * score)
           - (1 + alpha * score) ** (-1 / alpha),
           x, (mu, sigma, alpha), {mu: (-0.3, 0), sigma: (1, 2), alpha: (0.2, 0.7)},
           half_line(x, mu - sigma / alpha), note="the support moves"),
    refuse("normal mixture, means free",
           log(exp(-(x - mu) ** 2 / 2) / 3 + 2 * exp(-(x - mu2) ** 2 / 2) / 3) - log(2 * pi) / 2,
           x, (mu, mu2), {mu: REAL, mu2: REAL}, line(x)),
    refuse("normal mixture, all free",
           log(p * exp(-(x - mu) ** 2 / (2 * s)) / sqrt(2 * pi * s)
               + (1 - p) * exp(-(x - mu2) ** 2 / (2 * r)) / sqrt(2 * pi * r)),
           x, (p, mu, mu2, s, r), {p: UNIT, mu: REAL, mu2: REAL, s: POSITIVE, r: POSITIVE},
           line(x)),
    refuse("normal, standard deviation equal to the mean",
           -log(2 * pi * theta**2) / 2 - (x - theta) ** 2 / (2 * theta**2), x, (theta,),
           {theta: POSITIVE}, line(x)),
    refuse("normal-inverse Gaussian, centred",
           log(alpha / pi) + log(besselk(1, alpha * sqrt(1 + x**2))) - log(1 + x**2) / 2
           + sqrt(alpha**2 - w**2) + w * x,
           x, (alpha, w), {alpha: (2, 4), w: REAL}, line(x)),
    refuse("exponentially modified normal",
           log(lam / 2) + lam / 2 * (2 * mu + lam * sigma**2 - 2 * x)
           + log(erfc((mu + lam * sigma**2 - x) / (sqrt(2) * sigma))),
           x, (mu, sigma, lam), {**LOCATION, lam: POSITIVE}, line(x, mu)),
    refuse("wrapped Cauchy",
           log(sinh(gam) / (2 * pi)) - log(cosh(gam) - cos(x - mu)), x, (mu, gam),
           {mu: REAL, gam: POSITIVE}, interval(x, -pi, pi)),
    refuse("cardioid", log(1 + 2 * p * cos(x - mu)) - log(2 * pi), x, (mu, p),
           {mu: REAL, p: (0.1, 0.4)}, interval(x, -pi, pi)),
]  # fmt: skip

POSITIVE_LINE = [
    refuse("Weibull, shape free",
           log(k / lam) + (k - 1) * log(t / lam) - (t / lam) ** k, t, (k, lam),
           {k: SHAPE, lam: POSITIVE}, half_line(t)),
    refuse("Fréchet, shape free",
           log(alpha / s) - (1 + alpha) * log(t / s) - (t / s) ** (-alpha), t, (alpha, s),
           {alpha: SHAPE, s: POSITIVE}, half_line(t)),
    refuse("half-Cauchy", log(2 / (pi * sigma)) - log(1 + t**2 / sigma**2), t, (sigma,),
           {sigma: POSITIVE}, half_line(t)),
    Density("log-Cauchy",
            log(sigma / pi) - log(t) - log((log(t) - mu) ** 2 + sigma**2), t, (mu, sigma),
            LOCATION, sample=lambda g, values: {t: g.lognormal()}, expectation="refuse"),
    refuse("log-logistic",
           log(k / a) + (k - 1) * log(t / a) - 2 * log(1 + (t / a) ** k), t, (a, k),
           {a: POSITIVE, k: SHAPE}, half_line(t)),
    refuse("half-logistic", log(2) - t / s - log(s) - 2 * log(1 + exp(-t / s)), t, (s,),
           {s: POSITIVE}, half_line(t)),
    refuse("Kumaraswamy", log(a * q) + (a - 1) * log(t) + (q - 1) * log(1 - t**a), t, (a, q),
           {a: SHAPE, q: SHAPE}, interval(t)),
    refuse("Kumaraswamy, second shape known",
           log(3 * a) + (a - 1) * log(t) + 2 * log(1 - t**a), t, (a,), {a: SHAPE}, interval(t)),
    refuse("Burr XII, both shapes free",
           log(a * k) + (a - 1) * log(t) - (k + 1) * log(1 + t**a), t, (a, k),
           {a: SHAPE, k: SHAPE}, half_line(t)),
    refuse("Dagum, all free",
           log(a * p / t) + a * p * log(t / r) - (p + 1) * log(1 + (t / r) ** a), t, (a, p, r),
           {a: SHAPE, p: POSITIVE, r: POSITIVE}, half_line(t)),
    refuse("Gompertz, growth free", log(r * q) + q + r * t - q * exp(r * t), t, (r, q),
           {r: POSITIVE, q: POSITIVE}, half_line(t)),
    refuse("Rice",
           log(t / sigma**2) - (t**2 + nu**2) / (2 * sigma**2)
           + log(besseli(0, t * nu / sigma**2)),
           t, (nu, sigma), {nu: POSITIVE, sigma: POSITIVE}, half_line(t)),
    refuse("folded normal",
           log(sqrt(2 / pi) / sigma) - (t**2 + mu**2) / (2 * sigma**2)
           + log(cosh(mu * t / sigma**2)),
           t, (mu, sigma), {mu: (0.5, 1.5), sigma: (1, 2)}, half_line(t)),
    refuse("Birnbaum-Saunders",
           log((sqrt(t / lam) + sqrt(lam / t)) / (2 * gam * t)) - log(2 * pi) / 2
           - (sqrt(t / lam) - sqrt(lam / t)) ** 2 / (2 * gam**2),
           t, (lam, gam), {lam: POSITIVE, gam: POSITIVE}, half_line(t)),
    refuse("Lévy, location free",
           log(s / (2 * pi)) / 2 - s / (2 * (t - b)) - Rational(3, 2) * log(t - b), t, (b, s),
           {b: (-1, -0.2), s: POSITIVE}, half_line(t, b), note="the support moves with b"),
    refuse("exponential-logarithmic",
           log(q * (1 - p) / -log(p)) - q * t - log(1 - (1 - p) * exp(-q * t)), t, (p, q),
           {p: UNIT, q: POSITIVE}, half_line(t)),
    refuse("exponentiated Weibull",
           log(a * k * lam**k) + (k - 1) * log(t) - (lam * t) ** k
           + (a - 1) * log(1 - exp(-((lam * t) ** k))),
           t, (a, k, lam), {a: SHAPE, k: SHAPE, lam: POSITIVE}, half_line(t)),
]  # fmt: skip

COUNTS = [
    refuse("negative binomial, failures free",
           loggamma(n + r) - loggamma(r) - log(factorial(n)) + r * log(1 - p) + n * log(p), n,
           (r, p), {r: POSITIVE, p: UNIT}, counts(n)),
    refuse("beta-binomial, ten trials",
           log(binomial(10, n)) + log(beta(n + a, 10 - n + q)) - log(beta(a, q)), n, (a, q),
           {a: SHAPE, q: SHAPE}, counts(n, 0, 10)),
    refuse("Skellam",
           -(m1 + m2) + i * log(m1 / m2) / 2 + log(besseli(Abs(i), 2 * sqrt(m1 * m2))), i,
           (m1, m2), {m1: POSITIVE, m2: POSITIVE}, listed((i,), [(j,) for j in range(-60, 61)])),
    refuse("generalised Poisson",
           log(theta) + (n - 1) * log(theta + n * p) - theta - n * p - log(factorial(n)), n,
           (theta, p), {theta: POSITIVE, p: (0.1, 0.5)}, counts(n, 0, 160)),
    refuse("Yule-Simon", log(r) + loggamma(c) + loggamma(r + 1) - loggamma(c + r + 1), c, (r,),
           {r: (4, 5)}, counts(c, 1, 4000)),
]  # fmt: skip

SEVERAL = [
    refuse("bivariate Student t, known degrees of freedom",
           -log(2 * pi * s) - Rational(5, 2) * log(1 + (x**2 + y**2) / (3 * s)), (x, y), (s,),
           {s: POSITIVE}, product(line(x, count=121), line(y, count=121))),
    refuse("bivariate normal, only the correlation free",
           -log(2 * pi) - log(1 - rho**2) / 2
           - (x**2 - 2 * rho * x * y + y**2) / (2 * (1 - rho**2)),
           (x, y), (rho,), {rho: (-0.8, 0.8)}, product(line(x, count=121), line(y, count=121))),
]  # fmt: skip

CONDITIONAL = [
    refuse("normal, unit variance, mean an unspecified network",
           -log(2 * pi) / 2 - (x - f(z)) ** 2 / 2, x, (), {z: REAL, **NETWORK}, line(x), (z,)),
    refuse("normal, unit variance, network without a free affine layer",
           -log(2 * pi) / 2 - (x - phi(w * z)) ** 2 / 2, x, (w,), {w: REAL, z: REAL, **NETWORK},
           line(x), (z,)),
    refuse("Poisson, rate proportional to a network",
           n * log(lam * scale(z)) - lam * scale(z) - log(factorial(n)), n, (lam,),
           {lam: POSITIVE, z: REAL, **NETWORK}, counts(n, 0, 160), (z,)),
    refuse("Bernoulli, affine probit",
           n * log((1 + erf((w * z + b) / sqrt(2))) / 2)
           + (1 - n) * log((1 - erf((w * z + b) / sqrt(2))) / 2),
           n, (w, b), {w: REAL, b: REAL, z: REAL}, counts(n, 0, 1), (z,)),
    refuse("negative binomial, affine log mean",
           log(binomial(n + 2, n)) + n * (w * z + b) - (n + 3) * log(3 + exp(w * z + b))
           + 3 * log(3),
           n, (w, b), {w: REAL, b: REAL, z: REAL}, counts(n), (z,)),
    refuse("Weibull, affine log scale, shape free",
           log(k) - k * (w * z + b) + (k - 1) * log(t) - t**k * exp(-k * (w * z + b)), t,
           (w, b, k), {w: REAL, b: REAL, k: SHAPE, z: REAL}, half_line(t), (z,)),
    refuse("binomial, trials a parent",
           log(binomial(q, n)) + n * log(p) + (q - n) * log(1 - p), n, (p,),
           {p: UNIT, q: integer(3, 6)}, counts(n, 0, q), (q,),
           note="binomial(q, n) depends on the parent: no base measure of n alone"),
]  # fmt: skip

DENSITIES = REAL_LINE + POSITIVE_LINE + COUNTS + SEVERAL + CONDITIONAL
