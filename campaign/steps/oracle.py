"""What a term is at a point, in real arithmetic with 60 digits; or why it is undefined.

Powers are real: a root of a negative number is undefined.  Empty sums are zero, det is signed
and logdet is log |det|; so is the log of determinants beside what can't be negative.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

from mpmath import mp

from campaign.steps.points import Declared, Point
from campaign.steps.terms import Term

DIGITS = 60
PRECONDITIONS = ("division", "inverse", "logdet", "pole")  # what a verdict may leave to be met
LOG_OF_ZERO = "log of zero"  # on one side only: wrong, unless a precondition excludes the zero
_NOISE = mp.mpf(10) ** -40
_LARGE = mp.mpf(10) ** 15


class Undefined(Exception):
    """The term has no real value here; `why` is a word for it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Unclear(Exception):
    """The numbers do not tell: rounding at the edge of a domain, or no agreed meaning."""


def value(term: Term, point: Point) -> Any:
    """The value of a scalar term.

    Raises:
        Undefined: it has none.
        Unclear: it can't be told.
    """
    with mp.workdps(DIGITS):
        try:
            found = _Reader(point, {}).of(term)
        except (ArithmeticError, MemoryError, ValueError, mp.NoConvergence) as error:
            raise Unclear(str(error)) from None
        if isinstance(found, mp.matrix):
            if (found.rows, found.cols) != (1, 1):
                raise Unclear("a matrix is no scalar")
            found = found[0, 0]
        found = mp.mpmathify(found)
        if not mp.isfinite(found) or mp.im(found) != 0:
            raise Unclear(f"{found}")
        found = mp.re(found)
        if found and abs(mp.log(abs(found))) > _LARGE:
            raise Unclear("a power so high that rounding its exponent changes all digits")
        return found


def outcome(term: Term, point: Point) -> tuple[str, Any]:
    """("value", x), ("undefined", why) or ("unclear", why)."""
    try:
        return "value", value(term, point)
    except Undefined as u:
        return "undefined", u.why
    except Unclear as u:
        return "unclear", str(u)


def is_rough(term: Term) -> bool:
    """Whether quadrature, differences or an infinite sum are in it."""
    limits = (a for t in term.parts() if t.op in ("sum", "prod") for a in t.args[2:])
    return any(t.op in ("integral", "derivative") for t in term.parts()) or any(
        t.op == "const" and t.args == ("oo",) for t in limits
    )


def agree(a: Any, b: Any, rough: bool = False) -> bool | None:
    """Whether two values are equal but for rounding; None where both are too near to zero."""
    apart, scale = abs(a - b), max(abs(a), abs(b))
    if rough:
        return bool(apart <= mp.mpf(10) ** -6 * max(1, scale))
    if apart <= mp.mpf(10) ** -20 * scale or apart <= _NOISE:
        return True
    return False if apart > mp.mpf(10) ** -20 else None


def is_whole(term: Term, declared: Mapping[str, Declared], bound: Mapping[str, Any]) -> bool:
    """Whether the term is declared to be a whole number."""
    match term.op:
        case "num":
            return bool(term.args[1] == 1)
        case "var":
            name = term.args[0]
            return name in bound or (name in declared and declared[name].is_whole)
        case "entry":
            return declared[term.args[0]].domain.removeprefix("array of ") in (
                "integer",
                "natural",
                "whole",
            )
        case "add" | "mul" | "abs" | "max" | "min" | "factorial":
            return all(is_whole(a, declared, bound) for a in term.args)
        case "sum" | "prod":
            return is_whole(term.args[0], declared, {**bound, term.args[1]: 0})
        case "sign" | "delta" | "floor":
            return True
        case "pow":
            base, e = term.args
            natural = e.op == "num" and e.args[0] >= 0 and e.args[1] == 1
            return natural and is_whole(base, declared, bound)
    return False


class _Reader:
    def __init__(self, point: Point, bound: Mapping[str, Any]) -> None:
        self.point = point
        self.bound = bound

    def of(self, term: Term) -> Any:
        own: Callable[..., Any] | None = getattr(self, f"_{term.op}", None)
        if own is not None:
            return own(*term.args)
        return _FUNCTIONS[term.op](*(self.of(a) for a in term.args))

    def _with(self, **bound: Any) -> _Reader:
        return _Reader(self.point, {**self.bound, **bound})

    # leaves ---------------------------------------------------------------------------------------
    def _num(self, p: int, q: int) -> Any:
        return p if q == 1 else mp.mpf(p) / q

    def _const(self, name: str) -> Any:
        return {"pi": mp.pi, "e": mp.e, "gamma": mp.euler, "oo": mp.inf, "-oo": -mp.inf}[name] * 1

    def _var(self, name: str) -> Any:
        return self.bound[name] if name in self.bound else self.point.values[name]

    def _entry(self, name: str, *at: Term) -> Any:
        if name in self.bound:
            return self.bound[name]
        return self.point.element(name, tuple(_whole(self.of(a)) for a in at))

    # scalars --------------------------------------------------------------------------------------
    def _add(self, *terms: Term) -> Any:
        found = [self.of(t) for t in terms]
        result = sum(found[1:], found[0])
        if not any(isinstance(f, mp.matrix) for f in found):
            scale = max(map(abs, found))
            whole = all(isinstance(f, int) for f in found)
            if scale > _LARGE and abs(result) < scale / _LARGE**2 and not whole:
                raise Unclear("large numbers cancel")
        return result

    def _mul(self, *factors: Term) -> Any:
        result = self.of(factors[0])
        for f in factors[1:]:
            result = result * self.of(f)
        return result

    def _pow(self, base: Term, exponent: Term) -> Any:
        b, e = self.of(base), self.of(exponent)
        if isinstance(b, mp.matrix):
            return b ** int(e) if int(e) >= 0 else _inverse(b) ** -int(e)
        fixed = exponent.op == "num"
        if fixed or is_whole(exponent, self.point.declared, self.bound):
            f = Fraction(*exponent.args) if fixed else Fraction(int(e))
            if f < 0 and _sign(b) == 0:
                raise Undefined("division")
            if f.denominator != 1 and _sign(b) < 0:
                raise Undefined("root")
            return mp.mpf(b) ** f.numerator if f.denominator == 1 else _root(b, f)
        if _sign(b) == 0:
            if _sign(e) < 0:
                raise Undefined("division")
            if _sign(e) == 0:
                raise Unclear("0^0")
            return mp.mpf(0)
        if b < 0 and not mp.isint(e):
            raise Undefined("root")
        return mp.mpf(b) ** (int(e) if mp.isint(e) else e)

    def _log(self, a: Term) -> Any:
        reading = _reading(a, self.point.declared, self.bound)
        try:
            x = self.of(a)
        except Undefined as u:
            if reading == "signed" or u.why != "root":
                raise
            raise Unclear("the log of a determinant's root") from None
        if reading == "size" and _sign(x) != 0:
            return mp.log(abs(x))
        if reading == "?" and _sign(x) < 0:
            raise Unclear("log |det|, or the log of a signed number")
        if _sign(x) <= 0:
            zero = "logdet" if _of_determinants(a) else LOG_OF_ZERO
            raise Undefined("log" if x < 0 else zero)
        return mp.log(x)

    def _piecewise(self, *cases: Term) -> Any:
        for condition, then in zip(cases[::2], cases[1::2], strict=True):
            if self.of(condition):
                return self.of(then)
        raise Undefined("piecewise")

    def _and(self, *conditions: Term) -> bool:
        return all(self.of(c) for c in conditions)

    def _or(self, *conditions: Term) -> bool:
        return any(self.of(c) for c in conditions)

    # binders --------------------------------------------------------------------------------------
    def _sum(self, body: Term, index: str, low: Term, high: Term) -> Any:
        a, b = self.of(low), self.of(high)
        if b == mp.inf:
            return mp.nsum(lambda i: self._with(**{index: int(i)}).of(body), [int(a), mp.inf])
        span = range(_whole(a), _whole(b) + 1)
        found = [self._with(**{index: i}).of(body) for i in span]
        return sum(found[1:], found[0]) if found else 0

    def _prod(self, body: Term, index: str, low: Term, high: Term) -> Any:
        result = mp.mpf(1)
        for i in range(_whole(self.of(low)), _whole(self.of(high)) + 1):
            result = result * self._with(**{index: i}).of(body)
        return result

    def _integral(self, body: Term, name: str, low: Term, high: Term) -> Any:
        a, b = self.of(low), self.of(high)
        ends = [a, b] if mp.isfinite(a) and mp.isfinite(b) else [a, *(
            x for x in (-8, 0, 2, 10) if a < x < b), b]  # fmt: skip
        with mp.workdps(15):
            return mp.quad(lambda x: self._with(**{name: x}).of(body), ends)

    def _derivative(self, body: Term, name: str, order: int) -> Any:
        at = self._var(name)
        try:
            return mp.diff(lambda x: self._with(**{name: x}).of(body), at, order)
        except Undefined as u:
            raise Unclear(f"a derivative at the edge: {u.why}") from None

    def _expect(self, body: Term, *names: str) -> Any:
        names = tuple(n for n in names if n in self.point.averaged)
        laws = [self.point.law(n) for n in names]
        found = [self._with(**dict(zip(names, at, strict=True))).of(body) for at in product(*laws)]
        return sum(found[1:], found[0]) / len(found)

    # matrices -------------------------------------------------------------------------------------
    def _matrix(self, name: str) -> Any:
        return self.point.values[name]

    def _rows(self, rows: int, columns: int, *elements: Term) -> Any:
        found = [mp.mpf(self.of(e)) for e in elements]
        return mp.matrix([found[i * columns : (i + 1) * columns] for i in range(rows)])

    def _matmul(self, *factors: Term) -> Any:
        return self._mul(*factors)

    def _element(self, m: Term, i: Term, j: Term) -> Any:
        rows, row, column = self.of(m), _whole(self.of(i)), _whole(self.of(j))
        if not (0 <= row < rows.rows and 0 <= column < rows.cols):
            raise Unclear("no such element")
        return rows[row, column]


def _reading(t: Term, declared: Mapping[str, Declared], bound: Mapping[str, Any]) -> str:
    """What its log is: "size" (log |t|) of determinants beside what can't be negative, "signed" of
    no determinant or beside what may be, "?" where that is not as plain."""
    if not _of_determinants(t):
        return "signed"
    if t.op == "pow":
        return _reading(t.args[0], declared, bound) if t.args[1].op == "num" else "?"
    if t.op == "det":
        return "size"
    found = set()
    for a in t.args:
        if _of_determinants(a):
            found.add(_reading(a, declared, bound))
        elif a.op == "var" and a.args[0] in declared and a.args[0] not in bound:
            found.add("size" if declared[a.args[0]].domain in _NOT_NEGATIVE else "signed")
        elif a.op == "num":
            found.add("size" if a.args[0] > 0 else "?")
        else:
            found.add("?")
    return "?" if "?" in found else "signed" if "signed" in found else "size"


_NOT_NEGATIVE = ("positive", "nonnegative", "unit interval", "natural", "whole", "size")


def _of_determinants(t: Term) -> bool:
    """Whether a determinant is a factor of it."""
    if t.op in ("mul", "pow"):
        return any(isinstance(a, Term) and _of_determinants(a) for a in t.args)
    return t.op == "det"


def _sign(x: Any) -> int:
    """Of a number that is no rounding error."""
    if x != 0 and abs(x) < _NOISE:
        raise Unclear("zero up to rounding")
    return int(mp.sign(x))


def _whole(x: Any) -> int:
    if not mp.isint(x):
        raise Unclear(f"index {x}")
    return int(x)


def _root(b: Any, f: Fraction) -> Any:
    return mp.mpf(b) ** (mp.mpf(f.numerator) / f.denominator)


def _trace(m: Any) -> Any:
    return sum(m[i, i] for i in range(m.rows))


def _det(m: Any) -> Any:
    if m.rows == 1:
        return m[0, 0] * 1
    rest = range(1, m.rows)
    minors = (
        _det(mp.matrix([[m[i, k] for k in range(m.rows) if k != j] for i in rest]))
        for j in range(m.rows)
    )
    return sum((-1) ** j * m[0, j] * minor for j, minor in enumerate(minors))


def _size(m: Any) -> Any:
    return max(1, mp.mnorm(m, 1)) ** m.rows


def _invertible(m: Any) -> Any:
    d = _det(m)
    if d == 0 or abs(d) < _NOISE * _size(m):
        return None
    return d


def _inverse(m: Any) -> Any:
    if _invertible(m) is None:
        raise Undefined("inverse")
    return m**-1


def _logdet(m: Any) -> Any:
    d = _invertible(m)
    if d is None:
        raise Undefined("logdet")
    return mp.log(abs(d))


def _gamma(x: Any) -> Any:
    _no_pole(x)
    return mp.gamma(x)


def _no_pole(x: Any) -> None:
    near = mp.nint(x)
    if near <= 0 and x != near and abs(x - near) < _NOISE:
        raise Unclear("a pole up to rounding")
    if near <= 0 and x == near:
        raise Undefined("pole")


def _loggamma(x: Any) -> Any:
    _no_pole(x)
    if x < 0:
        raise Unclear("log gamma of a negative number")
    return mp.loggamma(x)


def _polygamma(n: Any, x: Any) -> Any:
    _no_pole(x)
    return mp.psi(int(n), x)


def _factorial(x: Any) -> Any:
    return _gamma(x + 1)


def _binomial(n: Any, k: Any) -> Any:
    if n < 0 or not (mp.isint(n) and mp.isint(k)):
        raise Unclear("a binomial coefficient beyond counts")
    return mp.binomial(n, k) if 0 <= k <= n else 0


def _beta(a: Any, b: Any) -> Any:
    return _gamma(a) * _gamma(b) / _gamma(a + b)


def _atanh(x: Any) -> Any:
    if abs(x) >= 1:
        raise Undefined("log")
    return mp.atanh(x)


def _tan(x: Any) -> Any:
    if mp.cos(x) == 0:
        raise Undefined("division")
    return mp.tan(x)


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "exp": mp.exp,
    "abs": abs,
    "sign": lambda x: _sign(x),
    "max": lambda *a: max(a),
    "min": lambda *a: min(a),
    "floor": mp.floor,
    "gamma": _gamma,
    "loggamma": _loggamma,
    "digamma": lambda x: _polygamma(0, x),
    "polygamma": _polygamma,
    "factorial": _factorial,
    "binomial": _binomial,
    "beta": _beta,
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": _tan,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "atanh": _atanh,
    "atan": mp.atan,
    "erf": mp.erf,
    "zeta": lambda x: mp.zeta(x),
    "besseli": lambda n, x: mp.besseli(n, x),
    "besselk": lambda n, x: mp.besselk(n, x),
    "delta": lambda i, j: int(i == j),
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "true": lambda: True,
    "transpose": lambda m: m.T,
    "inverse": _inverse,
    "identity": lambda n: mp.eye(int(n)),
    "zeros": lambda n, m: mp.zeros(int(n), int(m)),
    "ones": lambda n, m: mp.ones(int(n), int(m)),
    "det": _det,
    "logdet": _logdet,
    "trace": _trace,
}
