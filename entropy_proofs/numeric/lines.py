"""Lines of array code: named axes, alignment, gathers, and each line written once.

An intermediate array knows its axes, so broadcasting is settled when the code is written. Lines
are kept by their text: computing the same thing twice is the same line, whatever the indices were
called.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import sympy as sp
from sympy import Expr, Symbol

from entropy_proofs.algebra.nodes import index
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.numeric.backends import RESERVED, Backend
from entropy_proofs.numeric.identifiers import identifier
from entropy_proofs.numeric.inlining import inlined, is_temporary, uses
from entropy_proofs.numeric.values import (
    Axis,
    Made,
    Product,
    Recipe,
    Total,
    Value,
    elements,
    found_among,
    is_long,
    is_sampled,
    same,
    union,
)

Shapes = Mapping[Symbol, tuple[Expr, ...]]


@dataclass(frozen=True)
class Run:
    """An index that runs along an axis, from an offset."""

    axis: Axis
    offset: Expr = sp.S.Zero


Place = Run | Value  # where along a dimension: a run, or computed positions


class _Unknown(Exception):
    """A line that has not been written."""


class Writer:
    """Writes the lines of one function `kernel(dims, arrays)`."""

    def __init__(self, target: Backend, shapes: Shapes, first: Iterable[Expr] = ()):
        """For a backend, with the shapes of the inputs that are known.

        first: the sizes of the axes that come before all others.
        """
        self.target = target
        self.shapes = shapes
        self.lines: dict[str, str] = {}  # right-hand side -> the name that holds it
        self.recipes: dict[str, Recipe] = {}  # of what some of the names hold
        self.inputs: dict[str, tuple[str, str]] = {}  # identifier -> ("dims" | "arrays", name)
        self.memo: dict[Any, Value] = {}
        self.cost = 0.0  # of all lines, in elements that are computed
        self._only_known = False
        self.run_over: dict[str, tuple[Axis, ...]] = {}
        self._ranks: dict[Expr, int] = {size: rank for rank, size in enumerate(first)}

    def axis(self, size: Expr, bound: Mapping[Symbol, Axis | Value]) -> tuple[Symbol, Axis]:
        """An axis that no bound index runs along yet, and an index of its own."""
        rank = self._ranks.setdefault(size, len(self._ranks))
        taken: set[Axis] = set()
        for b in bound.values():
            taken |= {b} if isinstance(b, Axis) else set(b.axes)
        pairs = ((index(f"{size}@{k}"), Axis(rank, k, size)) for k in count())
        return next((i, a) for i, a in pairs if i not in bound and a not in taken)

    def line(self, code: str, over: Iterable[Axis] = (), cost: float = 0.0) -> str:
        """The name of a temporary that holds the code's value.

        Args:
            over: the axes that the code runs over.
            cost: if it is not the number of elements along them.
        """
        if code not in self.lines:
            if self._only_known:
                raise _Unknown
            name = self.lines[code] = f"t{len(self.lines)}"
            self.cost += cost or elements(over)
            self.run_over[name] = tuple(over)
        return self.lines[code]

    def cheapest(self, ways: Sequence[Callable[[], Value]], gain: float = 0.8) -> Value:
        """The result of what adds the cheapest lines to those there are.

        Args:
            gain: a later way has to cost less than this share of the best before it.
        """
        if len(ways) == 1:
            return ways[0]()
        start, best = self._written(), None
        for way in ways:
            self._restore(start)
            value, cost = way(), self.cost
            if best is None or cost - start[-1] < gain * (best[-1][-1] - start[-1]):
                best = value, self._written()
        assert best is not None
        self._restore(best[1])
        return best[0]

    def known(self, way: Callable[[], Value]) -> Value | None:
        """The result, if all the lines that it takes are there."""
        before, self._only_known = self._only_known, True
        try:
            return way()
        except _Unknown:
            return None
        finally:
            self._only_known = before

    def _written(self) -> tuple[Any, ...]:
        return dict(self.lines), dict(self.recipes), dict(self.inputs), dict(self.memo), self.cost

    def _restore(self, written: tuple[Any, ...]) -> None:
        *parts, self.cost = written
        self.lines, self.recipes, self.inputs, self.memo = map(dict, parts)

    def sizes(self, results: Mapping[str, str]) -> frozenset[Expr]:
        """How many elements each operation runs over; results: name -> code."""
        used = uses(self.lines, results)
        return frozenset(
            sp.Mul(*(a.size for a in axes)) for n, axes in self.run_over.items() if n in used
        )

    def source(self, results: Mapping[str, str]) -> str:
        """The whole function; results: name -> code."""
        body = [f"{i} = {kind}[{name!r}]" for i, (kind, name) in sorted(self.inputs.items())]
        arrays = self.recipes.items() if self.target.in_place else ()
        shapes = {n: tuple(a.size for a in r.axes) for n, r in arrays}
        shapes = {n: sizes for n, sizes in shapes.items() if any(map(is_long, sizes))}
        lines, results = inlined(self.lines, results, shapes)
        body += [*lines, "return {"]
        body += [f"    {name!r}: {code}," for name, code in results.items()]
        return "\n    ".join(["def kernel(dims, arrays):", *body, "}"]) + "\n"

    def identifier(self, label: Symbol) -> str:
        """The variable that holds an input."""
        name = identifier(label.name)
        if name in RESERVED or name in ("dims", "arrays") or re.match(r"t\d", name):
            name += "_"
        is_dim = label.is_integer and label.is_positive and label not in self.shapes
        meaning = ("dims" if is_dim else "arrays", label.name)
        while self.inputs.setdefault(name, meaning) != meaning:
            name += "_"
        return name

    def size(self, size: Expr) -> str:
        """The code of a number of elements."""
        return str(size.xreplace({s: Symbol(self.identifier(s)) for s in symbols_in(size)}))

    def count(self, size: Expr) -> Value:
        """A number of elements, to be computed with."""
        code = self.size(size)
        return Value(code if code.isidentifier() else self.line(code))

    def symbol(self, label: Symbol) -> Value:
        """The code of a scalar input."""
        name = self.identifier(label)
        lifted = self.target.scalar and self.inputs[name][0] == "dims"
        return Value(self.line(f"{self.target.scalar}({name})") if lifted else name)

    def numbers(self, run: Run) -> Value:
        """The indices along an axis, as an array."""
        return Value(self.line(f"arange({self.size(run.axis.size)})"), (run.axis,))

    # alignment --------------------------------------------------------------------------------
    def align(self, value: Value, axes: Sequence[Axis]) -> str:
        """The code of an array, so that it broadcasts against the axes."""
        if not value.axes:
            return value.code
        own = tuple(sorted(value.axes, key=axes.index))
        code = value.code
        if own != value.axes:
            order = ", ".join(str(value.axes.index(a)) for a in own)
            code = self.line(f"transpose({code}, ({order}))")
        entries = [":" if a in own else "None" for a in axes[axes.index(own[0]) :]]
        return f"{code}[{', '.join(entries)}]" if "None" in entries else code

    def full(self, value: Value, axes: tuple[Axis, ...]) -> str:
        """The code of an array with exactly these axes."""
        code = self.align(value, axes)
        if set(axes) == set(value.axes):
            return code
        shape = ", ".join(self.size(a.size) for a in axes)
        return self.line(f"broadcast_to({code}, ({shape},))")

    def combine(self, template: str, *values: Value) -> Value:
        """An elementwise operation; the template has one {} for each value."""
        axes = union(values)
        axes = next((v.axes for v in values if len(v.axes) == len(axes)), axes)
        cost = elements(axes) * max(len(values) - 1, 1)
        return Value(
            self.line(template.format(*(self.align(v, axes) for v in values)), axes, cost), axes
        )

    def noted(self, value: Value, made: Made) -> Value:
        """The value; how it was made is remembered."""
        self.recipes.setdefault(value.code, Recipe(value.axes, made))
        return value

    def call(self, name: str, values: Sequence[Value]) -> Value:
        return self.combine(f"{name}({', '.join(['{}'] * len(values))})", *values)

    def total(self, terms: Iterable[tuple[bool, Value]]) -> Value:
        """The sum of (is negative, value); terms with fewer elements are added first."""
        terms = self._with_known(list(terms))
        everything = set(union(v for _, v in terms))
        few = [t for t in terms if any(not is_sampled(a.size) for a in everything - {*t[1].axes})]
        if 1 < len(few) < len(terms):
            terms = [*(t for t in terms if t not in few), (False, self.total(few))]
        ordered = sorted(terms, key=_small_terms_first)
        if [negative for negative, _ in ordered] == [False]:
            return ordered[0][1]
        template = "".join(" - {}" if negative else " + {}" for negative, _ in ordered)
        template = template.removeprefix(" + ").replace(" - ", "-", not template.find(" - "))
        return self.noted(self.combine(template, *(v for _, v in ordered)), Total(tuple(ordered)))

    def _with_known(self, terms: list[tuple[bool, Value]]) -> list[tuple[bool, Value]]:
        """The terms; some of them as one, if their sum has been written."""
        for name, recipe in () if self.target.exact else self.recipes.items():
            if isinstance(recipe.made, Total) and 1 < len(recipe.made.terms) < len(terms):
                found = found_among(terms, recipe)
                if found:
                    axes, rest = found
                    return [*rest, (False, Value(name, axes))]
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
        made = Product(coefficient, tuple(above), tuple(below))
        p, q = abs(coefficient), sp.S.One
        if p.is_Rational:
            p, q = p.as_numer_denom()
        above = [*self._literal(p), *sorted(above, key=_small_first)]
        below = [*self._literal(q), *sorted(below, key=_small_first)]
        above = above or [Value("mpf(1)" if self.target.exact else "1")]
        sign = "-" if coefficient.is_negative else ""
        if not below and not sign and len(above) == 1:
            return above[0]
        template = sign + " * ".join(["{}"] * len(above))
        if below:
            divisor = self.combine(" * ".join(["{}"] * len(below)), *below)
            above, template = [*above, divisor if below[1:] else below[0]], template + " / {}"
        return self.noted(self.combine(template, *above), made)

    def _literal(self, number: Expr) -> list[Value]:
        code = self.target.number(number)
        assert code is not None
        return [] if number == 1 else [Value(code)]

    # gathers ----------------------------------------------------------------------------------
    def take(self, code: str, shape: Sequence[Expr | None], places: Sequence[Place]) -> Value:
        """The elements of an array at a place along each of its dimensions."""
        runs = [p.axis for p in places if isinstance(p, Run)]
        busy = {a for p in places if isinstance(p, Value) for a in p.axes}
        busy |= {a for a in runs if runs.count(a) > 1}
        entries: list[str | Value] = []
        for place, size in zip(places, shape, strict=True):
            if isinstance(place, Value):
                entries.append(self._positions(place))
            elif place.axis in busy:
                entries.append(self._all_positions(place))
            else:
                entries.append(self._slice(place, size))
        gathers = [k for k, e in enumerate(entries) if isinstance(e, Value)]
        gathered = union(e for e in entries if isinstance(e, Value))
        kept = [a for a in runs if a not in busy]
        contiguous = gathers and gathers[-1] - gathers[0] + 1 == len(gathers)
        before = gathers[0] if contiguous else 0
        codes = [e if isinstance(e, str) else self.align(e, gathered) for e in entries]
        while codes and codes[-1] == ":":
            codes.pop()
        axes = (*kept[:before], *gathered, *kept[before:])
        over = axes if gathers else ()
        return Value(self.line(f"{code}[{', '.join(codes)}]", over) if codes else code, axes)

    def _positions(self, value: Value) -> Value:
        if value.code.isdigit():
            return value
        return Value(self.line(f"index({value.code})"), value.axes)

    def _all_positions(self, run: Run) -> Value:
        code = self.line(f"index(arange({self.size(run.axis.size)}))")
        if run.offset != 0:
            code = self.line(f"{code} + {self.size(run.offset)}")
        return Value(code, (run.axis,))

    def _slice(self, run: Run, size: Expr | None) -> str:
        if run.offset == 0 and size is not None and same(size, run.axis.size):
            return ":"
        start = "" if run.offset == 0 else self.size(run.offset)
        return f"{start}:{self.size(sp.expand(run.offset + run.axis.size))}"


def _small_first(value: Value) -> tuple[int, str]:
    return len(value.axes), value.code


def _small_terms_first(term: tuple[bool, Value]) -> tuple[int, bool, bool, str]:
    """Then temporaries: NumPy adds to them in place."""
    negative, value = term
    return len(value.axes), negative, not is_temporary(value.code), value.code
