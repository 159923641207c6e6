"""Sums of products over independent atoms: the normal form's arithmetic.

A `Poly` is a finite sum  sum_m c_m prod_a a^e  with exact rational coefficients c_m, atoms a
(SymPy expressions that are not taken apart any further) and rational exponents e, which may be
negative.  Two equal Polys are equal expressions; what more is needed to decide equality (common
denominators) is in `zero.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cache

from sympy import (
    Abs,
    Add,
    Expr,
    Integer,
    KroneckerDelta,
    Mul,
    Piecewise,
    Pow,
    Rational,
    Symbol,
)

Mono = frozenset  # of (atom, exponent) pairs
ONE: Mono = frozenset()
INDICATORS = (KroneckerDelta, Piecewise)  # 0 or 1: equal to their squares


@cache
def key(atom: Expr) -> str:
    """A total order on atoms that does not depend on the process."""
    return str(atom)


@cache
def symbols_in(expr: Expr) -> frozenset[Symbol]:
    """All symbols of an expression, bound ones too (unlike `free_symbols`, and cached)."""
    if isinstance(expr, Symbol):
        return frozenset([expr])
    found: frozenset[Symbol] = frozenset()
    for arg in expr.args:
        found |= symbols_in(arg)
    return found


def mono_key(mono: Mono) -> tuple:
    return tuple(sorted((key(a), e) for a, e in mono))


def mono_expr(mono: Mono, coefficient: Fraction | int = 1) -> Expr:
    factors = [Pow(a, _number(e)) for a, e in sorted(mono, key=lambda p: (key(p[0]), p[1]))]
    return Mul(_number(coefficient), *factors)


def _number(q: Fraction | int) -> Rational:
    return Rational(q.numerator, q.denominator)


def is_integer(e: Fraction | int) -> bool:
    return e.denominator == 1


class Poly:
    """An immutable sum of monomials."""

    __slots__ = ("_hash", "terms")

    def __init__(self, terms: dict[Mono, Fraction | int] | None = None):
        self.terms = terms or {}
        self._hash: int | None = None

    # construction -----------------------------------------------------------------------------
    @staticmethod
    def number(q: Fraction | int) -> Poly:
        return Poly({ONE: q}) if q else Poly()

    @staticmethod
    def atom(a: Expr, exponent: Fraction | int = 1) -> Poly:
        return Poly({frozenset([(a, exponent)]): 1})

    @staticmethod
    def sum(polys: Iterable[Poly]) -> Poly:
        total: dict[Mono, Fraction | int] = {}
        for p in polys:
            for m, c in p.terms.items():
                s = total.get(m, 0) + c
                if s:
                    total[m] = s
                else:
                    total.pop(m, None)
        return Poly(total)

    # views ------------------------------------------------------------------------------------
    def __bool__(self) -> bool:
        return bool(self.terms)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Poly) and self.terms == other.terms

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self.terms.items()))
        return self._hash

    def __iter__(self) -> Iterator[tuple[Mono, Fraction | int]]:
        return iter(self.terms.items())

    def __len__(self) -> int:
        return len(self.terms)

    def single(self) -> tuple[Mono, Fraction | int] | None:
        """The only term, or None."""
        return next(iter(self.terms.items())) if len(self.terms) == 1 else None

    def constant(self) -> Fraction | int | None:
        """The value, if this is a number."""
        if not self.terms:
            return 0
        return self.terms.get(ONE) if len(self.terms) == 1 else None

    def ordered(self) -> list[tuple[Mono, Fraction | int]]:
        return sorted(self.terms.items(), key=lambda t: mono_key(t[0]))

    def atoms(self) -> set[Expr]:
        return {a for m in self.terms for a, _ in m}

    def expr(self) -> Expr:
        return Add(*[mono_expr(m, c) for m, c in self.ordered()])

    def __repr__(self) -> str:
        return f"Poly({self.expr()})"

    # arithmetic -------------------------------------------------------------------------------
    def __add__(self, other: Poly) -> Poly:
        return Poly.sum((self, other))

    def __sub__(self, other: Poly) -> Poly:
        return Poly.sum((self, other.scale(-1)))

    def __neg__(self) -> Poly:
        return self.scale(-1)

    def scale(self, q: Fraction | int) -> Poly:
        return Poly({m: c * q for m, c in self.terms.items()}) if q else Poly()

    def __mul__(self, other: Poly) -> Poly:
        total: dict[Mono, Fraction | int] = {}
        reduced: list[Poly] = []
        for m1, c1 in self.terms.items():
            for m2, c2 in other.terms.items():
                m, merged = _multiply(m1, m2)
                if merged:
                    reduced.append(_reduce(m, c1 * c2, merged))
                    continue
                s = total.get(m, 0) + c1 * c2
                if s:
                    total[m] = s
                else:
                    total.pop(m, None)
        product = Poly(total)
        return Poly.sum([product, *reduced]) if reduced else product

    def power(self, n: int) -> Poly:
        result, base = Poly.number(1), self
        while n:
            if n & 1:
                result = result * base
            n >>= 1
            if n:
                base = base * base
        return result


def _multiply(m1: Mono, m2: Mono) -> tuple[Mono, list[Expr]]:
    """The product, and the merged atoms whose new exponent calls for a rewrite."""
    if not m1:
        return m2, []
    if not m2:
        return m1, []
    exponents = dict(m1)
    merged = []
    for a, e in m2:
        old = exponents.get(a)
        if old is None:
            exponents[a] = e
            continue
        new = old + e
        if new:
            exponents[a] = new
            if _rewrites(a, new):
                merged.append(a)
        else:
            del exponents[a]
    return frozenset(exponents.items()), merged


def _rewrites(a: Expr, e: Fraction | int) -> bool:
    if isinstance(a, INDICATORS):
        return True
    if a.is_Add or a.is_Mul:
        return e > 0 and is_integer(e)
    if isinstance(a, Abs):
        return is_integer(e) and (e >= 2 or e <= -2)
    return isinstance(a, Integer) and not 0 < e < 1


def _reduce(mono: Mono, c: Fraction | int, merged: list[Expr]) -> Poly:
    """Rewrites P^n of an added-up atom P, |x|^2n, powers of indicators and of primes."""
    from entropy_proofs.algebra.normal import normal

    exponents = dict(mono)
    factor = Poly.number(c)
    for a in merged:
        e = exponents.pop(a)
        if isinstance(a, INDICATORS):
            exponents[a] = 1
        elif a.is_Add or a.is_Mul:
            factor = factor * normal(a).power(int(e))
        elif isinstance(a, Abs):
            odd = int(e) % 2
            if odd:
                exponents[a] = 1
            square = normal(Pow(a.args[0], int(e) - odd))
            factor = factor * square
        else:
            whole = e.numerator // e.denominator
            factor = factor.scale(Fraction(int(a)) ** whole)
            if e - whole:
                exponents[a] = e - whole
    return factor * Poly({frozenset(exponents.items()): 1})
