"""Amortised q: a small network from a data point to the coordinates of its q."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from entropy_proofs.code.backends import backend
from entropy_proofs.families.coordinates import Array
from entropy_proofs.q.distribution import Shape

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
        biases: where the heads' biases start, by block.
        shift, scale: what standardises the inputs, (inputs,).
        weights: those that do not move any more.
    """

    hidden: tuple[int, ...]
    outputs: dict[str, Shape]
    biases: Arrays
    shift: Array
    scale: Array
    weights: Arrays = field(default_factory=dict)

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
            found[f"encoder.{name}.b"] = np.ravel(self.biases[name])
        return found

    def __call__(self, weights: Arrays, x: Array) -> Arrays:
        """The blocks (N, ...) for inputs (N, inputs)."""
        return self._run(0, weights, x)

    def pullback(self, weights: Arrays, x: Array, by_block: Arrays) -> Arrays:
        """The gradient by weights, given the one by block."""
        return self._run(1, weights, x, by_block)

    def _run(self, which: int, weights: Arrays, x: Array, *given: Any) -> Arrays:
        run = _compiled(len(self.hidden), tuple(self.outputs.items()))[which]
        own = {n: w for n, w in weights.items() if n.startswith("encoder.")}
        found = run({**self.weights, **own}, (x - self.shift) / self.scale, *given)
        return {name: np.asarray(value) for name, value in found.items()}


@cache
def _compiled(layers: int, outputs: tuple[tuple[str, Shape], ...]) -> tuple[Any, Any]:
    """The network, and its pullback to the weights, for inputs in their units."""
    import jax
    import jax.numpy as jnp

    backend("jax").load()  # float64

    def forward(weights: Arrays, layer: Any) -> Arrays:
        points = len(layer)
        for k in range(layers):
            layer = jnp.tanh(layer @ weights[f"encoder.W{k}"] + weights[f"encoder.b{k}"])
        heads = {
            n: layer @ weights[f"encoder.{n}.W"] + weights[f"encoder.{n}.b"] for n, _ in outputs
        }
        return {name: heads[name].reshape(points, *shape) for name, shape in outputs}

    def backward(weights: Arrays, inputs: Any, by_block: Arrays) -> Arrays:
        return jax.vjp(lambda w: forward(w, inputs), weights)[1](by_block)[0]

    return jax.jit(forward), jax.jit(backward)
