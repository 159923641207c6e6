"""The exact posterior: of a model that is quadratic in its latents, or conjugate."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from entropy_proofs.evaluate.batch import POINTS, SAMPLES, WEIGHTS, AnalyticBatch
from entropy_proofs.evaluate.model_code import ModelCode
from entropy_proofs.evaluate.random_values import shape_value
from entropy_proofs.families.coordinates import Array, in_shapes
from entropy_proofs.families.number_functions import cholesky, constant
from entropy_proofs.q.best import best, start
from entropy_proofs.q.distribution import Arrays, BestAlready, FreeArray
from entropy_proofs.q.sampled import standard_entropy


class GaussianPosterior(BestAlready):
    """The exact posterior of a model that is quadratic in its real latents, by sigma points.

    In a weighted bound it is the best q: proportional to exp(sum_k w_k log p_k / w_q).
    """

    def __init__(self, code: ModelCode, sizes: dict[str, int], latents: dict[str, FreeArray]):
        self.code, self.sizes, self.latents = code, sizes, latents
        self.dimension = sum(int(np.prod(latent.shape)) for latent in latents.values())
        self.count = 2 * self.dimension

    def arrays(self, blocks: Arrays, given: Mapping[str, Any]) -> tuple[Arrays, Any]:
        points, d = self.sizes[POINTS.name], self.dimension
        probes = np.concatenate([np.zeros((1, d)), np.eye(d)])
        slopes = self.slopes(np.broadcast_to(probes, (points, d + 1, d)), given)
        precision = slopes[:, :1] - slopes[:, 1:]
        covariance = self.code.inverse((precision + np.swapaxes(precision, 1, 2)) / 2)
        mean = np.einsum("nij,nj->ni", covariance, slopes[:, 0])
        root = cholesky(covariance)
        steps = np.swapaxes(root, 1, 2) * np.sqrt(constant(d, root))
        found = mean[:, None] + np.concatenate([steps, -steps], axis=1)
        log_volumes = np.log(np.einsum("nii->ni", root)).sum(axis=1)
        return self.split(found), log_volumes.mean() + standard_entropy(d, root)

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

    def slopes(
        self, z: Array, arrays: Mapping[str, Any], names: Collection[str] | None = None
    ) -> Array:
        """d log p(x, z) / dz, per weight of H[q], for latents (N, S, d), flattened.

        names: of the latents, if no other gradients are to be made on the way.
        """
        points, samples, _ = z.shape
        given = {**arrays, **self.split(z), WEIGHTS.name: np.ones((points, samples))}
        gradients = self.code.gradients({**self.sizes, SAMPLES.name: samples}, given, names)
        flat = [gradients[name].reshape(points, samples, -1) for name in self.latents]
        slopes = np.concatenate(flat, axis=2) * points
        return self.code.per_q_weight(slopes, self.sizes, given)

    def split(self, z: Array) -> Arrays:
        """Latents by name, of flattened ones (N, S, d)."""
        return in_shapes(z, {name: latent.shape for name, latent in self.latents.items()})


class BestInClosedForm(BestAlready):
    """The best q of the families that a batch without samples has: posteriors, chains smoothed."""

    count = 1

    def __init__(self, code: ModelCode, sizes: dict[str, int]):
        self.code, self.sizes = code, sizes

    def arrays(self, blocks: Arrays, given: Mapping[str, Any]) -> tuple[Arrays, Any]:
        batch = self.code.batch
        assert isinstance(batch, AnalyticBatch)
        shapes = {s.name: shape_value(n, self.sizes) for s, n in batch.shapes().items()}

        def slopes(arrays: Arrays, names: set[str]) -> Arrays:
            return self.code.slopes_of_q(self.sizes, {**given, **arrays}, names)

        return best(batch.factors, start(batch.factors, shapes), slopes), 0.0

    def lifted(self, code: ModelCode) -> BestInClosedForm:
        return BestInClosedForm(code, self.sizes)
