"""What is known of a value's sign over all declared values; nothing is guessed.

Signs: "+", "-", "0+" (>= 0), "0-" (<= 0), "≠" (not 0), "0", "?" (unknown).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from entropy_proofs.kernel.language.terms import Term, closed, distinct, parts
from entropy_proofs.kernel.normal.function_table import FUNCTIONS
from entropy_proofs.kernel.normal.questions import Reducer
from entropy_proofs.kernel.normal.ring import UNIT, Mono, Number, Poly, factored, primitive, whole

_NEGATED = {"+": "-", "-": "+", "0+": "0-", "0-": "0+"}
End = tuple[int | None, bool]  # a bound, and whether it is never reached
_NO_END: End = (None, False)
_SHIFTS = 4  # bounded atoms of one sum whose both ends are tried
_FAR, _FAR_NUMBER = 12, 1000  # the most terms of a recurrence, and of one on numbers


class Signs:
    """Signs of one statement's values; `known` holds what a certificate's conditions say."""

    def __init__(self, algebra: Reducer):
        self.algebra = algebra
        self.known: dict[Term, str] = {}  # closed primitive sums, see `pattern`
        self._atoms: dict[Term, str] = {}
        self._sums: dict[frozenset[tuple[Mono, Number]], str] = {}

    # questions ------------------------------------------------------------------------------------
    def positive(self, p: Poly) -> bool:
        return self.of(p) == "+"

    def nonzero(self, p: Poly) -> bool:
        return self.of(p) in {"+", "-", "≠"}

    def nowhere_zero(self, p: Poly) -> bool:
        """Nonzero, and not just almost everywhere (as |x - m| is)."""
        return self.nonzero(p) and not any(
            t.op == "apply"
            and t.args[0] == "abs"
            and not self.nonzero(self.algebra.normal(t.args[1]))
            for a in p.atoms()
            for t in a.subterms()
        )

    def positive_atom(self, a: Term) -> bool:
        return self.of_atom(a) == "+"

    def nonnegative_atom(self, a: Term) -> bool:
        return self.of_atom(a) in {"+", "0+", "0"}

    def is_indicator(self, a: Term) -> bool:
        """Whether the atom is 0 or 1."""
        if a.op == "element":
            return self.algebra.signature.labels[a.args[0]].domain.kind == "binary"
        return a.op in {"delta", "case"}

    def almost_everywhere_nonzero(self, p: Poly) -> bool:
        """Whether p is a polynomial in a continuous variable with a leading coefficient that is not
        zero: then it is zero for almost no values of that variable."""
        return self.nonzero(p) or any(self._leads(p, x) for x in p.atoms())

    def _leads(self, p: Poly, x: Term) -> bool:
        if not self.algebra.signature.is_coordinate(x):
            return False
        degrees: dict[Number, list[tuple[Mono, Number]]] = {}
        for m, c in p:
            degree: Number = 0
            rest = []
            for a, e in m:
                if a is x:
                    degree = e
                elif x.args[0] in a.labels and not self._elsewhere(a, x):
                    return False
                else:
                    rest.append((a, e))
            degrees.setdefault(degree, []).append((frozenset(rest), c))
        if any(not whole(d) or d < 0 for d in degrees):
            return False
        top = max(degrees)
        return top > 0 and self.nonzero(Poly(dict(degrees[top])))

    def _elsewhere(self, a: Term, x: Term) -> bool:
        """Whether x, an element of a variable, is no part of the atom."""
        return all(
            any(
                distinct(i, j, self.algebra.least)
                for i, j in zip(t.args[1:], x.args[1:], strict=True)
            )
            for t in a.subterms()
            if t.op == "element" and t.args[0] == x.args[0]
        )

    # sums -----------------------------------------------------------------------------------------
    def of(self, p: Poly) -> str:
        terms = frozenset(p.terms.items())
        found = self._sums.get(terms)
        if found is None:
            found = self._sums[terms] = self._of(p)
        return found

    def _of(self, p: Poly) -> str:
        if not p:
            return "0"
        found = self._plain(p)
        if found in {"?", "0+", "0-"}:
            found = self._listed(p) or found
        if found == "?":
            found = next((s for q in self._shifted(p) if (s := self._plain(q)) != "?"), "?")
        if found == "?" and len(p) > 1:
            mono, rest = self.algebra.content(p, positive_only=False)
            if mono:
                found = _product([*(self._of_power(a, e) for a, e in mono), self.of(rest)])
        if found == "?":
            found = next((s for a in p.atoms() if (s := self._between(p, a)) != "?"), "?")
        if found == "?":
            found = self._increasing(p)
        if found == "?":
            c, factors = factored(p)
            if len(factors) > 1 or factors[0][1] > 1:
                signs = [self.of(f) for f, _ in factors]
                found = _product([_power(s, k) for s, (_, k) in zip(signs, factors, strict=True)])
                found = found if c > 0 else _NEGATED.get(found, found)
        return found

    def _plain(self, p: Poly) -> str:
        """From the signs of the terms."""
        signs = set()
        for m, c in p:
            sign = _product([self._of_power(a, e) for a, e in m])
            signs.add(sign if c > 0 else _NEGATED.get(sign, sign))
        signs.discard("0")
        if not signs:
            return "0+"
        if len(p) == 1:
            return signs.pop()
        if signs <= {"+", "0+"}:
            return "+" if "+" in signs else "0+"
        if signs <= {"-", "0-"}:
            return "-" if "-" in signs else "0-"
        return "?"

    def _shifted(self, p: Poly) -> Iterator[Poly]:
        """The sum in what its bounded atoms leave to their lower or upper ends."""
        bounds = {a: b for a in p.atoms() if (b := self._bounds(a)) is not None}
        yield from self._corners(p, sorted(bounds, key=lambda a: a.key)[:_SHIFTS], bounds)

    def _corners(
        self, p: Poly, chosen: Sequence[Term], bounds: Mapping[Term, tuple[End, End]]
    ) -> Iterator[Poly]:
        if not chosen:
            yield p
            return
        a, *others = chosen
        for end, direction in zip(bounds[a], (1, -1), strict=True):
            q = self._from_end(p, a, *end, direction=direction)
            if q is not None:
                yield from self._corners(q, others, bounds)

    def _between(self, p: Poly, a: Term) -> str:
        """Of what is linear in a bounded atom: from its signs at both ends."""
        (low, below), (high, above) = self._bounds(a) or (_NO_END, _NO_END)
        powers = [(dict(m).get(a, 0), m, c) for m, c in p]
        inside = any(a is t for b in p.atoms() if b is not a for t in b.subterms())
        if low is None or high is None or inside or any(e not in (0, 1) for e, _, _ in powers):
            return "?"
        flat = Poly({m: c for e, m, c in powers if not e})
        slope = Poly({m - {(a, 1)}: c for e, m, c in powers if e})
        first, last = (self.of(flat + slope.scale(end)) for end in (low, high))
        for strict, weak in (("+", "0+"), ("-", "0-")):
            if {first, last} <= {strict, weak, "0"}:
                kept = (first == strict or below) and (last == strict or above)
                return strict if kept and strict in (first, last) else weak
        return "?"

    def _increasing(self, p: Poly) -> str:
        """Of f(u) - f(v): that of u - v where f increases strictly, as exp, log and vectors do."""
        if len(p) != 2:
            return "?"
        (first, c), (second, d) = p.ordered()
        if c + d != 0 or {e for m in (first, second) for _, e in m} != {1}:
            return "?"
        if len(first) != 1 or len(second) != 1:
            return "?"
        ((a, _),), ((b, _),) = first, second
        if a.op == b.op == "element":
            sign = self._later(a, b)
            return sign if c > 0 else _NEGATED.get(sign, sign)
        if not all(t.op == "apply" and t.args[0] in {"exp", "log"} for t in (a, b)):
            return "?"
        if a.args[0] != b.args[0]:
            return "?"
        sign = self.of(self.algebra.normal(a.args[1]) - self.algebra.normal(b.args[1]))
        return sign if c > 0 else _NEGATED.get(sign, sign)

    def _later(self, a: Term, b: Term) -> str:
        """The sign of a - b, of elements of one increasing vector."""
        kind = self.algebra.signature.labels[a.args[0]].domain.kind
        if kind != "increasing" or a.args[:-1] != b.args[:-1]:
            return "?"
        (varying, m), (same, n) = parts(a.args[-1]), parts(b.args[-1])
        if varying is not same:
            return "?"
        least = self.algebra.least
        return "+" if (m - n).at_least(1, least) else "-" if (n - m).at_least(1, least) else "?"

    def _bounds(self, a: Term) -> tuple[End, End] | None:
        """The lower and the upper end, as far as they are known."""
        if a.op == "size":
            (name,) = a.args[0].names
            return (self.algebra.least.get(name, 1), False), _NO_END
        if a.op == "element":
            label = self.algebra.signature.labels[a.args[0]]
            others = label.domain.kind == "simplex" and label.shape[-1].at_least(
                2, self.algebra.least
            )
            return {
                "unit interval": ((0, True), (1, True)),
                "simplex": ((0, True), (1, others)),
                "binary": ((0, False), (1, False)),
            }.get(label.domain.kind)
        if a.op == "sum":
            return self._bounds_of_mean(a)
        if a.op != "apply":
            return None
        if a.args[0] == "exp":  # above or below exp(0) = 1
            sign = self.of(self.algebra.normal(a.args[1]))
            return {
                "+": ((1, True), _NO_END), "0+": ((1, False), _NO_END),
                "-": ((0, True), (1, True)), "0-": ((0, True), (1, False)),
            }.get(sign)  # fmt: skip
        known = FUNCTIONS[a.args[0]]
        if known.bounds is None:
            return None
        low, high = known.bounds
        return (low, not known.attained), (high, not known.attained)

    def _bounds_of_mean(self, a: Term) -> tuple[End, End] | None:
        """Of sum_k w[k] b[k], whose weights are a simplex: those of b, or of what lies in 0..1."""
        indices, summand = self.algebra.opened_sum(a)
        mono, c = summand.single() or (UNIT, 0)
        weights = frozenset((b, e) for b, e in mono if e == 1 and self._is_weight(b, indices))
        total = self.algebra.sum_over(Poly({weights: 1}), *indices)
        others = [self._bounds(b) for b, e in mono - weights if e == 1]
        if c != 1 or total.constant() != 1 or not 0 < len(others) == len(mono - weights):
            return None
        if len(others) == 1:
            return others[0]
        lows, highs = zip(*((b or (_NO_END, _NO_END)) for b in others), strict=True)
        if {n for n, _ in lows} != {0} or {n for n, _ in highs} != {1}:
            return None
        return (0, all(strict for _, strict in lows)), (1, any(strict for _, strict in highs))

    def _is_weight(self, b: Term, indices: Sequence[Term]) -> bool:
        domain = self.algebra.signature.labels[b.args[0]].domain if b.op == "element" else None
        return domain is not None and domain.kind == "simplex" and b.args[-1] in indices

    def _from_end(
        self, p: Poly, a: Term, end: int | None, strict: bool, direction: int
    ) -> Poly | None:
        """p with a = end + direction * slack, where the slack is > 0 (strict) or >= 0."""
        if end is None:
            return None
        new = Poly.atom(Term("slack", a, direction, strict)).scale(direction) + Poly.number(end)
        parts = []
        for m, c in p:
            exponents = dict(m)
            e = exponents.pop(a, 0)
            if not whole(e) or e < 0:
                return None
            rest = Poly({frozenset(exponents.items()): c})
            parts.append(self.algebra.multiply(rest, self.algebra.whole_power(new, int(e))))
        return Poly.sum(parts)

    # atoms ----------------------------------------------------------------------------------------
    def _of_power(self, a: Term, e: Number) -> str:
        sign = self.of_atom(a)
        if whole(e) and e > 0:
            return _power(sign, int(e))
        if whole(e) and e % 2 == 0:
            return "+"
        if not whole(e):
            return "+" if sign == "+" or e < 0 else "0+"
        return {"0+": "+", "0-": "-", "?": "≠"}.get(sign, sign) if e < 0 else sign

    def of_atom(self, a: Term) -> str:
        found = self._atoms.get(a)
        if found is None:
            found = self._atoms[a] = self._atom(a)
        if found in {"?", "0+", "0-"} and self.known:
            return self._listed(Poly.atom(a)) or found
        return found

    def _atom(self, a: Term) -> str:
        algebra = self.algebra
        if a.op == "element":
            domain = algebra.signature.labels[a.args[0]].domain
            diagonal = domain.kind == "positive definite" and a.args[-1] is a.args[-2]
            return "+" if diagonal else domain.sign
        if a.op in {"constant", "size"} or (a.op == "rational" and a.args[0] > 0):
            return "+"
        if a.op in {"delta", "case", "index"}:
            return "0+"
        if a.op == "slack":
            return "+" if a.args[2] else "0+"
        if a.op == "add":
            return self.of(algebra.summands(a))
        if a.op == "power":  # a root; but a negative number may have whole powers
            return "0+" if a.args[1].op == "rational" else "?"
        if a.op == "sum":
            return self._of_sum(a)
        if a.op == "apply":
            return self._of_function(a)
        return "?"

    def _of_sum(self, a: Term) -> str:
        indices, summand = self.algebra.opened_sum(a)
        sign = self.of(summand)
        full = all(i.args[1].at_least(1, self.algebra.least) for i in indices)
        weak = {"+": "0+", "-": "0-", "≠": "?"}
        return sign if full and sign != "≠" else weak.get(sign, sign)

    def _of_function(self, a: Term) -> str:
        name, *args = a.args
        polys = [self.algebra.normal(t) for t in args]
        if name == "log":
            return self.of(polys[0] - Poly.number(1))
        if name == "abs":
            return "+" if self.almost_everywhere_nonzero(polys[0]) else "0+"
        if name == "polygamma":
            m = polys[0].constant()
            return "?" if not m else "+" if m % 2 else "-"
        return FUNCTIONS[name].sign(*map(self.of, polys))

    def split_whole(self, p: Poly) -> tuple[Poly, int]:
        """x + n with n whole and the number in x from 0 up to 1 (1 if x is whole), as far as x is
        known to be positive: the recurrences have poles at 0, -1, ...

        Far from there p stays as it is, for a recurrence of many terms tells nothing apart.
        """
        q = Fraction(p.terms.get(UNIT, 0))
        rest = p - Poly.number(q)
        if abs(q) > (_FAR if rest else _FAR_NUMBER):
            return p, 0
        n = q.__floor__()
        if not rest:
            n = n if q != n else n - 1
            return (p - Poly.number(n), n) if q > 0 else (p, 0)
        if not self.positive(rest) and not (self.of(rest) == "0+" and (q != n or n >= 1)):
            return p, 0
        if q == n and (self.of(rest) != "+" or self.whole(rest)):
            n -= 1
        return p - Poly.number(n), n

    def whole(self, p: Poly) -> bool:
        """Whether the value is known to be a whole number."""
        is_whole = self.algebra.signature.is_whole
        numbers = all(c.denominator == 1 for _, c in p)
        return numbers and all(whole(e) and e > 0 and is_whole(a) for m, _ in p for a, e in m)

    # conditions -----------------------------------------------------------------------------------
    def pattern(self, p: Poly) -> tuple[Term, int]:
        """The sum over its content, with its free indices bound, and the sign taken out."""
        q = primitive(p)
        sign = 1 if (q.ordered()[0][1] > 0) == (p.ordered()[0][1] > 0) else -1
        indices = sorted(q.free(), key=lambda f: f.args[0])
        sizes = tuple(f.args[1] for f in indices)
        return Term("forall", sizes, closed(q.term(), indices)), sign

    def _listed(self, p: Poly) -> str | None:
        if not self.known:
            return None
        pattern, sign = self.pattern(p)
        found = self.known.get(pattern)
        if found is None:
            return None
        return found if sign > 0 else _NEGATED.get(found, found)

    def assume(self, p: Poly, sign: str) -> None:
        """A condition: p is "+" or "≠"."""
        self._sums.clear()
        pattern, negated = self.pattern(p)
        self.known[pattern] = sign if negated > 0 else _NEGATED.get(sign, sign)


def _power(sign: str, n: int) -> str:
    """The sign of a whole power."""
    if n % 2:
        return sign
    return "+" if sign in {"+", "-", "≠"} else "0+"


def _product(signs: list[str]) -> str:
    """The sign of a product."""
    result = "+"
    for s in signs:
        if s == "0":
            return "0"
        if "?" in (s, result):
            result = "?"
        elif "≠" in (s, result):
            result = "≠" if {s, result} <= {"≠", "+", "-"} else "?"
        else:
            weak = "0" if s[0] == "0" or result[0] == "0" else ""
            same = (s[-1] == "-") == (result[-1] == "-")
            result = weak + ("+" if same else "-")
    return result
