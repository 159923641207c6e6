"""Sparse coding with a diagonal Gaussian q, in closed form: E|z| of a normal is a folded mean."""

from __future__ import annotations

from collections.abc import Mapping
from math import e, log, pi, sqrt
from typing import Any, ClassVar

import numpy as np
import torch
from jax import numpy as jnp
from jax.scipy.special import erf as jax_erf
from scipy.special import erf

from benchmarks.objective import Arrays, Objective
from benchmarks.timing import Result


class SparseCoding(Objective):
    title = "Sparse coding, N={N}, D={D}, H={H}, diagonal q"
    model = "sparse_coding"
    options: ClassVar = {"expectation": "analytic"}
    sizes: ClassVar = ({"N": 5000, "D": 144, "H": 100},)
    tiny: ClassVar = {"N": 7, "D": 4, "H": 3}

    def arrays(self, rng: np.random.Generator, sizes: Mapping[str, int]) -> dict[str, np.ndarray]:
        N, D, H = sizes["N"], sizes["D"], sizes["H"]
        return {
            "W": rng.normal(size=(D, H)),
            "lam": rng.uniform(0.5, 2, H),
            "sigma2": np.array(0.7),
            "x": rng.normal(size=(N, D)),
            "z.mean": rng.normal(size=(N, H)),
            "z.deviation": rng.uniform(0.5, 1.5, (N, H)),
        }

    def jax(self, a: Arrays) -> Any:
        W, lam, s2, x, m, s = (a[k] for k in _NAMES)
        (N, D), H = x.shape, len(lam)
        R, u = x - m @ W.T, m / s
        square = (R * R).sum() + (s * s).sum(0) @ (W * W).sum(0)
        folded = s * sqrt(2 / pi) * jnp.exp(-u * u / 2) + m * jax_erf(u / sqrt(2))
        return (
            -D / 2 * jnp.log(2 * pi * s2)
            - square / (2 * s2 * N)
            - jnp.log(2 * lam).sum()
            - folded.sum(0) @ (1 / lam) / N
            + jnp.log(s).sum() / N
            + H / 2 * log(2 * pi * e)
        )

    def torch(self, a: Arrays) -> Any:
        W, lam, s2, x, m, s = (a[k] for k in _NAMES)
        (N, D), H = x.shape, len(lam)
        R, u = x - m @ W.T, m / s
        square = (R * R).sum() + (s * s).sum(0) @ (W * W).sum(0)
        folded = s * sqrt(2 / pi) * torch.exp(-u * u / 2) + m * torch.erf(u / sqrt(2))
        return (
            -D / 2 * torch.log(2 * pi * s2)
            - square / (2 * s2 * N)
            - torch.log(2 * lam).sum()
            - folded.sum(0) @ (1 / lam) / N
            + torch.log(s).sum() / N
            + H / 2 * log(2 * pi * e)
        )

    def numpy(self, a: Arrays) -> Result:
        W, lam, s2, x, m, s = (a[k] for k in _NAMES)
        (N, D), H = x.shape, len(lam)
        R = x - m @ W.T
        u = m / s
        sign = erf(u / sqrt(2))
        u *= u
        u *= -0.5
        bump = np.exp(u, out=u)
        bump *= sqrt(2 / pi)
        spread, norms = np.einsum("nh,nh->h", s, s), np.einsum("dh,dh->h", W, W)
        folded = np.einsum("nh,nh->h", s, bump) + np.einsum("nh,nh->h", m, sign)
        square = np.vdot(R, R) + spread @ norms
        value = (
            -D / 2 * log(2 * pi * s2)
            - square / (2 * s2 * N)
            - np.log(2 * lam).sum()
            - folded @ (1 / lam) / N
            + np.log(s).sum() / N
            + H / 2 * log(2 * pi * e)
        )
        to_mean = R @ (W / (s2 * N))
        sign *= 1 / (lam * N)
        to_mean -= sign
        to_deviation = (1 / N) / s
        to_deviation -= s * (norms / (s2 * N))
        bump *= 1 / (lam * N)
        to_deviation -= bump
        return value, {
            "W": (R.T @ m - W * spread) / (N * s2),
            "lam": folded / (lam**2 * N) - 1 / lam,
            "sigma2": square / (2 * s2**2 * N) - D / (2 * s2),
            "z.mean": to_mean,
            "z.deviation": to_deviation,
        }

    def products(self, a: Arrays) -> Any:
        W, x, m = a["W"], a["x"], a["z.mean"]
        return m @ W.T, x.T @ m, x @ W


_NAMES = ("W", "lam", "sigma2", "x", "z.mean", "z.deviation")
