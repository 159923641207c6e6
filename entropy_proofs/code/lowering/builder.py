"""Building blocks of array code: functions, sums, products, gathers, in what form is cheap."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

import sympy as sp
from sympy import Expr

from entropy_proofs.code.axes import (
    Axis,
    AxisSet,
    Value,
    elements,
    is_sampled,
    same,
    typical,
    union,
)
from entropy_proofs.code.backends.target import Manner
from entropy_proofs.code.ir import (
    Contraction,
    Map,
    Node,
    Operand,
    Pad,
    Product,
    Range,
    Reduction,
    Scalar,
    Slice,
    Take,
    Total,
    View,
)
from entropy_proofs.code.lowering.contraction import GEMM, Plan, Roles, bits, cheapest
from entropy_proofs.code.lowering.program import Program, operands, scalar, sizes

Term = tuple[bool, Value]  # whether it is negative
Summing = Callable[[Value, AxisSet], Value]


@dataclass(frozen=True)
class PassRun:
    """An index that runs along an axis, from an offset."""

    axis: Axis
    offset: Expr = sp.S.Zero


Place = PassRun | Value  # where along a dimension: a run, or computed positions


class Builder:
    """Writes nodes into a program.

    Attributes:
        reuses_sums: whether a sum of terms that has been written stands for them in a longer one.
    """

    def __init__(self, target: Manner, program: Program, reuses_sums: bool):
        self.target = target
        self.program = program
        self.reuses_sums = reuses_sums and not target.exact

    # alignment --------------------------------------------------------------------------------
    def full(self, value: Value, axes: tuple[Axis, ...]) -> Node:
        """An array with exactly these axes."""
        if value.axes == axes:
            return value.array
        return self.program.add(View(operands=operands([value], axes), sizes=sizes(axes)), 1)

    # elementwise ------------------------------------------------------------------------------
    def number(self, value: Expr | int) -> Value:
        """A number of elements, to be computed with."""
        found = scalar(value)
        return self.call("scalar", [found]) if self.target.exact else found

    def numbers(self, run: PassRun) -> Value:
        """The indices along an axis, as an array."""
        return Value(self.program.add(Range(run.offset, sizes=(run.axis.size,)), 1), (run.axis,))

    def call(self, function: str, arguments: Sequence[Value]) -> Value:
        axes = _together(arguments)
        node = Map(function, operands=operands(arguments, axes), sizes=sizes(axes))
        return Value(self.program.add(node, _cost(axes, len(arguments))), axes)

    def total(self, terms: Iterable[Term]) -> Value:
        """The sum; terms with fewer elements are added first."""
        terms = self._with_known(list(terms))
        everything = set(union(v for _, v in terms))
        few = [t for t in terms if any(not is_sampled(a.size) for a in everything - {*t[1].axes})]
        if 1 < len(few) < len(terms):
            terms = [*(t for t in terms if t not in few), (False, self.total(few))]
        ordered = sorted(terms, key=self._small_terms_first)
        negative, added = tuple(n for n, _ in ordered), [v for _, v in ordered]
        if len(added) == 1:
            return added[0] if negative == (False,) else self.product(-sp.S.One, added, [])
        axes = _together(added)
        node = Total(negative, operands=operands(added, axes), sizes=sizes(axes))
        return Value(self.program.add(node, _cost(axes, len(added))), axes)

    def _small_terms_first(self, term: Term) -> tuple[object, ...]:
        """Then what has been computed: NumPy adds to it in place."""
        negative, value = term
        place, name, number = self.program.order(value)
        return len(value.axes), negative, -place, name, number

    def _with_known(self, terms: list[Term]) -> list[Term]:
        """The terms; some of them as one, if their sum has been written."""
        if self.reuses_sums:
            for node in self.program.numbers:
                if isinstance(node, Total) and 1 < len(node.operands) < len(terms):
                    found = _found_among(terms, node)
                    if found:
                        axes, rest = found
                        return [*rest, (False, Value(node, axes))]
        return terms

    def product(self, coefficient: Expr, above: list[Value], below: list[Value]) -> Value:
        """coefficient * above / below; what is small is multiplied before large arrays are."""
        everything = set(union([*above, *below]))
        small = [[v for v in side if set(v.axes) < everything] for side in (above, below)]
        if set(union([*small[0], *small[1]])) == everything:
            small = [[v for v in side if not v.axes] for side in small]
        large = [
            [v for v in side if v not in few]
            for side, few in zip((above, below), small, strict=True)
        ]
        if everything and not self.target.exact:
            if all(large) and (abs(coefficient) != 1 or any(small)):
                # the quotient of the arrays may be wanted elsewhere
                quotient = self.product(sp.S.One, *large)
                return self.product(coefficient, [*small[0], quotient], small[1])
            if (coefficient != 1) + sum(map(len, small)) > 1 or (small[1] and not large[0]):
                scale = self.product(coefficient, *small)
                return self.product(sp.S.One, [scale, *large[0]], large[1])
        if not below and not above:
            return scalar(coefficient)
        if not below and coefficient == 1 and len(above) == 1:
            return above[0]
        above, below = (sorted(side, key=self._small_first) for side in (above, below))
        p, q = abs(coefficient), sp.S.One
        if p.is_Rational:
            p, q = p.as_numer_denom()
        divisors = len(below) + (q != 1)
        factors = max(len(above) + (p != 1), 1) + bool(divisors)
        factored = [*above, *below]
        axes = _together(factored)
        cost = _cost(axes, factors)
        if divisors > 1:
            cost += _cost(union(below), divisors)
        node = Product(
            coefficient, len(above), operands=operands(factored, axes), sizes=sizes(axes)
        )
        return Value(self.program.add(node, cost), axes)

    def _small_first(self, value: Value) -> tuple[object, ...]:
        return len(value.axes), self.program.order(value)

    # sums over axes ---------------------------------------------------------------------------
    def reduction(self, function: str, value: Value, axes: AxisSet) -> Value:
        """An array, summed over axes of its own: by "sum" or "logsumexp"."""
        if not axes:
            return value
        left = tuple(a for a in value.axes if a not in axes)
        every = (*left, *(a for a in value.axes if a in axes))
        used = operands([value], every)
        node = Reduction(function, operands=used, sizes=sizes(every), summed=len(axes))
        return Value(self.program.add(node, elements(every)), left)

    def summed(self, value: Value, axes: AxisSet) -> Value:
        return self.reduction("sum", value, axes)

    def sum_product(
        self, factors: Sequence[Value], summed: set[Axis], summing: Summing | None = None
    ) -> Value:
        """The product of arrays, summed over axes that they have.

        Args:
            summing: how one of them is summed over axes of its own.
        """
        summing = summing or self.summed
        factors = sorted(factors, key=self.program.order)
        own = [frozenset(v.axes) for v in factors]
        alone = [
            a & summed - reduce(or_, own[:k] + own[k + 1 :], frozenset()) for k, a in enumerate(own)
        ]
        factors = [summing(v, axes) for v, axes in zip(factors, alone, strict=True)]
        axes = union(factors)

        def of(chosen: int) -> AxisSet:
            return frozenset(a for k, a in enumerate(axes) if chosen >> k & 1)

        def written(plan: Plan) -> Value:
            if plan.value is None:
                assert plan.parts is not None
                left, right = map(written, plan.parts)
                return self.pair(left, right, of(plan.axes), summing)
            return plan.value

        def known(a: Plan, b: Plan, kept: int) -> Value | None:
            left, right = a.value, b.value
            if left is None or right is None:
                return None
            return self.program.known(lambda: self.pair(left, right, of(kept), summing))

        leaves = [(v, bits(v.axes, axes)) for v in factors]
        lengths = [typical(a.size) for a in axes]
        return written(cheapest(leaves, bits(summed, axes), lengths, known))

    def pair(self, a: Value, b: Value, kept: AxisSet, summing: Summing | None = None) -> Value:
        """The product of two arrays, summed over all axes but these."""
        order = self.program.order
        roles = Roles.of(a.axes, b.axes, kept)
        if not roles.summed:
            return self.product(sp.S.One, [a, b], [])
        if not roles.left and not roles.right:
            a, b = sorted((a, b), key=order)
        elif not roles.left or (roles.right and min(roles.right) < min(roles.left)):
            a, b = b, a
        roles = Roles.of(a.axes, b.axes, kept)
        together = union([a, b])
        if roles.are_matrix_products:
            axes = (*sorted(roles.batch), *roles.left, *roles.right)
            cost = GEMM * elements((*axes, *roles.summed)) + elements(axes)
            return self._contraction(a, b, axes, cost)
        if roles.is_tensor_product:
            axes = (
                *(axis for axis in a.axes if axis in roles.left),
                *(axis for axis in b.axes if axis in roles.right),
            )
            steps = elements(together) * (GEMM if roles.left and roles.right else 1)
            return self._contraction(a, b, axes, steps + elements(axes))
        summing = summing or self.summed
        written = self.program.known(lambda: self.product(sp.S.One, [a, b], []))
        if written is not None or self.target.fuses:
            return summing(written or self.product(sp.S.One, [a, b], []), roles.summed)
        cost = elements(together)
        if roles.is_dot_product and not self.target.exact:
            cost *= GEMM
        return self._contraction(a, b, tuple(x for x in together if x in kept), cost)

    def _contraction(self, a: Value, b: Value, axes: tuple[Axis, ...], cost: float) -> Value:
        every = tuple(dict.fromkeys((*axes, *a.axes, *b.axes)))
        summed = len(every) - len(axes)
        node = Contraction(operands=operands((a, b), every), sizes=sizes(every), summed=summed)
        return Value(self.program.add(node, cost), axes)

    # zeros ------------------------------------------------------------------------------------
    def padded(self, value: Value, own: Axis, wanted: Axis, before: Expr, after: Expr) -> Value:
        """An array with zeros before and after its axis `own`, which becomes the wanted one."""
        inner = value.axes if own in value.axes else (*value.axes, own)
        axes = tuple(wanted if a == own else a for a in inner)
        operand = Operand(self.full(value, inner), tuple(range(len(inner))))
        node = Pad(inner.index(own), before, after, operands=(operand,), sizes=sizes(axes))
        return Value(self.program.add(node, elements(axes)), axes)

    # gathers ----------------------------------------------------------------------------------
    def take(self, array: Node, shape: Sequence[Expr | None], places: Sequence[Place]) -> Value:
        """The elements of an array at a place along each of its dimensions."""
        runs = [p.axis for p in places if isinstance(p, PassRun)]
        busy = {a for p in places if isinstance(p, Value) for a in p.axes}
        busy |= {a for a in runs if runs.count(a) > 1}
        entries: list[Slice | Value] = []
        for place, size in zip(places, shape, strict=True):
            if isinstance(place, Value):
                entries.append(self._positions(place))
            elif place.axis in busy:
                entries.append(self.call("index", [self.numbers(place)]))
            else:
                entries.append(_slice(place, size))
        gathers = [k for k, e in enumerate(entries) if isinstance(e, Value)]
        gathered = union(e for e in entries if isinstance(e, Value))
        kept = [a for a in runs if a not in busy]
        contiguous = gathers and gathers[-1] - gathers[0] + 1 == len(gathers)
        before = gathers[0] if contiguous else 0
        axes = (*kept[:before], *gathered, *kept[before:])
        if all(e == Slice() for e in entries):
            return Value(array, axes)
        positions = [e for e in entries if isinstance(e, Value)]
        used = operands([Value(array), *positions], axes)
        placed = tuple(e if isinstance(e, Slice) else None for e in entries)
        node = Take(placed, operands=used, sizes=sizes(axes))
        return Value(self.program.add(node, elements(axes) if gathers else 1), axes)

    def _positions(self, value: Value) -> Value:
        if isinstance(value.array, Scalar) and value.array.value.is_Integer:
            return value
        return self.call("index", [value])


def _together(arguments: Sequence[Value]) -> tuple[Axis, ...]:
    """The axes of an operation on elements; those of the first array that has them all.

    Otherwise those of one size are in the order of the largest array, which need not be transposed.
    """
    axes = union(arguments)
    everything = next((v.axes for v in arguments if len(v.axes) == len(axes)), None)
    if everything is not None:
        return everything
    largest = max(arguments, key=lambda v: elements(v.axes)).axes
    return tuple(sorted(axes, key=lambda a: (a.rank, *_place(a, largest))))


def _place(axis: Axis, axes: tuple[Axis, ...]) -> tuple[int, int]:
    return (0, axes.index(axis)) if axis in axes else (1, axis.number)


def _cost(axes: Iterable[Axis], arguments: int) -> float:
    return elements(axes) * max(arguments - 1, 1)


def _slice(run: PassRun, size: Expr | None) -> Slice:
    if run.offset == 0 and size is not None and same(size, run.axis.size):
        return Slice()
    return Slice(run.offset, sp.expand(run.offset + run.axis.size))


def _found_among(terms: Sequence[Term], known: Total) -> tuple[tuple[Axis, ...], list[Term]] | None:
    """The axes of a sum, if its terms are among these; and the others."""
    rest = list(terms)
    names: dict[int, Axis] = {}
    for negative, own in zip(known.negative, known.operands, strict=True):
        term = next((t for t in rest if (t[0], t[1].array) == (negative, own.array)), None)
        if term is None:
            return None
        rest.remove(term)
        for k, axis in zip(own.axes, term[1].axes, strict=True):
            if names.setdefault(k, axis) != axis:
                return None
    if len(set(names.values())) < len(names):
        return None
    return tuple(names[k] for k in range(known.rank)), rest
