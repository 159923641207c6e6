"""q as samples with equal weights: normals in free coordinates, and clouds that may be scaled."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any

import numpy as np

from entropy_proofs.families.coordinates import Array, LowerTriangular, Positive, Real, in_shapes
from entropy_proofs.families.number_functions import constant, log_two_pi_e
from entropy_proofs.families.space_values import coordinates
from entropy_proofs.q.distribution import LOG_DEVIATION, Arrays, Distribution, FreeArray, near_zero
from entropy_proofs.q.gaussian import FullNormalFactor, NormalFactor


def standard_entropy(dimension: int, like: Array) -> Any:
    """H of a standard normal, in an array's numbers: what `expectation.entropy` derives."""
    return dimension * log_two_pi_e(like) / 2


@dataclass(frozen=True, eq=False)
class Normals(Distribution):
    """Normals in the latents' free coordinates, u = m + L e: log-normals on the positive numbers,
    logit-normals on the unit interval.

    Attributes:
        latents: the continuous ones by name.
        full: whether a latent's coordinates covary.
        eps: values of e (N or 1, count, ...) by latent.
        spread, log_deviation: of the means and the deviations where they start.
    """

    latents: dict[str, FreeArray]
    count: int
    full: bool = False
    eps: Arrays = field(default_factory=dict)
    spread: float = 0.1
    log_deviation: float = LOG_DEVIATION

    @staticmethod
    def shared(latents: dict[str, FreeArray], rng: np.random.Generator) -> Normals:
        """With noise that all data points share.

        It is antithetic and white, so first and second moments are exact.
        """
        shapes = {name: latent.free for name, latent in latents.items()}
        d = sum(map(prod, shapes.values()))
        white = np.zeros((1, 0))  # of latents with one value each, if any
        if d:
            q, _ = np.linalg.qr(rng.normal(size=(d + 3, d)))
            white = np.concatenate([q, -q]) * np.sqrt(d + 3)
        eps = in_shapes(white[None], shapes)
        return Normals(latents, len(white), False, eps, spread=0.5, log_deviation=-0.7)

    def own(self) -> dict[str, FreeArray]:
        family = FullNormalFactor if self.full else NormalFactor
        found = {}
        for name, latent in self.latents.items():
            square = 2 * (int(np.prod(latent.free)),)
            for suffix, domain in family.domains.items():
                shape = square if suffix == "scale" else latent.free
                found[f"{name}.{suffix}"] = FreeArray(shape, coordinates(domain))
        return found

    def start(self, points: int, rng: np.random.Generator) -> Arrays:
        return near_zero(self, points, rng, self.spread, self.log_deviation)

    def noise(self, points: int, rng: np.random.Generator) -> Arrays:
        """Values of e for each data point, in pairs e, -e, so that their means are zero."""
        found = {}
        for name, latent in self.latents.items():
            half = rng.normal(size=(points, (self.count + 1) // 2, *latent.free))
            found[name] = np.concatenate([half, -half], axis=1)[:, : self.count]
        return found

    def on(self, noise: Arrays) -> Normals:
        """The same q, with samples made from this noise."""
        return replace(self, eps=noise)

    def lifted(self, code: Any) -> Normals:
        return self.on({name: code.lift(eps) for name, eps in self.eps.items()})

    def _free(self, name: str, blocks: Arrays) -> Array:
        mean, eps = blocks[f"{name}.mean"][:, None], self.eps[name]
        if not self.full:
            return mean + np.exp(blocks[f"{name}.deviation"])[:, None] * eps
        root = LowerTriangular().forward(blocks[f"{name}.scale"])
        flat = eps.reshape(*eps.shape[:2], -1)
        return mean + np.einsum("nij,nsj->nsi", root, flat).reshape(eps.shape)

    def _log_diagonal(self, name: str, blocks: Arrays) -> Array:
        """log L_ii."""
        if not self.full:
            return blocks[f"{name}.deviation"]
        return blocks[f"{name}.scale"][..., self._diagonal(name)]

    def _diagonal(self, name: str) -> Array:
        rows, columns = np.tril_indices(int(np.prod(self.latents[name].free)))
        return rows == columns

    def arrays(self, blocks: Arrays, given: Mapping[str, Any]) -> tuple[Arrays, Any]:
        """The latents, and H[q] = H[e] + sum log L_ii + E log |dz/du|."""
        found: Arrays = {}
        entropy: Any = 0.0
        points = 1
        for name, latent in self.latents.items():
            u = self._free(name, blocks)
            points, found[name] = len(u), latent.coordinates.forward(u)
            volume, _ = latent.coordinates.log_volume(u)
            logs = self._log_diagonal(name, blocks)
            entropy += volume / self.count + logs.sum()
            entropy += standard_entropy(logs.size, logs)
        return found, entropy / points

    def pullback(self, blocks: Arrays, gradients: Arrays) -> Arrays:
        found = {}
        for name, latent in self.latents.items():
            u, eps = self._free(name, blocks), self.eps[name]
            points = len(u)
            by_u = latent.coordinates.pullback(u, gradients[name])
            by_u = by_u + latent.coordinates.log_volume(u)[1] / (self.count * points)
            found[f"{name}.mean"] = by_u.sum(axis=1)
            if not self.full:
                logs = blocks[f"{name}.deviation"]
                by_deviation = (by_u * eps).sum(axis=1) * np.exp(logs)
                found[f"{name}.deviation"] = by_deviation + constant(1, logs) / points
                continue
            pair = (a.reshape(points, self.count, -1) for a in (by_u, eps))
            by_root = np.einsum("nsi,nsj->nij", *pair)
            by_scale = LowerTriangular().pullback(blocks[f"{name}.scale"], by_root)
            found[f"{name}.scale"] = by_scale + self._diagonal(name) / points
        return found


@dataclass(frozen=True, eq=False)
class Cloud(Distribution):
    """Given samples (N, count, ...); those of some latents may be scaled, each coordinate apart.

    Attributes:
        entropy: H[q] of these samples' distribution, per data point.
        scalable: latents of the real or the positive numbers.
        shifted: those of the real numbers that are shifted too, after they were scaled.
    """

    samples: Arrays
    entropy: Any
    scalable: Collection[str]
    shifted: Collection[str] = ()

    @property
    def count(self) -> int:  # type: ignore[override]  # read only
        return next((s.shape[1] for s in self.samples.values()), 1)

    def own(self) -> dict[str, FreeArray]:
        own: dict[str, FreeArray] = {}
        for name in sorted(self.scalable):
            shape = self.samples[name].shape[2:]
            own[f"{name}.scale"] = FreeArray(shape, Positive())
            if name in self.shifted:
                own[f"{name}.shift"] = FreeArray(shape, Real())
        return own

    def start(self, points: int, rng: np.random.Generator) -> Arrays:
        return {name: np.zeros((points, *array.free)) for name, array in self.own().items()}

    def arrays(self, blocks: Arrays, given: Mapping[str, Any]) -> tuple[Arrays, Any]:
        found, entropy = dict(self.samples), self.entropy
        for name in sorted(self.scalable):
            log_scale = blocks[f"{name}.scale"]
            found[name] = self.samples[name] * np.exp(log_scale)[:, None]
            if name in self.shifted:
                found[name] = found[name] + blocks[f"{name}.shift"][:, None]
            entropy += log_scale.sum() / len(log_scale)
        return found, entropy

    def pullback(self, blocks: Arrays, gradients: Arrays) -> Arrays:
        found = {}
        for name in sorted(self.scalable):
            log_scale = blocks[f"{name}.scale"]
            moved = gradients[name] * self.samples[name] * np.exp(log_scale)[:, None]
            one = constant(1, log_scale)
            found[f"{name}.scale"] = moved.sum(axis=1) + one / len(log_scale)
            if name in self.shifted:
                found[f"{name}.shift"] = gradients[name].sum(axis=1)
        return found

    def lifted(self, code: Any) -> Cloud:
        samples = {name: code.lift(z) for name, z in self.samples.items()}
        return Cloud(samples, code.lift(self.entropy), self.scalable, self.shifted)


def scalable(latents: Mapping[str, FreeArray]) -> set[str]:
    """The latents whose samples may be scaled: those of the real or the positive numbers."""
    return {n for n, latent in latents.items() if isinstance(latent.coordinates, (Real, Positive))}
