"""Values of terms at declared points in ball arithmetic, and where they are undefined.

Half of the points are special (zeros, ones, small whole numbers, sums of no terms, values beside
the numbers that cases ask for), since that is where false equations that hold almost everywhere
show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from math import prod
from random import Random
from typing import Any

from flint import acb, arb, arb_mat, fmpq

from entropy_proofs.equality.normal_forms import special_maps as maps
from entropy_proofs.families.spaces import (
    IntegerRange,
    NaturalNumbers,
    PositiveNumbers,
    RealNumbers,
    Space,
    of_kernel,
)
from entropy_proofs.kernel.drawn_points import Point
from entropy_proofs.kernel.language.statement import Signature
from entropy_proofs.kernel.language.terms import Term, rational
from entropy_proofs.kernel.normal.function_table import CONSTANTS, FUNCTIONS
from entropy_proofs.kernel.refusal import spend

BITS = 400
_SPECIAL = (0, 1, -1, 2, fmpq(1, 2), fmpq(-1, 2), -2, 3, fmpq(-3, 2), fmpq(1, 3))
_SHARES = (fmpq(1, 3), fmpq(2, 3))  # of the two values that a drawn distribution takes
_LONGEST = 60  # a sum of a length that is drawn
_MOST = 10_000  # terms of a sum
Indices = tuple[int, ...]


class NoValue(Exception):
    """The point is no point to compare at: a divisor is zero, or a ball does not decide."""


@dataclass
class Drawn:
    """One point.

    exclude: labels that are not zero.  random: labels over which expectations go.
    marks: numbers beside which values lie.
    """

    signature: Signature
    random_numbers: Random
    exclude: frozenset[str] = frozenset()
    random: frozenset[str] = frozenset()
    special: bool = True
    marks: Sequence[Fraction] = ()
    undefined: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.point = Point(self.signature, self.random_numbers)
        width = 2 if self.special else 4
        self.point.sizes = {
            n: m + self.random_numbers.randrange(width)
            for n, m in sorted(self.signature.least.items())
        }
        for n, m in self.point.sizes.items():
            near = self._near_mark(NaturalNumbers())
            if near is not None and m <= near <= _LONGEST:
                self.point.sizes[n] = int(near)
        self.elements: dict[tuple[Any, ...], Any] = {}
        self._opaque: dict[Any, Any] = {}
        self._matrices: dict[Any, Any] = {}
        self._scenario: int | None = None
        self._scenarios: dict[int, Point] = {}

    def side(self, t: Term) -> Any | None:
        """The value, None where the side is undefined; raises NoValue."""
        self.undefined = False
        self._matrices.clear()  # what is undefined in one is so on this side
        value = self.value(t, ())
        if self.undefined:
            return None
        if not value.is_finite():
            raise NoValue
        return value

    # labels ---------------------------------------------------------------------------------------
    def _element(self, name: str, indices: Indices) -> Any:
        scenario = self._scenario if name in self.random else None
        key = (name, indices, scenario)
        if key not in self.elements:
            self.elements[key] = self._draw(name, indices, scenario)
        return self.elements[key]

    def _draw(self, name: str, indices: Indices, scenario: int | None) -> Any:
        space = of_kernel(self.signature.labels[name].domain)
        numbers = self.random_numbers
        special = self.special and numbers.random() < 0.7
        while True:
            near = self._near_mark(space)
            match space:
                case _ if near is not None:
                    q = near
                case RealNumbers():
                    q = numbers.choice(_SPECIAL) if special else fmpq(numbers.randint(-80, 80), 32)
                case PositiveNumbers() if special:
                    q = abs(numbers.choice(_SPECIAL[1:]))
                case PositiveNumbers():
                    q = fmpq(numbers.randint(1, 96), 32)
                case NaturalNumbers():
                    q = numbers.randrange(2 if special else 6)
                case IntegerRange():
                    low, high = map(self._end, space.ends)
                    q = self._whole_between(low, high, special)
                case _ if scenario is None:
                    return self.point.element(name, indices)
                case _:
                    other = self._scenarios.setdefault(
                        scenario, Point(self.signature, Random(numbers.random()))
                    )
                    other.sizes = self.point.sizes
                    return other.element(name, indices)
            if q != 0 or name not in self.exclude:
                return int(q) if space.discrete else arb(fmpq(q))

    def _near_mark(self, space: Space) -> fmpq | None:
        """A number beside a mark, at some of the special points, if it lies in the space."""
        if not self.special or not self.marks or self.random_numbers.random() < 0.5:
            return None
        mark = self.random_numbers.choice(self.marks)
        q = fmpq(mark.numerator, mark.denominator) + self.random_numbers.randint(-1, 1)
        match space:
            case RealNumbers():
                return q
            case PositiveNumbers():
                return q if q > 0 else None
            case NaturalNumbers():
                return q if q >= 0 and q.q == 1 else None
        return None

    def _end(self, bound: Term | None) -> int | None:
        return None if bound is None else _whole(self.point.value(bound, ()))

    def _whole_between(self, low: int | None, high: int | None, special: bool) -> int:
        low = (-3 if high is None else high - 4) if low is None else low
        q = low + self.random_numbers.randrange(2 if special and low >= 0 else 5)
        return q if high is None else min(q, high)

    # values ---------------------------------------------------------------------------------------
    def index(self, t: Term, bound: Indices) -> int:
        if t.op == "bound":
            return bound[t.args[0]]
        if t.op == "at":
            return self.point.size(t.args[0])
        if t.op == "plus":
            return self.index(t.args[0], bound) + self.point.size(t.args[1])
        value = arb(self.value(t, bound)).unique_fmpz()
        if value is None:
            raise NoValue
        return int(value)

    def value(self, t: Term, bound: Indices) -> Any:
        spend(1)
        op, args = t.op, t.args
        if op == "rational":
            return arb(fmpq(args[0].numerator, args[0].denominator))
        if op == "constant":
            return CONSTANTS[args[0]]()
        if op == "size":
            return arb(self._size(args[0]))
        if op == "element":
            return arb(self._element(args[0], tuple(self.index(i, bound) for i in args[1:])))
        if op == "index":
            return arb(self.index(args[0], bound))
        if op == "add":
            return sum((self.value(a, bound) for a in args), arb(0))
        if op == "multiply":
            return prod((self.value(a, bound) for a in args), start=arb(1))
        if op == "power":
            return self._power(t, bound)
        if op == "apply":
            return self._function(args[0], [*args[1:]], bound)
        if op == "sum":
            counts = [self.point.size(n) for n in args[0]]
            if prod(counts) > _MOST:
                raise NoValue
            ranges = product(*map(range, counts))
            return sum((self.value(args[1], (*i, *bound)) for i in ranges), arb(0))
        if op == "delta":
            return arb(self.index(args[0], bound) == self.index(args[1], bound))
        if op == "case":
            return self.value(args[1 if self._test(args[0], bound) else 2], bound)
        if op in {"logdet", "inverse"}:
            return self._matrix(t, bound)
        if op == "map":
            return self._map(t, bound)
        raise NoValue

    def _size(self, n: Any) -> int:
        if n.infinite:
            raise NoValue
        return sum(c * prod(self.point.sizes[name] for name in names) for names, c in n)

    def _power(self, t: Term, bound: Indices) -> Any:
        base, exponent = self.value(t.args[0], bound), self.value(t.args[1], bound)
        if not base.is_finite() or not exponent.is_finite():
            return arb("nan")
        n = exponent.unique_fmpz() if exponent.is_exact() else None
        if n is not None and abs(n) < 1 << 20:
            if n < 0:
                self._nonzero(base)
            return base ** int(n)
        if base > 0:
            return (exponent * base.log()).exp()
        if base.is_zero() and exponent > 0:
            return arb(0)
        if base.is_zero() and exponent < 0:
            raise NoValue
        if base < 0 and not exponent.contains_integer():
            return self._nowhere()
        raise NoValue

    def _nonzero(self, ball: Any) -> None:
        if ball.is_finite() and not (ball > 0 or ball < 0):
            raise NoValue

    def _nowhere(self) -> Any:
        """A root or logarithm of a negative number."""
        self.undefined = True
        return arb("nan")

    def _function(self, name: str, args: list[Term], bound: Indices) -> Any:
        function = FUNCTIONS[name]
        if function.rewritten is not None:
            return self.value(function.rewritten(*args), bound)
        if function.value is None:
            raise NoValue
        values = [self.value(a, bound) for a in args]
        if not all(v.is_finite() for v in values):
            return arb("nan")
        for need, v in zip(function.needs, values, strict=True):
            if need == "positive":
                if v < 0 and name == "hyp1f1":
                    raise NoValue  # defined there too, but not by the kernel
                if v < 0 and name == "log" and self._either(args[0], bound):
                    raise NoValue  # log |det|, or the log of a signed number
                if v < 0:
                    return self._nowhere()
                self._nonzero(v)
        found = function.value(*values)
        if not found.is_finite():
            raise NoValue
        return found

    def _either(self, t: Term, bound: Indices) -> bool:
        """Whether only determinants make a product negative."""
        factors = t.args if t.op == "multiply" else (t,)
        bases = {a: a.args[0] if a.op == "power" else a for a in factors}
        rest = [a for a, b in bases.items() if b.op != "map" or b.args[0] != maps.DETERMINANT]
        if len(rest) == len(factors):
            return False
        return bool(self.value(Term("multiply", rational(1), *rest), bound) > 0)

    def _test(self, test: Term, bound: Indices) -> bool:
        op, *sides = test.args
        a, b = (self.value(s, bound) for s in sides)
        if op == "less" and (a < b or a >= b):
            return bool(a < b)
        if op == "at-most" and (a <= b or a > b):
            return bool(a <= b)
        if op == "equal" and (a < b or a > b or (a.is_exact() and b.is_exact())):
            return bool(a == b)
        raise NoValue

    def _rows(self, t: Term, bound: Indices) -> list[list[Any]]:
        n = self.point.size(t.args[0])
        if n > _LONGEST:
            raise NoValue
        return [[self.value(t.args[1], (i, j, *bound)) for j in range(n)] for i in range(n)]

    def _matrix(self, t: Term, bound: Indices) -> Any:
        size, entry, *_ = t.args
        key = (size, entry, bound[: max(entry.dangling - 2, 0)], self._scenario)
        if key not in self._matrices:  # all elements of an inverse are those of one matrix
            rows = self._rows(t, bound)
            finite = all(v.is_finite() for row in rows for v in row)
            self._matrices[key] = arb_mat(rows) if finite else None
        matrix = self._matrices[key]
        if matrix is None:
            return arb("nan")
        det = matrix.det()
        self._nonzero(det)
        if t.op == "logdet":
            return abs(det).log()
        row, column = (self.index(i, bound) for i in t.args[2:])
        try:
            return matrix.inv()[row, column]
        except (ZeroDivisionError, IndexError):
            raise NoValue from None

    # maps -----------------------------------------------------------------------------------------
    def _map(self, t: Term, bound: Indices) -> Any:
        name = t.args[0]
        if name == maps.EXPECTATION:
            return self._expectation(t, bound)
        value = VALUES.get(name)
        if value is not None:
            return value(self, t, bound)
        if not name.startswith("·"):
            return self._network(t, bound)
        key = (t, bound, self._scenario)
        if key not in self._opaque:
            self._opaque[key] = arb(fmpq(self.random_numbers.randint(1, 80), 32))
        return self._opaque[key]

    def _network(self, t: Term, bound: Indices) -> Any:
        """A network's hidden map, as the sine of drawn weights times its inputs."""
        name, unit, *inputs = t.args
        place = None if unit is None else self.index(unit, bound)

        def weight(*of: Any) -> Any:
            key = ("·weight", name, place, *of)
            if key not in self._opaque:
                self._opaque[key] = arb(fmpq(self.random_numbers.randint(1, 40), 32))
            return self._opaque[key]

        total = weight()
        for k, a in enumerate(inputs):
            if a.op == "vector":
                for i in range(self.point.size(a.args[0])):
                    total += weight(k, i) * self.value(a.args[1], (i, *bound))
            else:
                total += weight(k, None) * self.value(a, bound)
        return total.sin()

    def _expectation(self, t: Term, bound: Indices) -> Any:
        """Over a distribution that takes two values: within another, a constant."""
        outer, total = self._scenario, arb(0)
        for k, share in enumerate(_SHARES):
            self._scenario = k
            try:
                total += share * self.value(t.args[2], bound)
            finally:
                self._scenario = outer
        return total


def _check_no_pole(x: Any) -> None:
    """Raises NoValue at 0, -1, -2, ... and where that is not decided."""
    if x.is_finite() and not x > 0 and x.contains_integer():
        raise NoValue


def _gamma(d: Drawn, t: Term, bound: Indices) -> Any:
    x = d.value(t.args[2], bound)
    _check_no_pole(x)
    return x.gamma()


def _polygamma(d: Drawn, t: Term, bound: Indices) -> Any:
    m, x = (d.value(a, bound) for a in t.args[2:])
    _check_no_pole(x)
    if m.unique_fmpz() is None or not m >= 0:
        raise NoValue
    return acb(x).polygamma(m).real


def _zeta(d: Drawn, t: Term, bound: Indices) -> Any:
    s = d.value(t.args[2], bound)
    d._nonzero(s - 1)
    return s.zeta()


def _bessel(d: Drawn, t: Term, bound: Indices) -> Any:
    order, x = (d.value(a, bound) for a in t.args[2:])
    found = x.bessel_i(order)
    if not found.is_finite():
        raise NoValue
    return found


def _sign(d: Drawn, t: Term, bound: Indices) -> Any:
    x = d.value(t.args[2], bound)
    if x > 0 or x < 0 or x.is_zero():
        return arb(1 if x > 0 else -1 if x < 0 else 0)
    if not x.is_finite():
        return x
    raise NoValue


def _floor(d: Drawn, t: Term, bound: Indices) -> Any:
    n = d.value(t.args[2], bound).floor().unique_fmpz()
    if n is None:
        raise NoValue
    return arb(n)


def _listed(d: Drawn, t: Term, bound: Indices) -> list[Any]:
    length = d.value(t.args[2], bound).unique_fmpz()
    if length is None or length > _LONGEST:
        raise NoValue
    return [d.value(t.args[3].args[1], (k, *bound)) for k in range(max(0, int(length)))]


def _determinant(d: Drawn, t: Term, bound: Indices) -> Any:
    rows = d._rows(t.args[2], bound)
    if not all(v.is_finite() for row in rows for v in row):
        return arb("nan")
    return arb_mat(rows).det()


VALUES: Mapping[str, Callable[[Drawn, Term, Indices], Any]] = {
    maps.GAMMA: _gamma,
    maps.POLYGAMMA: _polygamma,
    maps.ZETA: _zeta,
    maps.BESSEL: _bessel,
    maps.SIGN: _sign,
    maps.FLOOR: _floor,
    maps.SUM: lambda d, t, bound: sum(_listed(d, t, bound), arb(0)),
    maps.PRODUCT: lambda d, t, bound: prod(_listed(d, t, bound), start=arb(1)),
    maps.DETERMINANT: _determinant,
}


def marks(*sides: Term) -> list[Fraction]:
    """The numbers, of either sign, by which cases, magnitudes and steps change; not the small."""
    found: set[Fraction] = set()
    for a in {a for t in sides for a in t.subterms()}:
        inside: Sequence[Term] = ()
        if a.op == "case":
            inside = a.args[0].args[1:]
        elif a.op == "apply" and a.args[0] in {"abs", "max", "min"}:
            inside = a.args[1:]
        elif a.op == "map" and a.args[0] in {maps.SIGN, maps.FLOOR}:
            inside = a.args[2:]
        found |= {u.args[0] for b in inside for u in b.subterms() if u.op == "rational"}
    return sorted(sign * q for q in found if abs(q) > max(_SPECIAL) for sign in (-1, 1))


def is_opaque(t: Term) -> bool:
    """Whether a part of it has no value that could refute."""
    return any(
        a.op in {"partial", "slope"}
        or (a.op == "map" and a.args[0].startswith("·") and a.args[0] not in VALUES)
        or (a.op == "apply" and not _evaluated(a.args[0]))
        for a in t.subterms()
    )


def _evaluated(name: str) -> bool:
    return FUNCTIONS[name].rewritten is not None or FUNCTIONS[name].value is not None


def _whole(ball: Any) -> int:
    n = ball.unique_fmpz()
    if n is None:
        raise NoValue
    return int(n)


def text(ball: Any | None) -> str:
    """15 digits, or "undefined"."""
    return "undefined" if ball is None else str(arb(ball).str(15, radius=False))
