"""Amortised q: a small network from a data point to the coordinates of its q."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np

from entropy_proofs.learn.posteriors import START_DEVIATION, Shape
from entropy_proofs.numeric.backends import backend
from entropy_proofs.numeric.coordinates import Array

Arrays = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Encoder:
    """tanh layers and a linear head with a bias for each block of q's coordinates.

    The mean's head is linear and that of the logarithms of deviations has a bias, so scaling the
    latents is within the family: at a stationary point of the weights the flow's share of v·∇F
    vanishes (arXiv:2010.14860 asks for the same).

    Attributes:
        hidden: the layers' widths.
        outputs: the blocks' shapes for one data point.
        shift, scale: what standardises the inputs, (inputs,).
        weights: those that do not move any more.
    """

    hidden: tuple[int, ...]
    outputs: dict[str, Shape]
    shift: Array
    scale: Array
    weights: Arrays = field(default_factory=dict)

    def __getstate__(self) -> dict[str, Any]:
        """Compiled functions do not pickle."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def start(self, rng: np.random.Generator) -> Arrays:
        """Random weights; the heads' are small, so that q starts near N(0, 1/4)."""
        found: Arrays = {}
        width = len(self.shift)
        for k, units in enumerate(self.hidden):
            found[f"encoder.W{k}"] = rng.normal(size=(width, units)) / np.sqrt(width)
            found[f"encoder.b{k}"] = np.zeros(units)
            width = units
        for name, shape in self.outputs.items():
            size = int(np.prod(shape))
            found[f"encoder.{name}.W"] = 0.1 * rng.normal(size=(width, size)) / np.sqrt(width)
            found[f"encoder.{name}.b"] = np.full(size, self._bias(name, shape))
        return found

    @staticmethod
    def _bias(name: str, shape: Shape) -> Array:
        suffix, size = name.rpartition(".")[2], int(np.prod(shape))
        if suffix == "deviation":
            return np.full(size, np.log(START_DEVIATION))
        if suffix != "scale":
            return np.zeros(size)
        rows, columns = np.tril_indices(int((np.sqrt(8 * size + 1) - 1) / 2))
        return np.where(rows == columns, np.log(START_DEVIATION), 0.0)

    def __call__(self, weights: Arrays, x: Array) -> Arrays:
        """The blocks (N, ...) for inputs (N, inputs)."""
        return {n: np.asarray(b) for n, b in self._compiled[0](self._whole(weights), x).items()}

    def pullback(self, weights: Arrays, x: Array, by_block: Arrays) -> Arrays:
        """The gradient by weights, given the one by block."""
        return {n: np.asarray(g) for n, g in self._compiled[1](weights, x, by_block).items()}

    def _whole(self, moving: Arrays) -> Arrays:
        return {**self.weights, **{n: w for n, w in moving.items() if n.startswith("encoder.")}}

    @cached_property
    def _compiled(self) -> tuple[Any, Any]:
        import jax
        import jax.numpy as jnp

        backend("jax").load()  # float64

        def forward(weights: Arrays, x: Any) -> Arrays:
            layer = (x - self.shift) / self.scale
            for k in range(len(self.hidden)):
                layer = jnp.tanh(layer @ weights[f"encoder.W{k}"] + weights[f"encoder.b{k}"])
            return {
                name: (layer @ weights[f"encoder.{name}.W"] + weights[f"encoder.{name}.b"]).reshape(
                    (len(x), *shape)
                )
                for name, shape in self.outputs.items()
            }

        def backward(weights: Arrays, x: Any, by_block: Arrays) -> Arrays:
            return jax.vjp(lambda w: forward(w, x), weights)[1](by_block)[0]

        return jax.jit(forward), jax.jit(backward)
