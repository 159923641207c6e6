"""Normal forms as rational functions of their atoms, for cancelling and for linear systems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import Any, Protocol

from flint import Ordering, fmpq, fmpq_mpoly, fmpq_mpoly_ctx
from sympy import Expr

from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Mono, Polynomial, is_integer, key, spend
from entropy_proofs.algebra.scalar_rules import power
from entropy_proofs.errors import TooLarge
from entropy_proofs.kernel.normal.ring import simple

_MOST_PRODUCTS = 1_000_000  # of terms, in one multiplication
_FASTER = 20  # than products of normal forms, of which allowances are made
_MOST_SHARED = 400_000  # products of terms of the two polynomials of one greatest common divisor


class Ratio:
    """A rational function: a numerator and a denominator without a common factor."""

    __slots__ = ("denominator", "numerator")

    def __init__(self, numerator: fmpq_mpoly, denominator: fmpq_mpoly):
        self.numerator, self.denominator = numerator, denominator

    @staticmethod
    def reduced(numerator: fmpq_mpoly, denominator: fmpq_mpoly) -> Ratio:
        """With common factors cancelled, and 1 as the denominator's leading coefficient."""
        common = denominator
        if not denominator.is_constant():
            _bounded(numerator, denominator, _MOST_SHARED)
            common = numerator.gcd(denominator)
        numerator, denominator = numerator / common, denominator / common
        lead = denominator.leading_coefficient()
        return Ratio(numerator / lead, denominator / lead)

    def __bool__(self) -> bool:
        return bool(self.numerator)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ratio) and not self - other

    def __len__(self) -> int:
        """How many terms it has, above and below."""
        return len(self.numerator) + len(self.denominator)

    def __neg__(self) -> Ratio:
        return Ratio(-self.numerator, self.denominator)

    def __add__(self, other: Ratio) -> Ratio:
        if not self:
            return other
        if not other:
            return self
        if self.denominator == other.denominator:
            return Ratio.reduced(self.numerator + other.numerator, self.denominator)
        left = _product(self.numerator, other.denominator)
        right = _product(other.numerator, self.denominator)
        return Ratio.reduced(left + right, _product(self.denominator, other.denominator))

    def __sub__(self, other: Ratio) -> Ratio:
        return self + -other

    def __mul__(self, other: Ratio) -> Ratio:
        above = _product(self.numerator, other.numerator)
        return Ratio.reduced(above, _product(self.denominator, other.denominator))

    def __truediv__(self, other: Ratio) -> Ratio:
        if not other:
            raise ZeroDivisionError("a rational function divided by zero")
        return self * Ratio(other.denominator, other.numerator)

    def __pow__(self, e: int) -> Ratio:
        if e < 0:
            return (self**0 / self) ** -e
        result = Ratio(self.denominator**0, self.denominator**0)
        for _ in range(e):  # no factor is shared by powers of what shares none
            above = _product(result.numerator, self.numerator)
            result = Ratio(above, _product(result.denominator, self.denominator))
        return result


def _product(p: fmpq_mpoly, q: fmpq_mpoly) -> fmpq_mpoly:
    _bounded(p, q, _MOST_PRODUCTS)
    return p * q


def _bounded(p: fmpq_mpoly, q: fmpq_mpoly, most: int) -> None:
    spend(len(p) * len(q) // _FASTER)
    if len(p) * len(q) > most and not (p.is_constant() or q.is_constant()):
        raise TooLarge(f"polynomials of {len(p)} and {len(q)} terms")


class Rationals:
    """The field of rational functions over the atoms of some normal forms.

    opened: whether sums that stand as factors are functions of their atoms, or atoms themselves
    (what holds then holds for all values of the sums).
    """

    def __init__(self, polys: Iterable[Polynomial], opened: bool = True):
        self.opened = opened
        roots: dict[Expr, int] = {}
        pending = list(polys)
        seen: set[Expr] = set()
        while pending:
            for m, _ in pending.pop():
                for a, e in m:
                    if self._opens(a, e):
                        if a not in seen:
                            seen.add(a)
                            pending.append(normal(a))
                    else:
                        roots[a] = lcm(roots.get(a, 1), Fraction(e).denominator)
        self.atoms = sorted(roots, key=key)
        self.roots = [roots[a] for a in self.atoms]
        self._places = {a: k for k, a in enumerate(self.atoms)}
        self._ring = fmpq_mpoly_ctx.get([f"g{k}" for k in range(len(roots) or 1)], Ordering.lex)
        self._added: dict[Expr, Ratio] = {}
        self.one = Ratio(self._ring.constant(1), self._ring.constant(1))
        self.zero = Ratio(self._ring.constant(0), self._ring.constant(1))

    def _opens(self, a: Expr, e: Fraction | int) -> bool:
        return self.opened and a.is_Add and is_integer(e)

    def of(self, p: Polynomial) -> Ratio:
        """The field element of a normal form."""
        groups: dict[Mono, dict[Mono, Fraction | int]] = {}  # by their added-up factors
        for m, c in p:
            added = frozenset((a, e) for a, e in m if self._opens(a, e))
            groups.setdefault(added, {})[m - added] = c
        total = self.zero
        for added, terms in groups.items():
            part = self._of_terms(terms)
            for a, e in sorted(added, key=lambda factor: key(factor[0])):
                if a not in self._added:
                    self._added[a] = self.of(normal(a))
                part = part * self._added[a] ** int(e)
            total = total + part
        return total

    def _of_terms(self, terms: Mapping[Mono, Fraction | int]) -> Ratio:
        """Of terms without added-up factors: over one monomial."""
        exponents = [
            ({self._places[a]: int(e * self.roots[self._places[a]]) for a, e in m}, c)
            for m, c in terms.items()
        ]
        below: dict[int, int] = {}
        for places, _ in exponents:
            for k, e in places.items():
                if e < 0:
                    below[k] = max(below.get(k, 0), -e)
        above = {
            self._exponents({**below, **{k: e + below.get(k, 0) for k, e in places.items()}}): (
                fmpq(c.numerator, c.denominator)
            )
            for places, c in exponents
        }
        under = self._ring.from_dict({self._exponents(below): 1})
        return Ratio.reduced(self._ring.from_dict(above), under)

    def _exponents(self, places: Mapping[int, int]) -> tuple[int, ...]:
        found = [0] * (len(self.atoms) or 1)
        for k, e in places.items():
            found[k] = e
        return tuple(found)

    def poly(self, element: Ratio) -> Polynomial:
        """The normal form of a field element."""
        numerator, denominator = self._expand(element.numerator), self._expand(element.denominator)
        if denominator.constant() == 1:
            return numerator
        return numerator * power(denominator, -1)

    def _expand(self, polynomial: fmpq_mpoly) -> Polynomial:
        terms: dict[Mono, Fraction | int] = {}
        for exponents, c in polynomial.to_dict().items():
            pairs = zip(self.atoms, self.roots, exponents, strict=False)
            mono = frozenset((a, simple(Fraction(int(n), root))) for a, root, n in pairs if n)
            terms[mono] = Fraction(int(c.p), int(c.q))
        return Polynomial(terms)


def cancel(p: Polynomial) -> Polynomial:
    """The same function with common factors of numerator and denominator cancelled.

    What is too large for that stays as it is.
    """
    if not any(a.is_Add for a in p.atoms()):
        return p
    try:
        over = Rationals([p])
        return over.poly(over.of(p))
    except TooLarge:
        return p


Rows = dict[int, dict[int, Any]]


def eliminate(rows: Sequence[Mapping[int, Any]]) -> tuple[Rows, dict[int, frozenset[int]]]:
    """Reduced row echelon form of sparse rows {column: value} over a field.

    Returns {pivot: row}, and which of the given rows were combined in each: {pivot: numbers}.
    """
    work = [{c: x for c, x in row.items() if x} for row in rows]
    made_of = [{k} for k in range(len(work))]
    holding: dict[int, set[int]] = {}  # which rows have an entry in a column
    for k, row in enumerate(work):
        for c in row:
            holding.setdefault(c, set()).add(k)
    pivots: dict[int, int] = {}
    used: set[int] = set()
    for column in sorted(holding):  # sums of rows have entries in these alone
        candidates = holding[column] - used
        if not candidates:
            continue
        best = min(candidates, key=lambda k: (_length(work[k][column]), len(work[k]), k))
        used.add(best)
        pivots[column] = best
        lead = work[best][column]
        top = work[best] = {c: x / lead for c, x in work[best].items()}
        for k in sorted(holding[column] - {best}):
            made_of[k] |= made_of[best]
            factor = work[k][column]
            for c, x in top.items():
                left = work[k][c] - factor * x if c in work[k] else -(factor * x)
                if left:
                    work[k][c] = left
                    holding[c].add(k)
                elif c in work[k]:
                    del work[k][c]
                    holding[c].discard(k)
    return (
        {column: work[k] for column, k in pivots.items()},
        {column: frozenset(made_of[k]) for column, k in pivots.items()},
    )


class _Terms(Protocol):
    """A normal form: coefficients of monomials."""

    @property
    def terms(self) -> Mapping[Mono, Fraction | int]: ...


def weights(columns: Sequence[Sequence[_Terms]], rest: Sequence[_Terms]) -> list[Fraction] | None:
    """Numbers w with sum_j w_j column_j + rest = 0, monomial by monomial; None if there are none.

    Those that are left open are zero.
    """
    last = len(columns)
    rows = [
        {k: Fraction(p.terms.get(m, 0)) * (-1 if k == last else 1) for k, p in enumerate(parts)}
        for parts in zip(*columns, rest, strict=True)
        for m in {m for p in parts for m in p.terms}
    ]
    reduced, _ = eliminate(rows)
    if last in reduced:
        return None
    return [reduced.get(k, {}).get(last, Fraction(0)) for k in range(last)]


def _length(x: Any) -> int:
    return len(x) if isinstance(x, Ratio) else 1
