"""A Gaussian mixture with full covariances, its responsibilities given; and scikit-learn's."""

from __future__ import annotations

from collections.abc import Mapping
from math import log, pi
from typing import Any, ClassVar

import numpy as np
import torch
from jax import numpy as jnp

from benchmarks.objective import Arrays, Objective
from benchmarks.timing import Result


class Mixture(Objective):
    title = "Gaussian mixture, N=2000, D=20, K=10, full covariances"
    model = "gaussian_mixture"
    options: ClassVar = {"expectation": "analytic"}
    sizes: ClassVar = {"N": 2000, "D": 20, "K": 10}
    tiny: ClassVar = {"N": 9, "D": 3, "K": 2}

    def arrays(self, rng: np.random.Generator, sizes: Mapping[str, int]) -> dict[str, np.ndarray]:
        N, D, K = sizes["N"], sizes["D"], sizes["K"]
        roots = rng.normal(size=(K, D, 2 * D)) / np.sqrt(2 * D)
        return {
            "rho": rng.dirichlet(np.ones(K)),
            "mu": rng.normal(size=(K, D)),
            "Sigma": roots @ roots.transpose(0, 2, 1) + 0.1 * np.eye(D),
            "x": rng.normal(size=(N, D)),
            "c.probabilities": rng.dirichlet(np.ones(K), N),
        }

    def jax(self, a: Arrays) -> Any:
        rho, mu, Sigma, x, q = (a[k] for k in _NAMES)
        N, D = x.shape
        inverse = jnp.linalg.inv(Sigma)
        diff = x - mu[:, None]
        square = ((diff @ inverse) * diff).sum(-1).T
        constant = jnp.log(rho) - jnp.linalg.slogdet(Sigma)[1] / 2 - D / 2 * log(2 * pi)
        return (q * (constant - square / 2 - jnp.log(q))).sum() / N

    def torch(self, a: Arrays) -> Any:
        rho, mu, Sigma, x, q = (a[k] for k in _NAMES)
        N, D = x.shape
        inverse = torch.linalg.inv(Sigma)
        diff = x - mu[:, None]
        square = ((diff @ inverse) * diff).sum(-1).T
        constant = torch.log(rho) - torch.linalg.slogdet(Sigma)[1] / 2 - D / 2 * log(2 * pi)
        return (q * (constant - square / 2 - torch.log(q))).sum() / N

    def numpy(self, a: Arrays) -> Result:
        rho, mu, Sigma, x, q = (a[k] for k in _NAMES)
        N, D = x.shape
        K = len(rho)
        inverse = np.linalg.inv(Sigma)
        constant = np.log(rho) - np.linalg.slogdet(Sigma)[1] / 2 - D / 2 * log(2 * pi)
        counts = q.sum(0)
        to_q = -np.log(q)
        to_q += constant
        first, second = np.empty_like(mu), np.empty_like(Sigma)
        for k in range(K):
            diff = x - mu[k]
            to_q[:, k] -= np.einsum("nd,nd->n", diff @ inverse[k], diff) / 2
            weighted = diff * q[:, k, None]
            first[k] = weighted.sum(0)
            second[k] = weighted.T @ diff
        value = np.vdot(q, to_q) / N
        to_q -= 1
        to_q /= N
        turned = inverse.transpose(0, 2, 1)
        shrunk = turned @ second @ turned
        shrunk -= counts[:, None, None] * turned
        return value, {
            "rho": counts / (N * rho),
            "mu": np.einsum("kde,ke->kd", inverse + turned, first) / (2 * N),
            "Sigma": shrunk / (2 * N),
            "c.probabilities": to_q,
        }

    def products(self, a: Arrays) -> Any:
        mu, Sigma, x, q = (a[k] for k in _NAMES[1:])
        diff = x - mu[:, None]
        return diff @ Sigma, diff.transpose(0, 2, 1) @ (diff * q.T[:, :, None])


_NAMES = ("rho", "mu", "Sigma", "x", "c.probabilities")
