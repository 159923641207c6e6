"""Sums of products over independent atoms: the normal form's arithmetic.

A `Poly` is a finite sum  sum_m c_m prod_a a^e  with exact rational coefficients c_m, atoms a
(SymPy expressions that are not taken apart any further) and rational exponents e, which may be
negative.  Two equal Polys are equal expressions; what more is needed to decide equality (common
denominators) is in `zero.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cmp_to_key, lru_cache
from math import prod
from typing import Any, ClassVar

from sympy import (
    Abs,
    Add,
    Basic,
    Expr,
    I,
    Integer,
    KroneckerDelta,
    Mul,
    Piecewise,
    Pow,
    Rational,
    Sum,
    Symbol,
    Tuple,
    exp,
    log,
    nan,
    sympify,
)
from sympy.printing.str import StrPrinter

from entropy_proofs.errors import TooLarge

Mono = frozenset  # of (atom, exponent) pairs
ONE: Mono = frozenset()
INDICATORS = (KroneckerDelta, Piecewise)  # 0 or 1: equal to their squares


@dataclass
class Allowance:
    """How much more algebra may be done: nodes of trees put in normal form, products of terms."""

    left: int


_allowed: list[Allowance] = []  # the last one counts


@contextmanager
def within(allowance: Allowance) -> Iterator[None]:
    """Around algebra that may grow without bounds: TooLarge is raised beyond the allowance."""
    _allowed.append(allowance)
    try:
        yield
    finally:
        _allowed.pop()


def spend(work: int) -> None:
    """Counts work that is about to be done.  Raises TooLarge if it is more than is allowed."""
    if _allowed:
        _allowed[-1].left -= work
        if _allowed[-1].left < 0:
            raise TooLarge("its algebra grows beyond all bounds")


@cache
def nodes_in(expr: Expr) -> int:
    """The number of nodes of an expression as a tree; twice that inside each sum.

    (SymPy builds a sum's function anew whenever it looks for its free symbols.)
    """
    return (1 + sum(map(nodes_in, expr.args))) * (2 if isinstance(expr, Sum) else 1)


class _Writer(StrPrinter):
    """`str`, which writes what stands inside another expression once."""

    _known: ClassVar[dict[Basic, str]] = {}

    def _print(self, expr: Any, **kwargs: Any) -> str:
        if not isinstance(expr, Basic):
            return str(super()._print(expr, **kwargs))
        found = self._known.get(expr)
        if found is None:
            found = self._known[expr] = str(super()._print(expr, **kwargs))
        return found


_writer = _Writer({"order": None})


def key(atom: Expr) -> str:
    """A total order on atoms that does not depend on the process: what `str` writes."""
    return _writer._print(atom)


def length(expr: Expr) -> int:
    """About how long an expression is to read."""
    return len(key(expr))


@cache
def symbols_in(expr: Expr) -> frozenset[Symbol]:
    """All symbols of an expression, bound ones too (unlike `free_symbols`, and cached)."""
    if isinstance(expr, Symbol):
        return frozenset([expr])
    found: frozenset[Symbol] = frozenset()
    for arg in expr.args:
        found |= symbols_in(arg)
    return found


def linked(sets: Iterable[AbstractSet[Any]]) -> list[list[int]]:
    """The numbers of sets that share members, directly or through others.

    >>> linked([{"a"}, {"b"}, {"c", "a"}])
    [[1], [0, 2]]
    """
    groups: list[tuple[AbstractSet[Any], list[int]]] = []
    for k, own in enumerate(sets):
        together = [g for g in groups if g[0] & own]
        groups = [g for g in groups if g not in together]
        numbers = [n for _, ns in together for n in ns]
        members = set(own).union(*(g[0] for g in together))
        groups.append((members, sorted([*numbers, k])))
    return [numbers for _, numbers in groups]


@cache
def kinds_in(expr: Basic) -> frozenset[type]:
    """The classes of an expression's nodes."""
    return frozenset([type(expr)]).union(*map(kinds_in, expr.args))


def holds(expr: Expr, *kinds: type) -> bool:
    """Whether a node is of one of these classes: `has`, sooner.

    >>> x = Symbol("x")
    >>> holds(2 * exp(x), exp), holds(2 * exp(x), log, Sum)
    (True, False)
    """
    return any(issubclass(kind, kinds) for kind in kinds_in(expr))


def replaced(expr: Expr, kind: Any, by: Callable[[Expr], Expr]) -> Expr:
    """Every node of a class (or of several) replaced, from the inside out: `replace`, sooner.

    What holds none of the class is not looked into, and equal parts are replaced once.

    >>> x = Symbol("x")
    >>> replaced(exp(exp(x)) + x, exp, lambda e: 1 + e.args[0])
    2*x + 2
    """
    return _replaced(expr, kind, by, {})


def _replaced(expr: Expr, kind: Any, by: Callable[[Expr], Expr], seen: dict[Expr, Expr]) -> Expr:
    if not holds(expr, kind):
        return expr
    found = seen.get(expr)
    if found is None:
        args = tuple(_replaced(a, kind, by, seen) for a in expr.args)
        found = expr if args == expr.args else built(expr.func, *args)
        if isinstance(found, kind) and found not in expr.args:
            found = by(found)
        seen[expr] = found
    return found


def at_places(expr: Expr, places: Mapping[Expr, Expr]) -> Expr:
    """The expression with others in place of symbols, bound ones too: xreplace, sooner.

    What holds none of the symbols is not looked into, and equal parts are built once.

    >>> from sympy import IndexedBase, symbols
    >>> i, j = symbols("i j")
    >>> at_places(IndexedBase("x")[i] + j, {i: j + 1})
    j + x[j + 1]
    """
    return _at_places(expr, places, {}) if places else expr


def _at_places(expr: Expr, places: Mapping[Expr, Expr], seen: dict[Expr, Expr]) -> Expr:
    if symbols_in(expr).isdisjoint(places):
        return expr
    found = places.get(expr) if isinstance(expr, Symbol) else seen.get(expr)
    if found is None:
        found = _built(expr.func, *(_at_places(a, places, seen) for a in expr.args))
        seen[expr] = found
    return found


@lru_cache(maxsize=2**14)
def _built(kind: Callable[..., Basic], *args: Basic) -> Basic:
    """An element x[i] takes SymPy long to build, and indices are renamed all the time."""
    return built(kind, *args)


def built(kind: Callable[..., Basic], *args: Basic) -> Basic:
    """kind(*args), sooner: SymPy asks at length whether what it takes exp or log of is zero."""
    return _SOONER.get(kind, kind)(*args)


def exponential(power: Expr) -> Expr:
    """exp, unless the power has logarithms to be taken out.

    >>> exponential(log(Symbol("x")) - 1), exponential(Symbol("x"))
    (x*exp(-1), exp(x))
    """
    plain = power.args and not holds(power, type(I)) and not any(map(_is_log, Add.make_args(power)))
    return exp(power, evaluate=not plain)


def _is_log(term: Expr) -> bool:
    """Whether a term of a power may be a logarithm with a number before it."""
    factors = Mul.make_args(term)
    others = [f for f in factors if not (isinstance(f, log) or (f.is_Add and holds(f, log)))]
    return len(others) < len(factors) and not any(map(symbols_in, others))


def logarithm(argument: Expr) -> Expr:
    """log, unless the argument is an exponential or a number.

    >>> logarithm(exp(Symbol("x", real=True))), logarithm(2 * Symbol("x"))
    (x, log(2*x))
    """
    varies = any(not s.is_integer for s in symbols_in(argument))
    plain = (
        argument.args and varies and not isinstance(argument, exp) and not holds(argument, type(I))
    )
    return log(argument, evaluate=not plain)


def product(*factors: Expr) -> Expr:
    """Mul, but factors with nothing in common are only put where they belong.

    >>> x, y = Symbol("x"), Symbol("y")
    >>> product(2, exp(x), y, exp(3 * y)), product(exp(x), exp(2 * x)), product(x, y, x)
    (2*y*exp(x)*exp(3*y), exp(3*x), x**2*y)
    """
    parts = [g for f in factors for g in Mul.make_args(sympify(f))]
    numbers = [f for f in parts if f.is_Rational]
    others = [f for f in parts if not f.is_Rational]
    bases = {_base(f) for f in others}
    if len(bases) < len(others) or None in bases or not others or 0 in numbers:
        return Mul(*factors)
    number = prod(numbers, start=Integer(1))
    canonical = sorted(others, key=cmp_to_key(Basic.compare))
    if number != 1:
        canonical.insert(0, number)
    return Mul._from_args(canonical, True)


def _base(factor: Expr) -> object:
    """What no other factor may have for a product to be no shorter; None where SymPy must look."""
    if isinstance(factor, exp):
        return exp, factor.args[0].as_coeff_Mul()[1]
    base = factor.base if isinstance(factor, Pow) and factor.exp.is_Rational else factor
    number = base.is_Number or base.is_NumberSymbol or base is I
    plain = factor.is_commutative and not number and not isinstance(base, (Mul, Pow, exp))
    return base if plain and not factor.is_Add else None


def summation(summand: Expr, *limits: Tuple, kind: type[Sum] = Sum) -> Expr:
    """Sum, or a class of it, without what SymPy looks for: cases in all of a summand, other limits.

    >>> i, n = Symbol("i", integer=True), Symbol("n", integer=True)
    >>> summation(i**2, Tuple(i, 0, n)) == Sum(i**2, (i, 0, n))
    True
    """
    read = all(len(limit) == 3 and isinstance(limit[0], Symbol) for limit in limits)
    plain = isinstance(summand, Expr) and summand is not nan and not isinstance(summand, Sum)
    if not read or not plain or holds(summand, Piecewise):
        return kind(summand, *limits)
    found = Expr.__new__(kind, summand, *limits)
    found.is_commutative = summand.is_commutative
    return found


def raised(base: Expr, exponent: Expr) -> Expr:
    """Pow, but of a sum to a whole power SymPy asks whether it is a number, or infinite.

    >>> i, n = Symbol("i", integer=True), Symbol("n", integer=True)
    >>> raised(Sum(i, (i, 0, n)), Integer(2)) == Sum(i, (i, 0, n)) ** 2
    True
    """
    plain = isinstance(base, (Add, Sum)) and exponent.is_Integer and exponent not in (0, 1)
    return Pow(base, exponent, evaluate=not plain)


_SOONER: dict[Any, Callable[..., Expr]] = {
    exp: exponential,
    log: logarithm,
    Mul: product,
    Pow: raised,
    Sum: summation,
}


def mono_key(mono: Mono) -> tuple:
    return tuple(sorted((key(a), e) for a, e in mono))


def mono_expr(mono: Mono, coefficient: Fraction | int = 1) -> Expr:
    factors = [raised(a, _number(e)) for a, e in sorted(mono, key=lambda p: (key(p[0]), p[1]))]
    return product(_number(coefficient), *factors)


def _number(q: Fraction | int) -> Rational:
    return Rational(q.numerator, q.denominator)


def mono_quotient(m: Mono, by: Mono) -> dict[Expr, Fraction | int]:
    """The exponents of m / by."""
    exponents = dict(m)
    for a, e in by:
        left = exponents.get(a, 0) - e
        if left:
            exponents[a] = left
        else:
            del exponents[a]
    return exponents


def is_integer(e: Fraction | int) -> bool:
    return e.denominator == 1


class Polynomial:
    """An immutable sum of monomials.

    reducer: the normal form of what a product makes of atoms, and is none itself (a whole power of
    a sum, an even power of |x|); the ring is given it.
    """

    __slots__ = ("_hash", "terms")
    reducer: ClassVar[Callable[[Expr], Polynomial]]

    def __init__(self, terms: dict[Mono, Fraction | int] | None = None):
        self.terms = terms or {}
        self._hash: int | None = None

    # construction -----------------------------------------------------------------------------
    @staticmethod
    def number(q: Fraction | int) -> Polynomial:
        return Polynomial({ONE: q}) if q else Polynomial()

    @staticmethod
    def atom(a: Expr, exponent: Fraction | int = 1) -> Polynomial:
        return Polynomial({frozenset([(a, exponent)]): 1})

    @staticmethod
    def sum(polys: Iterable[Polynomial]) -> Polynomial:
        total: dict[Mono, Fraction | int] = {}
        for p in polys:
            for m, c in p.terms.items():
                s = total.get(m, 0) + c
                if s:
                    total[m] = s
                else:
                    total.pop(m, None)
        return Polynomial(total)

    # views ------------------------------------------------------------------------------------
    def __bool__(self) -> bool:
        return bool(self.terms)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Polynomial) and self.terms == other.terms

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
    def __add__(self, other: Polynomial) -> Polynomial:
        return Polynomial.sum((self, other))

    def __sub__(self, other: Polynomial) -> Polynomial:
        return Polynomial.sum((self, other.scale(-1)))

    def __neg__(self) -> Polynomial:
        return self.scale(-1)

    def scale(self, q: Fraction | int) -> Polynomial:
        return Polynomial({m: c * q for m, c in self.terms.items()}) if q else Polynomial()

    def __mul__(self, other: Polynomial) -> Polynomial:
        spend(len(self.terms) * len(other.terms))
        total: dict[Mono, Fraction | int] = {}
        reduced: list[Polynomial] = []
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
        product = Polynomial(total)
        return Polynomial.sum([product, *reduced]) if reduced else product

    def power(self, n: int) -> Polynomial:
        result, base = Polynomial.number(1), self
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


def _reduce(mono: Mono, c: Fraction | int, merged: list[Expr]) -> Polynomial:
    """Rewrites P^n of an added-up atom P, |x|^2n, powers of indicators and of primes."""
    exponents = dict(mono)
    factor = Polynomial.number(c)
    for a in merged:
        e = exponents.pop(a)
        if isinstance(a, INDICATORS):
            exponents[a] = 1
        elif a.is_Add or a.is_Mul:
            factor = factor * Polynomial.reducer(a).power(int(e))
        elif isinstance(a, Abs):
            odd = int(e) % 2
            if odd:
                exponents[a] = 1
            square = Polynomial.reducer(Pow(a.args[0], int(e) - odd))
            factor = factor * square
        else:
            whole = e.numerator // e.denominator
            factor = factor.scale(Fraction(int(a)) ** whole)
            if e - whole:
                exponents[a] = e - whole
    return factor * Polynomial({frozenset(exponents.items()): 1})
