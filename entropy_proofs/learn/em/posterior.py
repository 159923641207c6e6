"""Exact posteriors: the states of discrete latents one by one, Gaussian ones integrated out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from entropy_proofs.evaluate.batch import POINTS, SAMPLES, WEIGHTS
from entropy_proofs.evaluate.model_code import ModelCode
from entropy_proofs.families.coordinates import in_shapes
from entropy_proofs.families.number_functions import logsumexp
from entropy_proofs.families.spaces import REAL
from entropy_proofs.points.exact_posterior import GaussianPosterior
from entropy_proofs.points.stationary import continuous_latents, discrete_states
from entropy_proofs.q.enumerated import marginals

Array = NDArray[np.float64]
Arrays = dict[str, Any]

ROWS = 1 << 22  # numbers of samples at once, on new data


class NoPosterior(Exception):
    """The posterior has no closed form of the kind that is asked for; says why."""


@dataclass(frozen=True)
class EStep:
    """What an E-step leaves: a batch on which any function of the model may run.

    Attributes:
        sizes, arrays: of the batch; parameters are not among the arrays.
        value: F with the best q, in nats per data point.
        log_joint: its part without H[q].
    """

    sizes: dict[str, int]
    arrays: Arrays
    value: float
    log_joint: float

    @property
    def entropy(self) -> float:
        """H[q], per data point."""
        return self.value - self.log_joint

    @property
    def parts(self) -> tuple[tuple[float, EStep], ...]:
        """Its batches, each with its share of the data points: this one has all of them."""
        return ((1.0, self),)


@dataclass(frozen=True)
class ESteps:
    """E-steps on data that no one batch holds, as sequences of different lengths.

    Attributes:
        parts: each with its share of the data points; the shares add up to one.
    """

    parts: tuple[tuple[float, EStep], ...]

    @property
    def value(self) -> float:
        """F with the best q, in nats per data point."""
        return float(sum(share * part.value for share, part in self.parts))

    @property
    def sizes(self) -> dict[str, Any]:
        """Of one data point: where sizes differ, their means."""
        first = self.parts[0][1].sizes
        named = {n: [(share, part.sizes[n]) for share, part in self.parts] for n in first}
        return {
            n: first[n]
            if all(size == first[n] for _, size in own)
            else sum(share * size for share, size in own)
            for n, own in named.items()
        }


Found = EStep | ESteps


class Marginal(NamedTuple):
    """For data (P, ...) and states (P, S, ...), with continuous latents integrated out.

    Attributes:
        log_joint, entropy: E_q[log p(x, s, z)] and H[q(z | s)], (P, S); their sum is log p(x, s).
        samples: of the latents, (P, S * each, ...), with the posterior's means and covariances.
        mean, root: of q(z | x, s), flattened: (P, S, d), (P, S, d, d).
    """

    log_joint: Array
    entropy: Any
    samples: Arrays
    each: int = 1
    mean: Array | None = None
    root: Array | None = None

    @property
    def log_evidence(self) -> Array:
        return np.asarray(self.log_joint + self.entropy)


class Posterior:
    """The exact posterior of a model on some data.

    Args:
        code: of the model, for weighted samples.
        sizes: all dims.
        given: known parameters and hidden weights.

    Raises:
        NoPosterior: a continuous latent is not real, or H[q] has a weight.
    """

    def __init__(self, code: ModelCode, sizes: dict[str, int], given: Arrays):
        if code.model.q_weight != 1:
            raise NoPosterior("the entropy of q has a weight")
        self.code, self.sizes, self.given = code, sizes, given
        self.states = discrete_states(code, sizes, given)
        self.latents = continuous_latents(code, sizes, given)
        for name in self.latents:
            if code.model.variables[name].support != REAL:
                raise NoPosterior(f"the posterior of {name} is not Gaussian")
        self.count = next((len(s) for s in self.states.values()), 1)
        self.dimension = sum(int(np.prod(latent.shape)) for latent in self.latents.values())

    def every_state(self, points: int) -> Arrays:
        """All joint states at each of so many data points, (points, S, ...)."""
        return {n: np.broadcast_to(s, (points, *s.shape)) for n, s in self.states.items()}

    def marginal(self, values: Arrays, data: Arrays, states: Arrays) -> Marginal:
        points = len(next(iter(data.values())))
        count = next((s.shape[1] for s in states.values()), 1)
        given = {**self.given, **values, **data}
        sizes = {**self.sizes, POINTS.name: points, SAMPLES.name: count}
        if not self.latents:
            given[WEIGHTS.name] = np.ones((points, count))
            log_joint = np.asarray(self.code.log_joint(sizes, {**given, **states}))
            return Marginal(np.broadcast_to(log_joint, (points, count)), 0.0, {})
        posterior = GaussianPosterior(self.code, sizes, self.latents)
        d = posterior.dimension
        each = d + 1
        given |= {n: np.repeat(s, each, axis=1) for n, s in states.items()}
        probes = np.concatenate([np.zeros((1, d)), np.eye(d)])
        z = np.broadcast_to(np.tile(probes, (count, 1)), (points, count * each, d))
        slopes = posterior.slopes(z, given, list(self.latents)).reshape(points, count, each, d)
        covariance, roots = _from_precision(slopes[:, :, :1] - slopes[:, :, 1:])
        mean = np.einsum("psij,psj->psi", covariance, slopes[:, :, 0])
        z = mean[:, :, None] + np.swapaxes(roots @ simplex(d), -1, -2)
        samples = posterior.split(z.reshape(points, count * each, d))
        sizes[SAMPLES.name] = count * each
        given[WEIGHTS.name] = np.ones((points, count * each))
        log_joint = np.asarray(self.code.log_joint(sizes, {**given, **samples}))
        averaged = log_joint.reshape(points, count, each).mean(axis=2)
        return Marginal(averaged, _entropies(roots), samples, each, mean, roots)

    def standing_for(self, values: Arrays, data: Arrays, states: Arrays, steps: Array) -> Marginal:
        """Where data stand for one state after the other: one sample of the latents at each.

        Moments of data and latents together need no more, as many points for each state as there
        are rows of `steps`.

        Args:
            data, states: (S * R, ...) and (S * R, 1, ...).
            steps: from q's mean, in its deviations, (R, d).
        """
        each, d = steps.shape
        count, given = self.count * each, {**self.given, **values}
        slopes = self._slopes(given, data, states, np.zeros((count, 1, d)))
        slopes = slopes.reshape(self.count, each, d)
        own = {n: x[::each] for n, x in data.items()}
        repeated = {n: np.repeat(s[::each], d, axis=1) for n, s in states.items()}
        axes = np.broadcast_to(np.eye(d), (self.count, d, d))
        moved = self._slopes(given, own, repeated, axes)
        covariance, roots = _from_precision(slopes[:, :1] - moved)
        z = slopes @ covariance + steps @ np.swapaxes(roots, -1, -2)
        sizes = {**self.sizes, POINTS.name: count, SAMPLES.name: 1}
        samples = GaussianPosterior(self.code, sizes, self.latents).split(z.reshape(count, 1, d))
        given |= {WEIGHTS.name: np.ones((count, 1)), **data, **states, **samples}
        log_joint = np.asarray(self.code.log_joint(sizes, given))
        return Marginal(log_joint, np.repeat(_entropies(roots), each)[:, None], samples)

    def gaussian(self, values: Arrays, data: Arrays) -> tuple[Array, Array]:
        """q(z | s) on data, all of the same covariance: means (P, S, d) and roots (S, d, d)."""
        points, given = len(next(iter(data.values()))), {**self.given, **values}
        d = self.dimension
        origin = np.zeros((points, self.count, d))
        slopes = self._slopes(given, data, self.every_state(points), origin)
        own = {n: x[:1] for n, x in data.items()}
        repeated = {n: np.repeat(s, d, axis=1) for n, s in self.every_state(1).items()}
        axes = np.tile(np.eye(d), (self.count, 1))[None]
        moved = self._slopes(given, own, repeated, axes).reshape(self.count, d, d)
        covariance, roots = _from_precision(slopes[0, :, None] - moved)
        return np.einsum("sij,psj->psi", covariance, slopes), roots

    def _slopes(self, given: Arrays, data: Arrays, states: Arrays, z: Array) -> Array:
        """d log p / dz at latents (P, S, d)."""
        sizes = {**self.sizes, POINTS.name: len(z), SAMPLES.name: z.shape[1]}
        posterior = GaussianPosterior(self.code, sizes, self.latents)
        return posterior.slopes(z, {**given, **data, **states}, list(self.latents))

    def is_exact(self, values: Arrays, data: Arrays, rng: np.random.Generator) -> bool:
        """Whether the log joint is quadratic in the continuous latents, seen at random points."""
        if not self.latents:
            return True
        points = len(next(iter(data.values())))
        sizes = {**self.sizes, POINTS.name: points, SAMPLES.name: 1}
        posterior = GaussianPosterior(self.code, sizes, self.latents)
        for k in range(self.count):
            own = {
                n: np.repeat(s[:, k : k + 1], 3, axis=1)
                for n, s in self.every_state(points).items()
            }
            if not posterior.is_exact({**self.given, **values, **data, **own}, rng):
                return False
        return True

    def batch(
        self, data: Arrays, states: Arrays, weights: Array, found: Marginal, value: float
    ) -> EStep:
        """With weights (P, S) on the states, where F is `value`."""
        points, log_joint = len(weights), float((weights * found.log_joint).sum() / len(weights))
        if found.each > 1:
            weights = np.repeat(weights / found.each, found.each, axis=1)
            states = {n: np.repeat(s, found.each, axis=1) for n, s in states.items()}
        sizes = {**self.sizes, POINTS.name: points, SAMPLES.name: weights.shape[1]}
        arrays = {**data, **states, **found.samples, WEIGHTS.name: weights}
        return EStep(sizes, arrays, value, log_joint)

    # q of each data point -----------------------------------------------------------------------
    def infer(self, values: Arrays, data: Arrays) -> tuple[Array, Arrays]:
        """log p(x) of each data point, (N,), and the arrays of its exact posterior.

        "c.probabilities" (or "c.probability" of bits), "z.mean" and "z.deviation" (N, ...), those
        of z with the discrete latents averaged out.
        """
        points = len(next(iter(data.values())))
        inputs = sum(int(np.prod(x.shape[1:])) for x in data.values())
        rows = max(1, ROWS // (self.count * (self.dimension + 1 + inputs) ** 2))
        parts = []
        for k in range(0, points, rows):
            part = {n: np.asarray(x[k : k + rows]) for n, x in data.items()}
            found = self.marginal(values, part, self.every_state(len(next(iter(part.values())))))
            parts.append(self.averaged(found.log_evidence, found.mean, found.root))
        return joined(parts)

    def of_states(self, values: Arrays, data: Arrays, log_evidence: Array) -> tuple[Array, Arrays]:
        """The same where each state has data of its own (N, S, ...), whose evidence is known."""
        points = len(log_evidence)
        by_state = []
        for k in range(self.count):
            states = {n: s[:, k : k + 1] for n, s in self.every_state(points).items()}
            by_state.append(self.marginal(values, {n: x[:, k] for n, x in data.items()}, states))
        if not self.latents:
            return self.averaged(log_evidence)
        means = np.concatenate([m.mean for m in by_state if m.mean is not None], axis=1)
        roots = np.concatenate([m.root for m in by_state if m.root is not None], axis=1)
        return self.averaged(log_evidence, means, roots)

    def averaged(
        self, log_evidence: Array, means: Array | None = None, roots: Array | None = None
    ) -> tuple[Array, Arrays]:
        """log p(x), and q with the states averaged out.

        means, roots: of q(z | s), (N, S, d), and (N, S, d, d) or the same for all.
        """
        q, logs = responsibilities(log_evidence)
        arrays = self.marginals(q)
        if means is not None and roots is not None:
            mean = np.einsum("ps,psd->pd", q, means)
            square = np.square(roots).sum(axis=-1) + np.square(means - mean[:, None])
            deviation = np.sqrt(np.einsum("ps,psd->pd", q, square))
            shapes = {name: latent.shape for name, latent in self.latents.items()}
            of_means, of_deviations = in_shapes(mean, shapes), in_shapes(deviation, shapes)
            for name in shapes:
                arrays[f"{name}.mean"] = of_means[name]
                arrays[f"{name}.deviation"] = of_deviations[name]
        return logs, arrays

    def marginals(self, q: Array) -> Arrays:
        """Of the discrete latents, given probabilities of their joint states (N, S)."""
        arrays: Arrays = {}
        for name, states in self.states.items():
            arrays |= marginals(self.code.model.variables[name], states, q)
        return arrays


def _from_precision(precision: Array) -> tuple[Array, Array]:
    """Covariances and their Cholesky factors."""
    covariance = np.asarray(np.linalg.inv((precision + np.swapaxes(precision, -1, -2)) / 2))
    return covariance, np.asarray(np.linalg.cholesky(covariance))


def _entropies(roots: Array) -> Array:
    """Of normal distributions with these factors of covariances (..., d, d)."""
    logs = np.log(np.einsum("...ii->...i", roots)).sum(axis=-1)
    return np.asarray(logs + roots.shape[-1] / 2 * (1 + np.log(2 * np.pi)))


def joined(parts: list[tuple[Array, Arrays]]) -> tuple[Array, Arrays]:
    """Of data points in a row."""
    logs = np.concatenate([log for log, _ in parts])
    return logs, {n: np.concatenate([q[n] for _, q in parts]) for n in parts[0][1]}


def responsibilities(log_evidence: Array) -> tuple[Array, Array]:
    """q(s) of each data point (N, S), and log p(x) (N,)."""
    if log_evidence.shape[1] == 1:
        return np.ones_like(log_evidence), log_evidence[:, 0]
    logs = logsumexp(log_evidence, axis=1)
    return np.exp(log_evidence - logs), logs[:, 0]


def simplex(d: int) -> Array:
    """d + 1 points with mean zero and covariance one, (d, d + 1)."""
    found = np.zeros((d, d + 1))
    for k in range(d):
        found[k, : k + 1] = 1.0
        found[k, k + 1] = -(k + 1.0)
        found[k] *= np.sqrt((d + 1) / ((k + 1) * (k + 2)))
    return found
