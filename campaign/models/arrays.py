"""A description's expressions in NumPy, also at complex numbers: for complex-step derivatives."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from campaign.models.describe import Description, Expression, Network, Op, Shape, Size

Values = Mapping[str, Any]
WIDTH = 2  # of a network's hidden map, and of its first layer


@dataclass(frozen=True)
class Point:
    """Numbers for a description: sizes, and an array for every parameter and variable.

    unspecified: which function every network's unspecified part is.
    """

    description: Description
    sizes: Mapping[str, int]
    arrays: Values
    unspecified: int = 0

    def moved(self, arrays: Values) -> Point:
        """With some arrays replaced."""
        return Point(self.description, self.sizes, {**self.arrays, **arrays}, self.unspecified)

    def shape(self, shape: Shape) -> tuple[int, ...]:
        return tuple(self.size(n) for n in shape)

    def size(self, n: Size) -> int:
        return self.sizes[n] if isinstance(n, str) else n

    def named(self, name: str) -> Any:
        """A parameter, variable, network's output or size."""
        if name in self.arrays:
            return self.arrays[name]
        if name in self.sizes:
            return self.sizes[name]
        found = (d for d in self.description.declarations if d.name == name)
        network = next(d for d in found if isinstance(d, Network))
        return _output(self, network)


def value(e: Expression, point: Point) -> Any:
    """The expression's number or array."""
    if isinstance(e, Op):
        return _FUNCTIONS[e.name](*(value(a, point) for a in e.args))
    return point.named(e) if isinstance(e, str) else e


def _absolute(a: Any) -> Any:
    """|a| of the real part, with the derivative in the imaginary one."""
    return np.asarray(a) * np.where(np.real(a) < 0, -1.0, 1.0)


def sigmoid(a: Any) -> Any:
    return 1 / (1 + np.exp(-np.asarray(a)))


def softplus(a: Any) -> Any:
    return np.log(1 + np.exp(np.asarray(a)))


def _power(a: Any, b: Any) -> Any:
    if isinstance(b, int) and abs(b) <= 4:
        product = np.ones_like(np.asarray(a) * 1.0)
        for _ in range(abs(b)):
            product = product * a
        return product if b >= 0 else 1 / product
    return np.asarray(a) ** b


def _stacked(*items: Any) -> Any:
    return np.stack(np.broadcast_arrays(*items))


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "+": lambda *args: sum(args[1:], start=args[0]),
    "*": lambda a, b: a * b,
    "-": lambda a, b: a - b,
    "/": lambda a, b: a / b,
    "**": _power,
    "@": lambda a, b: np.asarray(a) @ np.asarray(b),
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "abs": _absolute,
    "sigmoid": sigmoid,
    "softplus": softplus,
    "sum": np.sum,
    "T": np.transpose,
    "column": lambda a: np.asarray(a)[:, None],
    "diag": lambda a: np.asarray(a)[:, None] * np.eye(len(a)),
    "eye": lambda n: np.eye(n),
    "inv": np.linalg.inv,
    "at": lambda a, *places: np.asarray(a)[places],
    "list": _stacked,
    "from": lambda start: slice(start, None),
    "all": lambda: slice(None),
}


# networks -----------------------------------------------------------------------------------------
def weights_of(network: Network, point: Point, integer: Callable[[Expression], bool]) -> Any:
    """{weight: shape}, as the package documents: U for each continuous input, a, V, b."""
    sizes = point.shape(network.shape)
    continuous = [e for e in network.inputs if not integer(e)]
    found: dict[str, tuple[int, ...]] = {}
    for k, e in enumerate(network.inputs):
        if not integer(e):
            shape = np.shape(value(e, point))
            letter = f"U{k + 1}" if len(continuous) > 1 else "U"
            found[letter] = (WIDTH, shape[-1] if shape else 1)
    if continuous:
        found["a"] = (WIDTH,)
    return {**found, "V": (*sizes, WIDTH), "b": sizes}


def _output(point: Point, network: Network) -> Any:
    arrays = point.arrays
    own = {n[len(network.name) + 1 :]: a for n, a in arrays.items() if _belongs(n, network)}
    firsts = [own[n] for n in sorted(own) if n.startswith("U")]
    signal: Any = own.get("a", 0.0)
    discrete: list[Any] = []
    for e in network.inputs:
        x = np.asarray(value(e, point))
        if np.issubdtype(x.dtype, np.integer):
            discrete.append(x)
        else:
            u = firsts.pop(0)
            signal = signal + (x @ u.T if x.ndim else x * u[:, 0])
    vectors = [signal] if "a" in own else []
    units = [
        unit(f"phi_{network.name}", point.unspecified, j, vectors, discrete) for j in range(WIDTH)
    ]
    hidden = np.stack(units, axis=-1)  # (*batch, WIDTH)
    return (
        np.einsum("...j,...dj->...d", hidden, own["V"]) + own["b"]
        if own["b"].ndim
        else (hidden @ own["V"] + own["b"])
    )


def _belongs(name: str, network: Network) -> bool:
    return name.startswith(f"{network.name}.")


def unit(name: str, which: int, j: int, vectors: Sequence[Any], discrete: Sequence[Any]) -> Any:
    """Unit j of an unspecified map, as a fixed smooth function; `which` numbers the functions."""
    key = hashlib.sha256(f"{name} {which} {j}".encode()).digest()
    rng = np.random.default_rng(int.from_bytes(key[:8], "little"))
    total: Any = rng.normal()
    for v in vectors:
        total = total + np.asarray(v) @ rng.normal(size=np.shape(v)[-1])
    for d in discrete:
        total = total + np.sin(3 * np.asarray(d) + rng.normal())
    return np.tanh(total) + 0.3 * np.asarray(total)


__all__ = ["WIDTH", "Point", "Values", "sigmoid", "softplus", "unit", "value", "weights_of"]
