"""Log densities on concrete numbers, each by two routes: `scipy.stats`, and a formula that takes
complex numbers, so that a complex step differentiates it to rounding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from scipy import integrate, special, stats
from sympy import S, Set

from oracle.arithmetic import absolute, log_determinant

AGREEMENT = 1e-11  # of the two routes, relative to 1 + |log p|


def log_sum_exp(a: Any) -> Any:
    top = np.real(a).max(axis=-1, keepdims=True)
    return np.log(np.exp(a - top).sum(axis=-1)) + top[..., 0]


class Family:
    """One conditional with its arguments filled in.

    axes: how many of the last axes of each argument belong to one event.
    event: the axes of one event's value.
    """

    axes: ClassVar[dict[str, int]]
    event: ClassVar[int] = 0

    def __init__(self, **arguments: Any):
        unknown = set(arguments) - set(self.axes)
        assert not unknown, f"{type(self).__name__} has no argument {unknown}"
        self.arguments = {k: np.asarray(v) for k, v in arguments.items()}
        for name, value in self.arguments.items():
            setattr(self, name, value)

    def plates(self) -> tuple[int, ...]:
        """The shape of independent copies that the arguments call for."""
        shapes = [v.shape[: v.ndim - self.axes[k]] for k, v in self.arguments.items() if v.ndim]
        return np.broadcast_shapes(*shapes)

    def event_shape(self) -> tuple[int, ...]:
        return ()

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        """Values in the support; they need not be distributed as the model says."""
        raise NotImplementedError

    def log_density(self, value: np.ndarray) -> np.ndarray:
        """In nats, one number per copy; complex arguments give complex numbers."""
        raise NotImplementedError

    def reference(self, value: np.ndarray) -> np.ndarray:
        """The same by `scipy.stats`, on real numbers."""
        raise NotImplementedError

    def checked(self, value: np.ndarray) -> np.ndarray:
        """`scipy.stats`' log densities, if the formula agrees with them."""
        formula, expected = np.asarray(self.log_density(value)), np.asarray(self.reference(value))
        assert np.isfinite(expected).all(), f"{type(self).__name__}: {expected}"
        error = np.abs(formula - expected) / (1 + np.abs(expected))
        assert error.max(initial=0) < AGREEMENT, f"{type(self).__name__}: {formula} {expected}"
        return expected


class Real(Family):
    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        return 1.5 * rng.normal(size=shape)


class Positive(Family):
    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        return rng.gamma(2.0, size=shape) + 0.05


class Normal(Real):
    axes: ClassVar = {"mean": 0, "variance": 0}

    def log_density(self, x):
        return -((x - self.mean) ** 2) / self.variance / 2 - np.log(2 * np.pi * self.variance) / 2

    def reference(self, x):
        return stats.norm.logpdf(x, self.mean, np.sqrt(self.variance))


class Laplace(Real):
    axes: ClassVar = {"mean": 0, "scale": 0}

    def log_density(self, x):
        return -absolute(x - self.mean) / self.scale - np.log(2 * self.scale)

    def reference(self, x):
        return stats.laplace.logpdf(x, self.mean, self.scale)


class GeneralizedNormal(Real):
    axes: ClassVar = {"mean": 0, "scale": 0, "power": 0}

    def log_density(self, x):
        tail = (absolute(x - self.mean) / self.scale) ** self.power
        return np.log(self.power / self.scale / 2) - special.loggamma(1 / self.power) - tail

    def reference(self, x):
        return stats.gennorm.logpdf(x, self.power, self.mean, self.scale)


class StudentT(Real):
    axes: ClassVar = {"mean": 0, "scale2": 0, "degrees_of_freedom": 0}

    def log_density(self, x):
        nu, square = self.degrees_of_freedom, (x - self.mean) ** 2 / self.scale2
        normaliser = special.loggamma((nu + 1) / 2) - special.loggamma(nu / 2)
        normaliser = normaliser - np.log(nu * np.pi * self.scale2) / 2
        return normaliser - (nu + 1) / 2 * np.log(1 + square / nu)

    def reference(self, x):
        return stats.t.logpdf(x, self.degrees_of_freedom, self.mean, np.sqrt(self.scale2))


class Logistic(Real):
    axes: ClassVar = {"mean": 0, "scale": 0}

    def log_density(self, x):
        half = (x - self.mean) / self.scale / 2
        return -np.log(self.scale) - 2 * np.log(np.exp(half) + np.exp(-half))

    def reference(self, x):
        return stats.logistic.logpdf(x, self.mean, self.scale)


class Gumbel(Real):
    axes: ClassVar = {"location": 0, "scale": 0}

    def log_density(self, x):
        z = (self.location - x) / self.scale
        return z - np.exp(z) - np.log(self.scale)

    def reference(self, x):
        return stats.gumbel_r.logpdf(x, self.location, self.scale)


class SkewNormal(Real):
    axes: ClassVar = {"location": 0, "scale": 0, "slant": 0}

    def log_density(self, x):
        z = (x - self.location) / self.scale
        tilt = np.log(special.erfc(-self.slant * z / np.sqrt(2)))
        return -(z**2) / 2 - np.log(2 * np.pi) / 2 - np.log(self.scale) + tilt

    def reference(self, x):
        return stats.skewnorm.logpdf(x, self.slant, self.location, self.scale)


class Uniform(Family):
    axes: ClassVar = {"low": 0, "high": 0}

    def draw(self, rng, shape):
        return self.low + (self.high - self.low) * rng.uniform(0.05, 0.95, shape)

    def log_density(self, x):
        return 0 * x - np.log(self.high - self.low)

    def reference(self, x):
        return stats.uniform.logpdf(x, self.low, self.high - self.low)


class LogNormal(Positive):
    axes: ClassVar = {"log_mean": 0, "log_variance": 0}

    def log_density(self, x):
        square = (np.log(x) - self.log_mean) ** 2 / self.log_variance
        return -(square + np.log(2 * np.pi * self.log_variance)) / 2 - np.log(x)

    def reference(self, x):
        return stats.lognorm.logpdf(x, np.sqrt(self.log_variance), scale=np.exp(self.log_mean))


class Weibull(Positive):
    axes: ClassVar = {"shape": 0, "scale": 0}

    def log_density(self, x):
        ratio = np.log(x) - np.log(self.scale)
        return np.log(self.shape) + self.shape * ratio - np.log(x) - np.exp(self.shape * ratio)

    def reference(self, x):
        return stats.weibull_min.logpdf(x, self.shape, scale=self.scale)


class InverseGaussian(Positive):
    axes: ClassVar = {"mean": 0, "shape": 0}

    def log_density(self, x):
        m, a = self.mean, self.shape
        return np.log(a / (2 * np.pi * x**3)) / 2 - a * (x / m**2 - 2 / m + 1 / x) / 2

    def reference(self, x):
        return stats.invgauss.logpdf(x, self.mean / self.shape, scale=self.shape)


class HalfNormal(Positive):
    axes: ClassVar = {"scale": 0}

    def log_density(self, x):
        return np.log(2) - np.log(2 * np.pi * self.scale**2) / 2 - (x / self.scale) ** 2 / 2

    def reference(self, x):
        return stats.halfnorm.logpdf(x, scale=self.scale)


class HalfCauchy(Positive):
    axes: ClassVar = {"scale": 0}

    def log_density(self, x):
        return np.log(2 * self.scale / np.pi) - np.log(self.scale**2 + x**2)

    def reference(self, x):
        return stats.halfcauchy.logpdf(x, scale=self.scale)


class LogLogistic(Positive):
    axes: ClassVar = {"shape": 0, "scale": 0}

    def log_density(self, x):
        half = self.shape * (np.log(x) - np.log(self.scale)) / 2
        return np.log(self.shape) - np.log(x) - 2 * np.log(np.exp(half) + np.exp(-half))

    def reference(self, x):
        return stats.fisk.logpdf(x, self.shape, scale=self.scale)


class Pareto(Family):
    axes: ClassVar = {"minimum": 0, "shape": 0}

    def draw(self, rng, shape):
        return self.minimum + rng.gamma(2.0, size=shape) + 0.05

    def log_density(self, x):
        return np.log(self.shape) - self.shape * np.log(x / self.minimum) - np.log(x)

    def reference(self, x):
        return stats.pareto.logpdf(x, self.shape, scale=self.minimum)


class VonMises(Family):
    axes: ClassVar = {"mean": 0, "concentration": 0}

    def draw(self, rng, shape):
        return rng.uniform(-3, 3, shape)

    def log_density(self, x):
        kappa = self.concentration
        return kappa * np.cos(x - self.mean) - np.log(2 * np.pi * special.iv(0, kappa))

    def reference(self, x):
        return stats.vonmises.logpdf(x, self.concentration, self.mean)


class Gamma(Positive):
    axes: ClassVar = {"shape": 0, "rate": 0}

    def log_density(self, x):
        a, b = self.shape, self.rate
        return (a - 1) * np.log(x * b) - x * b + np.log(b) - special.loggamma(a)

    def reference(self, x):
        return stats.gamma.logpdf(x, self.shape, scale=1 / self.rate)


class InverseGamma(Positive):
    axes: ClassVar = {"shape": 0, "scale": 0}

    def log_density(self, x):
        a, ratio = self.shape, self.scale / x
        return a * np.log(ratio) - ratio - np.log(x) - special.loggamma(a)

    def reference(self, x):
        return stats.invgamma.logpdf(x, self.shape, scale=self.scale)


class Exponential(Positive):
    axes: ClassVar = {"rate": 0}

    def log_density(self, x):
        return np.log(self.rate) - x * self.rate

    def reference(self, x):
        return stats.expon.logpdf(x, scale=1 / self.rate)


class Beta(Family):
    axes: ClassVar = {"alpha": 0, "beta": 0}

    def draw(self, rng, shape):
        return rng.uniform(0.05, 0.95, shape)

    def log_density(self, x):
        a, b = self.alpha, self.beta
        normaliser = special.loggamma(a + b) - special.loggamma(a) - special.loggamma(b)
        return normaliser + np.log(x) * (a - 1) + np.log1p(-x) * (b - 1)

    def reference(self, x):
        return stats.beta.logpdf(x, self.alpha, self.beta)


class Bernoulli(Family):
    axes: ClassVar = {"probability": 0, "logits": 0}

    def odds(self):
        if "probability" in self.arguments:
            return np.log(self.probability) - np.log(1 - self.probability)
        return self.logits

    def draw(self, rng, shape):
        return rng.integers(0, 2, shape)

    def log_density(self, x):
        sign = np.where(x == 1, -1, 1)
        return -np.log(1 + np.exp(sign * self.odds()))

    def reference(self, x):
        return stats.bernoulli.logpmf(x, special.expit(self.odds()))


class Poisson(Family):
    axes: ClassVar = {"rate": 0}

    def draw(self, rng, shape):
        return rng.poisson(3.0, shape)

    def log_density(self, x):
        return x * np.log(self.rate) - self.rate - special.gammaln(x + 1)

    def reference(self, x):
        return stats.poisson.logpmf(x, self.rate)


class Binomial(Family):
    axes: ClassVar = {"trials": 0, "probability": 0}

    def draw(self, rng, shape):
        return rng.integers(0, int(self.trials.min()) + 1, shape)

    def log_density(self, x):
        p, n = self.probability, self.trials
        ways = special.gammaln(n + 1) - special.gammaln(x + 1) - special.gammaln(n - x + 1)
        return ways + x * np.log(p) + (n - x) * np.log(1 - p)

    def reference(self, x):
        return stats.binom.logpmf(x, self.trials, self.probability)


class Trials(Family):
    """Whole numbers from one."""

    def draw(self, rng, shape):
        return 1 + rng.poisson(2.0, shape)


class Geometric(Trials):
    axes: ClassVar = {"probability": 0}

    def log_density(self, x):
        return np.log(self.probability) + (x - 1) * np.log(1 - self.probability)

    def reference(self, x):
        return stats.geom.logpmf(x, self.probability)


class TruncatedPoisson(Trials):
    axes: ClassVar = {"rate": 0}

    def log_density(self, x):
        missing = np.log(1 - np.exp(-self.rate))
        return x * np.log(self.rate) - self.rate - special.gammaln(x + 1) - missing

    def reference(self, x):
        return stats.poisson.logpmf(x, self.rate) - stats.poisson.logsf(0, self.rate)


class Counts(Family):
    """Whole numbers from zero, of a Poisson or a negative binomial, zeros put in or left out."""

    def draw(self, rng, shape):
        return rng.poisson(1.5, shape)

    def counted(self, x):
        """log p without changes, and SciPy's distribution."""
        if "rate" in self.arguments:
            log_p = x * np.log(self.rate) - self.rate - special.gammaln(x + 1)
            return log_p, stats.poisson(np.real(self.rate))
        r = self.shape
        p = self.probability if "mean" not in self.arguments else r / (r + self.mean)
        ways = special.loggamma(x + r) - special.loggamma(r) - special.gammaln(x + 1)
        return ways + r * np.log(p) + x * np.log(1 - p), stats.nbinom(np.real(r), np.real(p))

    def chance(self):
        """Of a zero put in."""
        if "logits" in self.arguments:
            return 1 / (1 + np.exp(-self.logits))
        return self.probability


class NegativeBinomial(Counts):
    axes: ClassVar = {"shape": 0, "probability": 0, "mean": 0}

    def log_density(self, x):
        return self.counted(x)[0]

    def reference(self, x):
        return self.counted(x)[1].logpmf(x)


class Inflated(Counts):
    def log_density(self, x):
        p = self.chance()
        return np.log((1 - p) * np.exp(self.counted(x)[0]) + p * (x == 0))

    def reference(self, x):
        p = self.chance()
        rest = np.log1p(-p) + self.counted(x)[1].logpmf(x)
        return np.where(x == 0, np.logaddexp(np.log(p), rest), rest)


class Hurdle(Counts):
    def log_density(self, x):
        p = self.chance()
        rest = self.counted(x)[0] + np.log(1 - p) - np.log(1 - np.exp(self.counted(0 * x)[0]))
        return np.where(x == 0, np.log(p), rest)

    def reference(self, x):
        p, counted = self.chance(), self.counted(x)[1]
        return np.where(x == 0, np.log(p), np.log1p(-p) + counted.logpmf(x) - counted.logsf(0))


class ZeroInflatedPoisson(Inflated):
    axes: ClassVar = {"rate": 0, "probability": 0, "logits": 0}


class ZeroInflatedNegativeBinomial(Inflated):
    axes: ClassVar = {"mean": 0, "shape": 0, "probability": 0, "logits": 0}


class HurdlePoisson(Hurdle):
    axes: ClassVar = {"rate": 0, "probability": 0, "logits": 0}


class HurdleNegativeBinomial(Hurdle):
    axes: ClassVar = {"mean": 0, "shape": 0, "probability": 0, "logits": 0}


class Probabilities(Family):
    """A family of probabilities or logits along the last axis."""

    def log_probabilities(self):
        if "probabilities" in self.arguments:
            return np.log(self.probabilities)
        return self.logits - log_sum_exp(self.logits)[..., None]

    def categories(self) -> int:
        return self.arguments.get("probabilities", self.arguments.get("logits")).shape[-1]


class Categorical(Probabilities):
    axes: ClassVar = {"probabilities": 1, "logits": 1}

    def draw(self, rng, shape):
        return rng.integers(0, self.categories(), shape)

    def log_density(self, c):
        log_p = self.log_probabilities()
        log_p = np.broadcast_to(log_p, (*c.shape, log_p.shape[-1]))
        return np.take_along_axis(log_p, c[..., None], -1)[..., 0]

    def reference(self, c):
        p = np.exp(self.log_probabilities())
        p = np.broadcast_to(p, (*c.shape, p.shape[-1]))
        return by_event(lambda i: stats.rv_discrete(values=(range(p.shape[-1]), p[i])).logpmf(c[i]),
                        c.shape)  # fmt: skip


class OrderedCategorical(Family):
    axes: ClassVar = {"location": 0, "thresholds": 1}

    def draw(self, rng, shape):
        return rng.integers(0, self.thresholds.shape[-1] + 1, shape)

    def log_density(self, c):
        u = np.asarray(self.location)[..., None] - self.thresholds
        cdf = 1 / (1 + np.exp(u))
        ends = np.zeros((*cdf.shape[:-1], 1))
        p = np.diff(np.concatenate([ends, cdf, ends + 1], axis=-1), axis=-1)
        p = np.broadcast_to(p, (*c.shape, p.shape[-1]))
        return np.log(np.take_along_axis(p, c[..., None], -1)[..., 0])

    def reference(self, c):
        above = np.broadcast_to(self.thresholds, (*c.shape, self.thresholds.shape[-1]))
        location = np.broadcast_to(self.location, c.shape)
        edges = np.concatenate(
            [0 * above[..., :1] - np.inf, above, 0 * above[..., :1] + np.inf], -1
        )
        low, high = (np.take_along_axis(edges, c[..., None] + k, -1)[..., 0] for k in (0, 1))
        return np.log(stats.logistic.cdf(high, location) - stats.logistic.cdf(low, location))


class Multinomial(Probabilities):
    axes: ClassVar = {"trials": 0, "probabilities": 1, "logits": 1}
    event = 1

    def event_shape(self):
        return (self.categories(),)

    def draw(self, rng, shape):
        n = shape[-1]
        return rng.multinomial(int(self.trials), np.full(n, 1 / n), shape[:-1])

    def log_density(self, x):
        ways = special.gammaln(self.trials + 1) - special.gammaln(x + 1).sum(axis=-1)
        return ways + (x * self.log_probabilities()).sum(axis=-1)

    def reference(self, x):
        p = np.broadcast_to(np.exp(self.log_probabilities()), x.shape)
        return by_event(
            lambda i: stats.multinomial.logpmf(x[i], int(self.trials), p[i]), x.shape[:-1]
        )


class Dirichlet(Family):
    axes: ClassVar = {"concentration": 1}
    event = 1

    def event_shape(self):
        return self.concentration.shape[-1:]

    def draw(self, rng, shape):
        raw = rng.uniform(0.2, 1.5, shape)
        return raw / raw.sum(axis=-1, keepdims=True)

    def log_density(self, p):
        a = self.concentration
        normaliser = special.loggamma(a.sum(axis=-1)) - special.loggamma(a).sum(axis=-1)
        return normaliser + ((a - 1) * np.log(p)).sum(axis=-1)

    def reference(self, p):
        a = np.broadcast_to(self.concentration, p.shape)
        if p.shape[-1] == 1:  # scipy wants two components; one is certain
            return np.zeros(p.shape[:-1])
        return by_event(lambda i: stats.dirichlet.logpdf(p[i], a[i]), p.shape[:-1])


class MultivariateNormal(Real):
    axes: ClassVar = {"mean": 1, "covariance": 2}
    event = 1

    def event_shape(self):
        return self.covariance.shape[-1:]

    def log_density(self, x):
        residual = (x - self.mean)[..., None]
        solved = np.linalg.solve(self.covariance, residual)
        square = (residual * solved).sum(axis=(-1, -2))
        return -(log_determinant(2 * np.pi * self.covariance) + square) / 2

    def reference(self, x):
        mean = np.broadcast_to(self.mean, x.shape)
        cov = np.broadcast_to(self.covariance, (*x.shape, x.shape[-1]))
        normal = stats.multivariate_normal
        return by_event(lambda i: normal.logpdf(x[i], mean[i], cov[i]), x.shape[:-1])


class MultivariateStudentT(Real):
    axes: ClassVar = {"mean": 1, "scale_matrix": 2, "degrees_of_freedom": 0}
    event = 1

    def event_shape(self):
        return self.scale_matrix.shape[-1:]

    def log_density(self, x):
        nu, n, r = self.degrees_of_freedom, x.shape[-1], (x - self.mean)[..., None]
        square = (r * np.linalg.solve(self.scale_matrix, r)).sum(axis=(-1, -2))
        normaliser = special.loggamma((nu + n) / 2) - special.loggamma(nu / 2)
        spread = log_determinant(self.scale_matrix) + n * np.log(nu * np.pi)
        return normaliser - spread / 2 - (nu + n) / 2 * np.log(1 + square / nu)

    def reference(self, x):
        batch = x.shape[:-1]
        mean = np.broadcast_to(self.mean, x.shape)
        scale = np.broadcast_to(self.scale_matrix, (*x.shape, x.shape[-1]))
        nu = np.broadcast_to(self.degrees_of_freedom, batch)
        return by_event(
            lambda i: stats.multivariate_t.logpdf(x[i], mean[i], scale[i], nu[i]), batch
        )


class MatrixNormal(Real):
    axes: ClassVar = {"mean": 2, "row_covariance": 2, "column_covariance": 2}
    event = 2

    def event_shape(self):
        return self.row_covariance.shape[-1], self.column_covariance.shape[-1]

    def log_density(self, x):
        (n, p), r = x.shape[-2:], x - self.mean
        U, V = self.row_covariance, self.column_covariance
        left = np.linalg.solve(U, r)
        right = np.swapaxes(np.linalg.solve(V, np.swapaxes(r, -1, -2)), -1, -2)
        spread = p * log_determinant(U) + n * log_determinant(V) + n * p * np.log(2 * np.pi)
        return -(spread + (left * right).sum(axis=(-1, -2))) / 2

    def reference(self, x):
        mean = np.broadcast_to(self.mean, x.shape)
        U = np.broadcast_to(self.row_covariance, (*x.shape[:-1], x.shape[-2]))
        V = np.broadcast_to(self.column_covariance, (*x.shape[:-2], *[x.shape[-1]] * 2))
        normal = stats.matrix_normal
        return by_event(lambda i: normal.logpdf(x[i], mean[i], U[i], V[i]), x.shape[:-2])


class Definite(Family):
    """Positive definite matrices, with degrees of freedom and a matrix."""

    axes: ClassVar = {"degrees_of_freedom": 0, "scale_matrix": 2}
    event = 2

    def event_shape(self):
        return self.scale_matrix.shape[-2:]

    def draw(self, rng, shape):
        raw = rng.normal(size=shape)
        return raw @ np.swapaxes(raw, -1, -2) + np.eye(shape[-1])

    def normaliser(self):
        """log of the integral of det(X)^((nu-p-1)/2) exp(-tr(X)/2)."""
        nu, p = self.degrees_of_freedom, self.scale_matrix.shape[-1]
        gammas = sum(special.loggamma((nu - j) / 2) for j in range(p))
        return nu * p / 2 * np.log(2) + p * (p - 1) / 4 * np.log(np.pi) + gammas

    def by_scipy(self, X, distribution):
        S = np.broadcast_to(self.scale_matrix, X.shape)
        nu = np.broadcast_to(self.degrees_of_freedom, X.shape[:-2])
        return by_event(lambda i: distribution.logpdf(X[i], nu[i], S[i]), X.shape[:-2])


class Wishart(Definite):
    def log_density(self, X):
        nu, V, p = self.degrees_of_freedom, self.scale_matrix, X.shape[-1]
        inside = np.trace(np.linalg.solve(V, X), axis1=-2, axis2=-1)
        spread = (nu - p - 1) * log_determinant(X) - nu * log_determinant(V)
        return (spread - inside) / 2 - self.normaliser()

    def reference(self, X):
        return self.by_scipy(X, stats.wishart)


class InverseWishart(Definite):
    def log_density(self, X):
        nu, S, p = self.degrees_of_freedom, self.scale_matrix, X.shape[-1]
        inside = np.trace(np.linalg.solve(X, S), axis1=-2, axis2=-1)
        spread = nu * log_determinant(S) - (nu + p + 1) * log_determinant(X)
        return (spread - inside) / 2 - self.normaliser()

    def reference(self, X):
        return self.by_scipy(X, stats.invwishart)


class Density(Family):
    """A log density that the file writes itself; its reference is that it integrates to one."""

    axes: ClassVar = {}

    def __init__(self, log_density: Callable[[Any], Any], support: Set):
        super().__init__()
        self.log_density = log_density
        self.discrete = bool(support.is_subset(S.Integers))
        self.low, self.high = float(support.inf), float(support.sup)

    def draw(self, rng, shape):
        if self.discrete:
            return self.low + rng.integers(0, 1 + int(min(self.high - self.low, 5)), shape)
        if np.isfinite(self.high):
            return self.low + (self.high - self.low) * rng.uniform(0.05, 0.95, shape)
        if np.isfinite(self.low):
            return self.low + rng.gamma(2.0, size=shape) + 0.05
        return 1.5 * rng.normal(size=shape)

    def reference(self, x):
        found = np.asarray(self.log_density(x))
        for i in np.ndindex(found.shape):  # every copy has its own arguments
            with np.errstate(over="ignore"):
                total = self._mass(lambda v, i=i: np.exp(self.log_density(np.full(x.shape, v))[i]))
            assert abs(total - 1) < 1e-6, f"the density integrates to {total}"
        return found

    def _mass(self, density: Callable[[float], float]) -> float:
        if self.discrete:
            return sum(map(density, np.arange(self.low, min(self.high, self.low + 2000) + 1)))
        middle = float(np.clip(1.0, self.low, self.high))
        parts = (self.low, middle), (middle, self.high)
        return sum(integrate.quad(density, *part)[0] for part in parts)


def by_event(log_density: Callable[[tuple[int, ...]], float], shape: tuple[int, ...]) -> np.ndarray:
    """One call of scipy for each event."""
    values = [float(log_density(i)) for i in np.ndindex(shape)]
    return np.array(values).reshape(shape)


FAMILIES = {
    f.__name__: f
    for f in (
        Bernoulli, Beta, Binomial, Categorical, Density, Dirichlet, Exponential, Gamma,
        GeneralizedNormal, Geometric, Gumbel, HalfCauchy, HalfNormal, HurdleNegativeBinomial,
        HurdlePoisson, InverseGamma, InverseGaussian, InverseWishart, Laplace, LogLogistic,
        LogNormal, Logistic, MatrixNormal, Multinomial, MultivariateNormal, MultivariateStudentT,
        NegativeBinomial, Normal, OrderedCategorical, Pareto, Poisson, SkewNormal, StudentT, TruncatedPoisson, Uniform,
        VonMises, Weibull, Wishart, ZeroInflatedNegativeBinomial, ZeroInflatedPoisson,
    )
}  # fmt: skip
