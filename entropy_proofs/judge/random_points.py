"""Random points of a model: sizes, parameters in their domains, values in their supports.

Every number is drawn when it is asked for, from a seed of its own (its name and place), so that
arrays of any size cost what is used of them.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from itertools import product

import sympy as sp
from mpmath import MPContext
from sympy import Expr, Symbol

from entropy_proofs.arrays.tree_walk import TreeWalk, Undefined, Unevaluable, Value
from entropy_proofs.families.spaces import MORE, POSITIVE, REAL, IntegerRange, Space
from entropy_proofs.model.model import Model

Place = tuple[int, ...]
_LARGEST = 400  # elements that are drawn together


class RandomPoint:
    """Numbers for everything that the model declares, by label and place.

    seed: of what varies.  constants: the seed of what is known: constants and hidden maps.
    """

    def __init__(
        self,
        model: Model,
        number: MPContext,
        sizes: Mapping[Symbol, int],
        seed: str,
        constants: str,
    ):
        self.model, self.number, self.sizes = model, number, sizes
        self.seed, self.constants = seed, constants
        self.drawn: dict[tuple[Symbol, Place], Value] = {}
        self.parameters = {p.label: p for p in model.parameters.values()}
        self.supports = supports(model)
        self.numbers = {s: k for k, s in enumerate([*self.parameters, *self.supports])}
        self.evaluate = TreeWalk(number, self.value, self.hidden)

    def value(self, label: Symbol, at: Place) -> Value:
        """The element at these indices.  Raises Undefined outside of the array."""
        if label in self.sizes:
            return self.sizes[label]
        if (label, at) not in self.drawn:
            self._draw(label, at)
        return self.drawn[label, at]

    def shape(self, label: Symbol) -> tuple[int, ...]:
        declared = self.supports[label][1] if label in self.supports else self._parameter(label)
        return tuple(int(self.evaluate(n)) for n in declared)

    def shown(self) -> dict[str, str]:
        """Sizes and what was drawn, by name, to 8 digits."""
        named = {s.name: str(n) for s, n in self.sizes.items()}
        for (label, at), value in self.drawn.items():
            named[f"{label}{list(at) if at else ''}"] = self.number.nstr(value, 8)
        return named

    def hidden(self, name: str, inputs: list[Value]) -> Value:
        """A smooth function of the inputs, another for every name."""
        rng = random.Random(f"{self.constants} {name}")
        total = self.number.mpf(rng.uniform(-1, 1))
        for value in inputs:
            total += rng.uniform(0.2, 1) * value
        return self.number.sin(total)

    def _parameter(self, label: Symbol) -> tuple[Expr, ...]:
        if label not in self.parameters:
            raise Unevaluable(f"{label} is not declared")
        return self.parameters[label].shape

    def _draw(self, label: Symbol, at: Place) -> None:
        shape = self.shape(label)
        if len(at) != len(shape) or not all(0 <= i < n for i, n in zip(at, shape, strict=True)):
            raise Undefined(f"{label} has shape {shape}, without {at}")
        if label in self.supports:
            support = self.supports[label][0]
            at_place = support.at([*map(sp.Integer, at[: len(at) - support.axes])])
            space, seed = at_place.mapped(self._bound), self.seed
        else:
            p = self.parameters[label]
            space, seed = p.domain, self.constants if p.fixed else self.seed
            if label in self.model.whole_bounds():
                space = IntegerRange(2, MORE)
            elif space == REAL and label.is_positive:
                space = POSITIVE
        drawn = {}
        for place in _together(space, at, shape):
            rng = random.Random(f"{seed} {self.numbers[label]} {place}")
            drawn[place] = space.draw(rng, self.number)
        space.tie(self.number, drawn)
        self.drawn |= {(label, place): value for place, value in drawn.items()}

    def _bound(self, b: Expr) -> Value:
        return b if b in {sp.oo, -sp.oo} else self.evaluate(b)


def _together(space: Space, at: Place, shape: tuple[int, ...]) -> list[Place]:
    """The places whose elements constrain each other."""
    axes = {len(shape) + a for a in space.tied}
    ranges = [
        range(n) if k in axes else [i] for k, (i, n) in enumerate(zip(at, shape, strict=True))
    ]
    count = 1
    for r in ranges:
        count *= len(r)
    if count > _LARGEST:
        raise Unevaluable(f"it is too large: {count} elements that are drawn together")
    return list(product(*ranges))


def supports(model: Model) -> dict[Symbol, tuple[Space, tuple[Expr, ...]]]:
    """The support and shape of every label that stands for (slices of) a variable."""
    found = {v.label: (v.support, v.shape) for v in model.variables.values()}
    for term in model.terms:
        plates = tuple(n for _, n in term.plates)
        for label, part in term.aliases.items():
            chain = model.variables[part.variable]
            found[label] = chain.support, part.shape(chain.shape)
        found.setdefault(term.value, (term.support, (*plates, *term.event)))
    return found
