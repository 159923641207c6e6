"""Probabilistic PCA with a diagonal Gaussian q, in closed form."""

from __future__ import annotations

from collections.abc import Mapping
from math import e, log, pi
from typing import Any, ClassVar

import numpy as np
import torch
from jax import numpy as jnp

from benchmarks.objective import Arrays, Objective
from benchmarks.timing import Result


class PPCA(Objective):
    title = "p-PCA, N={N}, D={D}, H={H}, diagonal q"
    model = "ppca"
    options: ClassVar = {"expectation": "analytic"}
    sizes: ClassVar = ({"N": 5000, "D": 144, "H": 10}, {"N": 5000, "D": 144, "H": 100})
    tiny: ClassVar = {"N": 7, "D": 4, "H": 3}

    def arrays(self, rng: np.random.Generator, sizes: Mapping[str, int]) -> dict[str, np.ndarray]:
        N, D, H = sizes["N"], sizes["D"], sizes["H"]
        return {
            "W": rng.normal(size=(D, H)),
            "mu": rng.normal(size=D),
            "sigma2": np.array(0.7),
            "x": rng.normal(size=(N, D)),
            "z.mean": rng.normal(size=(N, H)),
            "z.deviation": rng.uniform(0.5, 1.5, (N, H)),
        }

    def jax(self, a: Arrays) -> Any:
        W, mu, s2, x, m, s = (a[k] for k in _NAMES)
        N, D = x.shape
        R = x - m @ W.T - mu
        variances = (s * s).sum(0)
        square = (R * R).sum() + variances @ (W * W).sum(0)
        entropy = jnp.log(s).sum() / N + m.shape[1] / 2
        prior = -((m * m).sum() + variances.sum()) / (2 * N)
        return -D / 2 * jnp.log(2 * pi * s2) - square / (2 * s2 * N) + prior + entropy

    def torch(self, a: Arrays) -> Any:
        W, mu, s2, x, m, s = (a[k] for k in _NAMES)
        N, D = x.shape
        R = x - m @ W.T - mu
        variances = (s * s).sum(0)
        square = (R * R).sum() + variances @ (W * W).sum(0)
        entropy = torch.log(s).sum() / N + m.shape[1] / 2
        prior = -((m * m).sum() + variances.sum()) / (2 * N)
        return -D / 2 * torch.log(2 * pi * s2) - square / (2 * s2 * N) + prior + entropy

    def numpy(self, a: Arrays) -> Result:
        W, mu, s2, x, m, s = (a[k] for k in _NAMES)
        (N, D), H = x.shape, m.shape[1]
        R = m @ W.T
        R += mu
        np.subtract(x, R, out=R)
        spread, norms = np.einsum("nh,nh->h", s, s), np.einsum("dh,dh->h", W, W)
        square = np.vdot(R, R) + spread @ norms
        value = (
            -D / 2 * log(2 * pi * s2)
            - square / (2 * s2 * N)
            - (np.vdot(m, m) + spread.sum()) / (2 * N)
            - H / 2 * log(2 * pi)
            + np.log(s).sum() / N
            + H / 2 * log(2 * pi * e)
        )
        to_mean = R @ (W / (s2 * N))
        to_mean -= m / N
        to_deviation = (1 / N) / s
        to_deviation -= s * ((norms / s2 + 1) / N)
        return value, {
            "W": (R.T @ m - W * spread) / (N * s2),
            "mu": R.sum(0) / (N * s2),
            "sigma2": square / (2 * s2**2 * N) - D / (2 * s2),
            "z.mean": to_mean,
            "z.deviation": to_deviation,
        }

    def products(self, a: Arrays) -> Any:
        W, x, m = a["W"], a["x"], a["z.mean"]
        return m @ W.T, x.T @ m, x @ W


_NAMES = ("W", "mu", "sigma2", "x", "z.mean", "z.deviation")
