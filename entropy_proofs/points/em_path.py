"""ELBO, entropy sum and v·∇F along scikit-learn's EM steps for a Gaussian mixture on iris."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from entropy_proofs.data.real_data import table
from entropy_proofs.evaluate.model_code import ProofCode
from entropy_proofs.points.observations import sizes_of
from entropy_proofs.points.sklearn_fits import mixture_values
from entropy_proofs.points.stationary import FreeObjective
from entropy_proofs.q.sampled import Normals

if TYPE_CHECKING:
    from entropy_proofs.proving.proof import Proof


@dataclass(frozen=True)
class LearningPath:
    """One entry per EM step, in nats per data point, H[q] included.

    Attributes:
        steps: the number of EM steps taken, from 1.
        elbo: F, which is the log-likelihood: q is the exact posterior.
        entropy_sum: S.
        gap: F - S.
        directional_derivative: v·∇F.
    """

    steps: NDArray[np.int_]
    elbo: NDArray[np.float64]
    entropy_sum: NDArray[np.float64]
    gap: NDArray[np.float64]
    directional_derivative: NDArray[np.float64]


def gaussian_mixture_em_path(proof: Proof | None = None, steps: int = 60) -> LearningPath:
    """Run EM one step at a time, and evaluate the identity after each.

    Args:
        proof: of the catalogue's Gaussian mixture; proved here if not given.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    from entropy_proofs.model import catalogue
    from entropy_proofs.proving.proof import prove

    code = ProofCode(proof or prove(catalogue.load("gaussian_mixture")))
    x = table("iris")
    sizes = sizes_of(code.model, {"x": x}, {"K": 3})
    q, rng = Normals({}, 1), np.random.default_rng(0)
    objective = FreeObjective(code, sizes, {"x": x}, {"rho", "mu", "Sigma"}, q, rng)
    mixture = GaussianMixture(3, reg_covar=0, tol=0, max_iter=1, warm_start=True, random_state=0)
    rows = []
    for _ in range(steps):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            mixture.fit(x)
        arrays, entropy = objective.arrays(objective.start(mixture_values(mixture)))
        sides = code.identity(objective.sizes, arrays)
        elbo, total = float(sides.elbo) + entropy, float(sides.entropy_sum) + entropy
        rows.append((elbo, total, float(sides.gap), float(sides.predicted_gap)))
    return LearningPath(np.arange(1, steps + 1), *np.array(rows).T)
