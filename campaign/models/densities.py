"""Log densities of all families in nats, written down once more, and samples of them.

Arguments may be complex (for complex-step derivatives); the last axes of vectors are events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.special import iv, loggamma

from campaign.models.arrays import sigmoid, softplus

_LOG_2PI = np.log(2 * np.pi)


def _distance(a: Any) -> Any:
    return np.asarray(a) * np.where(np.real(a) < 0, -1.0, 1.0)


def _normal(x: Any, mean: Any, variance: Any) -> Any:
    return -((x - mean) ** 2) / (2 * variance) - (_LOG_2PI + np.log(variance)) / 2


def _laplace(x: Any, mean: Any, scale: Any) -> Any:
    return -_distance(x - mean) / scale - np.log(2 * scale)


def _generalised_normal(x: Any, mean: Any, scale: Any, power: Any) -> Any:
    reach = np.exp(power * np.log(_distance(x - mean) / scale))
    return np.log(power) - np.log(2 * scale) - loggamma(1 / np.asarray(power)) - reach


def _student(x: Any, mean: Any, scale2: Any, degrees_of_freedom: Any) -> Any:
    nu = np.asarray(degrees_of_freedom)
    tail = (nu + 1) / 2 * np.log(1 + (x - mean) ** 2 / (nu * scale2))
    return loggamma((nu + 1) / 2) - loggamma(nu / 2) - np.log(nu * np.pi * scale2) / 2 - tail


def _von_mises(x: Any, mean: Any, concentration: Any) -> Any:
    return concentration * np.cos(x - mean) - np.log(2 * np.pi * iv(0, concentration))


def _gamma(x: Any, shape: Any, rate: Any) -> Any:
    return shape * np.log(rate) - loggamma(shape) + (shape - 1) * np.log(x) - rate * x


def _inverse_gamma(x: Any, shape: Any, scale: Any) -> Any:
    return shape * np.log(scale) - loggamma(shape) - (shape + 1) * np.log(x) - scale / x


def _exponential(x: Any, rate: Any) -> Any:
    return np.log(rate) - rate * x


def _beta(x: Any, alpha: Any, beta: Any) -> Any:
    total = loggamma(np.asarray(alpha) + beta) - loggamma(alpha) - loggamma(beta)
    return total + (alpha - 1) * np.log(x) + (beta - 1) * np.log(1 - x)


def _bernoulli(x: Any, probability: Any = None, logits: Any = None) -> Any:
    if logits is not None:
        return x * logits - softplus(logits)
    return np.where(np.real(x) > 0.5, np.log(probability), np.log(1 - np.asarray(probability)))


def _poisson(x: Any, rate: Any) -> Any:
    return x * np.log(rate) - rate - loggamma(x + 1.0)


def _ways(n: Any, x: Any) -> Any:
    return loggamma(n + 1.0) - loggamma(x + 1.0) - loggamma(n - x + 1.0)


def _binomial(x: Any, trials: Any, probability: Any) -> Any:
    p = np.asarray(probability)
    return _ways(trials, x) + x * np.log(p) + (trials - x) * np.log(1 - p)


def _log_probabilities(probabilities: Any, logits: Any) -> Any:
    if probabilities is not None:
        return np.log(probabilities)
    return logits - np.log(np.sum(np.exp(logits), axis=-1, keepdims=True))


def _categorical(x: Any, probabilities: Any = None, logits: Any = None) -> Any:
    log_p = np.asarray(_log_probabilities(probabilities, logits))
    places = np.asarray(np.real(x), dtype=int)
    shape = np.broadcast_shapes(places.shape, log_p.shape[:-1])
    log_p = np.broadcast_to(log_p, (*shape, log_p.shape[-1]))
    places = np.broadcast_to(places, shape)
    return np.take_along_axis(log_p, places[..., None], axis=-1)[..., 0]


def _multinomial(x: Any, trials: Any, probabilities: Any = None, logits: Any = None) -> Any:
    log_p = _log_probabilities(probabilities, logits)
    ways = loggamma(trials + 1.0) - np.sum(loggamma(x + 1.0), axis=-1)
    return ways + np.sum(x * log_p, axis=-1)


def _dirichlet(x: Any, concentration: Any) -> Any:
    a = np.asarray(concentration)
    total = loggamma(np.sum(a, axis=-1)) - np.sum(loggamma(a), axis=-1)
    return total + np.sum((a - 1) * np.log(x), axis=-1)


def _multivariate_normal(x: Any, mean: Any, covariance: Any) -> Any:
    r = np.asarray(x - mean)
    solved = np.linalg.solve(covariance, r[..., None])[..., 0]
    log_det = np.log(np.linalg.det(np.asarray(covariance)))
    return -(np.sum(r * solved, axis=-1) + r.shape[-1] * _LOG_2PI + log_det) / 2


def _weibull(x: Any, shape: Any, scale: Any) -> Any:
    y = np.log(np.asarray(x)) - np.log(scale)
    return np.log(shape) - np.log(scale) + (shape - 1) * y - np.exp(shape * y)


def _logistic(x: Any, mean: Any, scale: Any) -> Any:
    y = (x - mean) / scale
    return -y - np.log(scale) - 2 * softplus(-y)


def _lognormal(x: Any, mean: Any, variance: Any) -> Any:
    return _normal(np.log(x), mean, variance) - np.log(x)


def _rayleigh(x: Any, scale: Any) -> Any:
    return np.log(x) - 2 * np.log(scale) - x**2 / (2 * scale**2)


def _geometric(x: Any, probability: Any) -> Any:
    p = np.asarray(probability)
    return np.log(p) + x * np.log(1 - p)


def _gumbel(x: Any, mean: Any, scale: Any) -> Any:
    y = (x - mean) / scale
    return -y - np.exp(-y) - np.log(scale)


def _cauchy(x: Any, mean: Any, scale: Any) -> Any:
    return _student(x, mean, scale**2, 1.0)


def _half_normal(x: Any, scale: Any) -> Any:
    return np.log(2) + _normal(x, 0.0, scale**2)


def _pareto(x: Any, shape: Any) -> Any:
    return np.log(shape) - (shape + 1) * np.log(x)


def _power(x: Any, shape: Any) -> Any:
    return _beta(x, shape, 1.0)


def _inverse_gaussian(x: Any, mean: Any, shape: Any) -> Any:
    reach = shape * (x - mean) ** 2 / (2 * mean**2 * x)
    return (np.log(shape) - _LOG_2PI - 3 * np.log(x)) / 2 - reach


def _two_normals(x: Any, first: Any, second: Any, variance: Any, weight: Any) -> Any:
    a, b = (np.exp(_normal(x, mean, variance)) for mean in (first, second))
    return np.log(weight * a + (1 - np.asarray(weight)) * b)


def _natural_normal(x: Any, linear: Any, precision: Any) -> Any:
    return _normal(x, linear / precision, 1 / np.asarray(precision))


LOG_DENSITY: Mapping[str, Callable[..., Any]] = {
    "Normal": _normal,
    "Laplace": _laplace,
    "GeneralizedNormal": _generalised_normal,
    "StudentT": _student,
    "VonMises": _von_mises,
    "Gamma": _gamma,
    "InverseGamma": _inverse_gamma,
    "Exponential": _exponential,
    "Beta": _beta,
    "Bernoulli": _bernoulli,
    "Poisson": _poisson,
    "Binomial": _binomial,
    "Categorical": _categorical,
    "Multinomial": _multinomial,
    "Dirichlet": _dirichlet,
    "MultivariateNormal": _multivariate_normal,
    "Weibull": _weibull,
    "Logistic": _logistic,
    "LogNormal": _lognormal,
    "Rayleigh": _rayleigh,
    "Geometric": _geometric,
    "Gumbel": _gumbel,
    "Cauchy": _cauchy,
    "HalfNormal": _half_normal,
    "Pareto": _pareto,
    "Power": _power,
    "InverseGaussian": _inverse_gaussian,
    "TwoNormals": _two_normals,
    "NaturalNormal": _natural_normal,
}
WHOLE = {"Bernoulli", "Poisson", "Binomial", "Categorical", "Multinomial", "Geometric"}
REAL = {
    "Normal", "Laplace", "GeneralizedNormal", "StudentT", "MultivariateNormal", "Logistic",
    "Gumbel", "Cauchy", "TwoNormals", "NaturalNormal",
}  # fmt: skip
POSITIVE = {
    "Gamma", "InverseGamma", "Exponential", "Weibull", "LogNormal", "Rayleigh", "HalfNormal",
    "InverseGaussian",
}  # fmt: skip
BOUNDED = {
    "Beta",
    "Dirichlet",
    "VonMises",
    "Power",
    "Pareto",
}  # continuous, but not closed under scaling
EVENTS = {"Multinomial", "Dirichlet", "MultivariateNormal"}  # vectors


# samples ------------------------------------------------------------------------------------------
Rng = np.random.Generator


def _choose(rng: Rng, shape: tuple[int, ...], log_p: Any) -> Any:
    noise = rng.gumbel(size=(*shape, np.shape(log_p)[-1]))
    return np.argmax(noise + log_p, axis=-1)


def _draw_multinomial(
    rng: Rng, shape: tuple[int, ...], trials: Any, probabilities: Any = None, logits: Any = None
) -> Any:
    p = np.exp(_log_probabilities(probabilities, logits))
    p = np.broadcast_to(p, (*shape, p.shape[-1]))
    return rng.multinomial(trials, p / p.sum(axis=-1, keepdims=True))


def _draw_dirichlet(rng: Rng, shape: tuple[int, ...], concentration: Any) -> Any:
    a = np.broadcast_to(concentration, (*shape, np.shape(concentration)[-1]))
    g = rng.gamma(a) + 1e-14
    return g / g.sum(axis=-1, keepdims=True)


def _draw_multivariate_normal(rng: Rng, shape: tuple[int, ...], mean: Any, covariance: Any) -> Any:
    root = np.linalg.cholesky(covariance)
    noise = rng.normal(size=(*shape, root.shape[-1]))
    return mean + (root @ noise[..., None])[..., 0]


def _draw_generalised(rng: Rng, n: tuple[int, ...], mean: Any, scale: Any, power: Any) -> Any:
    sign = rng.choice([-1, 1], size=n)
    return mean + scale * sign * rng.gamma(1 / power, size=n) ** (1 / power)


def _draw_bernoulli(
    rng: Rng, n: tuple[int, ...], probability: Any = None, logits: Any = None
) -> Any:
    p = sigmoid(logits) if probability is None else probability
    return (rng.random(size=n) < p).astype(int)


SAMPLE: Mapping[str, Callable[..., Any]] = {
    "Normal": lambda r, n, mean, variance: mean + np.sqrt(variance) * r.normal(size=n),
    "Laplace": lambda r, n, mean, scale: mean + scale * r.laplace(size=n),
    "GeneralizedNormal": _draw_generalised,
    "StudentT": lambda r, n, mean, scale2, degrees_of_freedom: (
        mean + np.sqrt(scale2) * r.standard_t(degrees_of_freedom, size=n)
    ),
    "VonMises": lambda r, n, mean, concentration: (
        (r.vonmises(0, concentration, size=n) + mean + np.pi) % (2 * np.pi) - np.pi
    ),
    "Gamma": lambda r, n, shape, rate: r.gamma(shape, size=n) / rate + 1e-9,
    "InverseGamma": lambda r, n, shape, scale: scale / (r.gamma(shape, size=n) + 1e-9),
    "Exponential": lambda r, n, rate: r.exponential(size=n) / rate,
    "Beta": lambda r, n, alpha, beta: np.clip(r.beta(alpha, beta, size=n), 1e-12, 1 - 1e-12),
    "Bernoulli": _draw_bernoulli,
    "Poisson": lambda r, n, rate: r.poisson(np.minimum(rate, 50), size=n),
    "Binomial": lambda r, n, trials, probability: r.binomial(trials, probability, size=n),
    "Categorical": lambda r, n, probabilities=None, logits=None: _choose(
        r, n, _log_probabilities(probabilities, logits)
    ),
    "Multinomial": _draw_multinomial,
    "Dirichlet": _draw_dirichlet,
    "MultivariateNormal": _draw_multivariate_normal,
    "Weibull": lambda r, n, shape, scale: scale * r.weibull(shape, size=n) + 1e-9,
    "Logistic": lambda r, n, mean, scale: mean + scale * r.logistic(size=n),
    "LogNormal": lambda r, n, mean, variance: np.exp(mean + np.sqrt(variance) * r.normal(size=n)),
    "Rayleigh": lambda r, n, scale: scale * r.rayleigh(size=n),
    "Geometric": lambda r, n, probability: r.geometric(probability, size=n) - 1,
    "Gumbel": lambda r, n, mean, scale: mean + scale * r.gumbel(size=n),
    "Cauchy": lambda r, n, mean, scale: mean + scale * r.standard_cauchy(size=n),
    "HalfNormal": lambda r, n, scale: scale * np.abs(r.normal(size=n)),
    "Pareto": lambda r, n, shape: 1 + r.pareto(shape, size=n),
    "Power": lambda r, n, shape: np.clip(r.power(shape, size=n), 1e-12, 1 - 1e-12),
    "InverseGaussian": lambda r, n, mean, shape: r.wald(mean, shape, size=n) + 1e-9,
    "TwoNormals": lambda r, n, first, second, variance, weight: (
        np.where(r.random(size=n) < weight, first, second) + np.sqrt(variance) * r.normal(size=n)
    ),
    "NaturalNormal": lambda r, n, linear, precision: (
        linear / precision + r.normal(size=n) / np.sqrt(precision)
    ),
}
