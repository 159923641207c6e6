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
from typing import Generic, TypeVar

from entropy_proofs.algebra.poly import spend
from entropy_proofs.code.axes import Axis, Value

GEMM = 0.1  # a multiplication inside a matrix product, relative to one that runs through memory
MOST_TERMS = 60  # of a product of sums, multiplied out: to try all ways would take too long
EXHAUSTIVE = 7  # factors; the order of more is found greedily
_WORK_EACH = 10  # of an allowance, for a pair that is weighed

A = TypeVar("A")


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
class Roles(Generic[A]):
    """What the axes of a pair are: in both and kept, in one of them and kept, summed."""

    batch: frozenset[A]
    left: frozenset[A]
    right: frozenset[A]
    summed: frozenset[A]
    alike: bool  # whether both have the same axes in one order

    @classmethod
    def of(cls, first: Sequence[A], second: Sequence[A], kept: Container[A]) -> Roles[A]:
        left, right = frozenset(first), frozenset(second)
        batch = frozenset(a for a in left & right if a in kept)
        same = tuple(first) == tuple(second)
        return cls(batch, left - right, right - left, (left & right) - batch, same)

    @property
    def are_matrix_products(self) -> bool:
        """Whether BLAS does several matrices at once: one axis for each role."""
        groups = (self.left, self.right, self.summed)
        return bool(self.batch) and all(len(g) == 1 for g in groups)

    @property
    def is_tensor_product(self) -> bool:
        """Whether BLAS does it, as one product of matrices or vectors."""
        vectors = self.alike and len(self.summed) == 1
        return not self.batch and (bool(self.left) or vectors)

    @property
    def is_dot_product(self) -> bool:
        """Whether all elements are summed, and lie in one order."""
        return self.alike and not self.batch


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

    pairs_tried = 3 ** len(factors) // 2 if len(factors) <= EXHAUSTIVE else len(factors) ** 3 // 6
    spend(_WORK_EACH * pairs_tried)
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


def bits(chosen: Container[Axis], axes: Sequence[Axis]) -> int:
    """Which of the axes are chosen."""
    return sum(1 << k for k, a in enumerate(axes) if a in chosen)
