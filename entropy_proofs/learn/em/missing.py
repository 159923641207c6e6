"""Data points with missing entries: these are latents, of which q is the conditional.

Where the log joint is quadratic in the data, missing entries are Gaussian given the others and the
state; where it is a sum over entries, each is independent given the state, and if it is discrete
its few values are added up.  Both need the coefficients of the features only.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from entropy_proofs.families.spaces import BINARY
from entropy_proofs.learn.em.features import Features
from entropy_proofs.learn.em.posterior import Array, NoPosterior

Mask = NDArray[np.bool_]

LONGEST = 100_000  # values of a count that are added up


@dataclass(frozen=True)
class Sums:
    """Over some data points: of q(s) and q(s) T, (S, 1 + features); of log p(x); of weights."""

    features: Array
    value: float
    mass: float

    def __add__(self, other: Sums) -> Sums:
        mass = self.mass + other.mass
        return Sums(self.features + other.features, self.value + other.value, mass)


class Gaps(ABC):
    """Some data points with missing entries.

    Args:
        x: their observed vectors (n, D), NaN where an entry is missing.
        weights: (n,).
    """

    def __init__(self, features: Features, x: Array, weights: Array):
        self.features, self.x, self.weights = features, x, weights

    @abstractmethod
    def sums(self, eta: Array) -> Sums:
        """The E-step for the log joint's coefficients (1 + features, S)."""

    @abstractmethod
    def filled(self, eta: Array) -> tuple[Array, Array]:
        """log p(x_o, s), (S, n), and x with the means of what is missing, (S, n, D)."""

    def _weighed(self, log_evidence: Array, weights: Array) -> tuple[Array, float]:
        """Weighted q(s), (S, n), and the sum of log p(x)."""
        logs = logsumexp(log_evidence, axis=0)
        return np.exp(log_evidence - logs) * weights, float(logs @ weights)


class GaussianGaps(Gaps):
    """Of a log joint quadratic in x: one pattern of missing entries after the other."""

    @cached_property
    def _patterns(self) -> list[tuple[Mask, NDArray[np.intp], Array]]:
        """Which entries are missing; those data points' rows; them in the features' units."""
        patterns, which = np.unique(np.isnan(self.x), axis=0, return_inverse=True)
        u = self.features.standard(self.x)
        places = [np.flatnonzero(np.ravel(which) == k) for k in range(len(patterns))]
        own = (np.ascontiguousarray(u[:, rows]) for rows in places)
        return list(zip(patterns, places, own, strict=True))

    def sums(self, eta: Array) -> Sums:
        states = [self.features.quadratic(column) for column in eta.T]
        total, value = np.zeros((eta.shape[1], eta.shape[0])), 0.0
        for pattern, rows, u in self._patterns:
            given = [_given(pattern, u, *state, self.features.unit) for state in states]
            log_evidence = np.array([logs for logs, _, _ in given])
            q, logs = self._weighed(log_evidence, self.weights[rows])
            value += logs
            for s, (_, own, covariance) in enumerate(given):
                mass = q[s].sum()
                total[s, 0] += mass
                total[s, 1:] += self.features.of_standard(own) @ q[s]
                total[s, 1 + len(own) :] += mass * self.features.seconds(covariance)
        return Sums(total, value, float(self.weights.sum()))

    def filled(self, eta: Array) -> tuple[Array, Array]:
        log_evidence = np.empty((eta.shape[1], len(self.x)))
        found = np.empty((*log_evidence.shape, self.x.shape[1]))
        centre, unit = self.features.centre, self.features.unit
        for s, state in enumerate(map(self.features.quadratic, eta.T)):
            for pattern, rows, u in self._patterns:
                log_evidence[s, rows], own, _ = _given(pattern, u, *state, unit)
                found[s, rows] = (centre[:, None] + unit[:, None] * own).T
        return log_evidence, found


def _given(
    missing: Mask, u: Array, constant: float, linear: Array, precision: Array, unit: Array
) -> tuple[Array, Array, Array]:
    """log p(x_o, s), u with means of what is missing, and its covariance; of one state."""
    seen = ~missing
    own = u[seen]
    square = (own * (precision[np.ix_(seen, seen)] @ own)).sum(axis=0)
    log_evidence = constant + linear[seen] @ own - square / 2
    covariance = np.zeros_like(precision)
    filled = u.copy()
    if missing.any():
        block = precision[np.ix_(missing, missing)]
        pull = linear[missing][:, None] - precision[np.ix_(missing, seen)] @ own
        inverse = np.linalg.inv(block)
        mean = inverse @ pull
        filled[missing] = mean
        covariance[np.ix_(missing, missing)] = inverse
        volume = missing.sum() * np.log(2 * np.pi) - np.linalg.slogdet(block)[1]
        log_evidence = log_evidence + (pull * mean).sum(axis=0) / 2 + volume / 2
        log_evidence = log_evidence + np.log(unit[missing]).sum()
    return log_evidence, filled, covariance


class DiscreteGaps(Gaps):
    """Of a log joint that is a sum over entries with values that can be counted."""

    @cached_property
    def _parts(self) -> tuple[Array, Array]:
        """Features without what is missing, (1 + features, n), and where that is, (D, n)."""
        holes = np.isnan(self.x)
        features = self.features(np.where(holes, self._values[0], self.x))
        blocks = len(features) // self.features.width
        features[np.tile(holes.T, (blocks, 1))] = 0.0
        return np.concatenate([np.ones((1, len(self.x))), features]), holes.T.astype(float)

    @cached_property
    def _values(self) -> Array:
        """The values that an entry may take; of a count up to where nothing is left."""
        if self.features.values:
            return np.array(self.features.values)
        if self.features.of.variable.support == BINARY:
            return np.array([0.0, 1.0])
        most = int(np.nanmax(self.x, initial=1.0))
        return np.arange(min(20 * most + 200, LONGEST), dtype=float)

    @cached_property
    def _tables(self) -> Array:
        """Features of each value, (functions, values)."""
        one = np.repeat(self._values[:, None], self.features.width, axis=1)
        table = self.features(one)
        return table.reshape(-1, self.features.width, len(one))[:, 0]

    def sums(self, eta: Array) -> Sums:
        features, holes = self._parts
        width = self.features.width
        by_entry = eta[1:].T.reshape(eta.shape[1], -1, width)  # (S, functions, D)
        logits = np.einsum("sfd,fv->sdv", by_entry, self._tables)
        volumes = logsumexp(logits, axis=2)
        expected = np.einsum("sdv,fv->sfd", np.exp(logits - volumes[..., None]), self._tables)
        q, value = self._weighed(eta.T @ features + volumes @ holes, self.weights)
        total = q @ features.T
        total[:, 1:] += (expected * (q @ holes.T)[:, None]).reshape(len(total), -1)
        return Sums(total, value, float(self.weights.sum()))

    def filled(self, eta: Array) -> tuple[Array, Array]:
        """With some value where one is missing: nothing else depends on it."""
        features, holes = self._parts
        by_entry = eta[1:].T.reshape(eta.shape[1], -1, self.features.width)
        logits = np.einsum("sfd,fv->sdv", by_entry, self._tables)
        log_evidence = eta.T @ features + logsumexp(logits, axis=2) @ holes
        own = np.where(np.isnan(self.x), self._values[0], self.x)
        return log_evidence, np.broadcast_to(own, (eta.shape[1], *own.shape))


def gaps_for(features: Any, x: Array, weights: Array) -> Gaps:
    """The rows with missing entries of the only observed variable.

    Raises:
        NoPosterior: what is missing has no such conditional.
    """
    if len(features) != 1:
        raise NoPosterior("entries are missing, and there are several observed variables")
    (own,) = features
    flat = np.asarray(x, dtype=float).reshape(len(x), -1)
    name, support = own.of.variable.name, own.of.variable.support
    if own.of.quadratic:
        return GaussianGaps(own, flat, weights)
    if not support.discrete:
        raise NoPosterior(f"entries of {name} are missing, whose conditional is not known")
    return DiscreteGaps(own, flat, weights)
