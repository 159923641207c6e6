"""Normal forms: every value becomes a `Poly` over atoms, by rewriting that is true wherever both
sides are defined (for almost all values of continuous variables).

Two values with one normal form are equal; `vanishes` also clears denominators and gathers sums.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import reduce

from entropy_proofs.kernel.language.sizes import Size
from entropy_proofs.kernel.language.statement import Signature
from entropy_proofs.kernel.language.terms import (
    Term,
    closed,
    free,
    level_above,
    opened,
    rational,
    substituted,
)
from entropy_proofs.kernel.normal.ring import (
    UNIT,
    Mono,
    Number,
    Poly,
    add_to,
    factored,
    mono_term,
    prime_powers,
    short,
    simple,
    whole,
)
from entropy_proofs.kernel.normal.rules import RULES, Rule, delta_atom
from entropy_proofs.kernel.normal.signs import Signs
from entropy_proofs.kernel.normal.zero_test import vanishes
from entropy_proofs.kernel.refusal import Refused, spend

_POWER = 64  # the highest power of a sum that is multiplied out


class Algebra:
    """The normal forms of one statement's values."""

    def __init__(self, signature: Signature, rules: Mapping[str, Rule] = RULES):
        """rules: one for each operator; certificates are checked with the kernel's own."""
        self.signature = signature
        self.rules = rules
        self.least = signature.least
        self.signs = Signs(self)
        self._normals: dict[Term, Poly] = {}
        self._sums: dict[Term, Poly] = {}

    def normal(self, t: Term) -> Poly:
        found = self._normals.get(t)
        if found is None:
            spend(1)
            found = self._normals[t] = self.rules[t.op](self, t)
        return found

    def vanishes(self, p: Poly) -> bool:
        """True if p is shown to be zero; False says nothing."""
        return vanishes(self, p)

    # arithmetic -----------------------------------------------------------------------------------
    def atom_of(self, name: str, *args: Poly) -> Poly:
        """The function of normal arguments as an atom."""
        return Poly.atom(Term("apply", name, *(self.atom(p).term() for p in args)))

    def atom(self, p: Poly) -> Poly:
        """The sum as one atom."""
        t = p.term()
        if t.op == "add":
            self._sums[t] = p
        return Poly.atom(t) if t.op == "add" else self.normal(t)

    def summands(self, a: Term) -> Poly:
        """What a sum that was made an atom stands for."""
        found = self._sums.get(a)
        return self.normal(a) if found is None else found

    def multiply(self, p: Poly, q: Poly) -> Poly:
        spend(len(p) * len(q))
        total: dict[Mono, Number] = {}
        others: list[Poly] = []
        for m, c in p:
            for n, d in q:
                exponents = dict(m)
                for a, e in n:
                    exponents[a] = simple(exponents.get(a, 0) + e)
                mono, rest = self._parted(exponents)
                if rest:
                    others.append(self._product(mono, c * d, rest))
                else:
                    add_to(total, mono, short(c * d))
        return Poly.sum([Poly(total), *others]) if others else Poly(total)

    def monomial(self, exponents: dict[Term, Number], c: Number) -> Poly:
        """c prod a^e, with what atoms say of their own powers used."""
        mono, rest = self._parted(exponents)
        return self._product(mono, c, rest)

    def _product(self, mono: Mono, c: Number, rest: Sequence[Poly]) -> Poly:
        return reduce(self.multiply, rest, Poly({mono: short(c)}))

    def _parted(self, exponents: dict[Term, Number]) -> tuple[Mono, list[Poly]]:
        """prod a^e: the powers that stay as they are, and those that are something else."""
        spend(len(exponents))
        plain, rest = [], []
        for a, e in exponents.items():
            special = self._special_power(a, e) if e else None
            if special is not None:
                rest.append(special)
            elif e:
                plain.append((a, e))
        return frozenset(plain), rest

    def _special_power(self, a: Term, e: Number) -> Poly | None:
        """a^e, where that is not simply an atom with its exponent."""
        if a.op == "add":
            return self.whole_power(self.summands(a), int(e)) if e > 0 and whole(e) else None
        if a.op == "rational":
            floor = Fraction(e).__floor__()
            if not floor:
                return None
            return Poly({_mono(a, Fraction(e) - floor): self.number_power(a.args[0], floor)})
        if e == 1:
            return None
        if a.op == "apply" and a.args[0] == "abs" and whole(e):  # 1 / |x| is |x| / x^2
            half = self.power(self.normal(a.args[1]), e - e % 2)
            return self.multiply(half, Poly.atom(a)) if e % 2 else half
        if e == -1:
            return None
        if e > 1 and whole(e) and self.signs.is_indicator(a):
            return Poly.atom(a)
        if a.op == "apply" and a.args[0] == "sin" and whole(e) and e > 1:
            cosine = Poly.atom(Term("apply", "cos", a.args[1]), 2)
            square = self.whole_power(Poly.number(1) - cosine, int(e) // 2)
            return self.multiply(square, Poly.atom(a)) if e % 2 else square
        return None

    def whole_power(self, p: Poly, n: int) -> Poly:
        if len(p) > 1 and n > _POWER:
            raise Refused("a power too high to be multiplied out")
        result = Poly.number(1)
        for bit in bin(n)[2:]:
            result = self.multiply(result, result)
            if bit == "1":
                result = self.multiply(result, p)
        return result

    def number_power(self, q: Number, n: int) -> Fraction:
        q = Fraction(q)
        if abs(n) * max(q.numerator.bit_length(), q.denominator.bit_length()) > 1 << 14:
            raise Refused("a number of too many digits")
        return q**n

    def power(self, p: Poly, e: Number) -> Poly:
        """p^e for a rational e."""
        e = e.numerator if whole(e) else e
        single = p.single()
        if single is not None:
            return self._power_of_monomial(*single, e)
        if whole(e) and e >= 0:
            return self.whole_power(p, int(e))
        if not p:
            raise Refused("zero to a negative power or root")
        mono, rest = self.content(p, positive_only=not whole(e))
        lead = Fraction(rest.ordered()[0][1])
        scale = lead if whole(e) else abs(lead)
        outer = self._power_of_monomial(mono, scale, e)
        inner = self.atom(rest.scale(1 / scale)).single()
        assert inner is not None
        return self.multiply(outer, self.monomial({a: k * e for a, k in inner[0]}, 1))

    def _power_of_monomial(self, mono: Mono, c: Number, e: Number) -> Poly:
        if whole(e):
            powers = {a: k * e for a, k in mono}
            return self.monomial(powers, self.number_power(c, int(e)))
        result, left = self.root(abs(Fraction(c)), Fraction(e)), []
        for a, k in mono:
            if self.signs.nonnegative_atom(a):
                result = self.multiply(result, self.monomial({a: k * e}, 1))
            elif whole(k) and k % 2 == 0:
                result = self.multiply(result, self.power(self.magnitude(Poly.atom(a)), k * e))
            else:
                left.append((a, k))
        if c > 0 and not left:
            return result
        if c > 0 and len(left) == 1 and left[0][1] == 1:
            return self.multiply(result, Poly.atom(left[0][0], e))
        base = mono_term(frozenset(left), 1 if c > 0 else -1)
        return self.multiply(result, Poly.atom(Term("power", base, rational(e))))

    def root(self, q: Fraction, e: Fraction) -> Poly:
        """q^e of a positive number."""
        result = Poly.number(1)
        for prime, k in prime_powers(q):
            result = self.multiply(result, self.monomial({rational(prime): k * e}, 1))
        return result

    def content(self, p: Poly, positive_only: bool) -> tuple[Mono, Poly]:
        """p = m * rest, with the largest (Laurent) monomial m that all terms share."""
        common: dict[Term, Number] = {}
        exponents = [dict(m) for m in p.terms]
        for a in exponents[0]:
            if positive_only and not self.signs.positive_atom(a):
                continue
            low = min(m.get(a, 0) for m in exponents)
            if low:
                common[a] = low
        for m in exponents[1:]:
            for a, e in m.items():
                if (
                    e < 0
                    and a not in common
                    and not (positive_only and not self.signs.positive_atom(a))
                ):
                    common[a] = min(x.get(a, 0) for x in exponents)
        inverse = Poly({frozenset((a, -e) for a, e in common.items()): 1})
        return frozenset(common.items()), self.multiply(p, inverse) if common else p

    # functions ------------------------------------------------------------------------------------
    def log(self, p: Poly) -> Poly:
        """log p, split where factors are known to be positive."""
        if not p:
            raise Refused("log of zero")
        mono, rest = self.content(p, positive_only=True)
        if mono:  # what is left can share factors that stood inside a denominator before
            return Poly.sum([*(self._log_of_atom(a).scale(e) for a, e in mono), self.log(rest)])
        single = rest.single()
        lead = Fraction(rest.ordered()[0][1])
        parts = [Poly.atom(_log(rational(n))).scale(k) for n, k in prime_powers(abs(lead))]
        if single is None:
            return Poly.sum([*parts, *self._log_of_sum(rest.scale(1 / abs(lead)))])
        left = []
        for a, k in single[0]:
            if whole(k) and k % 2 == 0:
                parts.append(self.log(self.magnitude(Poly.atom(a))).scale(k))
            elif not whole(k):  # a root that is not zero is one of what is positive
                parts.append(self._log_of_atom(a).scale(k))
            else:
                left.append((a, k))
        if left or lead < 0:
            scale = left[0][1] if len(left) == 1 else 1
            if scale != 1:
                left = [(left[0][0], 1)]
            argument = mono_term(frozenset(left), 1 if lead > 0 else -1)
            parts.append(Poly.atom(_log(argument)).scale(scale))
        return Poly.sum(parts)

    def _log_of_sum(self, p: Poly) -> Iterator[Poly]:
        """By its factors: of even powers, and of those whose sign is known."""
        c, factors = factored(p)
        if len(factors) == 1 and factors[0][1] == 1:
            yield Poly.atom(_log(self.atom(p).term()))
            return
        left = Poly.number(c)
        for f, k in factors:
            sign = self.signs.of(f)
            if k % 2 == 0:
                yield self.log(self.magnitude(f)).scale(k)
            elif sign in {"+", "-"}:
                yield self.log(f if sign == "+" else -f).scale(k)
                left = left if sign == "+" else -left
            else:
                left = self.multiply(left, self.whole_power(f, k))
        if left.constant() is None:
            yield Poly.atom(_log(self.atom(left).term()))
        elif left.constant() != 1:
            yield self.log(left)

    def _log_of_atom(self, a: Term) -> Poly:
        """log of a positive atom."""
        if a.op == "apply" and a.args[0] == "exp":
            return self.normal(a.args[1])
        if a.op == "constant" and a.args[0] == "e":
            return Poly.number(1)
        if a.op == "power":
            return self.multiply(self.normal(a.args[1]), self.log(self.normal(a.args[0])))
        if a.op == "add":
            return self.log(self.summands(a))
        return Poly.atom(_log(a))

    def exp(self, p: Poly) -> Poly:
        """exp p, one factor for each term of p."""
        result = Poly.number(1)
        for m, c in p:
            if m == UNIT:
                factor = Poly.atom(Term("constant", "e"), c)
            elif len(m) == 1 and (log := _logarithm(m)) is not None:
                factor = self.power(self.normal(log.args[1]), c)
            else:
                factor = Poly.atom(Term("apply", "exp", mono_term(m)), c)
            result = self.multiply(result, factor)
        return result

    def magnitude(self, p: Poly) -> Poly:
        """|p|."""
        if not p:
            return p
        mono, rest = self.content(p, positive_only=False)
        lead = Fraction(rest.ordered()[0][1])
        result = Poly.number(abs(lead))
        for a, e in mono:
            result = self.multiply(result, self._magnitude_of_atom(a, e))
        rest = rest.scale(1 / lead)
        if rest.constant() == 1:
            return result
        sign = self.signs.of(rest)
        if sign in {"+", "0+"}:
            return self.multiply(result, rest)
        if sign in {"-", "0-"}:
            return self.multiply(result, -rest)
        return self.multiply(result, self.atom_of("abs", rest))

    def _magnitude_of_atom(self, a: Term, e: Number) -> Poly:
        if self.signs.nonnegative_atom(a) or not whole(e) or e % 2 == 0:
            return self.monomial({a: e}, 1)
        return self.monomial({Term("apply", "abs", a): 1, a: e - 1}, 1)

    # sums -----------------------------------------------------------------------------------------
    def sum_over(self, p: Poly, *indices: Term) -> Poly:
        """sum of p over the ranges of free indices, the last one first."""
        for i in reversed(indices):
            p = Poly.sum(self._sum_of_monomial(m, c, i) for m, c in p)
        return p

    def opened_sum(self, a: Term, *avoid: Term) -> tuple[list[Term], Poly]:
        """An index for each that a sum binds, and the summand there."""
        level = level_above(a, *avoid)
        indices = [free(level + k, n) for k, n in enumerate(a.args[0])]
        return indices, self.normal(opened(a.args[1], indices))

    def _sum_of_monomial(self, mono: Mono, c: Number, i: Term) -> Poly:
        size: Size = i.args[1]
        inside = {a: e for a, e in mono if i in a.free}
        outside = Poly({frozenset(f for f in mono if f[0] not in inside): c})
        if not inside:
            return self.multiply(outside, self.normal(Term("size", size)))
        for a, e in inside.items():
            other = _other_side(a, i) if e == 1 else None
            if other is not None and self.signature.fits(other, size):
                rest = mono_term(frozenset(f for f in inside.items() if f[0] is not a))
                return self.multiply(outside, self.normal(substituted(rest, {i: other})))
        return self.multiply(outside, self._closed_sum(inside, i))

    def _known_total(self, a: Term, i: Term) -> Poly | None:
        """The sum along the last axis of what sums to a known number: probabilities, counts."""
        if a.op != "element" or a.args[-1] is not i or any(i in x.free for x in a.args[1:-1]):
            return None
        label = self.signature.labels[a.args[0]]
        if label.shape[-1] != i.args[1]:
            return None
        if label.domain.kind == "simplex":
            return Poly.number(1)
        if label.domain.kind != "counts":
            return None
        return self.normal(opened(label.domain.args[0], a.args[1:-1]))

    def _closed_sum(self, inside: dict[Term, Number], i: Term) -> Poly:
        """The sum of a connected product, inner sums flattened into it."""
        indices = [i]
        level = max(f.args[0] for a in inside for f in a.free) + 1
        body = Poly.number(1)
        for a, e in sorted(inside.items(), key=lambda f: f[0].key):
            if a.op == "sum" and whole(e) and 0 < e <= _POWER:
                for _ in range(int(e)):
                    new = [free(level + k, n) for k, n in enumerate(a.args[0])]
                    level += len(new)
                    indices += new
                    body = self.multiply(body, self.normal(opened(a.args[1], new)))
            else:
                body = self.multiply(body, Poly.atom(a, e))
        if len(body) != 1:  # opening sums can merge factors into several terms
            return self.sum_over(body, *indices)
        ((mono, c),) = body
        for j in indices:
            own = [f for f in mono if j in f[0].free]
            total = self._known_total(own[0][0], j) if [e for _, e in own] == [1] else None
            if total is not None:
                rest = self.multiply(Poly({mono - {own[0]}: c}), total)
                return self.sum_over(rest, *(k for k in indices if k is not j))
        order = self._canonical(mono, indices) if len(indices) > 1 else indices
        sizes = tuple(j.args[1] for j in order)
        start = level_above(mono_term(mono))
        named = [free(start + k, n) for k, n in enumerate(sizes)]
        renamed = substituted(mono_term(mono), dict(zip(order, named, strict=True)))
        ((mono, d),) = self.normal(renamed)  # as it is with these names: symmetry, parity
        return Poly.atom(Term("sum", sizes, closed(mono_term(mono), named))).scale(c * d)

    def _canonical(self, mono: Mono, indices: Sequence[Term]) -> list[Term]:
        """The indices in an order that does not depend on their levels, by colour refinement.

        An index's colour is the multiset of factors that it stands in, seen with all colours; the
        first index of a tie is set apart, and so on.  A tie broken badly can keep two equal sums
        from being recognised, never make two different ones equal.
        """
        factors = [(a, e) for a, e in mono if not a.free.isdisjoint(indices)]
        colours = _ranked({i: str(i.args[1]) for i in indices})
        while len(set(colours.values())) < len(indices):
            spend(len(indices) * len(factors))
            seen = {i: f"{colours[i]} {self._around(factors, i, colours)}" for i in indices}
            refined = _ranked(seen)
            if len(set(refined.values())) == len(set(colours.values())):
                tied = min(_first_tie(colours), key=lambda i: i.args[0])
                refined = {i: 2 * c + (i is not tied) for i, c in colours.items()}
            colours = refined
        return sorted(indices, key=lambda i: colours[i])

    def _around(
        self, factors: Sequence[tuple[Term, Number]], i: Term, colours: dict[Term, int]
    ) -> list[str]:
        marks = {j: Term("mark", c, j is i) for j, c in colours.items()}
        seen = []
        for a, e in factors:
            if i in a.free:
                key = self.normal(substituted(a, marks)).term().key
                spend(1 + (len(key) >> 3))
                seen.append(f"{key}^{e}")
        return sorted(seen)

    # arrays ---------------------------------------------------------------------------------------
    def opened_matrix(self, body: Term, size: Size, *avoid: Term) -> tuple[Term, Term, Poly]:
        """A row and a column index, and the element there."""
        level = level_above(body, *avoid)
        i, j = free(level, size), free(level + 1, size)
        return i, j, self.normal(opened(body, (i, j)))

    def matrix_content(self, element: Poly, i: Term, j: Term) -> tuple[Poly, Poly]:
        """A positive factor that all elements share, and the rest."""
        if not element:
            raise Refused("the inverse or determinant of zero")
        mono, _ = self.content(element, positive_only=True)
        outer = {a: e for a, e in mono if not a.free & {i, j}}
        inverse = Poly({frozenset((a, -e) for a, e in outer.items()): 1})
        rest = self.multiply(element, inverse)
        lead = abs(Fraction(rest.ordered()[0][1]))
        return Poly({frozenset(outer.items()): lead}), rest.scale(1 / lead)

    def diagonal(self, element: Poly, i: Term, j: Term) -> Poly | None:
        """g(i) if the element is delta_ij g(i)."""
        delta = (delta_atom(i, j), 1)
        if any(delta not in m for m in element.terms):
            return None
        without = Poly({m - {delta}: c for m, c in element})
        return self.normal(substituted(without.term(), {j: i}))


# helpers ------------------------------------------------------------------------------------------
def _ranked(values: dict[Term, str]) -> dict[Term, int]:
    ranks = {v: k for k, v in enumerate(sorted(set(values.values())))}
    return {i: ranks[v] for i, v in values.items()}


def _first_tie(colours: dict[Term, int]) -> list[Term]:
    """The indices of the first colour that more than one has."""
    tied = {c: [i for i, d in colours.items() if d == c] for c in sorted(colours.values())}
    return next(indices for indices in tied.values() if len(indices) > 1)


def _mono(a: Term, e: Number) -> Mono:
    return frozenset([(a, e)]) if e else UNIT


def _log(t: Term) -> Term:
    return Term("apply", "log", t)


def _logarithm(m: Mono) -> Term | None:
    ((a, e),) = m
    return a if e == 1 and a.op == "apply" and a.args[0] == "log" else None


def _other_side(a: Term, i: Term) -> Term | None:
    """j if the atom is delta_ij and j does not hold i."""
    if a.op != "delta" or i not in a.args:
        return None
    other = a.args[1] if a.args[0] is i else a.args[0]
    return None if i in other.free else other
