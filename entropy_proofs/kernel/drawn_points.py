"""Values at drawn points in ball arithmetic: what is not recognised as zero need not be non-zero.

A condition counts only if a point was seen at which it is met, and something moves only if it was
seen to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from random import Random
from typing import Any

from flint import arb, arb_mat, ctx, fmpq

from entropy_proofs.kernel.found import Condition
from entropy_proofs.kernel.language.labels import Label
from entropy_proofs.kernel.language.sizes import Size
from entropy_proofs.kernel.language.statement import Signature
from entropy_proofs.kernel.language.terms import Term
from entropy_proofs.kernel.normal.function_table import CONSTANTS, FUNCTIONS
from entropy_proofs.kernel.normal.ring import Poly
from entropy_proofs.kernel.refusal import Refused, spend

_POINTS = 12
_BITS = 200
_LARGEST = 10**12  # a size that is drawn

Indices = tuple[int, ...]


def satisfiable(signature: Signature, conditions: Sequence[Condition]) -> bool:
    """Whether a point was drawn at which all conditions are seen to be met."""
    return _somewhere(signature, lambda point: all(point.meets(c) for c in conditions))


def nonzero_somewhere(signature: Signature, p: Poly) -> bool:
    """Whether a point was drawn at which the value is seen not to be zero."""
    return _somewhere(signature, lambda point: _nonzero(point.value(p.term(), ())))


def _somewhere(signature: Signature, holds: Callable[[Point], bool]) -> bool:
    with ctx.workprec(_BITS):
        return any(holds(Point(signature, Random(k))) for k in range(_POINTS))


def _nonzero(ball: Any) -> bool:
    return bool(ball > 0 or ball < 0)


def _floor(ball: Any) -> int:
    found = ball.floor().unique_fmpz()
    if found is None:
        raise Refused("a bound that is not seen to be a whole number")
    return int(found)


class Point:
    """Sizes, parameters, variables and maps drawn within what is declared."""

    def __init__(self, signature: Signature, random: Random):
        self.labels = signature.labels
        self.random = random
        self.sizes = {n: m + random.randrange(3) for n, m in sorted(signature.least.items())}
        self._blocks: dict[Any, Mapping[Indices, Any]] = {}
        self._drawn_once: dict[Any, Any] = {}  # places of free indices, weights of maps

    def meets(self, condition: Condition) -> bool:
        for indices in product(*(range(self.size(n)) for n in condition.over)):
            value = self.value(condition.value, indices)
            if not (value > 0 or (condition.what == "nonzero" and value < 0)):
                return False
        return True

    def size(self, n: Size) -> int:
        total = 0
        for names, c in n:
            for name in names:
                c *= self.sizes.get(name, _LARGEST + 1)
            total += c
        if not 0 <= total <= _LARGEST:
            raise Refused(f"{n} is too large a size to be drawn")
        return total

    # drawing --------------------------------------------------------------------------------------
    def _once(self, key: Any, draw: Callable[[], Any]) -> Any:
        if key not in self._drawn_once:
            self._drawn_once[key] = draw()
        return self._drawn_once[key]

    def element(self, name: str, indices: Indices) -> Any:
        """An element, drawn with those that its domain ties it to."""
        label = self.labels[name]
        lead = len(label.copies)
        key = name, indices[:lead]
        if key not in self._blocks:
            sizes = [self.size(n) for n in label.shape[lead:]]
            count = 1
            for n in sizes:
                count *= n
            spend(count)
            places = list(product(*map(range, sizes)))
            self._blocks[key] = self._drawn(label, indices[:lead], places)
        return self._blocks[key][indices[lead:]]

    def _drawn(
        self, label: Label, lead: Indices, places: Sequence[Indices]
    ) -> Mapping[Indices, Any]:
        kind, args = label.domain.kind, label.domain.args
        if kind in {"binary", "category", "natural"}:
            top = self.size(args[0]) if args else {"binary": 2}.get(kind, 5)
            return {i: self.random.randrange(top) for i in places}
        if kind in {"interval", "whole"}:
            low, high = (None if a is None else self.value(a, lead) for a in args)
            return {i: self._between(low, high, kind == "whole") for i in places}
        if kind == "counts":
            return self._counts(places, self.value(args[0], lead))
        low = 1 if label.kind.sign == "+" else -40
        high = 31 if kind in {"unit interval", "simplex"} else 40
        found = {i: arb(fmpq(self.random.randint(low, high) or 7, 32)) for i in places}
        if kind == "increasing":
            steps = [found[i] * found[i] for i in places]  # in the order of their one axis
            return {
                i: found[places[0]] + sum(steps[1 : k + 1], arb(0)) for k, i in enumerate(places)
            }
        if kind == "simplex":
            return self._normed(found, lambda v: v, lambda i: (), lambda total: total)
        if kind == "unit columns":
            squared = (lambda v: v * v), (lambda i: i[1:])
            return self._normed(found, *squared, lambda total: total.sqrt())
        if kind == "positive definite":
            rows = range(self.size(label.shape[-1]))
            spend(len(places) * len(rows))
            return {
                (i, j): sum((found[i, k] * found[j, k] for k in rows), arb(i == j))
                for i, j in places
            }
        return found

    @staticmethod
    def _normed(
        found: Mapping[Indices, Any],
        part: Callable[[Any], Any],
        group: Callable[[Indices], Indices],
        norm: Callable[[Any], Any],
    ) -> Mapping[Indices, Any]:
        totals: dict[Indices, Any] = {}
        for i, v in found.items():
            totals[group(i)] = totals.get(group(i), arb(0)) + part(v)
        return {i: v / norm(totals[group(i)]) for i, v in found.items()}

    def _between(self, low: Any, high: Any, whole: bool) -> Any:
        if whole:
            if low is None and high is not None:
                return _floor(high) - self.random.randrange(3)
            first = 0 if low is None else -_floor(-low)
            room = 3 if high is None else max(1, min(3, _floor(high) - first + 1))
            return first + self.random.randrange(room)
        share = arb(fmpq(self.random.randint(1, 31), 32))
        if low is None or high is None:
            return (
                share - 1
                if high is None and low is None
                else (low + share if high is None else high - share)
            )
        return low + (high - low) * share

    def _counts(self, places: Sequence[Indices], total: Any) -> Mapping[Indices, Any]:
        found = dict.fromkeys(places, 0)
        for _ in range(min(_floor(total), _LARGEST)):
            found[self.random.choice(places)] += 1
        return found

    # values ---------------------------------------------------------------------------------------
    def index(self, t: Term, bound: Indices) -> int:
        if t.op == "bound":
            return bound[t.args[0]]
        if t.op == "at":
            return self.size(t.args[0])
        if t.op == "plus":
            return self.index(t.args[0], bound) + self.size(t.args[1])
        if t.op == "free":
            return self._once(t, lambda: self.random.randrange(max(1, self.size(t.args[1]))))
        return int(self.value(t, bound))

    def value(self, t: Term, bound: Indices) -> Any:
        spend(1)
        op, args = t.op, t.args
        if op == "rational":
            return arb(fmpq(args[0].numerator, args[0].denominator))
        if op == "constant":
            return CONSTANTS[args[0]]()
        if op == "size":
            return arb(self.size(args[0]))
        if op == "element":
            return self.element(args[0], tuple(self.index(i, bound) for i in args[1:]))
        if op == "index":
            return arb(self.index(args[0], bound))
        if op == "add":
            return sum((self.value(a, bound) for a in args), arb(0))
        if op == "multiply":
            result = arb(1)
            for a in args:
                result *= self.value(a, bound)
            return result
        if op == "power":
            return self._power(args[0], args[1], bound)
        if op == "apply":
            return self._function(args[0], args[1:], bound)
        if op == "sum":
            ranges = product(*(range(self.size(n)) for n in args[0]))
            return sum((self.value(args[1], (*i, *bound)) for i in ranges), arb(0))
        if op == "delta":
            return arb(self.index(args[0], bound) == self.index(args[1], bound))
        if op == "case":
            return self.value(args[1 if self._test(args[0], bound) else 2], bound)
        if op in {"logdet", "inverse"}:
            return self._matrix(t, bound)
        if op in {"map", "slope"}:
            return self._map(t, bound)
        raise Refused(f"{op} is not evaluated")

    def _power(self, base: Term, exponent: Term, bound: Indices) -> Any:
        value = arb(self.value(base, bound))
        if exponent.op == "rational" and exponent.args[0].denominator == 1:
            return value ** int(exponent.args[0])
        return (self.value(exponent, bound) * value.log()).exp()

    def _function(self, name: str, args: Sequence[Term], bound: Indices) -> Any:
        function = FUNCTIONS[name]
        if function.rewritten is not None:
            return self.value(function.rewritten(*args), bound)
        if function.value is None:
            raise Refused(f"{name} is not evaluated")
        return function.value(*(arb(self.value(a, bound)) for a in args))

    def _test(self, test: Term, bound: Indices) -> bool:
        op, *sides = test.args
        left, right = (arb(self.value(a, bound)) for a in sides)
        decided = {"less": left < right, "at-most": left <= right, "equal": left == right}
        return bool(decided[op])

    def _matrix(self, t: Term, bound: Indices) -> Any:
        n = self.size(t.args[0])
        rows = [[arb(self.value(t.args[1], (i, j, *bound))) for j in range(n)] for i in range(n)]
        if t.op == "logdet":
            return abs(arb_mat(rows).det()).log()
        row, column = (self.index(i, bound) for i in t.args[2:])
        return arb_mat(rows).inv()[row, column]

    def _map(self, t: Term, bound: Indices) -> Any:
        """An unspecified map as the sine of drawn weights times its inputs."""
        whole, *slope = t.args if t.op == "slope" else (t,)
        name, unit, *inputs = whole.args
        place = None if unit is None else self.index(unit, bound)

        def weight(*of: Any) -> Any:
            return self._once((name, place, *of), lambda: fmpq(self.random.randint(1, 40), 32))

        total = arb(weight())
        for k, a in enumerate(inputs):
            many = range(self.size(a.args[0])) if a.op == "vector" else (None,)
            for i in many:
                value = self.value(a, bound) if i is None else self.value(a.args[1], (i, *bound))
                total += weight(k, i) * value
        if not slope:
            return total.sin()
        which, component = slope
        at_component = None if component is None else self.index(component, bound)
        return weight(which, at_component) * total.cos()


__all__ = ["Point", "nonzero_somewhere", "satisfiable"]
