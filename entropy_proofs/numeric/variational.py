"""Variational distributions over the continuous latents, each as samples with equal weights.

Three families: the exact Gaussian posterior by sigma points, Gaussians with free means and standard
deviations on shared noise, and a given cloud of samples that may only be scaled.  The gap identity
holds exactly for each.  All work on floats and, once `lifted`, on balls.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np

from entropy_proofs.numeric.batch import POINTS, SAMPLES, WEIGHTS
from entropy_proofs.numeric.coordinates import Array, Coordinates, Positive, Real
from entropy_proofs.numeric.evaluate import ModelCode
from entropy_proofs.numeric.generic import cholesky, constant, log_two_pi_e

Arrays = dict[str, Any]
Shape = tuple[int, ...]


class Family(ABC):
    """q^(n) of the continuous latents for n = 1..N, with free coordinates in named blocks."""

    count: int  # of samples for each data point

    @abstractmethod
    def blocks(self) -> dict[str, Array]:
        """Where the coordinates start."""

    @abstractmethod
    def samples(self, blocks: Arrays, arrays: Arrays) -> tuple[Arrays, Any]:
        """The latents (N, count, ...) by name, and (1/N) sum_n H[q^(n)]."""

    @abstractmethod
    def pullback(self, blocks: Arrays, gradients: Arrays) -> Arrays:
        """The gradient by block of F, given the one by samples, and of the entropy."""

    @abstractmethod
    def lifted(self, code: ModelCode) -> Family:
        """The same family in the numbers of another backend."""


@dataclass(frozen=True)
class Latent:
    """A continuous latent: its shape for one data point and its free coordinates."""

    shape: Shape
    coordinates: Coordinates

    @property
    def free(self) -> Shape:
        return self.coordinates.shape(self.shape)


class Gaussians(Family):
    """Independent normals in the latents' free coordinates: u = m + tau eps, eps shared.

    eps is antithetic and white, so first and second moments are exact.
    """

    def __init__(self, latents: dict[str, Latent], points: int, rng: np.random.Generator):
        self.latents = latents
        self.points = points
        sizes = {name: int(np.prod(latent.free)) for name, latent in latents.items()}
        d = sum(sizes.values())
        half = d + 3 if d else 0
        q, _ = np.linalg.qr(rng.normal(size=(half, d)))
        white = np.concatenate([q, -q]) * np.sqrt(half)
        parts = np.split(white, np.cumsum(list(sizes.values()))[:-1], axis=1) if d else []
        self.noise = {
            name: part.reshape(-1, *latent.free)
            for (name, latent), part in zip(latents.items(), parts, strict=True)
        }
        self.count = 2 * half if d else 1
        self._rng = rng

    def blocks(self) -> dict[str, Array]:
        found = {}
        for name, latent in self.latents.items():
            shape = (self.points, *latent.free)
            found[f"mean {name}"] = 0.5 * self._rng.normal(size=shape)
            found[f"log deviation {name}"] = np.full(shape, -0.7)
        return found

    def _free(self, name: str, blocks: Arrays) -> Array:
        mean, deviation = blocks[f"mean {name}"], np.exp(blocks[f"log deviation {name}"])
        return mean[:, None] + deviation[:, None] * self.noise[name]

    def samples(self, blocks: Arrays, arrays: Arrays) -> tuple[Arrays, Any]:
        found: Arrays = {}
        entropy: Any = 0.0
        for name, latent in self.latents.items():
            u = self._free(name, blocks)
            found[name] = latent.coordinates.forward(u)
            volume, _ = latent.coordinates.log_volume(u)
            log_deviation = blocks[f"log deviation {name}"]
            entropy += volume / self.count + log_deviation.sum()
            entropy += log_deviation.size * log_two_pi_e(log_deviation) / 2
        return found, entropy / self.points

    def pullback(self, blocks: Arrays, gradients: Arrays) -> Arrays:
        found = {}
        for name, latent in self.latents.items():
            u = self._free(name, blocks)
            by_u = latent.coordinates.pullback(u, gradients[name])
            by_u = by_u + latent.coordinates.log_volume(u)[1] / (self.count * self.points)
            log_deviation = blocks[f"log deviation {name}"]
            found[f"mean {name}"] = by_u.sum(axis=1)
            by_deviation = (by_u * self.noise[name]).sum(axis=1) * np.exp(log_deviation)
            one = constant(1, log_deviation)
            found[f"log deviation {name}"] = by_deviation + one / self.points
        return found

    def lifted(self, code: ModelCode) -> Gaussians:
        result = copy(self)
        result.noise = {name: code.lift(noise) for name, noise in self.noise.items()}
        return result


class Cloud(Family):
    """Given samples; those of a latent that can be scaled may be, one factor per coordinate."""

    def __init__(self, samples: Arrays, entropy: Any, scalable: set[str]):
        self.given, self.entropy, self.scalable = samples, entropy, scalable
        self.count = next((s.shape[1] for s in samples.values()), 1)

    def blocks(self) -> dict[str, Array]:
        shapes = {name: self.given[name][:, 0].shape for name in self.scalable}
        return {f"log scale {name}": np.zeros(shape) for name, shape in shapes.items()}

    def samples(self, blocks: Arrays, arrays: Arrays) -> tuple[Arrays, Any]:
        found, entropy = dict(self.given), self.entropy
        for name in self.scalable:
            log_scale = blocks[f"log scale {name}"]
            found[name] = self.given[name] * np.exp(log_scale)[:, None]
            entropy += log_scale.sum() / len(log_scale)
        return found, entropy

    def pullback(self, blocks: Arrays, gradients: Arrays) -> Arrays:
        found = {}
        for name in self.scalable:
            log_scale = blocks[f"log scale {name}"]
            moved = gradients[name] * self.given[name] * np.exp(log_scale)[:, None]
            one = constant(1, log_scale)
            found[f"log scale {name}"] = moved.sum(axis=1) + one / len(log_scale)
        return found

    def lifted(self, code: ModelCode) -> Cloud:
        samples = {name: code.lift(z) for name, z in self.given.items()}
        return Cloud(samples, code.lift(self.entropy), self.scalable)


class GaussianPosterior(Family):
    """The exact posterior of a model that is quadratic in its real latents, by sigma points.

    In a weighted bound it is the best q: proportional to exp(sum_k w_k log p_k / w_q).
    """

    def __init__(self, code: ModelCode, sizes: dict[str, int], latents: dict[str, Latent]):
        self.code, self.sizes, self.latents = code, sizes, latents
        self.dimension = sum(int(np.prod(latent.shape)) for latent in latents.values())
        self.count = 2 * self.dimension

    def blocks(self) -> dict[str, Array]:
        return {}

    def samples(self, blocks: Arrays, arrays: Arrays) -> tuple[Arrays, Any]:
        points, d = self.sizes[POINTS.name], self.dimension
        probes = np.concatenate([np.zeros((1, d)), np.eye(d)])
        slopes = self.slopes(np.broadcast_to(probes, (points, d + 1, d)), arrays)
        precision = slopes[:, :1] - slopes[:, 1:]
        covariance = self.code.inverse((precision + np.swapaxes(precision, 1, 2)) / 2)
        mean = np.einsum("nij,nj->ni", covariance, slopes[:, 0])
        root = cholesky(covariance)
        steps = np.swapaxes(root, 1, 2) * np.sqrt(constant(d, root))
        found = mean[:, None] + np.concatenate([steps, -steps], axis=1)
        log_volumes = np.log(np.einsum("nii->ni", root)).sum(axis=1)
        return self._split(found), log_volumes.mean() + d * log_two_pi_e(root) / 2

    def pullback(self, blocks: Arrays, gradients: Arrays) -> Arrays:
        return {}

    def lifted(self, code: ModelCode) -> GaussianPosterior:
        return GaussianPosterior(code, self.sizes, self.latents)

    def is_exact(self, arrays: Arrays, rng: np.random.Generator) -> bool:
        """Whether the log joint's gradient is affine in the latents, seen at random points."""
        points, d = self.sizes[POINTS.name], self.dimension
        z = rng.normal(size=(points, 2, d))
        middle = z.mean(axis=1, keepdims=True)
        with np.errstate(all="ignore"):
            slopes = self.slopes(np.concatenate([z, middle], axis=1), arrays)
        away = slopes[:, 2] - slopes[:, :2].mean(axis=1)
        return bool(np.all(np.abs(away) <= 1e-9 * (1 + np.abs(slopes).max())))

    def slopes(self, z: Array, arrays: Arrays) -> Array:
        """d log p(x, z) / dz, per weight of H[q], for latents (N, S, d), flattened."""
        points, samples, _ = z.shape
        given = {**arrays, **self._split(z), WEIGHTS.name: np.ones((points, samples))}
        gradients = self.code.gradients({**self.sizes, SAMPLES.name: samples}, given)
        flat = [gradients[name].reshape(points, samples, -1) for name in self.latents]
        slopes = np.concatenate(flat, axis=2) * points
        return self.code.per_q_weight(slopes, self.sizes, given)

    def _split(self, z: Array) -> Arrays:
        found, start = {}, 0
        for name, latent in self.latents.items():
            stop = start + int(np.prod(latent.shape))
            found[name] = z[..., start:stop].reshape(*z.shape[:2], *latent.shape)
            start = stop
        return found


def scalable(latents: dict[str, Latent]) -> set[str]:
    """The latents whose samples may be scaled: those of the real or the positive numbers."""
    return {n for n, latent in latents.items() if isinstance(latent.coordinates, (Real, Positive))}
