"""The value of a SymPy expression in mpmath's numbers, by plain recursion over its tree."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

import sympy as sp
from mpmath import MPContext
from mpmath.libmp import NoConvergence
from sympy import Expr, Symbol
from sympy.core.function import AppliedUndef

from entropy_proofs.algebra.nodes import HiddenUnit, InverseElement, LogDet

Value = Any  # an int or a number of mpmath
Bound = Mapping[Symbol, int]
Values = Callable[[Symbol, tuple[int, ...]], Value]

_MOST = 50_000  # nodes that one walk visits
_HUGE = 10**6  # an argument beyond which functions take long
_SINGULAR = 1e-15  # of a pivot, relative to the largest entry


class Undefined(ArithmeticError):
    """No real number: other values of the symbols may have one."""


class Unevaluable(Exception):
    """There is no number, whatever the symbols' values are."""


class TreeWalk:
    """Values of expressions.

    values: of the element of a label at some indices (none for a scalar).
    hidden: of an unspecified function, by a name and its arguments' values.
    """

    def __init__(
        self, number: MPContext, values: Values, hidden: Callable[[str, list[Value]], Value]
    ):
        self.number, self.values, self.hidden = number, values, hidden
        self._visited = 0
        self._known: dict[Any, Any] = {}

    def __call__(self, expr: Any, bound: Bound | None = None) -> Value:
        """The value, with `bound` for index symbols.  Raises Undefined or Unevaluable."""
        try:
            return self._value(sp.sympify(expr), bound or {})
        except (ZeroDivisionError, OverflowError, ValueError, NoConvergence) as error:
            raise Undefined(str(error)) from None
        except RecursionError:
            raise Unevaluable("it is too deeply nested") from None

    def _value(self, expr: Any, bound: Bound) -> Value:
        self._visited += 1
        if self._visited > _MOST:
            raise Unevaluable(f"it is too large: more than {_MOST} operations")
        if isinstance(expr, Symbol):
            return bound[expr] if expr in bound else self.values(expr, ())
        kind: type = type(expr)
        rule = _rule_for(kind)
        if rule is not None:
            return rule(self, expr, bound)
        function = _FUNCTIONS.get(type(expr))
        if function is not None:
            return self._function(function, [self._value(a, bound) for a in expr.args])
        if isinstance(expr, sp.Number | sp.NumberSymbol):
            return self._constant(expr)
        if isinstance(expr, AppliedUndef):
            arguments = [self._value(a, bound) for a in expr.args]
            return 2 + self.hidden(expr.func.__name__, arguments)
        raise Unevaluable(f"{type(expr).__name__} has no value")

    def _constant(self, expr: Any) -> Value:
        if expr.is_Integer:
            return int(expr)
        if expr.is_Rational:
            return self.number.mpf(expr.p) / expr.q
        if not expr.is_finite:
            raise Unevaluable(f"{expr} has no value")
        digits = expr.evalf(self.number.dps + 5) if expr.is_NumberSymbol else expr
        return self.number.make_mpf(digits._mpf_)

    def _function(self, function: str, arguments: list[Value]) -> Value:
        if any(abs(a) > _HUGE for a in arguments):
            raise Undefined(f"{function} of a huge number")
        if any(isinstance(a, int) for a in arguments):
            arguments = [self.number.mpf(a) for a in arguments]
        return self._real(getattr(self.number, function)(*arguments))

    def _real(self, value: Value) -> Value:
        if not self.number.isfinite(value) or getattr(value, "imag", 0) != 0:
            raise Undefined("no real number")
        return value

    # arithmetic ------------------------------------------------------------------------------
    def _add(self, expr: Expr, bound: Bound) -> Value:
        return sum(self._value(a, bound) for a in expr.args)

    def _mul(self, expr: Expr, bound: Bound) -> Value:
        result: Value = 1
        for a in expr.args:
            result = result * self._value(a, bound)
        return result

    def _pow(self, expr: Expr, bound: Bound) -> Value:
        base, exponent = (self._value(a, bound) for a in expr.args)
        if abs(exponent) > _HUGE:
            raise Undefined("a huge power")
        if isinstance(base, int) and not (isinstance(exponent, int) and exponent >= 0):
            base = self.number.mpf(base)
        return self._real(base**exponent)

    def _log(self, expr: Expr, bound: Bound) -> Value:
        value = self._value(expr.args[0], bound)
        if value <= 0:
            raise Undefined("log of a number that is not positive")
        return self.number.log(value)

    def _abs(self, expr: Expr, bound: Bound) -> Value:
        return abs(self._value(expr.args[0], bound))

    def _sign(self, expr: Expr, bound: Bound) -> Value:
        value = self._value(expr.args[0], bound)
        return (value > 0) - (value < 0)

    def _delta(self, expr: Expr, bound: Bound) -> Value:
        one, other = (self._value(a, bound) for a in expr.args[:2])
        return int(one == other)

    def _polygamma(self, expr: Expr, bound: Bound) -> Value:
        order, x = (self._value(a, bound) for a in expr.args)
        if not isinstance(order, int) or x <= 0:
            raise Undefined("polygamma outside of the positive numbers")
        return self._real(self.number.psi(order, self.number.mpf(x)))

    def _extreme(self, expr: Expr, bound: Bound) -> Value:
        of = max if isinstance(expr, sp.Max) else min
        return of(self._value(a, bound) for a in expr.args)

    def _floor(self, expr: Expr, bound: Bound) -> Value:
        value = self._value(expr.args[0], bound)
        of = self.number.floor if isinstance(expr, sp.floor) else self.number.ceil
        return int(of(value))

    # cases -----------------------------------------------------------------------------------
    def _piecewise(self, expr: Expr, bound: Bound) -> Value:
        for value, condition in expr.args:
            if self._holds(condition, bound):
                return self._value(value, bound)
        raise Undefined("no case applies")

    def _holds(self, condition: Any, bound: Bound) -> bool:
        if condition in {sp.true, sp.false}:
            return bool(condition)
        if type(condition) in _RELATIONS:
            return _RELATIONS[type(condition)](*(self._value(a, bound) for a in condition.args))
        if type(condition) in _CONNECTIVES:
            return _CONNECTIVES[type(condition)](self._holds(a, bound) for a in condition.args)
        raise Unevaluable(f"{type(condition).__name__} is neither true nor false")

    # arrays ----------------------------------------------------------------------------------
    def _indexed(self, expr: Any, bound: Bound) -> Value:
        return self.values(expr.base.label, tuple(self._whole(i, bound) for i in expr.indices))

    def _whole(self, expr: Any, bound: Bound) -> int:
        value = self._value(expr, bound)
        if value != int(value):
            raise Undefined(f"{expr} is not a whole number")
        return int(value)

    def _ranges(self, limits: Sequence[Any], bound: Bound) -> Iterator[Bound]:
        """The values of a sum's indices; the last limit is the outermost."""
        if not limits:
            yield bound
            return
        *inner, (i, low, high) = limits
        for k in range(self._whole(low, bound), self._whole(high, bound) + 1):
            yield from self._ranges(inner, {**bound, i: k})

    def _sum(self, expr: Any, bound: Bound) -> Value:
        def total() -> Value:
            return sum(self._value(expr.function, b) for b in self._ranges(expr.limits, bound))

        return self._once(expr, bound, total)

    def _product(self, expr: Any, bound: Bound) -> Value:
        result: Value = 1
        for b in self._ranges(expr.limits, bound):
            result = result * self._value(expr.function, b)
        return result

    def _unit(self, expr: Any, bound: Bound) -> Value:
        """A hidden unit of a network: any smooth function of its inputs will do."""

        def value() -> Value:
            inputs: list[Value] = []
            for argument in expr.inputs:
                if isinstance(argument, sp.Tuple):
                    (element, size), (m,) = argument, argument[0].variables
                    count = range(self._whole(size, bound))
                    inputs += [self._value(element.expr, {**bound, m: k}) for k in count]
                else:
                    inputs.append(self._value(argument, bound))
            return self.hidden(f"{expr.name}[{self._whole(expr.unit, bound)}]", inputs)

        return self._once(expr, bound, value)

    def _logdet(self, expr: Any, bound: Bound) -> Value:
        return self._eliminated(expr, bound)[0]

    def _inverse(self, expr: Any, bound: Bound) -> Value:
        row, column = self._whole(expr.row, bound), self._whole(expr.column, bound)
        return self._eliminated(expr, bound)[1][row][column]

    def _eliminated(self, expr: Any, bound: Bound) -> tuple[Value, list[list[Value]]]:
        """log |det| and the inverse of the matrix."""
        matrix, n = expr.matrix, self._whole(expr.size, bound)
        i, j = matrix.variables

        def compute() -> tuple[Value, list[list[Value]]]:
            entries = [
                [self._value(matrix.expr, {**bound, i: r, j: c}) for c in range(n)]
                for r in range(n)
            ]
            return eliminate(self.number, entries)

        return self._once(matrix, bound, compute, n)

    def _once(self, expr: Any, bound: Bound, compute: Callable[[], Any], size: int = 0) -> Any:
        """What depends on some of the bound indices only is computed once for their values."""
        key = expr, size, *(bound[s] for s in _free(expr) if s in bound)
        if key not in self._known:
            self._known[key] = compute()
        return self._known[key]


@lru_cache(maxsize=4096)
def _free(expr: Any) -> tuple[Symbol, ...]:
    return tuple(sorted(expr.free_symbols, key=str))


def eliminate(number: MPContext, matrix: list[list[Value]]) -> tuple[Value, list[list[Value]]]:
    """log |det| and the inverse, by Gauss and Jordan.  Raises Undefined if it is singular."""
    n = len(matrix)
    rows = [[*row, *(number.mpf(r == c) for c in range(n))] for r, row in enumerate(matrix)]
    scale = max((abs(a) for row in matrix for a in row), default=1)
    log_det = number.mpf(0)
    for k in range(n):
        pivot = max(range(k, n), key=lambda r: abs(rows[r][k]))
        rows[k], rows[pivot] = rows[pivot], rows[k]
        p = rows[k][k]
        if abs(p) <= _SINGULAR * scale:
            raise Undefined("a singular matrix")
        log_det += number.log(abs(p))
        rows[k] = [a / p for a in rows[k]]
        for r in range(n):
            if r != k:
                f = rows[r][k]
                rows[r] = [a - f * b for a, b in zip(rows[r], rows[k], strict=True)]
    return log_det, [row[n:] for row in rows]


@cache
def _rule_for(kind: type) -> Callable[[TreeWalk, Any, Bound], Value] | None:
    return next((_RULES[k] for k in kind.__mro__ if k in _RULES), None)


_RULES: dict[type, Callable[[TreeWalk, Any, Bound], Value]] = {
    sp.Add: TreeWalk._add,
    sp.Mul: TreeWalk._mul,
    sp.Pow: TreeWalk._pow,
    sp.log: TreeWalk._log,
    sp.Abs: TreeWalk._abs,
    sp.sign: TreeWalk._sign,
    sp.KroneckerDelta: TreeWalk._delta,
    sp.polygamma: TreeWalk._polygamma,
    sp.Max: TreeWalk._extreme,
    sp.Min: TreeWalk._extreme,
    sp.floor: TreeWalk._floor,
    sp.ceiling: TreeWalk._floor,
    sp.Piecewise: TreeWalk._piecewise,
    sp.Indexed: TreeWalk._indexed,
    sp.Sum: TreeWalk._sum,
    sp.Product: TreeWalk._product,
    LogDet: TreeWalk._logdet,
    InverseElement: TreeWalk._inverse,
    HiddenUnit: TreeWalk._unit,
}
_RELATIONS: dict[type, Callable[[Value, Value], bool]] = {
    sp.Lt: operator.lt, sp.Le: operator.le, sp.Gt: operator.gt, sp.Ge: operator.ge,
    sp.Eq: operator.eq, sp.Ne: operator.ne,
}  # fmt: skip
_CONNECTIVES: dict[type, Callable[[Iterable[bool]], bool]] = {
    sp.And: all, sp.Or: any, sp.Not: lambda parts: not any(parts),
}  # fmt: skip
_FUNCTIONS = {
    sp.exp: "exp", sp.sin: "sin", sp.cos: "cos", sp.tan: "tan", sp.cot: "cot", sp.sec: "sec",
    sp.csc: "csc", sp.asin: "asin", sp.acos: "acos", sp.atan: "atan", sp.atan2: "atan2",
    sp.sinh: "sinh", sp.cosh: "cosh", sp.tanh: "tanh", sp.coth: "coth", sp.sech: "sech",
    sp.csch: "csch", sp.asinh: "asinh", sp.acosh: "acosh", sp.atanh: "atanh",
    sp.gamma: "gamma", sp.loggamma: "loggamma", sp.factorial: "factorial",
    sp.binomial: "binomial", sp.digamma: "digamma", sp.beta: "beta", sp.zeta: "zeta",
    sp.erf: "erf", sp.erfc: "erfc", sp.erfi: "erfi", sp.besseli: "besseli",
    sp.besselk: "besselk", sp.besselj: "besselj", sp.bessely: "bessely",
}  # fmt: skip
