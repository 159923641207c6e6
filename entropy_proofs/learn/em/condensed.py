"""The E-step by sufficient statistics, and a few pseudo data that stand for all.

Where the log joint is linear in features T of the data (`learn/em/features.py`), F, its gradient
and the statistics of every M-step depend on the data through the averages of T for each state
alone.  So the coefficients are read off the model's own code at as many probes as there are
features; the E-step is a product of matrices; and the averages are handed on as pseudo data with
weights that have the same averages, on which any function of the model runs, exactly, at a cost
that does not depend on N.

Continuous latents are integrated out where the log joint is quadratic in them and in the data.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import lu_factor, lu_solve

from entropy_proofs.evaluate.random_values import number
from entropy_proofs.families.spaces import Category
from entropy_proofs.learn.em.features import Features, NoFeatures, features_of, features_on
from entropy_proofs.learn.em.missing import Gaps, Sums, gaps_for
from entropy_proofs.learn.em.posterior import Array, Arrays, EStep, Posterior, joined, simplex

CHUNK = 1 << 18  # numbers of features at once, for the cache
KEPT = 1 << 26  # numbers of features that are kept between iterations
ROWS = 1 << 16  # that are looked at together
MOST = 4096  # features
EMPTY = 1e-300  # of a state's probability: there is nothing to take means of
RESOLVED = 1e3 * float(np.finfo(float).eps)  # of a variance, beside squares that it is the rest of
AGREEMENT = 1e-8  # of the features' log joint with the model's own, relative


@dataclass(frozen=True)
class Averages:
    """What an E-step leaves.

    Attributes:
        features: of each state, (S, 1 + features): E[q(s)] and E[q(s) T], means over the data.
        value: F with the best q, in nats per data point; NaN where it is not known yet.
    """

    features: Array
    value: float

    def mixed(self, other: Averages, share: float) -> Averages:
        """(1 - share) of these and a share of others."""
        features = (1 - share) * self.features + share * other.features
        return Averages(features, (1 - share) * self.value + share * other.value)


class Pseudo(NamedTuple):
    """A few data points that stand for all.

    Attributes:
        data, states, weights: (P, ...), (P, S, ...) and (P, S).
        steps: of continuous latents, the same for each state; see `Posterior.standing_for`.
    """

    data: Arrays
    states: Arrays
    weights: Array
    steps: Array | None = None


class Condensed:
    """A model's E-step on data, by features; and pseudo data.

    Args:
        data: observed variables (N, ...).
        weights: of the data points, (N,), of mean one; None if all count alike.

    Raises:
        NoFeatures: the model has no such statistics, or too many.
    """

    def __init__(self, posterior: Posterior, data: Arrays, weights: Array | None = None):
        self.posterior, self.data, self.weights = posterior, data, weights
        self.keeps = True  # features between iterations, if they are few
        self.count = posterior.count
        self.features = [
            features_on(of, data[of.variable.name], self._values_of(of.variable))
            for of in features_of(posterior.code.model)
        ]
        if self.width > MOST and self.count > 1:
            raise NoFeatures
        self.gaps = self._without_gaps()
        self.moments = len(self.features) == 1 and self.features[0].of.quadratic

    def _without_gaps(self) -> Gaps | None:
        """The data points with missing entries, which are taken out of the others."""
        names = [n for n, x in self.data.items() if not _finite(x)]
        if not names:
            return None
        holes = np.zeros(self.points, dtype=bool)
        for n in names:
            x = np.asarray(self.data[n])
            holes |= np.isnan(x).reshape(len(x), -1).any(axis=1)
        weights = np.ones(self.points) if self.weights is None else self.weights
        self.holes = holes
        found = gaps_for(self.features, np.asarray(self.data[names[0]])[holes], weights[holes])
        self.data = {n: np.asarray(x)[~holes] for n, x in self.data.items()}
        if self.weights is not None:
            self.weights = self.weights[~holes]
        return found

    @property
    def fixed(self) -> bool:
        """Whether the averages depend on no parameter."""
        return self.count == 1 and self.gaps is None

    def data_moments(self) -> tuple[Array, Array] | None:
        """Mean and covariance of the data, where F depends on nothing else of them."""
        if not (self.fixed and self.moments):
            return None
        (f,) = self.features
        return f.moments(self._fixed.features[0, 1:])

    @property
    def width(self) -> int:
        """How many features there are, the one included."""
        return 1 + sum(f.count for f in self.features)

    def _values_of(self, variable: Any) -> tuple[float, ...]:
        if not isinstance(variable.support, Category):
            return ()
        (size,) = (int(number(n, self.posterior.sizes)) for n in variable.support.bounds)
        return tuple(map(float, range(size)))

    @property
    def points(self) -> int:
        return len(next(iter(self.data.values())))

    # features ---------------------------------------------------------------------------------
    def _of(self, data: Arrays) -> Array:
        """One, and the features: (1 + features, N)."""
        parts = [f(np.asarray(data[f.of.variable.name])) for f in self.features]
        rows = len(next(iter(data.values())))
        return np.concatenate([np.ones((1, rows)), *parts])

    @cached_property
    def _rows(self) -> int:
        return max(64, CHUNK // (self.width + 2 * self.count))

    def chunks(self) -> Iterable[tuple[slice, Array]]:
        """Features of some data points at once; kept, if they are few enough."""
        return self.within(slice(0, self.points)) if self._kept is None else self._kept

    def within(self, part: slice) -> Iterator[tuple[slice, Array]]:
        """Features of some of the rows, made anew."""
        for start in range(part.start, part.stop, self._rows):
            at = slice(start, min(start + self._rows, part.stop))
            yield at, self._of({n: x[at] for n, x in self.data.items()})

    @cached_property
    def _kept(self) -> list[tuple[slice, Array]] | None:
        few = self.keeps and self.width * self.points <= KEPT
        return list(self.within(slice(0, self.points))) if few else None

    @cached_property
    def _fixed(self) -> Averages:
        """The averages where there is one state only: nothing of them depends on parameters."""
        if self.moments:  # one product of matrices, of which the features are the halves
            (f,) = self.features
            own = f.averages(np.asarray(self.data[f.of.variable.name]), self.weights)
            return Averages(np.concatenate([[1.0], own])[None], math.nan)
        total: Any = 0.0
        for at, features in self.within(slice(0, self.points)):
            total = total + (
                features.sum(axis=1) if self.weights is None else features @ self.weights[at]
            )
        return Averages(total[None] / self.points, math.nan)

    # the log joint's coefficients -----------------------------------------------------------------
    @cached_property
    def _probes(self) -> tuple[Arrays, Any]:
        """Data at which the features are independent, and how to solve for coefficients."""
        blocks = {f.of.variable.name: f.probes(self._seen(f)) for f in self.features}
        probes: Arrays = {}
        total = 1 + sum(len(b) - 1 for b in blocks.values())
        start = 1
        for name, block in blocks.items():  # the others stay at their first
            whole = np.repeat(block[:1], total, axis=0)
            whole[start : start + len(block) - 1] = block[1:]
            probes[name], start = whole, start + len(block) - 1
        return probes, lu_factor(self._of(probes).T)

    def _seen(self, f: Features) -> Array:
        x = self.data[f.of.variable.name]
        return np.asarray(x[:: max(1, len(x) // 10_000)])

    def coefficients(self, values: Arrays) -> Array:
        """eta: log p(x, s) = T(x) @ eta[:, s], continuous latents integrated out."""
        probes, factored = self._probes
        states = self.posterior.every_state(self.width)
        found = self.posterior.marginal(values, probes, states)
        if not np.isfinite(found.log_evidence).all():
            raise FloatingPointError
        return np.asarray(lu_solve(factored, found.log_evidence))

    # E-step -----------------------------------------------------------------------------------
    def averages(self, values: Arrays) -> Averages:
        """The E-step on all data: the averages, and F."""
        if self.fixed:
            return self._fixed
        eta = self.coefficients(values)
        found = self.sums(self.chunks(), eta)
        if self.gaps is not None:
            other = self.gaps.sums(eta)
            found = found + other
        return Averages(found.features / found.mass, found.value / found.mass)

    def sums(self, chunks: Any, eta: Array) -> Sums:
        """The E-step on some chunks of the data."""
        total = np.zeros((eta.shape[1], eta.shape[0]))
        value, mass = 0.0, 0.0
        transposed = np.ascontiguousarray(eta.T)
        for at, features in chunks:
            q = transposed @ features
            top = q.max(axis=0)
            q -= top
            np.exp(q, out=q)
            norms = q.sum(axis=0)
            logs = np.log(norms)
            logs += top
            if self.weights is None:
                q /= norms
                value, mass = value + logs.sum(), mass + len(logs)
            else:
                own = self.weights[at]
                q *= own / norms
                value, mass = value + logs @ own, mass + own.sum()
            total += q @ features.T
        return Sums(total, float(value), float(mass))

    # q of each data point -----------------------------------------------------------------------
    def infer(self, values: Arrays) -> tuple[float, Arrays]:
        """F, and the arrays of each data point's posterior; those of `Posterior.infer`."""
        if self.fixed:
            return self.e_step(values).value, self.posteriors(values)
        eta = self.coefficients(values)
        logs, q = joined([*self._inferred(values, eta)])
        if self.gaps is None:
            return self._mean(logs, self.weights), q
        log_evidence, filled = self.gaps.filled(eta)
        shape = self.features[0].shape
        by_state = filled.reshape(*filled.shape[:2], *shape).swapaxes(0, 1)
        gaps = self.posterior.of_states(
            values, {self.features[0].of.variable.name: by_state}, log_evidence.T
        )
        logs, q = joined([(logs, q), gaps])
        order = np.argsort(
            np.concatenate([np.flatnonzero(~self.holes), np.flatnonzero(self.holes)])
        )
        weights = (
            None if self.weights is None else np.concatenate([self.weights, self.gaps.weights])
        )
        return self._mean(logs, weights), {n: a[order] for n, a in q.items()}

    def posteriors(self, values: Arrays) -> Arrays:
        """The arrays of each data point's posterior, without F."""
        if not self.fixed:
            return self.infer(values)[1]
        return joined([*self._inferred(values, None)])[1]

    def _inferred(self, values: Arrays, eta: Array | None) -> Iterator[tuple[Array, Arrays]]:
        """log p(x) and the posterior's arrays of some data points at once.

        Latents' means are affine in the data, whose elements follow the one among the features.

        eta: coefficients of the features; without them there is one state, and no log p(x).
        """
        latents = self._latents(values) if self.posterior.latents else None
        for logs, u in self._elements() if eta is None else self._evidence(eta):
            if latents is None:
                yield self.posterior.averaged(logs)
            else:
                origin, slopes, roots = latents
                yield self.posterior.averaged(logs, origin + np.tensordot(u, slopes, 1), roots)

    def _latents(self, values: Arrays) -> tuple[Array, Array, Array]:
        """Of the latents: the means at the centre, (S, d), their slopes, (D, S, d), and roots."""
        (f,) = self.features
        means, roots = self.posterior.gaussian(values, {f.of.variable.name: f.axes()})
        return means[0], means[1:] - means[0], roots

    def _evidence(self, eta: Array) -> Iterator[tuple[Array, Array]]:
        """log p(x, s) and the elements, (rows, S) and (rows, D)."""
        width = self.features[0].width
        for _, features in self.chunks():
            yield (eta.T @ features).T, features[1 : 1 + width].T

    def _elements(self) -> Iterator[tuple[Array, Array]]:
        """Zeros, (rows, 1), and the elements that tell of latents, (rows, D)."""
        if not self.posterior.latents:
            yield np.zeros((self.points, 1)), np.zeros((self.points, 0))
            return
        (f,) = self.features
        x, rows = self.data[f.of.variable.name], max(64, CHUNK // (1 + f.width))
        for start in range(0, self.points, rows):
            u = f.standard(np.asarray(x[start : start + rows])).T
            yield np.zeros((len(u), 1)), u

    @staticmethod
    def _mean(logs: Array, weights: Array | None) -> float:
        return float(logs.mean() if weights is None else weights @ logs / weights.sum())

    # pseudo data ------------------------------------------------------------------------------
    def pseudo(self, found: Averages) -> Pseudo:
        """Data with these averages.

        The weights' mean over the points is the sum over states of E[q(s)]; some may be negative.
        """
        if self.moments:
            return self._by_moments(found.features)
        probes, (factored, order) = self._probes
        weights = lu_solve((factored, order), found.features.T, trans=1)
        points = len(weights)
        return Pseudo(probes, self.posterior.every_state(points), points * weights)

    def _by_moments(self, averages: Array) -> Pseudo:
        """For each state points with its mean and covariance, and the latents' steps at each.

        D + 1 points, or two where coordinates are independent; d more for d continuous latents,
        whose moments are taken together with the data's.
        """
        (f,) = self.features
        d = self.posterior.dimension
        width = f.width + d + 1 if f.of.crossed else 2
        corners = simplex(width - 1)
        points, weights = [], []
        for own in averages:
            alive = own[0] if own[0] > EMPTY else math.inf  # a state without data points
            mean, covariance = f.moments(own[1:] / alive)
            if f.of.crossed:
                steps = root(covariance) @ corners[: f.width]
            else:
                steps = np.sqrt(np.maximum(np.diag(covariance), 0))[:, None] * corners
            points.append(mean + steps.T)
            weights.append(np.full(width, own[0] * len(averages)))
        x = np.concatenate(points).reshape(-1, *f.shape)
        states = {n: np.repeat(s, width, axis=0)[:, None] for n, s in self.posterior.states.items()}
        latents = corners[f.width :].T if d else None
        return Pseudo({f.of.variable.name: x}, states, np.concatenate(weights)[:, None], latents)

    def e_step(self, values: Arrays) -> EStep:
        """The best q of all data points, as pseudo data, and F."""
        return self.standing_for(values, self.averages(values))

    def standing_for(self, values: Arrays, found: Averages) -> EStep:
        """The pseudo data of averages as a batch."""
        data, states, weights, steps = self._pseudo if self.fixed else self.pseudo(found)
        marginal = (
            self.posterior.marginal(values, data, states)
            if steps is None
            else self.posterior.standing_for(values, data, states, steps)
        )
        value = found.value
        if self.fixed:
            value = float((weights * marginal.log_evidence).sum() / len(weights))
        return self.posterior.batch(data, states, weights, marginal, value)

    def resolves(self, found: EStep) -> bool:
        """Whether rounding leaves digits of each state's variances, whose means are far apart."""
        if self.fixed or not self.moments:
            return True
        (f,) = self.features
        u = f.standard(found.arrays[f.of.variable.name]).T.reshape(self.count, -1, f.width)
        return bool(np.all(u.var(axis=1) >= RESOLVED * np.square(u).mean(axis=1)))

    @cached_property
    def _pseudo(self) -> Pseudo:
        return self.pseudo(self._fixed)

    def agrees(self, values: Arrays, rng: np.random.Generator) -> bool:
        """Whether features and model have the same log joint at some of the data, in numbers.

        Raises:
            NoFeatures: no values tell the features apart.
        """
        rows = np.sort(rng.choice(self.points, size=min(5, self.points), replace=False))
        data = {n: np.asarray(x[rows]) for n, x in self.data.items()}
        if not self.posterior.is_exact(values, data, rng):
            return False
        if self.fixed:
            return self.moments or bool(self._probes)
        own = self.posterior.marginal(values, data, self.posterior.every_state(len(rows)))
        found = self._of(data).T @ self.coefficients(values)
        away = np.abs(own.log_evidence - found)
        return bool(np.all(away <= AGREEMENT * (1 + np.abs(found).max())))


def _finite(x: Any) -> bool:
    """Whether no entry is missing."""
    return all(bool(np.isfinite(np.sum(x[k : k + ROWS]))) for k in range(0, len(x), ROWS))


def root(covariance: Array) -> Array:
    """R with R R' = covariance, which may be singular."""
    try:
        return np.asarray(np.linalg.cholesky(covariance))
    except np.linalg.LinAlgError:
        pass
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0)))
