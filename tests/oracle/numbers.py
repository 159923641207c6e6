"""Random numbers for all labels of a model, and the log densities at them.

Models and proofs are the engine's: what they declare is read, and none of their code is run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp

from oracle.expressions import value


def slices(model: Any, arrays: Mapping[str, Any]) -> dict[sp.Symbol, Any]:
    """Values of the labels that stand for slices of chains, from arrays by name."""
    aliases = [alias for term in model.terms for alias in term.aliases.items()]
    return {
        label: arrays[s.variable][s.start if s.steps is None else slice(s.start, None)]
        for label, s in aliases
    }


class Numbers:
    """Random numbers for all labels of a model; `log_p` evaluates a term's log density."""

    def __init__(self, model: Any, seed: int = 0, **sizes: int):
        rng = np.random.default_rng(seed)
        self.model, self.here, self.arrays = model, {}, {}
        for name, dim in model.dims_.items():
            self.here[dim] = sizes.get(name, 2)
        for p in model.parameters.values():
            self.set(p, self.draw(rng, str(p.domain), self.shape(p)))
        for x in model.variables.values():
            self.set(x, self.draw(rng, str(x.support), self.shape(x), x.support.bounds))

    def shape(self, record) -> list[int]:
        return [int(n.xreplace({k: sp.Integer(m) for k, m in self.here.items() if isinstance(m, int)}))
                for n in record.shape]  # fmt: skip

    def set(self, record, numbers) -> None:
        self.arrays[record.name] = np.asarray(numbers)
        self.here[record.label] = self.arrays[record.name].tolist()

    def __getitem__(self, name: str) -> np.ndarray:
        return self.arrays[name]

    def draw(self, rng, kind: str, shape: list[int], bounds=()):
        if kind in {"positive", "unit interval", "simplex"}:
            raw = rng.uniform(0.2, 0.9, shape)
            return raw / raw.sum(-1, keepdims=True) if kind == "simplex" else raw
        if kind == "increasing":
            return np.sort(rng.normal(size=shape))
        if kind == "positive definite":
            raw = rng.normal(size=shape)
            return raw @ np.swapaxes(raw, -1, -2) + np.eye(shape[-1])
        if kind == "category":
            return rng.integers(0, int(value(bounds[0], self.here)), shape)
        if kind == "binary":
            return rng.integers(0, 2, shape)
        if kind in {"nonnegative integer", "counts", "integer range"}:
            return rng.integers(0, 4, shape)
        return rng.normal(size=shape)

    def term(self, name: str) -> Any:
        return next(t for t in self.model.terms if t.name == name)

    def _values(self, name: str) -> Iterator[tuple[tuple[int, ...], Any]]:
        """The log density of each coordinate of the term, with its place."""
        term = self.term(name)
        here = self.here | slices(self.model, self.arrays)
        sizes = [int(value(n, self.here)) for _, n in term.plates]
        for at in np.ndindex(*sizes):
            place = dict(zip((i for i, _ in term.plates), at, strict=True))
            yield at, value(term.log_density, here | place)

    def log_p(self, name: str) -> np.ndarray:
        """The log density of each coordinate of the term."""
        term = self.term(name)
        found = np.empty([int(value(n, self.here)) for _, n in term.plates])
        for at, log_density in self._values(name):
            found[at] = float(log_density)
        return found

    def total(self, name: str) -> Any:
        """The log density of a term, summed over its coordinates."""
        return mp.fsum(log_density for _, log_density in self._values(name))

    def evaluated(self, expr: Any) -> Any:
        """A scalar, or all elements of an array, of an expression in the model's labels."""
        if not hasattr(expr, "at"):
            return value(expr, self.here)
        sizes = [int(value(n, self.here)) for n in expr.shape]
        found = np.empty(sizes, dtype=object)
        for at in np.ndindex(*sizes):
            found[at] = value(expr.at(*map(sp.Integer, at)), self.here)
        return found

    def moved(self, directions: dict[sp.Symbol, Any], t: Any) -> Numbers:
        """These numbers, with labels moved by t times their directions."""
        other = object.__new__(Numbers)
        other.model, other.arrays, other.here = self.model, dict(self.arrays), dict(self.here)
        for label, direction in directions.items():
            start = np.asarray(self.arrays[label.name], dtype=object)
            shifted = np.asarray(start + t * np.asarray(direction, dtype=object), dtype=object)
            other.arrays[label.name], other.here[label] = shifted, shifted.tolist()
        return other


def labels_of(model: Any) -> dict[Any, sp.Symbol]:
    """The label behind each value that a model hands out."""
    records = [*model.parameters.values(), *model.variables.values()]
    return {r.value: r.label for r in records}


def gap(proof: Any, at: Numbers) -> tuple[Any, Any]:
    """F - S and v . grad F for one data point and one sample: equal, whatever the numbers are.

    The derivative along the field and the flow is numerical; F is the sum of log densities.
    """
    labels = labels_of(proof.model)
    moves = {labels[k]: at.evaluated(v) for k, v in (proof.field | proof.latent_flow).items()}
    left = mp.mpf(0)
    for t in proof.terms:
        if t.holds:
            left += (
                at.total(t.variable) - at.evaluated(t.log_base_measure) + at.evaluated(t.entropy)
            )
    slope = mp.diff(
        lambda t: mp.fsum(at.moved(moves, t).total(name.variable) for name in proof.terms), 0
    )
    for latent, flow in proof.latent_flow.items():
        first = [0] * getattr(latent, "ndim", 0)
        element, moved = ((v.at(*first) if hasattr(v, "at") else v) for v in (latent, flow))
        slope += at.evaluated(sp.diff(moved, element)) * np.asarray(at[labels[latent].name]).size
    return left, slope


__all__ = ["Numbers", "gap", "labels_of", "slices"]
