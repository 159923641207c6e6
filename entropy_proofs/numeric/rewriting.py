"""Written code once more, with fewer passes through the large arrays.

What a line is used for is known only when all are written. Then a number or a small array that
multiplies a large one is moved to where it costs nothing: into the terms of a sum, onto the small
side of a matrix product; and terms with one large array in common are added as its multiples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import sympy as sp
from sympy import Expr

from entropy_proofs.numeric.inlining import replaced, uses
from entropy_proofs.numeric.products import AxisSet, Products
from entropy_proofs.numeric.values import (
    Axis,
    Contraction,
    Made,
    Product,
    Recipe,
    Reduction,
    Total,
    Value,
    elements,
    union,
)

SMALL = 4  # the side of a matrix product has at most one SMALL-th of the result's elements

Results = Mapping[str, str]
Term = tuple[bool, Value]
Scale = tuple[Expr, list[Value], list[Value]]  # coefficient * above / below
Sides = tuple[list[Value], list[Value]]  # above, below


def rewritten(written: Products, results: Results) -> tuple[Products, Results]:
    """What has been written, and its results (name -> code), written again."""
    again = Rewriter(written, results)
    return again, {name: again.renamed(code) for name, code in results.items()}


class Rewriter(Products):
    """Writes another writer's lines again."""

    def __init__(self, written: Products, results: Results):
        super().__init__(written.target, written.shapes)
        self.inputs = written.inputs
        self._new: dict[str, str] = {}  # the other writer's names -> code here
        self._single: set[str] = set()  # code that is used once
        used = uses(written.lines, results)
        for code, name in written.lines.items():
            if name in used:
                recipe = written.recipes.get(name)
                if recipe:
                    again = self._again(recipe)
                else:
                    again = self.line(self.renamed(code), written.run_over[name])
                if used[name] > 1 or again in self._new.values():
                    self._single.discard(again)
                else:
                    self._single.add(again)
                self._new[name] = again

    def renamed(self, code: str) -> str:
        return replaced(code, self._new.__getitem__)

    def _again(self, recipe: Recipe) -> str:
        match recipe.made:
            case Total(terms):
                value = self.sum_of([(n, self._value(v)) for n, v in terms])
            case Product(coefficient, above, below):
                value = self.times((coefficient, self._values(above), self._values(below)))
            case Contraction(left, right, kept):
                value = self._pair(self._value(left), self._value(right), kept)
            case Reduction(inner, summed):
                value = self.summed(self._value(inner), summed)
        return self.full(value, recipe.axes)

    def _value(self, value: Value) -> Value:
        return Value(self.renamed(value.code), value.axes)

    def _values(self, values: Iterable[Value]) -> list[Value]:
        return [self._value(v) for v in values]

    def _own(self, value: Value) -> Made | None:
        """What a value is made of, if it is used nowhere else: once, or by what is written now."""
        shared = value.code in self._new.values() and value.code not in self._single
        recipe = None if shared else self.recipes.get(value.code)
        return recipe.along(value.axes) if recipe else None

    def _with_known(self, terms: list[Term]) -> list[Term]:
        return terms  # all there is to know was known when the terms were first written

    # products ---------------------------------------------------------------------------------
    def times(self, product: Scale) -> Value:
        """The product; what is small in it goes where it costs nothing, if it can."""
        scale, large = self._split(self._merged(product))
        if len(large[0]) == 1 and not large[1] and scale != (1, [], []):
            (value,), made = large[0], self._own(large[0][0])
            if isinstance(made, Total) and all(self._takes(v, scale, value) for _, v in made.terms):
                coefficient, above, below = scale
                flip, size = bool(coefficient.is_negative), abs(coefficient)
                return self.sum_of(
                    (n != flip, self.times((size, [*above, v], below))) for n, v in made.terms
                )
            if isinstance(made, Contraction) and self._takes(value, scale, value):
                coefficient, above, below = scale
                small, other = self._sides(made)
                return self._pair(
                    self.times((coefficient, [*above, small], below)), other, made.kept
                )
        coefficient, above, below = scale
        return self.product(coefficient, [*above, *large[0]], [*below, *large[1]])

    def _merged(self, product: Scale) -> Scale:
        """The product, with the factors of its factors."""
        coefficient, above, below = product
        sides: Sides = ([], [])
        for k, values in enumerate((above, below)):
            for value in values:
                made = self._own(value)
                if isinstance(made, Product):
                    c, *inner = self._merged((made.coefficient, [*made.above], [*made.below]))
                    coefficient = coefficient / c if k else coefficient * c
                    sides[k].extend(inner[0])
                    sides[1 - k].extend(inner[1])
                else:
                    sides[k].append(value)
        for value in [v for v in sides[0] if v in sides[1]]:
            for side in sides:
                side.remove(value)
        return coefficient, *sides

    def _split(self, product: Scale, axes: set[Axis] | None = None) -> tuple[Scale, Sides]:
        """The factors with fewer axes, and the others."""
        everything = axes or set(union([*product[1], *product[2]]))
        return _parted(product, lambda v: set(v.axes) < everything)

    def _takes(self, value: Value, scale: Scale, whole: Value) -> bool:
        """Whether a value can be multiplied at no cost."""
        if set(value.axes) < set(whole.axes):
            return True
        match self._own(value):
            case Product(coefficient, above, below):
                inner, large = self._split(self._merged((coefficient, [*above], [*below])))
                return inner != (1, [], []) or not large[0]
            case Contraction() as made:
                small, _ = self._sides(made)
                kept = set(small.axes) & set(value.axes)
                few = elements(small.axes) * SMALL <= elements(value.axes)
                return few and set(union([*scale[1], *scale[2]])) <= kept
        return False

    def _sides(self, made: Contraction) -> list[Value]:
        """The smaller factor first."""
        return sorted((made.left, made.right), key=lambda v: elements(v.axes))

    # sums -------------------------------------------------------------------------------------
    def sum_of(self, terms: Iterable[Term]) -> Value:
        """The sum; terms with the same large factors are added as multiples of them."""
        terms = list(terms)
        axes = set(union(v for _, v in terms))
        flat = [t for term in terms for t in self._flattened(term, axes)]
        multiples: dict[tuple[tuple[Value, ...], ...], list[tuple[Term, Scale]]] = {}
        for negative, value in flat:
            made = self._own(value)
            product: Scale = (sp.S.One, [value], [])
            if isinstance(made, Product):
                product = self._merged((made.coefficient, [*made.above], [*made.below]))
            (coefficient, *small), large = self._split(product, axes)
            key = tuple(tuple(sorted(side, key=lambda v: v.code)) for side in large)
            scale = (-coefficient if negative else coefficient, *small)
            multiples.setdefault(key, []).append(((negative, value), scale))
        found: list[Term] = []
        for (cores, divisors), members in multiples.items():
            if len(members) == 1 or not (cores or divisors):
                found += [term for term, _ in members]
            else:
                coefficient, above, below = self._added([scale for _, scale in members])
                product = (abs(coefficient), [*above, *cores], [*below, *divisors])
                found.append((bool(coefficient.is_negative), self.times(product)))
        return self.total(found)

    def _added(self, scales: Sequence[Scale]) -> Scale:
        if not any(above or below for _, above, below in scales):
            return sp.Add(*(coefficient for coefficient, _, _ in scales)), [], []
        terms = ((bool(c.is_negative), self.product(abs(c), *rest)) for c, *rest in scales)
        return sp.S.One, [self.total(terms)], []

    # sums over axes ---------------------------------------------------------------------------
    def summed(self, value: Value, axes: AxisSet) -> Value:
        """An array, summed over axes of its own: term by term where that saves storing it."""
        made = self._own(value)
        if not (made and axes and self._sums_early(value, axes)):
            return super().summed(value, axes)
        match made:
            case Total(terms):
                return self.sum_of((n, self._repeated(v, axes)) for n, v in terms)
            case Product() as made:
                (coefficient, above, below), ((core,), _) = self._apart(made, axes)
                return self.times((coefficient, [*above, self._repeated(core, axes)], below))
            case Contraction(left, right, kept):
                return self.sum_product([left, right], set(union([left, right])) - (kept - axes))
            case Reduction(inner, summed):
                return self.summed(inner, summed | axes)

    def _sums_early(self, value: Value, axes: AxisSet) -> bool:
        """Whether the sum over axes needs fewer steps if it is taken inside the value.

        A difference of arrays that are stored anyway stays whole: it would lose digits.
        """
        if not axes & set(value.axes):
            return True
        match self._own(value):
            case Total(terms):
                return all(self._sums_early(v, axes) for _, v in terms)
            case Product() as made:
                scale, (cores, divisors) = self._apart(made, axes)
                return len(cores) == 1 and not divisors and scale != (1, [], [])
            case None:
                return False
        return True

    def _apart(self, made: Product, axes: AxisSet) -> tuple[Scale, Sides]:
        """The factors without these axes, and the others."""
        product = self._merged((made.coefficient, [*made.above], [*made.below]))
        return _parted(product, lambda v: not axes & set(v.axes))

    def _repeated(self, value: Value, axes: AxisSet) -> Value:
        """The sum over axes, some of which the value may not have."""
        sizes = [self.count(a.size) for a in sorted(axes - set(value.axes))]
        inner = self.summed(value, axes & set(value.axes))
        return self.times((sp.S.One, [*sizes, inner], [])) if sizes else inner

    def _flattened(self, term: Term, axes: set[Axis]) -> Sequence[Term]:
        negative, value = term
        made = self._own(value)
        if isinstance(made, Total) and set(value.axes) == axes:
            return [(n != negative, v) for n, v in made.terms]
        return [term]


def _parted(product: Scale, apart: Callable[[Value], bool]) -> tuple[Scale, Sides]:
    """The factors that stand apart, with the coefficient; and the others."""
    coefficient, *sides = product
    few = [[v for v in side if apart(v)] for side in sides]
    rest = [[v for v in side if not apart(v)] for side in sides]
    return (coefficient, *few), (rest[0], rest[1])


__all__ = ["Rewriter", "rewritten"]
