"""Sums of products of atoms.

A `Poly` is a finite sum  sum_m c_m prod_a a^e  with rational coefficients, atoms a (terms that are
not taken apart) and rational exponents e, which may be negative.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import gcd, lcm

from flint import fmpq, fmpq_mpoly, fmpq_mpoly_ctx, fmpz

from entropy_proofs.kernel.language.terms import Term, rational
from entropy_proofs.kernel.refusal import Refused, spend

Mono = frozenset  # of (atom, exponent) pairs
Number = Fraction | int
UNIT: Mono = frozenset()
_LONG = 30  # terms of a sum that is factored
_HIGH = 40  # the highest power in it: of two atoms to the 400th, factors take hours
_BITS = 1 << 14  # of a number
_PRIMES = 1 << 48  # of larger numbers, small factors are found alone
_TRIED = 1 << 12  # primes


class Poly:
    """An immutable sum of monomials."""

    __slots__ = ("_term", "terms")

    def __init__(self, terms: dict[Mono, Number] | None = None):
        self.terms = terms or {}
        self._term: Term | None = None

    @staticmethod
    def number(q: Number) -> Poly:
        return Poly({UNIT: short(q)}) if q else Poly()

    @staticmethod
    def atom(a: Term, exponent: Number = 1) -> Poly:
        return Poly({frozenset([(a, exponent)]): 1})

    @staticmethod
    def sum(polys: Iterable[Poly]) -> Poly:
        total: dict[Mono, Number] = {}
        for p in polys:
            spend(len(p.terms))
            for m, c in p.terms.items():
                add_to(total, m, c)
        return Poly(total)

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Poly) and self.terms == other.terms

    def __hash__(self) -> int:
        return hash(frozenset(self.terms.items()))

    def __iter__(self) -> Iterator[tuple[Mono, Number]]:
        return iter(self.terms.items())

    def __len__(self) -> int:
        return len(self.terms)

    def single(self) -> tuple[Mono, Number] | None:
        """The only monomial with its coefficient, or None."""
        return next(iter(self.terms.items())) if len(self.terms) == 1 else None

    def constant(self) -> Number | None:
        """The value, if this is a number."""
        if not self.terms:
            return 0
        return self.terms.get(UNIT) if len(self.terms) == 1 else None

    def ordered(self) -> list[tuple[Mono, Number]]:
        return sorted(self.terms.items(), key=lambda t: mono_key(t[0]))

    def atoms(self) -> set[Term]:
        return {a for m in self.terms for a, _ in m}

    def free(self) -> frozenset[Term]:
        return frozenset().union(*(a.free for a in self.atoms()))

    def labels(self) -> frozenset[str]:
        return frozenset().union(*(a.labels for a in self.atoms()))

    def term(self) -> Term:
        """The one term that stands for this sum."""
        if self._term is None:
            made = [mono_term(m, c) for m, c in self.ordered()]
            self._term = Term("add", *made) if len(made) != 1 else made[0]
        return self._term

    def __add__(self, other: Poly) -> Poly:
        return Poly.sum((self, other))

    def __neg__(self) -> Poly:
        return self.scale(-1)

    def __sub__(self, other: Poly) -> Poly:
        return Poly.sum((self, -other))

    def scale(self, q: Number) -> Poly:
        return Poly({m: short(c * q) for m, c in self.terms.items()}) if q else Poly()


def add_to(total: dict[Mono, Number], m: Mono, c: Number) -> None:
    """Adds c m to a sum that is being made."""
    s = total.get(m, 0) + c
    if type(s) is Fraction:
        spend(s.denominator.bit_length() >> 6)
        s = simple(s)
    if s:
        total[m] = s
    else:
        total.pop(m, None)


def mono_key(mono: Mono) -> tuple:
    return tuple(sorted((a.key, e) for a, e in mono))


def mono_term(mono: Mono, c: Number = 1) -> Term:
    factors = [
        a if e == 1 else Term("power", a, rational(e))
        for a, e in sorted(mono, key=lambda f: (f[0].key, f[1]))
    ]
    if c != 1 or not factors:
        factors.insert(0, rational(c))
    return factors[0] if len(factors) == 1 else Term("multiply", *factors)


def whole(e: Number) -> bool:
    return e.denominator == 1


def short(q: Number) -> Number:
    """The number, which counts as work by its digits; raises Refused if they are too many."""
    bits = q.numerator.bit_length() + q.denominator.bit_length()
    if bits > _BITS:
        raise Refused("a number of too many digits")
    spend(bits >> 6)
    return simple(q)


def simple(q: Number) -> Number:
    """The number, whole ones as integers, which are fast."""
    return q if q.denominator != 1 else int(q)


def prime_powers(q: Number) -> list[tuple[int, int]]:
    """A positive number as powers of primes; of a large one the last may be no prime."""
    found: list[tuple[int, int]] = []
    for n, sign in ((q.numerator, 1), (q.denominator, -1)):
        if n > 1:
            spend(min(n.bit_length(), 64) ** 2)
            factors = fmpz(n).factor(trial_limit=_TRIED if n > _PRIMES else None)
            found += [(int(p), int(k) * sign) for p, k in factors]
    return found


def factored(p: Poly) -> tuple[Number, list[tuple[Poly, int]]]:
    """A number and irreducible factors with their powers, whose product p is.

    Long sums, high powers, and sums with roots or denominators, count as irreducible.
    """
    atoms = sorted(p.atoms(), key=lambda a: a.key)
    given = _polynomials(atoms, p)
    if len(p) < 2 or given is None:
        return 1, [(p, 1)]
    scale, factors = given[0].factor()
    return _number(scale), [(_poly(f, atoms), int(k)) for f, k in factors]


def quotient(p: Poly, divisor: Poly) -> Poly | None:
    """p / divisor, where that is a polynomial without a remainder; None also for long ones."""
    atoms = sorted(p.atoms() | divisor.atoms(), key=lambda a: a.key)
    given = _polynomials(atoms, p, divisor)
    if given is None:
        return None
    found, rest = divmod(given[0], given[1])
    return None if rest else _poly(found, atoms)


def _polynomials(atoms: list[Term], *polys: Poly) -> list[fmpq_mpoly] | None:
    """The sums as the library's polynomials, if they are short, of low degree, and such."""
    ring = fmpq_mpoly_ctx.get([f"a{k}" for k in range(len(atoms))], "lex")
    found = []
    for p in polys:
        powers = [dict(m) for m in p.terms]
        degree = sum(abs(e) for m in powers for e in m.values())
        flat = all(whole(e) and 0 < e <= _HIGH for m in powers for e in m.values())
        if len(p) > _LONG or not flat or degree > _LONG**2:
            return None
        spend(len(p) * int(degree))
        given = {
            tuple(int(m.get(a, 0)) for a in atoms): fmpq(c.numerator, c.denominator)
            for m, c in zip(powers, p.terms.values(), strict=True)
        }
        found.append(ring.from_dict(given))
    return found


def _poly(f: fmpq_mpoly, atoms: list[Term]) -> Poly:
    return Poly(
        {
            frozenset((a, k) for a, k in zip(atoms, map(int, e), strict=True) if k): _number(c)
            for e, c in f.to_dict().items()
        }
    )


def _number(q: fmpq) -> Number:
    return Fraction(int(q.p), int(q.q))


def primitive(p: Poly) -> Poly:
    """p over its rational content, with a positive leading coefficient."""
    coefficients = [Fraction(c) for _, c in p.ordered()]
    above = gcd(*(c.numerator for c in coefficients))
    below = lcm(*(c.denominator for c in coefficients))
    sign = -1 if coefficients[0] < 0 else 1
    return p.scale(Fraction(below, above) * sign)
