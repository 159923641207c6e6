"""Spaces: where variables and parameters have their values.  A class a kind, abstract or final.

A family's support and a parameter's domain are both one of these.  A declaration names a domain by
its string; from then on the object says what it is: what SymPy assumes of it, its form in the
kernel, what lies in it, what is tangent to it, and random points of it.  Arrays of floating-point
numbers have theirs from `families.space_values`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import inf, prod
from random import Random
from typing import Any, ClassVar

import sympy as sp
from mpmath import MPContext
from sympy import Expr, Symbol

from entropy_proofs.algebra.nodes import sizes_of_tied, tied, whole_number
from entropy_proofs.arrays.array import Array, broadcast_at, generate
from entropy_proofs.errors import InputError
from entropy_proofs.kernel.language.labels import Domain
from entropy_proofs.spelling import did_you_mean

Place = tuple[int, ...]
Elements = Callable[[Place], Any]  # an array's, by their places
Terms = list[list[Any]]  # of sums
_COUNTS = (0, 1, 2, 3, 5, 8)  # that are drawn
MORE = 6  # how far above its lower end a whole number is drawn


@dataclass(frozen=True)
class Space(ABC):
    """What all kinds have; the fields of a kind are its bounds, expressions or numbers.

    name: as it is declared and printed.
    kernel: what the kernel calls it.
    discrete: whole numbers.  few: labels 0, 1, ..., so few that they can be listed.
    axes: how many last axes one value has.  tied: those along which elements hang together.
    symmetric: square matrices that equal their transpose.
    can_scale: whether v -> c v maps it onto itself for every c > 0.
    limits: what bounds every number, or every element, of this kind.
    inside: the kinds that have all of its values, or of their elements.
    assumptions: of a continuous symbol.  sums_to_one: along the last axis.
    drawn: between what random elements are, before they are made one value.
    """

    name: ClassVar[str]
    kernel: ClassVar[str]
    discrete: ClassVar[bool] = False
    few: ClassVar[bool] = False
    axes: ClassVar[int] = 0
    tied: ClassVar[frozenset[int]] = frozenset()
    symmetric: ClassVar[bool] = False
    can_scale: ClassVar[bool] = False
    limits: ClassVar[tuple[float, float]] = (-inf, inf)
    assumptions: ClassVar[tuple[str, ...]] = ("real",)
    sums_to_one: ClassVar[bool] = False
    inside: ClassVar[tuple[type[Space], ...]] = ()
    drawn: ClassVar[tuple[float, float]] = (-1.5, 1.5)
    __match_args__: ClassVar[tuple[str, ...]]  # of a dataclass: the names of its fields

    def __str__(self) -> str:
        return self.name

    @property
    def bounds(self) -> tuple[Any, ...]:
        """What it depends on: ends, a number of labels, a total."""
        return tuple(getattr(self, end) for end in self.__match_args__)

    def mapped(self, change: Callable[[Any], Any]) -> Space:
        """The same kind with its bounds changed."""
        return type(self)(*map(change, self.bounds))

    def over(self, shape: Sequence[Expr]) -> Space:
        """Of an array of this shape: bounds that are arrays broadcast to it."""
        copies = tuple(shape)
        return self.mapped(
            lambda b: generate(lambda *i: broadcast_at(b, i), copies) if isinstance(b, Array) else b
        )

    def at(self, place: Sequence[Expr]) -> Space:
        """Of one of its array's elements: bounds that are arrays have theirs there."""
        return self.mapped(lambda b: broadcast_at(b, place))

    def symbol(self, name: str, shape: Sequence[Expr] = (), **marks: bool | None) -> Symbol:
        """A label of an array whose elements, or last axes, lie in it, with these marks."""
        if self.discrete:
            bound = sp.sympify(self.bounds[0]) if self.bounds else sp.Integer(2)  # labels of a bit
            if self.limits[0] < 0 and not bound.is_nonnegative:
                marks["nonnegative"] = None
            return whole_number(name, bound if self.few else None, **marks)
        if self.tied and self in _DECLARED:
            marks |= tied(self.name, *shape[-self.axes :])
        return Symbol(name, **dict.fromkeys(self.assumptions, True), **marks)

    def lowered(self, size: Callable[[Any], Any], value: Callable[[Any], Any]) -> Domain:
        """Its form in the kernel, given those of a size and of a bound."""
        return Domain(self.kernel, tuple(map(size if self.few else value, self.bounds)))

    def lies_in(self, other: Space) -> bool:
        """Whether every value, or every element, is one of the other space."""
        return self == other or isinstance(other, self.inside)

    def outside(self, x: Any) -> Any:
        """Whether a number is none of its, whatever the bounds; elementwise of an array."""
        low, high = self.limits
        return (x < low) | (x > high) if self.discrete else (x <= low) | (x >= high)

    def check_shape(self, name: str, sizes: Sequence[Expr]) -> None:
        """Raises InputError if no parameter of this domain has such a shape."""
        if len(sizes) < self.axes:
            raise InputError(f"{name}: domain {self.name!r} needs at least {self.axes} axes")
        if self.symmetric and sizes[-1] != sizes[-2]:
            raise InputError(f"{name}: {self.name}, but its last axes are {sizes[-2:]}")

    def dimension(self, event: Sequence[Any]) -> Any:
        """How many of the elements of an event are free to be scaled; of sizes or numbers."""
        if not self.symmetric:
            return prod(event)
        *batch, _, n = event
        return prod(batch) * n * (n + 1) * sp.Rational(1, 2)

    def draw(self, random: Random, number: MPContext) -> Any:
        """A random element, before `tie`; the bounds are numbers."""
        return number.mpf(random.uniform(*self.drawn))

    @abstractmethod
    def tie(self, number: MPContext, drawn: dict[Place, Any]) -> None:
        """Make elements that were drawn one by one along the tied axes one value."""

    @abstractmethod
    def tangency(self, value: Elements, direction: Elements, at: Place, shape: Place) -> Terms:
        """The terms of sums that vanish if a direction is tangent at a value; through a place."""


# numbers ------------------------------------------------------------------------------------------
class Scalars(Space):
    """Spaces of single numbers."""

    @property
    @abstractmethod
    def ends(self) -> tuple[Any, Any]:
        """Between which numbers it lies; infinite where it has no end."""

    def tie(self, number: MPContext, drawn: dict[Place, Any]) -> None:
        """Scalars are independent."""

    def tangency(self, value: Elements, direction: Elements, at: Place, shape: Place) -> Terms:
        return []


class Fixed(Scalars):
    """Single numbers of a kind that has no bounds but its limits."""

    @property
    def ends(self) -> tuple[Any, Any]:
        low, high = self.limits
        return sp.sympify(low), sp.sympify(high)


class RealNumbers(Fixed):
    name = kernel = "real"
    can_scale = True


class PositiveNumbers(Fixed):
    name = kernel = "positive"
    can_scale = True
    limits = (0, inf)
    assumptions = ("positive",)
    drawn = (0.3, 2)


class UnitInterval(Fixed):
    name = kernel = "unit interval"
    limits = (0, 1)
    assumptions = "positive", "unit_interval"
    drawn = (0.05, 0.95)
    inside = (PositiveNumbers,)


@dataclass(frozen=True)
class OpenInterval(Scalars):
    """The numbers between low and high; at least one of them is finite."""

    low: Any
    high: Any
    name = kernel = "interval"

    @property
    def ends(self) -> tuple[Any, Any]:
        return self.low, self.high

    @property
    def standard(self) -> tuple[Space, Any, Any]:
        """A space of numbers u, with a and b such that its own are a + b u."""
        if self.high == sp.oo:
            return POSITIVE, self.low, 1
        if self.low == -sp.oo:
            return POSITIVE, self.high, -1
        return UNIT_INTERVAL, self.low, self.high - self.low

    def draw(self, random: Random, number: MPContext) -> Any:
        space, start, width = self.standard
        return start + width * space.draw(random, number)


class Bit(Fixed):
    """0 and 1."""

    name = kernel = "binary"
    discrete = few = True
    limits = (0, 1)

    def draw(self, random: Random, number: MPContext) -> Any:
        return random.randrange(2)


@dataclass(frozen=True)
class Category(Scalars):
    """0, ..., size - 1."""

    size: Any
    name = kernel = "category"
    discrete = few = True
    limits = (0, inf)

    @property
    def ends(self) -> tuple[Any, Any]:
        return sp.S.Zero, self.size - 1

    def draw(self, random: Random, number: MPContext) -> Any:
        return random.randrange(int(self.size))


class NaturalNumbers(Fixed):
    """0, 1, 2, ..."""

    name = "nonnegative integer"
    kernel = "natural"
    discrete = True
    limits = (0, inf)

    def draw(self, random: Random, number: MPContext) -> Any:
        return random.choice(_COUNTS)


@dataclass(frozen=True)
class IntegerRange(Scalars):
    """The whole numbers from low to high, both included; either may be infinite."""

    low: Any
    high: Any
    name = "integer range"
    kernel = "whole"
    discrete = True

    @property
    def ends(self) -> tuple[Any, Any]:
        return self.low, self.high

    def draw(self, random: Random, number: MPContext) -> Any:
        low = min(self.high - MORE, sp.S.Zero) if self.low == -sp.oo else self.low
        return random.randint(int(low), int(min(self.high, low + MORE)))


# vectors and matrices -----------------------------------------------------------------------------
class _Probabilities(Space):
    """Positive numbers along the last axes that sum to one."""

    limits = (0, inf)
    assumptions = "positive", "unit_interval"
    drawn = (0.3, 2)

    def tie(self, number: MPContext, drawn: dict[Place, Any]) -> None:
        total = sum(drawn.values())
        for place in drawn:
            drawn[place] /= total

    def tangency(self, value: Elements, direction: Elements, at: Place, shape: Place) -> Terms:
        places = product(*map(range, shape[-self.axes :]))
        return [[direction((*at[: -self.axes], *place)) for place in places]]


class ProbabilityVectors(_Probabilities):
    """The simplex: positive numbers along the last axis that sum to one."""

    name = kernel = "simplex"
    axes = 1
    tied = frozenset({-1})
    sums_to_one = True
    inside = (PositiveNumbers, UnitInterval)


class ProbabilityTables(_Probabilities):
    """Probabilities of pairs, along the last two axes: those of q's neighbours in a chain."""

    name = "probability table"
    axes = 2
    tied = frozenset({-1, -2})


class IncreasingVectors(Space):
    """Real numbers along the last axis that increase: thresholds."""

    name = kernel = "increasing"
    axes = 1
    tied = frozenset({-1})
    can_scale = True

    def tie(self, number: MPContext, drawn: dict[Place, Any]) -> None:
        """In their order."""
        for place, value in zip(sorted(drawn), sorted(drawn.values()), strict=True):
            drawn[place] = value

    def tangency(self, value: Elements, direction: Elements, at: Place, shape: Place) -> Terms:
        return []


@dataclass(frozen=True)
class Counts(Space):
    """Whole numbers along the last axis that sum to a total."""

    total: Any
    name = kernel = "counts"
    discrete = True
    axes = 1
    tied = frozenset({-1})
    limits = (0, inf)

    def tie(self, number: MPContext, drawn: dict[Place, Any]) -> None:
        """Each of the total goes to where the number drawn is largest so far."""
        left = {place: abs(a) for place, a in drawn.items()}
        for place in drawn:
            drawn[place] = 0
        for _ in range(int(self.total)):
            place = max(left, key=lambda p: left[p])
            drawn[place] += 1
            left[place] /= 2

    def tangency(self, value: Elements, direction: Elements, at: Place, shape: Place) -> Terms:
        return [[direction((*at[:-1], k)) for k in range(shape[-1])]]


class Matrices(Space):
    """Matrices along the last two axes, of numbers on both sides of zero."""

    axes = 2


class DefiniteMatrices(Matrices):
    """Symmetric matrices whose eigenvalues are positive."""

    name = kernel = "positive definite"
    tied = frozenset({-1, -2})
    symmetric = True
    can_scale = True
    assumptions = "real", "symmetric", "positive_definite"

    def tie(self, number: MPContext, drawn: dict[Place, Any]) -> None:
        """A A' + 1/2 of what was drawn as A."""
        raw = dict(drawn)
        n = max(place[-1] for place in raw) + 1
        for *batch, i, j in raw:
            rows = (raw[*batch, i, k] * raw[*batch, j, k] for k in range(n))
            drawn[*batch, i, j] = sum(rows) + number.mpf(i == j) / 2

    def tangency(self, value: Elements, direction: Elements, at: Place, shape: Place) -> Terms:
        batch, pairs = at[:-2], combinations(range(shape[-1]), 2)
        return [[direction((*batch, i, j)), -direction((*batch, j, i))] for i, j in pairs]


class UnitColumnMatrices(Matrices):
    """Matrices whose columns have norm one."""

    name = kernel = "unit columns"
    tied = frozenset({-2})

    def tie(self, number: MPContext, drawn: dict[Place, Any]) -> None:
        norm = number.sqrt(sum(a * a for a in drawn.values()))
        for place in drawn:
            drawn[place] /= norm

    def tangency(self, value: Elements, direction: Elements, at: Place, shape: Place) -> Terms:
        column = [(*at[:-2], k, at[-1]) for k in range(shape[-2])]
        return [[value(p) * direction(p) for p in column]]


class TriangularMatrices(Matrices):
    """Lower triangular, with a positive diagonal: roots of q's covariances, no kernel's domain."""

    name = "lower triangular"
    tied = frozenset({-1, -2})

    def tie(self, number: MPContext, drawn: dict[Place, Any]) -> None:
        for *batch, i, j in drawn:
            a = drawn[*batch, i, j]
            drawn[*batch, i, j] = a if i > j else abs(a) if i == j else a * 0

    def tangency(self, value: Elements, direction: Elements, at: Place, shape: Place) -> Terms:
        return [[direction((*at[:-2], i, j))] for i, j in combinations(range(shape[-1]), 2)]


REAL = RealNumbers()
POSITIVE = PositiveNumbers()
UNIT_INTERVAL = UnitInterval()
BINARY = Bit()
COUNT = NaturalNumbers()
SIMPLEX = ProbabilityVectors()
INCREASING = IncreasingVectors()
POSITIVE_DEFINITE = DefiniteMatrices()
UNIT_COLUMNS = UnitColumnMatrices()
LOWER_TRIANGULAR = TriangularMatrices()
PROBABILITY_TABLE = ProbabilityTables()

SCALES = frozenset({POSITIVE, POSITIVE_DEFINITE})  # where variances and covariances are
WHOLE = Counts, IntegerRange  # whose bounds are whole numbers: of trials

_DECLARED = (
    REAL, POSITIVE, UNIT_INTERVAL, SIMPLEX, INCREASING, POSITIVE_DEFINITE, UNIT_COLUMNS,
)  # fmt: skip
#: The domains that a parameter may be declared in, by name.
DOMAINS: Mapping[str, Space] = {space.name: space for space in _DECLARED}


def tied_of_label(label: Symbol) -> tuple[Space, tuple[Expr, ...]] | None:
    """The domain along its last axes that a label's marks say (`Space.symbol`), and their sizes."""
    found = ((s, sizes_of_tied(s.name, label)) for s in _DECLARED if s.tied)
    return next(((s, sizes) for s, sizes in found if sizes is not None), None)


#: What they are called elsewhere.
_ELSEWHERE = {
    POSITIVE: ("nonnegative", "positive_real", "scale", "variance", "rate", "interval.open(0, oo)"),
    UNIT_INTERVAL: ("probability", "unit", "(0, 1)", "[0, 1]", "interval(0, 1)"),
    SIMPLEX: ("probabilities", "distribution", "stochastic"),
    POSITIVE_DEFINITE: ("psd", "spd", "pd", "posdef", "covariance"),
    UNIT_COLUMNS: ("orthonormal", "orthogonal", "normalised", "normalized"),
    REAL: ("reals", "any", "unconstrained"),
}


def domain_called(name: str, domain: Any) -> Space:
    """The domain of a parameter of this name, as it is declared.

    Raises InputError, which lists the domains and points at the likely one, for any other.
    """
    if isinstance(domain, str) and domain in DOMAINS:
        return DOMAINS[domain]
    elsewhere = (s.name for s, names in _ELSEWHERE.items() if str(domain).lower() in names)
    likely = next(elsewhere, domain)
    known = ", ".join(DOMAINS)
    raise InputError(f"{name}: domain {domain!r} is none of {known}{did_you_mean(likely, DOMAINS)}")


_BY_KERNEL: Mapping[str, type[Space]] = {
    kind.kernel: kind
    for kind in (
        RealNumbers, PositiveNumbers, UnitInterval, OpenInterval, Bit, Category, NaturalNumbers,
        IntegerRange, ProbabilityVectors, IncreasingVectors, Counts, DefiniteMatrices,
        UnitColumnMatrices,
    )
}  # fmt: skip


def of_kernel(domain: Domain) -> Space:
    """What the kernel calls so, with the kernel's terms as bounds, None for no bound."""
    return _BY_KERNEL[domain.kind](*domain.args)


def of_set(region: sp.Set, name: str) -> Space:
    """The support that a SymPy set describes."""
    if region == sp.S.Reals or region == sp.Interval(-sp.oo, sp.oo):
        return REAL
    if isinstance(region, sp.Interval):
        low, high = region.start, region.end
        if low == 0 and high == sp.oo:
            return POSITIVE
        if low == 0 and high == 1:
            return UNIT_INTERVAL
        return OpenInterval(low, high)
    if region == sp.FiniteSet(0, 1):
        return BINARY
    if region == sp.S.Naturals0:
        return COUNT
    if region == sp.S.Naturals:
        return IntegerRange(sp.Integer(1), sp.oo)
    if region == sp.S.Integers:
        return IntegerRange(-sp.oo, sp.oo)
    if isinstance(region, sp.Range) and region.step == 1:
        return IntegerRange(region.start, region.stop - 1)
    if isinstance(region, sp.FiniteSet) and all(e.is_Integer for e in region):
        low, high = min(region), max(region)
        if len(region) == high - low + 1:
            return IntegerRange(low, high)
    raise InputError(f"{name}: support {region} is none of the known kinds")
