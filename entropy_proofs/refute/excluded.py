"""Parameters at which the conditions of a proof fail: there it says nothing, and F may differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import sympy as sp
from mpmath import mp
from sympy import Expr, Indexed, Symbol

from entropy_proofs.algebra.nodes import indices_of, label_of
from entropy_proofs.arrays.tree_walk import TreeWalk, Undefined, Unevaluable
from entropy_proofs.families.spaces import REAL
from entropy_proofs.model.model import Model, Parameter
from entropy_proofs.proof.conditions import StatedCondition
from entropy_proofs.refute.witness import DIGITS

Values = Mapping[str, Any]
_ROOTS = (0, 1, -1, 2, sp.Rational(1, 2), -2)  # tried first: points that can be read
_STARTS = (0.7, -0.7, 1.6, -1.6, 3.2)


@dataclass(frozen=True)
class Excluded:
    """A way to make a condition fail: by one element of a learned parameter, others as they are.

    at_zero: with all other real learned parameters zero, since more can be stationary there.
    """

    model: Model
    condition: StatedCondition
    element: Expr
    at_zero: bool

    @property
    def where(self) -> str:
        return self.condition.failing()

    def __call__(self, sizes: Mapping[str, int], values: Values) -> dict[str, Any] | None:
        """The values with parameters at which the condition fails, to the working precision."""
        moved = {name: np.array(v, dtype=object) for name, v in values.items()}
        if self.at_zero:
            for p in self.model.learned().values():
                if p.domain == REAL:
                    moved[p.name][...] = mp.mpf(0)
        known = {s: sizes[n] for n, s in self.model.dims_.items()}
        place = tuple(int(i.xreplace(known)) for i in indices_of(self.element))
        parameter = self.model.learned()[label_of(self.element)]
        bound = {i: 0 for i, _ in self.condition.over}

        def value(x: Any) -> Any:
            moved[parameter.name][place] = x
            walk = TreeWalk(mp, _lookup({**moved, **sizes}), _no_maps)
            return walk(self.condition.value, bound)

        root = _root(value, parameter, moved[parameter.name][place])
        if root is None:
            return None
        moved[parameter.name][place] = root
        return {**values, **{p.name: moved[p.name] for p in self.model.learned().values()}}


def exclusions(model: Model, conditions: Sequence[StatedCondition]) -> Iterator[Excluded]:
    """The ways to make conditions on learned parameters fail, simple ones first."""
    learned = [c for c in conditions if c.learned and not c.positive]
    for at_zero, c in product((False, True), learned):
        for element in _elements(model, c):
            yield Excluded(model, c, element, at_zero)


def _elements(model: Model, condition: StatedCondition) -> list[Expr]:
    """The elements of learned parameters in a condition, of which one can be moved alone."""
    first = condition.value.xreplace({i: sp.Integer(0) for i, _ in condition.over})
    for s in sorted(first.atoms(sp.Sum), key=sp.default_sort_key):
        first = first.xreplace({s: s.function.xreplace({i: low for i, low, _ in s.limits})})
    free = [p for p in model.learned().values() if not p.domain.axes]
    found = [p.label for p in free if not p.shape and p.label in first.free_symbols]
    labels = {p.label for p in free}
    found += [e for e in first.atoms(Indexed) if e.base.label in labels]
    return sorted(found, key=sp.default_sort_key)


def _lookup(values: Values) -> Callable[[Symbol, tuple[int, ...]], Any]:
    def value(label: Symbol, at: tuple[int, ...]) -> Any:
        found = values[label.name]
        return found if isinstance(found, int) else found[at] if at else found.item()

    return value


def _no_maps(name: str, _: list[Any]) -> Any:
    raise Unevaluable(f"{name} in a condition")


def _root(value: Callable[[Any], Any], parameter: Parameter, start: Any) -> Any:
    """Where a function vanishes, once or doubly, inside a parameter's domain; None if not found."""
    tiny = mp.mpf(10) ** (-2 * DIGITS)

    def size(x: Any) -> Any:
        """How far from zero, infinite where undefined."""
        try:
            return abs(value(x))
        except Undefined:
            return mp.inf

    def slope(x: Any) -> Any:
        return mp.diff(value, x)

    for x in map(mp.mpmathify, _ROOTS):
        if not parameter.domain.outside(x) and size(x) == 0:
            return x
    for x0, f in product((start, *_STARTS), (value, slope)):
        try:
            x = mp.findroot(f, x0, maxsteps=60)
        except (ArithmeticError, ValueError, TypeError):  # no root, or on the way not defined
            continue
        if isinstance(x, mp.mpf) and not parameter.domain.outside(x) and size(x) < tiny:
            return x
    return None
