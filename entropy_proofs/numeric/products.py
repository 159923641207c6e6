"""Sums of products: pairs of arrays in the cheapest order, matrix products where a pair is one.

An `einsum` of many arrays is one long loop, and a wrong order makes arrays that nobody needs. So
the order is decided when the code is written, for sizes that are typical of their kind.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from math import prod
from operator import or_

from sympy import S

from entropy_proofs.numeric.lines import Writer
from entropy_proofs.numeric.values import (
    Axis,
    Contraction,
    Reduction,
    Value,
    elements,
    typical,
    union,
)

GEMM = 0.1  # a multiplication inside a matrix product, relative to one that runs through memory
MOST_TERMS = 60  # of a product of sums, multiplied out: to try all ways would take too long
EXHAUSTIVE = 7  # factors; the order of more is found greedily

AxisSet = frozenset[Axis]


@dataclass(frozen=True)
class Plan:
    """How to multiply some of the factors.

    Attributes:
        factors: which, as bits.
        axes: of the result, as bits.
        cost: of all its steps.
        value: the result, where it has been written already.
        parts: the two plans whose results are multiplied last; none for a single factor.
    """

    factors: int
    axes: int
    cost: float = 0.0
    value: Value | None = None
    parts: tuple[Plan, Plan] | None = None


@dataclass(frozen=True)
class Roles:
    """What the axes of a pair are: in both and kept, in one of them and kept, summed."""

    batch: AxisSet
    left: AxisSet
    right: AxisSet
    summed: AxisSet

    @classmethod
    def of(cls, left: AxisSet, right: AxisSet, kept: AxisSet) -> Roles:
        return cls(left & right & kept, left - right, right - left, (left & right) - kept)

    @property
    def is_matrix_product(self) -> bool:
        """Whether BLAS does it; several matrices at once have one axis for each role."""
        groups = (self.left, self.right, self.summed)
        return all(groups) and (not self.batch or all(len(g) == 1 for g in groups))


class Products(Writer):
    """Writes sums of products."""

    def sum_product(self, values: Sequence[Value], summed: set[Axis]) -> Value:
        """The product of arrays, summed over axes that they have."""
        values = sorted(values, key=lambda v: v.code)
        own = [frozenset(v.axes) for v in values]
        alone = [
            a & summed - reduce(or_, own[:k] + own[k + 1 :], frozenset()) for k, a in enumerate(own)
        ]
        values = [self.summed(v, axes) for v, axes in zip(values, alone, strict=True)]
        axes = union(values)

        def of(bits: int) -> AxisSet:
            return frozenset(a for k, a in enumerate(axes) if bits >> k & 1)

        def written(plan: Plan) -> Value:
            if plan.value is None:
                assert plan.parts is not None
                left, right = map(written, plan.parts)
                return self._pair(left, right, of(plan.axes))
            return plan.value

        def known(a: Plan, b: Plan, kept: int) -> Value | None:
            left, right = a.value, b.value
            if left is None or right is None:
                return None
            return self.known(lambda: self._pair(left, right, of(kept)))

        leaves = [(v, _bits(v.axes, axes)) for v in values]
        sizes = [typical(a.size) for a in axes]
        return written(cheapest(leaves, _bits(summed, axes), sizes, known))

    def summed(self, value: Value, axes: AxisSet) -> Value:
        """An array, summed over axes of its own."""
        if not axes:
            return value
        left = tuple(a for a in value.axes if a not in axes)
        code = self.line(f"{value.code}.sum({_places(value, axes, left)})", value.axes)
        return self.noted(Value(code, left), Reduction(value, axes))

    def _pair(self, a: Value, b: Value, kept: AxisSet) -> Value:
        """The product of two arrays, summed over all axes but these."""
        roles = Roles.of(frozenset(a.axes), frozenset(b.axes), kept)
        if not roles.summed:
            return self.combine("{} * {}", *sorted((a, b), key=lambda v: (len(v.axes), v.code)))
        if not roles.left and not roles.right:
            a, b = sorted((a, b), key=lambda v: v.code)
        elif not roles.left or (roles.right and min(roles.right) < min(roles.left)):
            a, b = b, a
        return self.noted(self._ordered(a, b, kept), Contraction(a, b, kept))

    def _ordered(self, a: Value, b: Value, kept: AxisSet) -> Value:
        """The same, with the first array's own axes before the second's."""
        roles = Roles.of(frozenset(a.axes), frozenset(b.axes), kept)
        if roles.is_matrix_product and roles.batch:
            return self._matrix_products(a, b, roles)
        one_axis = len(a.axes) == len(b.axes) == 1
        if roles.is_matrix_product or one_axis or (roles.left and not roles.batch):
            return self._matrix_product(a, b, roles)
        written = self.known(lambda: self.product(S.One, [a, b], []))
        if written is not None:
            return self.summed(written, roles.summed)
        together = union([a, b])
        if self.target.fuses:
            product = self.combine("{} * {}", a, b)
            return self.summed(product, roles.summed)
        if not kept and a.axes == b.axes and not self.target.exact:
            cost = GEMM * elements(together)
            return Value(self.line(f"{a.code}.ravel() @ {b.code}.ravel()", together, cost))
        letter = {
            axis: chr(ord("a") + k) for k, axis in enumerate(dict.fromkeys((*a.axes, *b.axes)))
        }
        axes = tuple(axis for axis in together if axis in kept)
        spec = ",".join("".join(letter[axis] for axis in v.axes) for v in (a, b))
        spec += "->" + "".join(letter[axis] for axis in axes)
        return Value(self.line(f"einsum({spec!r}, {a.code}, {b.code})", together), axes)

    def _matrix_product(self, a: Value, b: Value, roles: Roles) -> Value:
        left = tuple(axis for axis in a.axes if axis in roles.left)
        right = tuple(axis for axis in b.axes if axis in roles.right)
        summed = tuple(axis for axis in a.axes if axis in roles.summed)
        if len(summed) == 1 and max(len(left), len(right)) <= 1:
            first = a.code if a.axes == (*left, *summed) else f"{a.code}.T"
            second = b.code if b.axes == (*summed, *right) else f"{b.code}.T"
            code = f"{first} @ {second}"
        else:
            places = tuple(tuple(v.axes.index(axis) for axis in summed) for v in (a, b))
            code = f"tensordot({a.code}, {b.code}, {places})"
        steps = elements((*left, *right, *summed)) * (GEMM if left and right else 1)
        axes = (*left, *right)
        return Value(self.line(code, axes, steps + elements(axes)), axes)

    def _matrix_products(self, a: Value, b: Value, roles: Roles) -> Value:
        """One for each element of the batch."""
        batch = tuple(sorted(roles.batch))
        (left,), (right,), (summed,) = roles.left, roles.right, roles.summed
        first = self.align(a, (*batch, left, summed))
        second = self.align(b, (*batch, summed, right))
        axes = (*batch, left, right)
        cost = GEMM * elements((*axes, summed)) + elements(axes)
        return Value(self.line(f"{first} @ {second}", axes, cost), axes)


def cheapest(
    factors: Sequence[tuple[Value, int]],
    summed: int,
    sizes: Sequence[float],
    known: Callable[[Plan, Plan, int], Value | None],
) -> Plan:
    """The cheapest order in which to multiply arrays, pair by pair.

    Args:
        factors: each with its axes, as bits.
        summed: the axes that are summed, as bits.
        sizes: of all axes.
        known: the result of a pair with the axes that it keeps, if it costs nothing any more.
    """

    @cache
    def elements(axes: int) -> float:
        return prod(size for k, size in enumerate(sizes) if axes >> k & 1)

    @cache
    def kept(chosen: int) -> int:
        """The axes of a product: without those that are summed, if no other factor has them."""
        inside, outside = (
            reduce(or_, (f for k, (_, f) in enumerate(factors) if (chosen >> k & 1) == which), 0)
            for which in (1, 0)
        )
        return inside & ~(summed & ~outside)

    def joined(a: Plan, b: Plan) -> Plan:
        chosen = a.factors | b.factors
        left, right, out = a.axes, b.axes, kept(chosen)
        value = known(a, b, out)
        if value is not None:
            return Plan(chosen, out, value=value)
        groups = (left & ~right, right & ~left, left & right & ~out)
        one_each = not left & right & out or all(g.bit_count() == 1 for g in groups)
        rate = GEMM if all(groups) and one_each else 1
        cost = a.cost + b.cost + elements(left | right) * rate + elements(out)
        return Plan(chosen, out, cost, parts=(a, b))

    leaves = [Plan(1 << k, kept(1 << k), value=value) for k, (value, _) in enumerate(factors)]
    plans = {plan.factors: plan for plan in leaves}
    if len(factors) <= EXHAUSTIVE:
        for chosen in range(1, 1 << len(factors)):
            if chosen not in plans:
                pairs = ((plans[s], plans[chosen ^ s]) for s in _parts(chosen))
                plans[chosen] = min((joined(*p) for p in pairs), key=lambda plan: plan.cost)
        return plans[(1 << len(factors)) - 1]
    waiting = leaves
    while len(waiting) > 1:
        pairs = ((a, b) for k, a in enumerate(waiting) for b in waiting[k + 1 :])
        steps = (joined(*p) for p in pairs)
        best = min(
            steps, key=lambda p: p.cost - sum(q.cost + elements(q.axes) for q in p.parts or ())
        )
        waiting = [p for p in waiting if not p.factors & best.factors] + [best]
    return waiting[0]


def _parts(chosen: int) -> list[int]:
    """The non-empty subsets that hold the lowest bit, without the set itself."""
    lowest = chosen & -chosen
    rest = chosen ^ lowest
    found, subset = [], rest
    while subset:
        subset = (subset - 1) & rest
        found.append(subset | lowest)
    return found


def _bits(chosen: Container[Axis], axes: Sequence[Axis]) -> int:
    return sum(1 << k for k, a in enumerate(axes) if a in chosen)


def _places(value: Value, axes: AxisSet, left: Sequence[Axis]) -> str:
    places = [str(k) for k, a in enumerate(value.axes) if a in axes]
    return "" if not left else places[0] if len(places) == 1 else f"({', '.join(places)})"
