"""A Gaussian mixture with full covariances, its responsibilities given; and scikit-learn's."""

from __future__ import annotations

from collections.abc import Mapping
from math import log, pi
from typing import Any, ClassVar

import jax
import numpy as np
import torch
from jax import numpy as jnp
from jax.scipy.linalg import solve_triangular
from scipy.special import logsumexp
from sklearn.mixture import GaussianMixture

import entropy_proofs as ep
from benchmarks.objective import NUMPY, Arrays, Objective
from benchmarks.timing import Ratio, Result, race, ratio

SKLEARN = "scikit-learn's"


class Mixture(Objective):
    title = "Gaussian mixture, N={N}, D={D}, K={K}, full covariances"
    model = "gaussian_mixture"
    options: ClassVar = {"expectation": "analytic"}
    sizes: ClassVar = ({"N": 20000, "D": 20, "K": 10},)
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
        root = jnp.linalg.cholesky(Sigma)
        inverse = solve_triangular(root, jnp.broadcast_to(jnp.eye(D), root.shape), lower=True)

        @jax.checkpoint
        def square(of: tuple[Any, Any]) -> Any:
            mean, root = of
            white = (x - mean) @ root.T
            return (white * white).sum(-1)

        # a loop whose arrays are computed again for the gradient: they stay in the cache
        squares = jax.lax.map(square, (mu, inverse)).T
        halves = jnp.log(jnp.diagonal(root, axis1=1, axis2=2)).sum(-1)
        constant = jnp.log(rho) - halves - D / 2 * log(2 * pi)
        return (q * (constant - squares / 2 - jnp.log(q))).sum() / N

    def torch(self, a: Arrays) -> Any:
        rho, mu, Sigma, x, q = (a[k] for k in _NAMES)
        N, D = x.shape
        root = torch.linalg.cholesky(Sigma)
        identity = torch.eye(D, dtype=root.dtype).expand(root.shape)
        inverse = torch.linalg.solve_triangular(root, identity, upper=False)
        white = (x - mu[:, None]) @ inverse.mT
        square = (white * white).sum(-1).T
        halves = torch.log(torch.diagonal(root, dim1=1, dim2=2)).sum(-1)
        constant = torch.log(rho) - halves - D / 2 * log(2 * pi)
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
        return jax.lax.map(lambda part: _products_of_component(x, *part), (mu, Sigma, q.T))

    def products_by_torch(self, a: Arrays) -> Any:
        mu, Sigma, x, q = (a[k] for k in _NAMES[1:])
        return [_products_of_component(x, *part) for part in zip(mu, Sigma, q.T, strict=True)]

    def ratios(self, sizes: Mapping[str, int], repeats: int) -> list[Ratio]:
        """Against scikit-learn too: its E-step, and its mean log-likelihood."""
        found = super().ratios(sizes, repeats)
        for what, sides in self.of_sklearn(sizes).items():
            figures = ratio(race(sides, repeats), NUMPY, SKLEARN)
            name = f"{NUMPY} / {SKLEARN} {what}"
            found.append(Ratio(self.titled(sizes), name, *figures, 1.3))
        return found

    def of_sklearn(self, sizes: Mapping[str, int]) -> dict[str, dict[str, Any]]:
        """What scikit-learn's GaussianMixture computes too: both sides, which are checked to agree.

        At the posterior the ELBO is the log-likelihood; its slopes by q are log p(x, c) but for a
        constant, at any q.
        """
        a = self.arrays(np.random.default_rng(0), sizes)
        functions = ep.compile(ep.prove(ep.load(self.model)), "numpy", **self.options)
        theirs, K = _fitted(a), sizes["K"]
        uniform = {**a, "c.probabilities": np.full((sizes["N"], K), 1 / K)}

        def e_step() -> tuple[Any, Any]:
            slopes = functions.gradient(uniform, wrt=["c.probabilities"])["c.probabilities"]
            joint = slopes * sizes["N"]
            joint += 1 - log(K)
            total = logsumexp(joint, axis=1)
            joint -= total[:, None]
            return total.mean(), joint

        posterior = {**a, "c.probabilities": np.exp(e_step()[1])}
        sides: dict[str, dict[str, Any]] = {
            "E-step": {NUMPY: e_step, SKLEARN: lambda: theirs._e_step(a["x"])},
            "score": {
                NUMPY: lambda: (functions.elbo(posterior),),
                SKLEARN: lambda: (theirs.score(a["x"]),),
            },
        }
        for pair in sides.values():
            for found, expected in zip(*(side() for side in pair.values()), strict=True):
                np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
        return sides


def _products_of_component(x: Any, mean: Any, matrix: Any, weights: Any) -> tuple[Any, Any]:
    diff = x - mean
    return (diff @ matrix).sum(0), diff.T @ (diff * weights[:, None])


def _fitted(a: Arrays) -> GaussianMixture:
    """scikit-learn's mixture with these parameters."""
    mixture = GaussianMixture(len(a["rho"]), covariance_type="full")
    mixture.weights_, mixture.means_, mixture.covariances_ = a["rho"], a["mu"], a["Sigma"]
    mixture.precisions_cholesky_ = np.linalg.cholesky(np.linalg.inv(a["Sigma"]))
    mixture.n_features_in_ = a["mu"].shape[1]
    return mixture


_NAMES = ("rho", "mu", "Sigma", "x", "c.probabilities")
