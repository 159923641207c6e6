"""Variational distributions: from free coordinates for each data point to what a bound takes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from entropy_proofs.numeric.batch import AnalyticBatch
from entropy_proofs.numeric.coordinates import Array, Coordinates, LowerTriangular, coordinates
from entropy_proofs.numeric.generic import log_two_pi_e
from entropy_proofs.numeric.instance import shape_value
from entropy_proofs.numeric.variational import Latent

Arrays = dict[str, Any]
Shape = tuple[int, ...]
START_DEVIATION = 0.5


class Posterior(ABC):
    """q^(n) for n = 1..N, in blocks of free coordinates (N, ...) by the name of q's array."""

    samples: int  # of each data point, where q is sampled

    @abstractmethod
    def blocks(self) -> dict[str, Shape]:
        """The coordinates' shapes for one data point."""

    @abstractmethod
    def start(self, points: int, rng: np.random.Generator) -> Arrays:
        """Where the coordinates start: near zero with a deviation of `START_DEVIATION`."""

    def noise(self, points: int, rng: np.random.Generator) -> Arrays:
        """What the samples are made from."""
        return {}

    @abstractmethod
    def arrays(self, blocks: Arrays, noise: Arrays) -> tuple[Arrays, float]:
        """What the bound takes, and (1/N) sum_n H[q^(n)] if the bound cannot tell."""

    @abstractmethod
    def pullback(self, blocks: Arrays, noise: Arrays, gradients: Arrays) -> Arrays:
        """The gradient of F by block, given the one by what the bound takes."""

    @abstractmethod
    def values(self, blocks: Arrays) -> Arrays:
        """q's own arrays: means, deviations, lower triangular scales, probabilities."""

    @abstractmethod
    def coordinates_of(self, name: str) -> Coordinates:
        """The coordinates of one of q's own arrays."""


def zero_means(posterior: Posterior, points: int, rng: np.random.Generator) -> Arrays:
    """Coordinates of small random means and deviations of `START_DEVIATION`."""
    found = {}
    for name, shape in posterior.blocks().items():
        suffix = name.rpartition(".")[2]
        u = np.zeros((points, *shape))
        if suffix == "deviation":
            u += np.log(START_DEVIATION)
        elif suffix == "scale":
            n = int((np.sqrt(8 * shape[-1] + 1) - 1) / 2)
            rows, columns = np.tril_indices(n)
            u[..., rows == columns] = np.log(START_DEVIATION)
        else:
            u += 0.1 * rng.normal(size=u.shape)
        found[name] = u
    return found


class AnalyticPosterior(Posterior):
    """q whose expectations are taken in closed form: the bound takes its own arrays."""

    samples = 1

    def __init__(self, batch: AnalyticBatch, sizes: dict[str, int]):
        self.latents = {
            name: Latent(shape_value(batch.shape(label)[1:], sizes), coordinates(domain))
            for name, (label, domain) in batch.variational().items()
        }

    def blocks(self) -> dict[str, Shape]:
        return {name: latent.free for name, latent in self.latents.items()}

    def start(self, points: int, rng: np.random.Generator) -> Arrays:
        return zero_means(self, points, rng)

    def coordinates_of(self, name: str) -> Coordinates:
        return self.latents[name].coordinates

    def values(self, blocks: Arrays) -> Arrays:
        return {n: latent.coordinates.forward(blocks[n]) for n, latent in self.latents.items()}

    def arrays(self, blocks: Arrays, noise: Arrays) -> tuple[Arrays, float]:
        return self.values(blocks), 0.0

    def pullback(self, blocks: Arrays, noise: Arrays, gradients: Arrays) -> Arrays:
        return {
            n: latent.coordinates.pullback(blocks[n], gradients[n])
            for n, latent in self.latents.items()
        }


@dataclass(frozen=True)
class SampledPosterior(Posterior):
    """Normals in the latents' free coordinates, u = m + L eps: log-normals on the positive numbers,
    logit-normals on the unit interval.  The bound takes samples.

    The noise comes in pairs eps, -eps, so that sample means of eps are zero.

    Attributes:
        latents: the continuous ones by name.
        full: whether a latent's coordinates covary.
    """

    latents: dict[str, Latent]
    samples: int
    full: bool = False

    @cached_property
    def _sizes(self) -> dict[str, int]:
        return {name: int(np.prod(latent.free)) for name, latent in self.latents.items()}

    def blocks(self) -> dict[str, Shape]:
        found: dict[str, Shape] = {}
        for name, latent in self.latents.items():
            found[f"{name}.mean"] = latent.free
            if self.full:
                found[f"{name}.scale"] = (self._sizes[name] * (self._sizes[name] + 1) // 2,)
            else:
                found[f"{name}.deviation"] = latent.free
        return found

    def start(self, points: int, rng: np.random.Generator) -> Arrays:
        return zero_means(self, points, rng)

    def noise(self, points: int, rng: np.random.Generator) -> Arrays:
        found = {}
        for name, latent in self.latents.items():
            half = rng.normal(size=(points, (self.samples + 1) // 2, *latent.free))
            found[name] = np.concatenate([half, -half], axis=1)[:, : self.samples]
        return found

    def coordinates_of(self, name: str) -> Coordinates:
        kinds = {"mean": "real", "deviation": "positive", "scale": "lower triangular"}
        return coordinates(kinds[name.rpartition(".")[2]])

    def values(self, blocks: Arrays) -> Arrays:
        return {name: self.coordinates_of(name).forward(u) for name, u in blocks.items()}

    def _free(self, name: str, blocks: Arrays, noise: Array) -> Array:
        mean = blocks[f"{name}.mean"][:, None]
        if not self.full:
            return mean + np.exp(blocks[f"{name}.deviation"])[:, None] * noise
        root = LowerTriangular().forward(blocks[f"{name}.scale"])
        flat = noise.reshape(*noise.shape[:2], -1)
        return mean + np.einsum("nij,nsj->nsi", root, flat).reshape(noise.shape)

    def arrays(self, blocks: Arrays, noise: Arrays) -> tuple[Arrays, float]:
        found, entropy = {}, 0.0
        for name, latent in self.latents.items():
            u = self._free(name, blocks, noise[name])
            points = len(u)
            found[name] = latent.coordinates.forward(u)
            volume, _ = latent.coordinates.log_volume(u)
            entropy += (volume / self.samples + self._log_deviations(name, blocks)) / points
            entropy += self._sizes[name] * log_two_pi_e(u) / 2
        return found, float(entropy)

    def _log_deviations(self, name: str, blocks: Arrays) -> float:
        if not self.full:
            return float(blocks[f"{name}.deviation"].sum())
        return float((blocks[f"{name}.scale"] * self._diagonal(name)).sum())

    def _diagonal(self, name: str) -> Array:
        rows, columns = np.tril_indices(self._sizes[name])
        return (rows == columns).astype(float)

    def pullback(self, blocks: Arrays, noise: Arrays, gradients: Arrays) -> Arrays:
        found = {}
        for name, latent in self.latents.items():
            u = self._free(name, blocks, noise[name])
            points = len(u)
            by_u = latent.coordinates.pullback(u, gradients[name])
            by_u = by_u + latent.coordinates.log_volume(u)[1] / (self.samples * points)
            found[f"{name}.mean"] = by_u.sum(axis=1)
            if not self.full:
                deviation = np.exp(blocks[f"{name}.deviation"])
                by_deviation = (by_u * noise[name]).sum(axis=1) * deviation
                found[f"{name}.deviation"] = by_deviation + 1 / points
                continue
            flat = (points, self.samples, -1)
            pair = by_u.reshape(flat), noise[name].reshape(flat)
            by_root = np.einsum("nsi,nsj->nij", *pair)
            by_scale = LowerTriangular().pullback(blocks[f"{name}.scale"], by_root)
            found[f"{name}.scale"] = by_scale + self._diagonal(name) / points
        return found
