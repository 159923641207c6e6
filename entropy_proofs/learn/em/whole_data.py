"""The E-step on all data points themselves: where no features stand for them."""

from __future__ import annotations

from typing import Any

import numpy as np

from entropy_proofs.evaluate.batch import POINTS, SAMPLES
from entropy_proofs.learn.em.posterior import Array, Arrays, EStep, Posterior, responsibilities


class Enumerated:
    """Exact posteriors of all data points at once.

    Args:
        weights: of the data points, (N,), of mean one; None if all count alike.
    """

    def __init__(self, posterior: Posterior, data: Arrays, weights: Array | None):
        self.posterior, self.data, self.weights = posterior, data, weights

    def e_step(self, values: Arrays) -> EStep:
        """The best q of each data point, and F."""
        points = len(next(iter(self.data.values())))
        states = self.posterior.every_state(points)
        found = self.posterior.marginal(values, self.data, states)
        q, logs = responsibilities(found.log_evidence)
        weights: Any = 1.0 if self.weights is None else self.weights
        q = q * np.reshape(weights, (-1, 1))
        arrays = self.posterior.batch(self.data, states, q, found)
        count = q.shape[1] * found.each
        sizes = {**self.posterior.sizes, POINTS.name: points, SAMPLES.name: count}
        log_joint = float((q * found.log_joint).sum() / points)
        return EStep(sizes, arrays, float((weights * logs).mean()), log_joint)
