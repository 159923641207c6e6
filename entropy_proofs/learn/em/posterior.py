"""Exact posteriors: the states of discrete latents one by one, Gaussian ones integrated out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from entropy_proofs.evaluate.batch import POINTS, SAMPLES, WEIGHTS
from entropy_proofs.evaluate.model_code import ModelCode
from entropy_proofs.families.number_functions import logsumexp
from entropy_proofs.families.spaces import BINARY, REAL
from entropy_proofs.points.exact_posterior import GaussianPosterior
from entropy_proofs.points.stationary import continuous_latents, discrete_states

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
        precision = slopes[:, :, :1] - slopes[:, :, 1:]
        covariance = np.linalg.inv((precision + np.swapaxes(precision, -1, -2)) / 2)
        mean = np.einsum("psij,psj->psi", covariance, slopes[:, :, 0])
        roots = np.linalg.cholesky(covariance)
        z = mean[:, :, None] + np.swapaxes(roots @ simplex(d), -1, -2)
        samples = posterior.split(z.reshape(points, count * each, d))
        sizes[SAMPLES.name] = count * each
        given[WEIGHTS.name] = np.ones((points, count * each))
        log_joint = np.asarray(self.code.log_joint(sizes, {**given, **samples}))
        logs = np.log(np.einsum("psii->psi", roots)).sum(axis=-1)
        entropy = logs + d / 2 * (1 + np.log(2 * np.pi))
        averaged = log_joint.reshape(points, count, each).mean(axis=2)
        return Marginal(averaged, entropy, samples, each, mean, roots)

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

    def batch(self, data: Arrays, states: Arrays, weights: Array, found: Marginal) -> Arrays:
        """The arrays of a batch with weights (P, S) on the states."""
        if found.each > 1:
            weights = np.repeat(weights / found.each, found.each, axis=1)
            states = {n: np.repeat(s, found.each, axis=1) for n, s in states.items()}
        return {**data, **states, **found.samples, WEIGHTS.name: weights}

    # q of each data point -----------------------------------------------------------------------
    def infer(self, values: Arrays, data: Arrays) -> tuple[Array, Arrays]:
        """log p(x) of each data point, (N,), and the arrays of its exact posterior.

        "c.probabilities" (or "c.probability" of bits), "z.mean" and "z.deviation" (N, ...), those
        of z with the discrete latents averaged out.
        """
        points = len(next(iter(data.values())))
        width = sum(int(np.prod(latent.shape)) for latent in self.latents.values()) + 1
        inputs = sum(int(np.prod(x.shape[1:])) for x in data.values())
        rows = max(1, ROWS // (self.count * (width + inputs) ** 2))
        parts = []
        for k in range(0, points, rows):
            part = {n: np.asarray(x[k : k + rows]) for n, x in data.items()}
            found = self.marginal(values, part, self.every_state(len(next(iter(part.values())))))
            parts.append(self._averaged(found, found.log_evidence))
        return joined(parts)

    def of_states(self, values: Arrays, data: Arrays, log_evidence: Array) -> tuple[Array, Arrays]:
        """The same where each state has data of its own (N, S, ...), whose evidence is known."""
        points = len(log_evidence)
        by_state = []
        for k in range(self.count):
            states = {n: s[:, k : k + 1] for n, s in self.every_state(points).items()}
            by_state.append(self.marginal(values, {n: x[:, k] for n, x in data.items()}, states))
        if not self.latents:
            return self._averaged(by_state[0], log_evidence)
        means = np.concatenate([m.mean for m in by_state if m.mean is not None], axis=1)
        roots = np.concatenate([m.root for m in by_state if m.root is not None], axis=1)
        whole = by_state[0]._replace(mean=means, root=roots)
        return self._averaged(whole, log_evidence)

    def _averaged(self, found: Marginal, log_evidence: Array) -> tuple[Array, Arrays]:
        """log p(x), and q with the states averaged out."""
        q, logs = responsibilities(log_evidence)
        arrays = self.marginals(q)
        if found.mean is not None and found.root is not None:
            mean = np.einsum("ps,psd->pd", q, found.mean)
            square = np.square(found.root).sum(axis=-1) + np.square(found.mean - mean[:, None])
            deviation = np.sqrt(np.einsum("ps,psd->pd", q, square))
            start = 0
            for name, latent in self.latents.items():
                stop = start + int(np.prod(latent.shape))
                for suffix, flat in (("mean", mean), ("deviation", deviation)):
                    own = flat[:, start:stop].reshape(len(q), *latent.shape)
                    arrays[f"{name}.{suffix}"] = own
                start = stop
        return logs, arrays

    def marginals(self, q: Array) -> Arrays:
        """Of the discrete latents, given probabilities of their joint states (N, S)."""
        arrays: Arrays = {}
        for name, states in self.states.items():
            arrays |= self._marginals(name, states, q)
        return arrays

    def _marginals(self, name: str, states: Array, q: Array) -> Arrays:
        low, high = int(states.min()), int(states.max())
        hits = (states[..., None] == np.arange(low, high + 1)).astype(float)
        p = np.tensordot(q, hits, axes=1)
        if self.code.model.variables[name].support == BINARY:
            return {f"{name}.probability": p[..., 1]}
        return {f"{name}.probabilities": p}


def joined(parts: list[tuple[Array, Arrays]]) -> tuple[Array, Arrays]:
    """Of data points in a row."""
    logs = np.concatenate([log for log, _ in parts])
    return logs, {n: np.concatenate([q[n] for _, q in parts]) for n in parts[0][1]}


def responsibilities(log_evidence: Array) -> tuple[Array, Array]:
    """q(s) of each data point (N, S), and log p(x) (N,)."""
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


__all__ = ["EStep", "Marginal", "NoPosterior", "Posterior", "joined", "responsibilities", "simplex"]
