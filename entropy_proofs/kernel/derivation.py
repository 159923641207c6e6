"""The derivative of a normal form along a field and flows, in general dimension.

A derivation is fixed by what it does to elements of labels.  Everything else is the chain rule.
Where an inner value P moves as  D P = rate * P + rest,  the rate passes through logarithms, powers,
absolute values, determinants and inverses without meeting 1/P.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from entropy_proofs.kernel.language.terms import Term, free, level_above, opened
from entropy_proofs.kernel.normal.function_table import FUNCTIONS
from entropy_proofs.kernel.normal.normal_forms import Algebra
from entropy_proofs.kernel.normal.ring import Mono, Number, Poly, whole
from entropy_proofs.kernel.refusal import Refused

Direction = Callable[[Term], Poly]  # from an element to how it moves


class Derivation:
    """D = sum of direction * d/d label.  stands: elements of moving labels that do not move."""

    def __init__(
        self,
        algebra: Algebra,
        directions: Mapping[str, Direction],
        stands: Callable[[Term], bool] = lambda element: False,
    ):
        self.algebra = algebra
        self._times = algebra.multiply
        self.directions = directions
        self.stands = stands
        self._known: dict[Term, Poly] = {}

    def __call__(self, p: Poly) -> Poly:
        parts = []
        for mono, c in p:
            for a, e in mono:
                if a.labels.isdisjoint(self.directions):
                    continue
                d = self.of_atom(a, e)
                if d:
                    rest = dict(mono - {(a, e)})
                    parts.append(self._times(self.algebra.monomial(rest, c), d))
        return Poly.sum(parts)

    def of_atom(self, a: Term, e: Number) -> Poly:
        """D a^e."""
        base, slope = Poly.atom(a), self.algebra.monomial({a: e - 1}, e)
        if a.op != "add" or (whole(e) and e > 0):
            d = self.of(a)
            if d and not (whole(e) and e > 0):
                self._may_not_cross_zero(base)
            return self._times(slope, d)
        p = self.algebra.summands(a)
        rate, rest = self.split(p)
        if rest:
            self._may_not_cross_zero(p)
        return self._times(self.algebra.monomial({a: e}, e), rate) + self._times(slope, rest)

    def of(self, a: Term) -> Poly:
        found = self._known.get(a)
        if found is None:
            found = self._known[a] = self._rule(a)
        return found

    def _rule(self, a: Term) -> Poly:
        algebra = self.algebra
        if a.op == "element":
            if a.args[0] not in self.directions or self.stands(a):
                return Poly()  # only an index moves, and an index is discrete
            return self.directions[a.args[0]](a)
        if a.op == "add":
            return self(algebra.summands(a))
        if a.op == "sum":
            indices, summand = algebra.opened_sum(a)
            return algebra.sum_over(self(summand), *indices)
        if a.op == "apply":
            return self._function(a)
        if a.op == "case":
            return self._case(a)
        if a.op == "logdet":
            return self._logdet(a)
        if a.op == "inverse":
            return self._inverse(a)
        if a.op == "map":
            return self._map(a)
        if a.op in {"delta", "index"}:
            return Poly()
        raise Refused(f"no derivative of {a.op}")

    def _function(self, a: Term) -> Poly:
        algebra = self.algebra
        name, *args = a.args
        polys = [algebra.normal(t) for t in args]
        if name in {"log", "abs"}:
            rate, rest = self.split(polys[0], across=())
            if rest:
                rate, rest = self.split(polys[0])
            if name == "log":
                if rest:
                    self._may_not_cross_zero(polys[0])
                    rest = self._times(rest, algebra.power(polys[0], -1))
                return rate + rest
            if rest:
                if not algebra.signs.almost_everywhere_nonzero(polys[0]):
                    raise Refused("a kink may lie on the field")
                rest = self._times(rest, algebra.power(polys[0], -1))
            return self._times(Poly.atom(a), rate + rest)
        function = FUNCTIONS[name]
        if function.jumps:
            return self._jump(name, polys[0], function.jumps)
        parts = []
        for k, p in enumerate(polys):
            d = self(p)
            if d:
                formula = function.slopes[k]
                slope = formula(*args) if formula else Term("partial", k, name, *args)
                parts.append(self._times(algebra.normal(slope), d))
        return Poly.sum(parts)

    def _jump(self, what: str, p: Poly, where: str) -> Poly:
        """A jump may not move: its argument stands still, or keeps its sign by scaling."""
        moved = self.split(p, across=())[1] if where == "zero" else self(p)
        if moved:
            raise Refused(f"a jump of {what} moves along the field")
        return Poly()

    def _may_not_cross_zero(self, p: Poly) -> None:
        """A pole, a root or a logarithm's end may not move over values of a variable."""
        if self.algebra.signs.nowhere_zero(p) or self.scales(p):
            return
        self._may_not_become_singular(p)

    def _may_not_become_singular(self, p: Poly) -> None:
        if any(self.algebra.signature.is_continuous(t) for a in p.atoms() for t in a.subterms()):
            raise Refused("a singularity in a variable moves along the field")

    def scales(self, p: Poly) -> bool:
        """Whether p keeps its sign, and its zeros, along the field."""
        return not self.split(p, across=())[1]

    def _case(self, a: Term) -> Poly:
        """Of an indicator: what its test compares stands still."""
        _, left, right = a.args[0].args
        difference = self.algebra.normal(left) - self.algebra.normal(right)
        return self._jump("a case", difference, "zero")

    def split(self, p: Poly, across: Sequence[Term] | None = None) -> tuple[Poly, Poly]:
        """D P = rate P + rest, with the rate read off P's leading term.

        across: indices over which the rate is one.  It may then be a product of parameters, also of
        those that a discrete variable chooses, which is always defined; else it is a number.
        """
        d = self(p)
        if not d:
            return Poly(), Poly()
        lead, c = min(  # one that varies, so that no part of P itself is taken for a rate
            p.ordered(), key=lambda term: all(map(self._is_steady, (a for a, _ in term[0])))
        )
        rates = []
        for m, k in d:
            quotient = _quotient(m, lead)
            if not quotient or (across is not None and self._is_rate(quotient, across)):
                rates.append(Poly({frozenset(quotient.items()): Fraction(k) / c}))
        rate = Poly.sum(rates)
        return rate, d - self._times(rate, p)

    def _is_rate(self, factors: Mapping[Term, Number], across: Sequence[Term]) -> bool:
        return all(
            self._is_steady(a)
            and a.free.isdisjoint(across)
            and ((whole(e) and e > 0) or self.algebra.signs.nonzero(Poly.atom(a)))
            for a, e in factors.items()
        )

    def _is_steady(self, a: Term) -> bool:
        """Whether no continuous variable is in it."""
        signature = self.algebra.signature
        parameters = signature.names("learned", "constant")
        return all(n in parameters or not signature.labels[n].kind.continuous for n in a.labels)

    def _logdet(self, a: Term) -> Poly:
        n, body = a.args
        i, j, element = self.algebra.opened_matrix(body, n)
        rate, rest = self.split(element, across=(i, j))
        result = self._times(rate, self.algebra.normal(Term("size", n)))
        if rest:
            self._may_not_become_singular(element)
            inverse = self.algebra.normal(Term("inverse", n, body, j, i))
            result = result + self.algebra.sum_over(self._times(inverse, rest), i, j)
        return result

    def _inverse(self, a: Term) -> Poly:
        n, body, row, column = a.args
        i, j, element = self.algebra.opened_matrix(body, n, row, column)
        rate, rest = self.split(element, across=(i, j))
        result = -self._times(rate, Poly.atom(a))
        if rest:
            self._may_not_become_singular(element)
            left = self.algebra.normal(Term("inverse", n, body, row, i))
            right = self.algebra.normal(Term("inverse", n, body, j, column))
            middle = self._times(self._times(left, rest), right)
            result = result - self.algebra.sum_over(middle, i, j)
        return result

    def _map(self, a: Term) -> Poly:
        parts = []
        for which, argument in enumerate(a.args[2:]):
            if argument.op != "vector":
                moved = self(self.algebra.normal(argument))
                if moved:
                    slope = self.algebra.normal(Term("slope", a, which, None))
                    parts.append(self._times(moved, slope))
                continue
            size, body = argument.args
            i = free(level_above(a), size)
            moved = self(self.algebra.normal(opened(body, (i,))))
            if moved:
                slope = self.algebra.normal(Term("slope", a, which, i))
                parts.append(self.algebra.sum_over(self._times(moved, slope), i))
        return Poly.sum(parts)


def scaling(algebra: Algebra, rate: Poly) -> Direction:
    """The direction rate * element."""
    return lambda element: algebra.multiply(rate, algebra.normal(element))


def flowing(algebra: Algebra, rate: Poly, shift: Term) -> Direction:
    """The direction rate * element + shift, the shift at the element's indices."""
    scaled, shifted = scaling(algebra, rate), along(algebra, shift)
    return lambda element: scaled(element) + shifted(element)


def along(algebra: Algebra, body: Term) -> Direction:
    """The direction whose element at (i, j, ...) is the body with these indices put in."""
    return lambda element: algebra.normal(opened(body, element.args[1:]))


def _quotient(m: Mono, lead: Mono) -> dict[Term, Number]:
    quotient = dict(m)
    for a, e in lead:
        left = quotient.get(a, 0) - e
        if left:
            quotient[a] = left
        else:
            del quotient[a]
    return quotient
