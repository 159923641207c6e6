"""A Gaussian VAE on samples that are given: one sample for each data point, shared by all sides.

The hidden map of the catalogue's network is unspecified; generated code puts t + tanh(t) with
t = R s + r and fixed R and r in its place, and so does what is written by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log, pi
from typing import Any, ClassVar

import numpy as np
import torch
from jax import numpy as jnp

from benchmarks.objective import Arrays, Objective
from benchmarks.timing import Result


class VAE(Objective):
    title = "Gaussian VAE, N={N}, D={D}, H={H}, {M} and {J} hidden units, one sample"
    model = "vae_1"
    options: ClassVar = {"expectation": "samples"}
    fixed = frozenset({"x", "phi_f.R0", "phi_f.r"})
    sizes: ClassVar = (
        {"N": 5000, "D": 144, "H": 10, "M": 32, "J": 32},
        {"N": 5000, "D": 144, "H": 20, "M": 100, "J": 100},
    )
    tiny: ClassVar = {"N": 7, "D": 4, "H": 2, "M": 3, "J": 5}

    def arrays(self, rng: np.random.Generator, sizes: Mapping[str, int]) -> dict[str, np.ndarray]:
        N, D, H, M, J = (sizes[k] for k in "NDHMJ")
        return {
            "sigma2": np.array(0.7),
            "f.U": rng.normal(size=(M, H)) / np.sqrt(H),
            "f.a": rng.normal(size=M),
            "f.V": rng.normal(size=(D, J)) / np.sqrt(J),
            "f.b": rng.normal(size=D),
            "z": rng.normal(size=(N, 1, H)),
            "x": rng.normal(size=(N, D)),
            "phi_f.r": rng.normal(size=J),
            "phi_f.R0": rng.normal(size=(J, M)) / np.sqrt(M),
        }

    def jax(self, a: Arrays) -> Any:
        N, D = a["x"].shape
        z = a["z"][:, 0]
        R = a["phi_f.R0"]  # both layers before the hidden map are linear
        t = z @ (R @ a["f.U"]).T + (R @ a["f.a"] + a["phi_f.r"])
        residual = a["x"] - a["f.b"] - (t + jnp.tanh(t)) @ a["f.V"].T
        square, s2 = (residual * residual).sum() / N, a["sigma2"]
        prior = -(z * z).sum() / (2 * N) - z.shape[1] / 2 * log(2 * pi)
        return -D / 2 * jnp.log(2 * pi * s2) - square / (2 * s2) + prior

    def torch(self, a: Arrays) -> Any:
        N, D = a["x"].shape
        z = a["z"][:, 0]
        R = a["phi_f.R0"]  # both layers before the hidden map are linear
        t = z @ (R @ a["f.U"]).T + (R @ a["f.a"] + a["phi_f.r"])
        residual = a["x"] - a["f.b"] - (t + torch.tanh(t)) @ a["f.V"].T
        square, s2 = (residual * residual).sum() / N, a["sigma2"]
        prior = -(z * z).sum() / (2 * N) - z.shape[1] / 2 * log(2 * pi)
        return -D / 2 * torch.log(2 * pi * s2) - square / (2 * s2) + prior

    def numpy(self, a: Arrays) -> Result:
        (N, D), z, s2 = a["x"].shape, a["z"][:, 0], a["sigma2"]
        U, R, V = a["f.U"], a["phi_f.R0"], a["f.V"]
        t = z @ (R @ U).T  # both layers before the hidden map are linear
        t += R @ a["f.a"] + a["phi_f.r"]
        th = np.tanh(t)
        t += th
        residual = t @ V.T
        residual += a["f.b"]
        np.subtract(a["x"], residual, out=residual)
        square = np.vdot(residual, residual) / N
        prior = -np.vdot(z, z) / (2 * N) - z.shape[1] / 2 * log(2 * pi)
        value = -D / 2 * log(2 * pi * s2) - square / (2 * s2) + prior
        back = residual @ (V / (s2 * N))
        th *= th
        np.subtract(2, th, out=th)
        back *= th
        to_z = back @ (R @ U)
        to_z -= z / N
        return value, {
            "sigma2": square / (2 * s2**2) - D / (2 * s2),
            "f.U": R.T @ (back.T @ z),
            "f.a": R.T @ back.sum(0),
            "f.V": residual.T @ t / (s2 * N),
            "f.b": residual.sum(0) / (s2 * N),
            "z": to_z[:, None],
        }

    def products(self, a: Arrays) -> Any:
        z, R, V, x = a["z"][:, 0], a["phi_f.R0"] @ a["f.U"], a["f.V"], a["x"]
        t = z @ R.T
        back = x @ V
        return t @ V.T, x.T @ t, back.T @ z, back @ R
