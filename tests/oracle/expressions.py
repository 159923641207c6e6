"""The number that a SymPy expression is at explicit sizes, by plain recursion over its tree: every
sum is written out, every array is there, every hidden unit is a given function.

Nodes are told by the names of their classes, so that nothing of the engine is imported.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import count
from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef

from oracle.arithmetic import FLOATS, PRINCIPAL, REAL, Arithmetic, NotReal

Values = Mapping[Any, Any]
Unit = Callable[[str, int, list[list[Any]]], Any]  # of a map's name, a unit and its inputs


def value(expr: Any, values: Values) -> Any:
    """The real value; values holds numbers, sizes and (nested lists as) arrays by label."""
    return Evaluator(values)(expr)


def principal(expr: Any, values: Values) -> Any:
    """The value on the principal branches of all functions, a complex number."""
    return Evaluator(values, PRINCIPAL)(expr)


def floats(expr: Any, values: Values) -> Any:
    """The value in double precision, for each element of the axes that values have to spare."""
    return Evaluator(values, FLOATS)(expr)


def defined(expr: Any, values: Values) -> Any | None:
    """The real value, or None where there is none."""
    try:
        return value(expr, values)
    except (NotReal, ZeroDivisionError, OverflowError):
        return None


def close(a: Any, b: Any, digits: int = 12) -> bool:
    return bool(abs(a - b) <= mp.mpf(10) ** -digits * (1 + abs(a) + abs(b)))


def precise(values: Values) -> dict[Any, Any]:
    """The same values as mpmath's numbers, lists and matrices; floats are taken at face value."""
    return {key: _precise(given) for key, given in values.items()}


def _precise(given: Any) -> Any:
    if callable(given) or isinstance(given, (mp.mpf, mp.matrix)):
        return given
    array = np.asarray(given)
    if array.ndim == 0:
        return mp.mpf(float(array))
    if array.ndim == 1:
        return [mp.mpf(float(entry)) for entry in array]
    return mp.matrix(array.tolist())


def tanh_unit(_name: str, unit: int, inputs: list[list[Any]]) -> Any:
    """phi_j = tanh(j/3 + sum of c s over the inputs' elements s)."""
    total = mp.mpf(unit) / 3
    for k, vector in enumerate(inputs):
        total += sum(mp.cos(1 + unit + 2 * m + 5 * k) * s for m, s in enumerate(vector))
    return mp.tanh(total)


class Evaluator:
    """Values of expressions.

    Args:
        values: of symbols, matrix symbols, indexed bases or their labels, undefined functions.
        unit: the value of a network's hidden unit.
    """

    def __init__(self, values: Values, arithmetic: Arithmetic = REAL, unit: Unit = tanh_unit):
        self.values, self.a, self.unit = values, arithmetic, unit
        self.bound: dict[Any, int] = {}
        self._matrices: dict[Any, Any] = {}

    def __call__(self, expr: Any, bound: Mapping[sp.Symbol, int] | None = None) -> Any:
        """The value, with `bound` for index symbols."""
        walk = self._inside(bound) if bound else self
        return walk._value(sp.sympify(expr))

    def _inside(self, bound: Mapping[Any, int]) -> Evaluator:
        inner = Evaluator(self.values, self.a, self.unit)
        inner.bound, inner._matrices = {**self.bound, **bound}, self._matrices
        return inner

    def at(self, more: Values, arithmetic: Arithmetic | None = None) -> Evaluator:
        """The evaluator with other values of these."""
        values = {**self.values, **self.bound, **more}
        return Evaluator(values, arithmetic or self.a, self.unit)

    def _value(self, e: Any) -> Any:
        if isinstance(e, sp.Symbol):
            return self.a.given(self.bound[e] if e in self.bound else self.values[e])
        if getattr(e, "is_Number", False) or isinstance(e, sp.NumberSymbol):
            return self.a.number(e)
        name = type(e).__name__
        if method := getattr(self, f"_{name}", None):
            return method(e)
        if function := self.a.functions.get(name):
            return function(*map(self._value, e.args))
        if isinstance(e, AppliedUndef):
            return self.values[e.func](*map(self._value, e.args))
        if isinstance(e, sp.MatrixBase):
            return self.a.rows([[self._value(cell) for cell in row] for row in e.tolist()])
        raise KeyError(f"no value for {name} {e}")

    def _whole(self, e: Any) -> int:
        return self.a.whole(self._value(e))

    def _zero(self) -> Any:
        return self.a.number(sp.S.Zero)

    # scalars --------------------------------------------------------------------------------------
    def _Add(self, e: Any) -> Any:
        return reduce(operator.add, map(self._value, e.args))

    def _Mul(self, e: Any) -> Any:
        return reduce(operator.mul, map(self._value, e.args))

    def _TupleArg(self, e: Any) -> list[Any]:
        return [self._value(part) for part in e]

    def _log(self, e: Any) -> Any:
        (inside,) = e.args
        if both := self.a.functions.get(f"log {type(inside).__name__}"):
            return both(*map(self._value, inside.args))
        return self.a.functions["log"](self._value(inside))

    def _Indexed(self, e: Any) -> Any:
        label, at = e.base.label, [self._value(i) for i in e.indices]
        array = self.values.get(e.base, self.values.get(label))
        if array is None:  # an element of a matrix symbol, as the engine writes it
            return self._of_matrix_symbol(label.name, [self.a.whole(i) for i in at])
        return self.a.element(array, [i - (e.base.offset or 0) for i in at])

    def _of_matrix_symbol(self, name: str, at: list[int]) -> Any:
        matrix = next(m for k, m in self.values.items() if k.is_Matrix and k.name == name)
        return self.a.entry(matrix, at[0], at[1] if len(at) > 1 else 0)

    def _Piecewise(self, e: Any) -> Any:
        branches = [(lambda v=v: self._value(v), self._condition(test)) for v, test in e.args]
        return self.a.choose(branches)

    def _condition(self, test: Any) -> Any:
        if test in (sp.true, True):
            return True
        if isinstance(test, sp.And):
            return reduce(operator.and_, map(self._condition, test.args))
        compare = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
                   ">": operator.gt, ">=": operator.ge}[test.rel_op]  # fmt: skip
        return compare(self._value(test.lhs), self._value(test.rhs))

    def _Derivative(self, e: Any) -> Any:
        (symbol, order), *rest = e.variable_count
        if rest:
            return self._value(sp.Derivative(sp.Derivative(e.expr, *rest), (symbol, order)))
        numbers = precise({**self.values, **self.bound})
        walk = self.at(numbers, PRINCIPAL)
        found = mp.diff(lambda t: walk.at({symbol: t})(e.expr), numbers[symbol], int(order))
        return float(found) if self.a is FLOATS else found

    def _Subs(self, e: Any) -> Any:
        points = dict(zip(e.variables, map(self._value, e.point), strict=True))
        return self.at(points)(e.expr)

    # sums -----------------------------------------------------------------------------------------
    def _summands(self, e: Any, limits: Sequence[Any]) -> Iterator[Any]:
        """Values of the summand; the last limit is the outermost sum's."""
        if not limits:
            yield self._value(e.function)
            return
        i, low, high = limits[-1]
        first = self._whole(low)
        places = count(first) if high == sp.oo else range(first, self._whole(high) + 1)
        for k in places:
            yield from self._inside({i: k})._summands(e, limits[:-1])

    def _folded(self, e: Any, combine: Callable[[Any, Any], Any], start: Any) -> Any:
        endless, total = e.limits[-1][2] == sp.oo, start
        for position, term in enumerate(self._summands(e, e.limits)):
            total = combine(total, term)
            if endless and position > 20 and abs(term) < 1e-12 * mp.eps * abs(total):
                break
        return total

    def _Sum(self, e: Any) -> Any:
        return self._folded(e, operator.add, self._zero())

    def _Product(self, e: Any) -> Any:
        return self._folded(e, operator.mul, self.a.number(sp.S.One))

    # nodes of the engine --------------------------------------------------------------------------
    def _matrix(self, e: Any, function: Callable[[Any], Any]) -> Any:
        """A function of the matrix `Lambda((i, j), element)`, computed once."""
        here = frozenset((s, self.bound[s]) for s in e.matrix.free_symbols & set(self.bound))
        n = self._whole(e.size)
        key = type(e).__name__, e.matrix, n, here, function
        if key not in self._matrices:
            i, j = e.matrix.variables
            cells = [
                [self._inside({i: row, j: column})._value(e.matrix.expr) for column in range(n)]
                for row in range(n)
            ]
            self._matrices[key] = function(self.a.rows(cells))
        return self._matrices[key]

    def _LogDet(self, e: Any) -> Any:
        if not self._whole(e.size):
            return self._zero()
        f = self.a.functions
        return f["log"](f["Abs"](self._matrix(e, self.a.determinant)))

    def _Det(self, e: Any) -> Any:
        return self._matrix(e, self.a.determinant)

    def _InverseElement(self, e: Any) -> Any:
        inverse = self._matrix(e, self.a.inverse)
        return self.a.entry(inverse, self._whole(e.row), self._whole(e.column))

    def _inputs(self, e: Any) -> list[list[Any]]:
        """The elements of each of a hidden unit's inputs."""
        found = []
        for given in e.inputs:
            if isinstance(given, sp.Tuple):
                vector, size = given
                (m,) = vector.variables
                places = range(self._whole(size))
                found.append([self._inside({m: k})._value(vector.expr) for k in places])
            else:
                found.append([self._value(given)])
        return found

    def _HiddenUnit(self, e: Any) -> Any:
        return self.unit(e.name.name, self._whole(e.unit), self._inputs(e))

    def _HiddenUnitDerivative(self, e: Any) -> Any:
        inputs, unit, at = self._inputs(e), self._whole(e.unit), self._whole(e.component)

        def moved(t: Any) -> Any:
            here = [list(vector) for vector in inputs]
            here[e.which][at] = t
            return self.unit(e.name.name, unit, here)

        return mp.diff(moved, inputs[e.which][at])

    def _Expectation(self, e: Any) -> Any:
        return self._value(e.args[0])  # one data point, one sample

    _DataAverage = _Expectation

    def _VariationalEntropy(self, e: Any) -> Any:
        return self._zero()

    # matrices of SymPy ----------------------------------------------------------------------------
    def _MatrixSymbol(self, e: Any) -> Any:
        return self.values[e]

    def _MatAdd(self, e: Any) -> Any:
        return reduce(operator.add, map(self._value, e.args))

    def _MatMul(self, e: Any) -> Any:
        scalars = [self._value(f) for f in e.args if not f.is_Matrix]
        matrices = [self._value(f) for f in e.args if f.is_Matrix]
        found = reduce(self.a.multiply, matrices)
        return self.a.scale(reduce(operator.mul, scalars), found) if scalars else found

    def _MatPow(self, e: Any) -> Any:
        base, whole = self._value(e.args[0]), int(e.args[1])
        return reduce(self.a.multiply, [base if whole > 0 else self.a.inverse(base)] * abs(whole))

    def _Inverse(self, e: Any) -> Any:
        return self.a.inverse(self._value(e.arg))

    def _Transpose(self, e: Any) -> Any:
        return self.a.transpose(self._value(e.arg))

    def _Determinant(self, e: Any) -> Any:
        return self.a.determinant(self._value(e.arg))

    def _Trace(self, e: Any) -> Any:
        return self.a.trace(self._value(e.arg))

    def _MatrixElement(self, e: Any) -> Any:
        return self.a.entry(self._value(e.parent), self._whole(e.i), self._whole(e.j))

    def _filled(self, e: Any, cell: Callable[[int, int], Any]) -> Any:
        rows, columns = map(self._whole, e.shape)
        return self.a.rows([[cell(i, j) for j in range(columns)] for i in range(rows)])

    def _Identity(self, e: Any) -> Any:
        return self._filled(e, lambda i, j: self.a.number(sp.Integer(i == j)))

    def _ZeroMatrix(self, e: Any) -> Any:
        return self._filled(e, lambda i, j: self._zero())

    def _OneMatrix(self, e: Any) -> Any:
        return self._filled(e, lambda i, j: self.a.number(sp.S.One))

    def _DiagMatrix(self, e: Any) -> Any:
        column = self._value(e.args[0])
        return self._filled(e, lambda i, j: self.a.entry(column, i, 0) if i == j else self._zero())


__all__ = [
    "Evaluator",
    "Unit",
    "close",
    "defined",
    "floats",
    "precise",
    "principal",
    "tanh_unit",
    "value",
]
