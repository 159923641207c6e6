"""Conditions that are linear in a parameter, or in two of its powers, in general dimension.

A stationarity condition in normal form is a sum of products; those of a mean, a loading matrix or
regression weights theta hold at most one element of theta each:

    G[s] = A[s] - sum_k theta[.., k, ..] M[k, s],

so that theta = A M^-1 along the axis that the sum couples, or A / M where none is coupled.  What
all products share is divided out: a scale of the noise, or its covariance's inverse (Bishop 2006,
Eqs. 3.15, 9.24, 12.56, 13.113).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from typing import Any

import sympy as sp
from sympy import Expr, Indexed, IndexedBase, KroneckerDelta, Lambda, Sum, Symbol

from entropy_proofs.algebra.nodes import InverseElement, index, indices_of
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Polynomial, is_integer, key, symbols_in
from entropy_proofs.algebra.rational import Ratio, Rationals
from entropy_proofs.algebra.sums import fresh, level, open_sum, over, sum_over, sum_over_all
from entropy_proofs.arrays.array import Shape
from entropy_proofs.errors import InputError, TooLarge

Slots = tuple[Symbol, ...]
#: What a condition that can't be solved here raises.
UNSOLVED = (TypeError, NotImplementedError, TooLarge, InputError, ValueError)


@dataclass(frozen=True)
class Summand:
    """coefficient * sum over `bound` of prod atom^exponent, with no sum among the atoms."""

    coefficient: Fraction | int
    bound: dict[Symbol, Expr]
    factors: dict[Expr, Any]

    def polynomial(self) -> Polynomial:
        p = Polynomial({frozenset(self.factors.items()): self.coefficient})
        return sum_over_all(normal(p.expr()), self.bound.items())

    def renamed(self, places: dict[Any, Expr]) -> Summand:
        """With other indices in its factors; those that had a place are no more bound."""
        factors: dict[Expr, Any] = {}
        for a, e in self.factors.items():
            moved = a.xreplace(places)
            factors[moved] = factors.get(moved, 0) + e
        left = {i: n for i, n in self.bound.items() if i not in places}
        return Summand(self.coefficient, left, factors)

    def without(self, atom: Expr, exponent: Any = 1) -> Summand:
        left = {a: e - exponent * (a == atom) for a, e in self.factors.items()}
        return replace(self, factors={a: e for a, e in left.items() if e})


@dataclass(frozen=True)
class LeastSquares:
    """A[s] = sum_k theta[.., k, ..] M[k, s], k along the axis `axis`; without one A = theta M.

    right: A at the slots.  matrix: M at (k, slots[axis]), or at the slots.
    """

    slots: Slots
    right: Polynomial
    matrix: Polynomial
    axis: int | None = None
    row: Symbol | None = None
    size: Expr = sp.S.One

    def solution(self) -> Expr:
        """theta at the slots."""
        if self.axis is None or self.row is None:
            return self.right.expr() / self.matrix.expr()
        own, n = self.slots[self.axis], self.size
        right, matrix = self.right.expr(), over((self.row, own), self.matrix.expr(), n)
        inverse = normal(InverseElement(matrix, n, self.row, own)).expr()
        k = index(f"_{max(level(right), level(inverse)) + 1}", n)
        return Sum(right.xreplace({own: k}) * inverse.xreplace({self.row: k}), (k, 0, n - 1))


def least_squares(
    condition: Polynomial, label: Symbol, slots: Slots, shape: Shape, shared: bool = True
) -> LeastSquares | None:
    """The condition at the slots as a linear system; None where it is none of one axis.

    condition: in normal form, with nothing but `label` to be solved for.
    shared: divide by what all of its summands share.
    """
    parts = list(opened(condition))
    if shared:
        parts = without_common_factors(parts, slots)
    linear, constant = [], []
    for part in parts:
        own = [a for a in part.factors if label in symbols_in(a)]
        if not own:
            constant.append(part)
        elif len(own) == 1 and _is_element(own[0], label) and part.factors[own[0]] == 1:
            linear.append((own[0], part.without(own[0])))
        else:
            return None
    if not linear:
        return None
    found = {k for own, part in linear for k in _coupled(own, part, slots)}
    coupled = [k for k in found if k is not None]
    if None in found or len(coupled) > 1:
        return None
    right = Polynomial.sum(part.polynomial() for part in constant)
    if not coupled:
        matrix = Polynomial.sum(part.polynomial() for _, part in linear)
        return LeastSquares(slots, right, -matrix)
    (axis,) = coupled
    avoid = frozenset(slots).union(
        *(symbols_in(a) | part.bound.keys() for _, part in linear for a in part.factors)
    )
    row = fresh(avoid, shape[axis])
    columns = []
    for own, part in linear:
        place = own.indices[axis]
        if place not in part.bound:
            columns.append(normal(KroneckerDelta(row, place)) * part.polynomial())
        else:
            columns.append(part.renamed({place: row}).polynomial())
    return LeastSquares(slots, right, -Polynomial.sum(columns), axis, row, shape[axis])


@dataclass(frozen=True)
class Columns:
    """A condition slope - theta * curvature of columns, whose rows have one curvature.

    slope: free of the slots' own column.  coupled: whether it holds others.
    """

    slope: Polynomial
    curvature: Polynomial
    coupled: bool


def by_columns(condition: Polynomial, label: Symbol, slots: Slots, shape: Shape) -> Columns | None:
    """The condition of a matrix as one of a column, given the others; None if it is none such.

    On the sphere |theta[:, h]| = 1 the curvature leaves a constant, and the ELBO is linear there
    (compare Mairal et al. 2010, Online learning for matrix factorization, Algorithm 2).
    """
    system = least_squares(condition, label, slots, shape, shared=False)
    *_, row, own = slots
    if system is None or row in symbols_in(system.matrix.expr()):
        return None
    if system.axis is None or system.row is None:
        return Columns(system.right, system.matrix, coupled=False)
    if system.axis != len(shape) - 1:
        return None
    k, theta = system.row, IndexedBase(label)[slots]
    products = normal(theta.xreplace({own: k})) * system.matrix
    curvature = normal(system.matrix.expr().xreplace({k: own}))
    others = sum_over(products, k, system.size) - normal(theta) * curvature
    return Columns(system.right - others, curvature, coupled=True)


def _is_element(a: Expr, label: Symbol) -> bool:
    if a == label:
        return True
    inside = frozenset().union(*map(symbols_in, indices_of(a)))
    return isinstance(a, Indexed) and a.base.label == label and label not in inside


def _coupled(own: Expr, part: Summand, slots: Slots) -> Iterator[int | None]:
    """The axes along which an element stands at a summed or given place; None: at another."""
    places = indices_of(own)
    for k, (place, slot) in enumerate(zip(places, slots, strict=True)):
        if place == slot:
            continue
        summed = place in part.bound and places.count(place) == 1
        yield k if summed or place.is_Integer else None


def by_powers(p: Polynomial, own: Expr, rest: Expr | None = None) -> dict[tuple, Expr] | None:
    """Coefficients of own^a (and rest^b) in a normal form, {(a, b): coefficient}; None if neither.

    own: an element at its slots.  rest: 1 - own.
    """
    labels = symbols_in(own) - frozenset(indices_of(own))
    found: dict[tuple, list[Polynomial]] = {}
    other = None if rest is None else normal(rest)
    for part in opened(p):
        powers = [part.factors.get(own, 0), 0]
        left = part.without(own, powers[0]) if powers[0] else part
        for a in [a for a in left.factors if other is not None and normal(a) in (other, -other)]:
            powers[1] = left.factors[a]
            sign = 1 if normal(a) == other or powers[1] % 2 == 0 else -1
            left = left.without(a, powers[1])
            left = replace(left, coefficient=left.coefficient * sign)
        if any(symbols_in(a) & labels for a in left.factors):
            return None
        found.setdefault(tuple(powers), []).append(left.polynomial())
    return {k: Polynomial.sum(parts).expr() for k, parts in found.items()}


def numerator(p: Polynomial) -> Polynomial:
    """Of a normal form over one denominator: it vanishes where p does, and p is defined.

    Raises TooLarge where that is too much.
    """
    over = Rationals([p])
    return over.poly(Ratio(over.of(p).numerator, over.one.denominator))


# summands -----------------------------------------------------------------------------------------
def opened(p: Polynomial) -> Iterator[Summand]:
    """The summands with all their sums opened, the sums' indices apart."""
    for mono, c in p:
        yield from _opened(Polynomial({mono: c}), {}, frozenset())


def _opened(
    p: Polynomial, bound: dict[Symbol, Expr], avoid: frozenset[Symbol]
) -> Iterator[Summand]:
    for mono, c in p:
        avoid = avoid.union(*(symbols_in(a) for a, _ in mono))
        total = next(
            (
                a
                for a, e in sorted(mono, key=lambda factor: key(factor[0]))
                if isinstance(a, Sum) and is_integer(e) and e > 0
            ),
            None,
        )
        if total is None:
            yield Summand(c, dict(bound), dict(mono))
            continue
        rest = {a: e - (a == total) for a, e in mono}
        others = Polynomial({frozenset((a, e) for a, e in rest.items() if e): c})
        indices, summand = open_sum(total, avoid)
        inside = {**bound, **dict(indices)}
        yield from _opened(others * summand, inside, avoid | inside.keys())


def without_common_factors(parts: list[Summand], slots: Sequence[Symbol]) -> list[Summand]:
    """Divided by what all share: powers that are free of summed indices, and inverses at a slot."""
    for slot in slots:
        stripped = without_inverse(parts, slot)
        parts = stripped[0] if stripped else parts
    if not parts:
        return parts
    shared = reduce(lambda x, y: x & y, (set(part.factors.items()) for part in parts))
    for a, e in shared:
        if not any(symbols_in(a) & part.bound.keys() for part in parts):
            parts = [part.without(a, e) for part in parts]
    return parts


def without_inverse(parts: list[Summand], slot: Symbol) -> tuple[list[Summand], Lambda] | None:
    """The parts times a matrix whose inverse all of them hold at the slot, and the matrix."""
    found, matrices = [], set()
    for part in parts:
        at = [a for a in part.factors if slot in symbols_in(a)]
        if len(at) != 1 or not isinstance(at[0], InverseElement) or part.factors[at[0]] != 1:
            return None
        (inverse,) = at
        places = [inverse.row, inverse.column]
        if slot not in places or slot in symbols_in(inverse.matrix) or places[0] == places[1]:
            return None
        other = places[places[0] == slot]
        if symbols_in(inverse.matrix) & part.bound.keys():
            return None
        matrices.add((inverse.matrix, inverse.size))
        left = part.without(inverse)
        if other.is_Integer:
            here = {KroneckerDelta(*sorted((other, slot), key=str)): 1}
            found.append(replace(left, factors={**left.factors, **here}))
        elif other in part.bound:
            found.append(left.renamed({other: slot}))
        else:
            return None
    if len(matrices) != 1:
        return None
    ((matrix, _),) = matrices
    return (found, matrix) if _is_symmetric(matrix) else None


def _is_symmetric(matrix: Lambda) -> bool:
    i, j = matrix.variables
    element = matrix.expr
    return bool(normal(element) == normal(element.xreplace({i: j, j: i})))
