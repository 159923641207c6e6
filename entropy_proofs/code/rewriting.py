"""Written code once more, with fewer passes through the large arrays.

What a node is used for is known only when all are written. Then a number or a small array that
multiplies a large one is moved to where it costs nothing: into the terms of a sum, onto the small
side of a matrix product; and terms with one large array in common are added as its multiples.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import sympy as sp
from sympy import Expr

from entropy_proofs.code.axes import Axis, AxisSet, Value, elements, union
from entropy_proofs.code.backends.target import Manner
from entropy_proofs.code.ir import Contraction, Node, Operand, Product, Reduction, Total, ordered
from entropy_proofs.code.lowering.builder import Builder, Term
from entropy_proofs.code.lowering.program import Program, values

SMALL = 4  # the side of a matrix product has at most one SMALL-th of the result's elements

Scale = tuple[Expr, list[Value], list[Value]]  # coefficient * above / below
Sides = tuple[list[Value], list[Value]]  # above, below


@dataclass(frozen=True)
class Opened:
    """A node, with its operands along the axes where it is used."""

    node: Node
    operands: list[Value]
    summed: AxisSet

    @property
    def terms(self) -> list[Term]:
        """Of a total."""
        assert isinstance(self.node, Total)
        return list(zip(self.node.negative, self.operands, strict=True))

    @property
    def factors(self) -> Scale:
        """Of a product."""
        assert isinstance(self.node, Product)
        k = self.node.above
        return self.node.coefficient, self.operands[:k], self.operands[k:]


class Rewriting:
    """Writes a program again, for the results that are wanted.

    Attributes:
        program, results: what is written.
    """

    def __init__(self, target: Manner, written: Program, results: Mapping[str, Node]):
        self.program = Program(written.ranks)
        self.build = Builder(target, self.program, reuses_sums=False)
        self._new: dict[Node, Node] = {}  # the other program's nodes -> nodes here
        self._targets: set[Node] = set()
        self._single: set[Node] = set()  # nodes that are used once
        needed = set(ordered(results.values()))
        used = Counter(o.array for node in needed for o in node.operands)
        used.update(results.values())
        for node in written.numbers:
            if node in needed:
                again = self._again(node)
                if used[node] > 1 or again in self._targets:
                    self._single.discard(again)
                else:
                    self._single.add(again)
                self._new[node] = again
                self._targets.add(again)
        self.results = {name: self._renamed(node) for name, node in results.items()}

    def _renamed(self, node: Node) -> Node:
        return self._new.get(node, node)  # numbers and inputs stay what they are

    def _again(self, node: Node) -> Node:
        axes = self.program.opened(node, ())
        again = [Operand(self._renamed(o.array), o.axes) for o in node.operands]
        made = Opened(node, values(again, axes), frozenset(axes[node.rank :]))
        match node:
            case Total():
                value = self.sum_of(made.terms)
            case Product():
                value = self.times(made.factors)
            case Contraction():
                left, right = made.operands
                kept = frozenset(axes) - made.summed
                value = self.build.pair(left, right, kept, self.summed)
            case Reduction(function="sum"):
                value = self.summed(made.operands[0], made.summed)
            case _:
                return self.program.add(node.using(again), 1)
        return self.build.full(value, axes[: node.rank])

    def _own(self, value: Value) -> Opened | None:
        """What a value is made of, if it is used nowhere else: once, or by what is written now."""
        node = value.array
        own = node not in self._targets or node in self._single
        made = isinstance(node, (Total, Product, Contraction)) or (
            isinstance(node, Reduction) and node.function == "sum"
        )
        if not (own and made):
            return None
        axes = self.program.opened(node, value.axes)
        return Opened(node, values(node.operands, axes), frozenset(axes[node.rank :]))

    # products ---------------------------------------------------------------------------------
    def times(self, product: Scale) -> Value:
        """The product; what is small in it goes where it costs nothing, if it can."""
        scale, large = self._split(self._merged(product))
        coefficient, above, below = scale
        if len(large[0]) == 1 and not large[1] and scale != (1, [], []):
            (value,) = large[0]
            match self._own(value):
                case Opened(Total()) as made if all(
                    self._takes(v, scale, value) for v in made.operands
                ):
                    flip, size = bool(coefficient.is_negative), abs(coefficient)
                    return self.sum_of(
                        (n != flip, self.times((size, [*above, v], below))) for n, v in made.terms
                    )
                case Opened(Contraction()) as made if self._takes(value, scale, value):
                    small, other = _smaller_first(made)
                    scaled = self.times((coefficient, [*above, small], below))
                    kept = frozenset(value.axes)
                    return self.build.pair(scaled, other, kept, self.summed)
        return self.build.product(coefficient, [*above, *large[0]], [*below, *large[1]])

    def _merged(self, product: Scale) -> Scale:
        """The product, with the factors of its factors."""
        coefficient, above, below = product
        sides: Sides = ([], [])
        for k, side in enumerate((above, below)):
            for value in side:
                made = self._own(value)
                if made and isinstance(made.node, Product):
                    c, *inner = self._merged(made.factors)
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
            case Opened(Product()) as made:
                inner, large = self._split(self._merged(made.factors))
                return inner != (1, [], []) or not large[0]
            case Opened(Contraction()) as made:
                small, _ = _smaller_first(made)
                kept = set(small.axes) & set(value.axes)
                few = elements(small.axes) * SMALL <= elements(value.axes)
                return few and set(union([*scale[1], *scale[2]])) <= kept
        return False

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
            if made and isinstance(made.node, Product):
                product = self._merged(made.factors)
            (coefficient, *small), large = self._split(product, axes)
            key = tuple(tuple(sorted(side, key=self.program.order)) for side in large)
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
        return self.build.total(found)

    def _added(self, scales: Sequence[Scale]) -> Scale:
        if not any(above or below for _, above, below in scales):
            return sp.Add(*(coefficient for coefficient, _, _ in scales)), [], []
        terms = ((bool(c.is_negative), self.build.product(abs(c), *rest)) for c, *rest in scales)
        return sp.S.One, [self.build.total(terms)], []

    def _flattened(self, term: Term, axes: set[Axis]) -> Sequence[Term]:
        negative, value = term
        made = self._own(value)
        if made and isinstance(made.node, Total) and set(value.axes) == axes:
            return [(n != negative, v) for n, v in made.terms]
        return [term]

    # sums over axes ---------------------------------------------------------------------------
    def summed(self, value: Value, axes: AxisSet) -> Value:
        """An array, summed over axes of its own: term by term where that saves storing it."""
        made = self._own(value)
        if not (made and axes and self._sums_early(value, axes)):
            return self.build.summed(value, axes)
        match made.node:
            case Total():
                return self.sum_of((n, self._repeated(v, axes)) for n, v in made.terms)
            case Product():
                (coefficient, above, below), ((core,), _) = self._apart(made, axes)
                return self.times((coefficient, [*above, self._repeated(core, axes)], below))
            case Contraction():
                return self.build.sum_product(made.operands, {*made.summed, *axes}, self.summed)
            case _:
                return self.summed(made.operands[0], made.summed | axes)

    def _sums_early(self, value: Value, axes: AxisSet) -> bool:
        """Whether the sum over axes needs fewer steps if it is taken inside the value.

        A difference of arrays that are stored anyway stays whole: it would lose digits.
        """
        if not axes & set(value.axes):
            return True
        match self._own(value):
            case None:
                return False
            case Opened(Total()) as made:
                return all(self._sums_early(v, axes) for v in made.operands)
            case Opened(Product()) as made:
                scale, (cores, divisors) = self._apart(made, axes)
                return len(cores) == 1 and not divisors and scale != (1, [], [])
        return True

    def _apart(self, made: Opened, axes: AxisSet) -> tuple[Scale, Sides]:
        """The factors without these axes, and the others."""
        return _parted(self._merged(made.factors), lambda v: not axes & set(v.axes))

    def _repeated(self, value: Value, axes: AxisSet) -> Value:
        """The sum over axes, some of which the value may not have."""
        counts = [self.build.number(a.size) for a in sorted(axes - set(value.axes))]
        inner = self.summed(value, axes & set(value.axes))
        return self.times((sp.S.One, [*counts, inner], [])) if counts else inner


def _smaller_first(made: Opened) -> list[Value]:
    return sorted(made.operands, key=lambda v: elements(v.axes))


def _parted(product: Scale, apart: Callable[[Value], bool]) -> tuple[Scale, Sides]:
    """The factors that stand apart, with the coefficient; and the others."""
    coefficient, *sides = product
    few = [[v for v in side if apart(v)] for side in sides]
    rest = [[v for v in side if not apart(v)] for side in sides]
    return (coefficient, *few), (rest[0], rest[1])
