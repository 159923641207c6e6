"""Bare SymPy expressions as a model: their symbols with the domains that they are declared in.

What the kernel has no domain for is written in what it has one for: a number that is not negative
as |x|, an even one as 2 k, a size that may be zero as one less than a size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy as sp
from sympy import Expr, Indexed, IndexedBase, MatrixSymbol, Symbol

from entropy_proofs.algebra.nodes import is_variable, size_of_range
from entropy_proofs.algebra.positivity import in_unit_interval
from entropy_proofs.arrays.matrices import element_of, shape_of_elements
from entropy_proofs.equality.compare import Reading
from entropy_proofs.errors import InputError
from entropy_proofs.families.spaces import (
    COUNT,
    DOMAINS,
    POSITIVE,
    REAL,
    SIMPLEX,
    UNIT_INTERVAL,
    Category,
    IntegerRange,
    Space,
    tied_of_label,
)
from entropy_proofs.model.declarations import Parameter, Variable
from entropy_proofs.model.model import Model
from entropy_proofs.spelling import none_of

_ENDLESS = sp.Integer(10**6)  # of an axis whose size nothing says
_BY_ASSUMPTIONS = ("negative", "nonnegative", "nonpositive", "nonzero", "natural")
_NOT_DRAWN = ("prime", "composite", "irrational", "transcendental")


@dataclass
class Bare:
    """A chain's expressions, what is declared of their symbols, and how they are read."""

    model: Model
    expressions: list[Expr]
    reading: Reading = field(default_factory=Reading)


def bare(
    expressions: Sequence[Expr],
    matrices: Iterable[MatrixSymbol] = (),
    domains: Mapping[str, str] | None = None,
) -> Bare:
    """Raises InputError where a symbol is no real number, or a domain is none."""
    made = Bare(Model("expressions"), list(expressions))
    _Declaring(made, list(matrices), dict(domains or {})).declare()
    return made


class _Declaring:
    def __init__(self, made: Bare, matrices: Sequence[MatrixSymbol], domains: dict[str, str]):
        known = [*DOMAINS, "symmetric", "integer", *_BY_ASSUMPTIONS]
        for name, domain in domains.items():
            if domain not in known:
                raise InputError(f"{name}: domain {none_of(domain, known)}")
        self.made = made
        self.domains = {s: DOMAINS[d] for s, d in domains.items() if d in DOMAINS and d != "real"}
        self.symmetric = {s for s, d in domains.items() if d == "symmetric"}
        self.whole = {s for s, d in domains.items() if d == "integer"}
        symbols = {s.name: s for e in made.expressions for s in e.atoms(Symbol)}
        self.shapes = {
            symbols.get(m.name, element_of(m).label): shape_of_elements(m) for m in matrices
        }

    def declare(self) -> None:
        total = self._total()
        for s in total.atoms(Symbol):
            if s.is_zero:
                self._nothing(s)
        total = self._total()
        self._indices(total)
        total = self._total()
        indexed: dict[Symbol, list[tuple[Expr, ...]]] = {}
        for e in total.atoms(Indexed):
            indexed.setdefault(e.base.label, []).append(e.indices)
        self._marked(indexed)
        sizes = _in_limits(total)
        of_shapes = {s for shape in self.shapes.values() for n in shape for s in n.free_symbols}
        found = {s for s in total.free_symbols if isinstance(s, Symbol)}
        of_shapes |= {s for label in found for s in _labels(label).free_symbols}
        found = {s for s in found | of_shapes | set(self.shapes) if not s.name.startswith("∫")}
        twice = [s for s in found if any(s != r and s.name == r.name for r in found)]
        if twice:
            raise InputError(f"{twice[0]} stands for two symbols of different assumptions")
        for s in sorted(found, key=lambda s: (s not in of_shapes | sizes, str(s))):
            if not s.is_commutative or s.is_real is False or s.is_extended_real is False:
                raise InputError(f"{s} is no real number")
            if any(s.assumptions0.get(a) for a in _NOT_DRAWN):
                self.made.reading.drawn = False
            if s in indexed or s in self.shapes:
                self._array(s, indexed.get(s, []))
            elif s in of_shapes or (s in sizes and s.is_integer):
                self._size(s, s in of_shapes)
            else:
                self._scalar(s)

    def _marked(self, indexed: Mapping[Symbol, Sequence[tuple[Expr, ...]]]) -> None:
        """Domains and sizes that a model's labels say of themselves."""
        for s, places in indexed.items():
            known, rank = tied_of_label(s), {len(p) for p in places}
            if known and len(rank) == 1:
                self.domains[s.name], sizes = known
                copies = rank.pop() - len(sizes)
                self.shapes[s] = (*[_ENDLESS] * copies, *sizes)

    def _total(self) -> Expr:
        return sp.Tuple(*self.made.expressions)

    def _replace(self, change: Callable[[Expr], Expr]) -> None:
        self.made.expressions = [change(e) for e in self.made.expressions]
        self.shapes = {s: tuple(change(n) for n in shape) for s, shape in self.shapes.items()}

    def _indices(self, total: Expr) -> None:
        """What stands as an index is a whole number."""
        found = {s for e in total.atoms(Indexed) for i in e.indices for s in i.free_symbols}
        labels = {e.base.label for e in total.atoms(Indexed)}
        free = {s for s in found & total.free_symbols if isinstance(s, Symbol)} - labels
        for s in sorted(free, key=str):
            if not s.is_integer:
                self._rename(s, Symbol(s.name, integer=True, nonnegative=True))

    def _rename(self, old: Symbol, new: Expr) -> None:
        self._replace(lambda e: e.xreplace({old: new}))

    # arrays ---------------------------------------------------------------------------------------
    def _array(self, s: Symbol, places: Sequence[tuple[Expr, ...]]) -> None:
        domain, symmetric = self.domains.get(s.name), s.name in self.symmetric
        tied = 2 if symmetric else domain.axes if domain else 0
        shape = self.shapes.get(s)
        if shape is None:
            rank = {len(p) for p in places}
            if len(rank) != 1:
                counts = " and with ".join(map(str, sorted(rank)))
                raise InputError(f"{s} is indexed with {counts} indices")
            shape = (_ENDLESS,) * rank.pop()
            extent = self._extent(s, shape, tied) if tied else shape
            if extent is None:
                self.made.reading.drawn, tied, symmetric = False, 0, False
                domain = UNIT_INTERVAL if domain == SIMPLEX else None
            else:
                shape = extent
        declared = "symmetric" if symmetric else domain
        if len(shape) < tied:
            raise InputError(f"{s}: too few axes for {declared}")
        if (symmetric or (domain and domain.symmetric)) and shape[-1] != shape[-2]:
            raise InputError(f"{s}: {declared}, but not square")
        if symmetric:
            s = self._symmetric(s)
        if domain is None and s.is_integer:
            self._whole(s, shape)
        else:
            self._real(s, shape, domain)

    def _symmetric(self, s: Symbol) -> Symbol:
        """A symmetric matrix as half the sum of one and its transpose."""
        new = Symbol(f"({s.name})", real=True)

        def both(a: Indexed) -> Expr:
            *lead, i, j = a.indices
            return (IndexedBase(new)[(*lead, i, j)] + IndexedBase(new)[(*lead, j, i)]) / 2

        self._replace(lambda e: _with_elements(e, s, both))
        self.made.reading.read[new.name] = f"{s.name} (before it is made symmetric)", s, lambda v: v
        return new

    def _extent(self, s: Symbol, shape: tuple[Expr, ...], tied: int) -> tuple[Expr, ...] | None:
        """The sizes of the tied axes: as declared, else the longest that sums say (None where they
        don't).  Elements that are counted from one are counted from zero."""
        total = self._total()
        axes = range(len(shape) - tied, len(shape))
        ends = [
            (low, high)
            for a in total.atoms(sp.Sum)
            for i, low, high in a.limits
            for e in a.function.atoms(Indexed)
            if e.base.label == s and i in e.indices[axes.start :]
        ]
        lows, highs = {low for low, _ in ends}, {high for _, high in ends}
        stated = {e.base.shape for e in total.atoms(Indexed) if e.base.label == s}
        if len(stated) == 1 and len(next(iter(stated)) or ()) == len(shape):
            (shape,) = stated
            lows = lows or {sp.S.Zero}
        if len(lows) != 1 or not lows <= {sp.S.Zero, sp.S.One}:
            return None
        (low,) = lows
        if low == 1:

            def before(a: Indexed) -> Expr:
                return a.base[tuple(i - int(k in axes) for k, i in enumerate(a.indices))]

            self._replace(lambda e: _with_elements(e, s, before))
            self.made.reading.counted[s.name] = tuple(int(k in axes) for k in range(len(shape)))
        if _ENDLESS not in shape:
            return shape
        longest = [e for e in highs if all((e - f).is_nonnegative for f in highs)]
        size = longest[0] - low + 1 if longest else sp.S.Zero
        if not size.is_positive:
            return None
        return (*shape[: len(shape) - tied], *(size for _ in axes))

    # numbers --------------------------------------------------------------------------------------
    def _size(self, s: Symbol, of_shape: bool) -> None:
        any_sign = s.is_integer and not s.is_nonnegative and not of_shape
        if s.is_negative or s.is_nonpositive or any_sign:  # then a sum to it may be empty
            self._scalar(s)
        elif (s.is_even or s.is_odd) and (s.is_positive or not s.is_nonnegative):
            half = Symbol(f"({s.name}/2)", integer=True, positive=True)
            odd = 1 if s.is_odd else 0
            self._rename(s, 2 * half - odd)
            self.made.model.dims_[half.name] = half
            self.made.reading.read[half.name] = s.name, (s + odd) / 2, lambda v: 2 * v - odd
        elif s.is_even or s.is_odd:
            self._scalar(s)
        elif s.is_positive or (of_shape and not s.is_nonnegative) or not s.is_integer:
            size = Symbol(s.name, integer=True, positive=True)
            self._rename(s, size)
            self.made.model.dims_[s.name] = size
        else:
            size = Symbol(f"({s.name} + 1)", integer=True, positive=True)
            self._rename(s, size - 1)
            self.made.model.dims_[size.name] = size
            self.made.reading.read[size.name] = s.name, s + 1, lambda v: v - 1

    def _scalar(self, s: Symbol) -> None:
        domain = self.domains.get(s.name)
        if domain is not None:
            self._real(s, (), UNIT_INTERVAL if domain == SIMPLEX else domain)
        elif s.is_integer or s.name in self.whole:
            if s.is_positive and not (s.is_even or s.is_odd):
                self.made.model.dims_[s.name] = s
            else:
                self._whole(s, ())
        else:
            self._real(s, (), None)

    def _whole(self, s: Symbol, shape: tuple[Expr, ...]) -> None:
        if s.is_even or s.is_odd:
            turn = -1 if s.is_nonpositive else 1
            known = {"nonnegative": True} if s.is_nonnegative or s.is_nonpositive else {}
            known |= {"nonzero": True} if s.is_even and s.is_nonzero and not known else {}
            half = Symbol(f"({s.name}/2)", integer=True, **known)
            least = 1 if s.is_odd else 2 if "nonnegative" in known and s.is_nonzero else 0

            def double(e: Expr) -> Expr:
                return turn * (2 * e + least)

            self._instead(s, half, double, (turn * s - least) / 2)
            s = half
        if s.is_nonzero and not s.is_positive and not s.is_negative:
            self.made.reading.nonzero.add(s.name)
        low = 1 if s.is_positive else -sp.oo
        high = -1 if s.is_negative else 0 if s.is_nonpositive else sp.oo
        of_labels = _labels(s)
        natural = s.is_nonnegative and not s.is_positive
        support: Space = COUNT if natural else IntegerRange(sp.S(low), sp.S(high))
        support = Category(of_labels) if of_labels else support
        self.made.model.variables[s.name] = Variable(s.name, s, shape, True, support)

    def _real(self, s: Symbol, shape: tuple[Expr, ...], domain: Space | None) -> None:
        if domain is None:
            domain = POSITIVE if s.is_positive else REAL
            domain = UNIT_INTERVAL if in_unit_interval(s) else domain
        if domain == REAL and (s.is_negative or s.is_nonnegative or s.is_nonpositive):
            sign = -1 if s.is_nonpositive else 1
            inner = Symbol(f"|{s.name}|" if s.is_negative else f"({s.name})", **(
                {"positive": True} if s.is_negative else {"real": True}))  # fmt: skip

            def signed(e: Expr) -> Expr:
                return sign * (e if inner.is_positive else sp.Abs(e))

            self._instead(s, inner, signed, -s if s.is_negative else s)
            s, domain = inner, POSITIVE if s.is_negative else REAL
        elif domain == REAL and s.is_nonzero:
            self.made.reading.nonzero.add(s.name)
        self.made.model.parameters[s.name] = Parameter(s.name, s, shape, domain, True)

    def _nothing(self, s: Symbol) -> None:
        """Zero for what is declared to be zero."""

        zero = sp.S.Zero
        self._replace(lambda e: _with_elements(e, s, lambda _: zero).xreplace({s: zero}))
        if self._total().has(sp.nan, sp.zoo):
            raise InputError(f"{s} is zero, and a divisor")

    def _instead(
        self, s: Symbol, new: Symbol, expression: Callable[[Any], Any], shown: Expr
    ) -> None:
        """The symbol or array written in another."""

        def element(a: Indexed) -> Expr:
            return expression(IndexedBase(new)[a.indices])

        self._replace(lambda e: _with_elements(e, s, element).xreplace({s: expression(new)}))
        self.made.reading.read[new.name] = s.name, shown, expression


def _labels(s: Symbol) -> Expr:
    """How many values a model's variable has, as its mark says; zero where it says nothing."""
    return (size_of_range(s) if is_variable(s) else None) or sp.S.Zero


def _in_limits(total: Expr) -> set[Symbol]:
    """Symbols in the ends of finite sums and products that no sum binds there."""
    found = set()
    for a in total.atoms(sp.Sum, sp.Product):
        for _, *ends in a.limits:
            for e in ends:
                found |= {s for s in e.free_symbols if isinstance(s, Symbol)}
    return found & {s for s in total.free_symbols if isinstance(s, Symbol)}


def _with_elements(expr: Expr, s: Symbol, change: Callable[[Indexed], Expr]) -> Expr:
    """With other expressions in place of an array's elements."""
    return expr.replace(lambda a: isinstance(a, Indexed) and a.base.label == s, change)
