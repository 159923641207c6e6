"""Evaluates SymPy expressions at numbers by a walk over the tree.

Two arithmetics share the walk: `EXACT` (mpmath, at its current precision) and `FAST`
(NumPy floats; symbols may hold whole arrays of points, matrices sit in the last two axes).
Nothing here is shared with the engine that the tests check.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp
from scipy import special

Values = Mapping[Any, Any]


@dataclass(frozen=True)
class Arithmetic:
    """Number and matrix operations of one backend; `functions` by SymPy class name."""

    number: Callable[[sp.Expr], Any]
    functions: dict[str, Callable[..., Any]]
    multiply: Callable[[Any, Any], Any]
    scale: Callable[[Any, Any], Any]
    inverse: Callable[[Any], Any]
    determinant: Callable[[Any], Any]
    transpose: Callable[[Any], Any]
    trace: Callable[[Any], Any]
    element: Callable[[Any, int, int], Any]
    from_rows: Callable[[list[list[Any]]], Any]
    choose: Callable[[list[tuple[Any, Any]]], Any]
    take: Callable[[Any, Any], Any]


def _mp_choose(branches):
    return next((value() for value, condition in branches if condition), mp.nan)


def _np_choose(branches):
    values = [np.asarray(value(), dtype=float) for value, _ in branches]
    return np.select(
        np.broadcast_arrays(*[np.asarray(condition) for _, condition in branches]),
        np.broadcast_arrays(*values),
        default=np.nan,
    )


def _np_rows(rows):
    cells = np.broadcast_arrays(*[cell for row in rows for cell in row])
    stacked = np.stack(cells, axis=-1)
    return stacked.reshape(*stacked.shape[:-1], len(rows), len(rows[0]))


def _mp_lower(a, x):
    return mp.gammainc(a, 0, x)


@lru_cache(maxsize=4096)
def _besselk(order, argument, precision):
    return mp.besselk(order, argument)


EXACT = Arithmetic(
    number=lambda n: mp.mpf(n.p) / n.q if n.is_Rational else mp.mpmathify(sp.N(n, mp.mp.dps + 5)),
    functions={
        "log": mp.log, "exp": mp.exp, "gamma": mp.gamma, "loggamma": mp.loggamma,
        "digamma": mp.digamma, "polygamma": mp.polygamma, "beta": mp.beta, "erf": mp.erf,
        "erfc": mp.erfc, "besseli": mp.besseli, "zeta": mp.zeta,
        "besselk": lambda n, z: _besselk(n, z, mp.mp.prec),
        "lowergamma": _mp_lower, "uppergamma": lambda a, x: mp.gammainc(a, x),
        "factorial": lambda n: mp.gamma(n + 1), "harmonic": mp.harmonic,
        "binomial": lambda n, k: mp.binomial(n, k), "Abs": abs, "sign": mp.sign,
        "sin": mp.sin, "cos": mp.cos, "tan": mp.tan, "sinh": mp.sinh, "cosh": mp.cosh,
        "tanh": mp.tanh, "coth": mp.coth, "sech": mp.sech, "asinh": mp.asinh,
        "atanh": mp.atanh, "atan": mp.atan, "hyper": lambda a, b, z: mp.hyper(a, b, z),
        "Max": max, "Min": min, "floor": mp.floor, "expint": mp.expint, "Ei": mp.ei,
    },
    multiply=operator.mul,
    scale=operator.mul,
    inverse=lambda a: a**-1,
    determinant=mp.det,
    transpose=lambda a: a.T,
    trace=lambda a: mp.fsum(a[i, i] for i in range(a.rows)),
    element=lambda a, i, j: a[i, j],
    from_rows=mp.matrix,
    choose=_mp_choose,
    take=lambda array, index: array[int(index)],
)  # fmt: skip

FAST = Arithmetic(
    number=float,
    functions={
        "log": np.log, "exp": np.exp, "gamma": special.gamma, "loggamma": special.gammaln,
        "digamma": special.digamma, "polygamma": special.polygamma, "beta": special.beta,
        "erf": special.erf, "erfc": special.erfc, "besseli": special.iv,
        "besselk": special.kv, "zeta": special.zeta, "binomial": special.binom,
        "lowergamma": lambda a, x: special.gammainc(a, x) * special.gamma(a),
        "uppergamma": lambda a, x: special.gammaincc(a, x) * special.gamma(a),
        "factorial": lambda n: special.gamma(n + 1), "Abs": np.abs, "sign": np.sign,
        "harmonic": lambda n: special.digamma(n + 1) + np.euler_gamma,
        "sin": np.sin, "cos": np.cos, "tan": np.tan, "sinh": np.sinh, "cosh": np.cosh,
        "tanh": np.tanh, "coth": lambda x: 1 / np.tanh(x), "sech": lambda x: 1 / np.cosh(x),
        "asinh": np.arcsinh, "atanh": np.arctanh, "atan": np.arctan,
        "hyper": lambda a, b, z: np.float64(mp.hyper(a, b, z)), "expint": special.expn,
        "Max": lambda *a: reduce(np.maximum, a), "Min": lambda *a: reduce(np.minimum, a),
        "floor": np.floor, "Ei": special.expi,
    },
    multiply=np.matmul,
    scale=lambda c, a: np.asarray(c)[..., None, None] * a,
    inverse=np.linalg.inv,
    determinant=np.linalg.det,
    transpose=lambda a: np.swapaxes(a, -1, -2),
    trace=lambda a: np.trace(a, axis1=-2, axis2=-1),
    element=lambda a, i, j: a[..., i, j],
    from_rows=_np_rows,
    choose=_np_choose,
    take=lambda array, index: array[np.asarray(index, dtype=int)],
)  # fmt: skip


def evaluate(expression: Any, values: Values, arithmetic: Arithmetic = EXACT) -> Any:
    """The number (array, matrix) that `expression` is at `values`; KeyError if one is missing."""
    walk = _Walk(values, arithmetic)
    return walk(sp.sympify(expression))


def exact(values: Values) -> dict:
    """The same values as mpmath numbers and matrices; floats are taken at face value."""
    return {key: _exact(value) for key, value in values.items()}


def _exact(value: Any) -> Any:
    if callable(value) or isinstance(value, mp.mpf | mp.matrix):
        return value
    array = np.asarray(value)
    if array.ndim == 0:
        return mp.mpf(float(array))
    if array.ndim == 1:
        return [mp.mpf(float(entry)) for entry in array]
    return mp.matrix(array.tolist())


class _Walk:
    def __init__(self, values: Values, arithmetic: Arithmetic):
        self.values, self.a = dict(values), arithmetic

    def __call__(self, e: Any) -> Any:
        if e in self.values:
            return self.values[e]
        if getattr(e, "is_Number", False) or isinstance(e, sp.NumberSymbol):
            return self.a.number(e)
        name = type(e).__name__
        method = getattr(self, "_" + name, None)
        if method is not None:
            return method(e)
        if isinstance(e, sp.Tuple):
            return [self(entry) for entry in e]
        if isinstance(e, sp.MatrixBase):
            return self.a.from_rows([[self(cell) for cell in row] for row in e.tolist()])
        if name in self.a.functions:
            return self.a.functions[name](*[self(argument) for argument in e.args])
        if isinstance(e, sp.core.function.AppliedUndef):
            return self.values[e.func](*[self(argument) for argument in e.args])
        raise KeyError(f"no value for {name} {e}")

    def _Add(self, e):
        return reduce(operator.add, map(self, e.args))

    def _Mul(self, e):
        return reduce(operator.mul, map(self, e.args))

    def _Pow(self, e):
        base, exponent = e.args
        if exponent.is_Integer:
            whole = int(exponent)
            power = self(base) ** abs(whole)
            return power if whole >= 0 else 1 / power
        return self(base) ** self(exponent)

    def _log(self, e):
        (inside,) = e.args
        if isinstance(inside, sp.gamma | sp.factorial):  # large counts overflow otherwise
            shift_by_one = int(isinstance(inside, sp.factorial))
            return self.a.functions["loggamma"](self(inside.args[0]) + shift_by_one)
        return self.a.functions["log"](self(inside))

    def _Exp1(self, e):
        return self.a.functions["exp"](self.a.number(sp.S.One))

    # Sums, products, derivatives, branches.

    def _fold(self, e, combine, start):
        total, (index, low, high) = start, e.limits[0]
        inner = e.func(e.function, *e.limits[1:]) if len(e.limits) > 1 else e.function
        position, last = round(float(self(low))), math.inf
        if high != sp.oo:
            last = round(float(self(high)))
        while position <= last:
            number = self.a.number(sp.Integer(position))
            term = _Walk({**self.values, index: number}, self.a)(inner)
            total = combine(total, term)
            position += 1
            if last == math.inf and position > 20 and abs(term) < 1e-12 * mp.eps * abs(total):
                break
        return total

    def _Sum(self, e):
        return self._fold(e, operator.add, 0 * self.a.number(sp.S.One))

    def _Product(self, e):
        return self._fold(e, operator.mul, self.a.number(sp.S.One))

    def _Derivative(self, e):
        (symbol, order), *rest = e.variable_count
        if rest:
            return self(sp.Derivative(sp.Derivative(e.expr, *rest), (symbol, order)))
        numbers = exact(self.values)

        def inner(value):
            return _Walk({**numbers, symbol: value}, EXACT)(e.expr)

        result = mp.diff(inner, numbers[symbol], int(order))
        return result if self.a is EXACT else float(result)

    def _Subs(self, e):
        points = dict(zip(e.variables, map(self, e.point), strict=True))
        return _Walk({**self.values, **points}, self.a)(e.expr)

    def _Piecewise(self, e):
        return self.a.choose(
            [(lambda value=value: self(value), self._condition(test)) for value, test in e.args]
        )

    def _condition(self, test):
        if test in (sp.true, True):
            return True
        if isinstance(test, sp.And):
            return reduce(operator.and_, map(self._condition, test.args))
        compare = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
                   ">": operator.gt, ">=": operator.ge}[test.rel_op]  # fmt: skip
        return compare(self(test.lhs), self(test.rhs))

    def _KroneckerDelta(self, e):
        i, j = map(self, e.args)
        return self.a.choose([(lambda: self.a.number(sp.S.One), i == j),
                              (lambda: self.a.number(sp.S.Zero), True)])  # fmt: skip

    def _Indexed(self, e):
        if e.base not in self.values:  # an element of a matrix symbol, as the engine writes it
            return self._matrix_entry(e)
        offset = e.base.offset or 0
        value = self.values[e.base]
        for index in e.indices:
            value = self.a.take(value, self(index) - offset)
        return value

    # Matrices.

    def _matrix_entry(self, e):
        key = next(k for k in self.values if k.is_Matrix and k.name == str(e.base.label))
        row, *column = (round(float(self(i))) for i in e.indices)
        return self.a.element(self.values[key], row, column[0] if column else 0)

    def _array(self, e):
        """The array argument of the engine's own nodes, as a matrix."""
        size, entries, number = round(float(self(e.size))), e.matrix, self.a.number

        def entry(*place):
            known = dict(zip(entries.variables, map(number, map(sp.Integer, place)), strict=True))
            return _Walk({**self.values, **known}, self.a)(entries.expr)

        return self.a.from_rows([[entry(i, j) for j in range(size)] for i in range(size)])

    def _LogDet(self, e):
        return self.a.functions["log"](abs(self.a.determinant(self._array(e))))

    def _InverseElement(self, e):
        row, column = (round(float(self(i))) for i in (e.row, e.column))
        return self.a.element(self.a.inverse(self._array(e)), row, column)

    def _MatAdd(self, e):
        return reduce(operator.add, map(self, e.args))

    def _MatMul(self, e):
        scalars = [self(f) for f in e.args if not f.is_Matrix]
        matrices = [self(f) for f in e.args if f.is_Matrix]
        product = reduce(self.a.multiply, matrices)
        return self.a.scale(reduce(operator.mul, scalars), product) if scalars else product

    def _MatPow(self, e):
        base, exponent = e.args
        whole = int(exponent)
        factor = self(base) if whole > 0 else self.a.inverse(self(base))
        return reduce(self.a.multiply, [factor] * abs(whole))

    def _Inverse(self, e):
        return self.a.inverse(self(e.arg))

    def _Transpose(self, e):
        return self.a.transpose(self(e.arg))

    def _Determinant(self, e):
        return self.a.determinant(self(e.arg))

    def _Trace(self, e):
        return self.a.trace(self(e.arg))

    def _MatrixElement(self, e):
        parent = self(e.parent)
        return self.a.element(parent, round(float(self(e.i))), round(float(self(e.j))))

    def _square(self, e, cell):
        rows, columns = (round(float(self(n))) for n in e.shape)
        number = self.a.number
        return self.a.from_rows(
            [[number(sp.Integer(cell(i, j))) for j in range(columns)] for i in range(rows)]
        )

    def _Identity(self, e):
        return self._square(e, lambda i, j: int(i == j))

    def _ZeroMatrix(self, e):
        return self._square(e, lambda i, j: 0)

    def _OneMatrix(self, e):
        return self._square(e, lambda i, j: 1)

    def _DiagMatrix(self, e):
        column = self(e.args[0])
        size = round(float(self(e.shape[0])))
        zero = self.a.number(sp.S.Zero)
        return self.a.from_rows(
            [[self.a.element(column, i, 0) if i == j else zero for j in range(size)]
             for i in range(size)]
        )  # fmt: skip


def shift(values: Values, field: Mapping[Any, Any], step: Any) -> dict:
    """`values` moved along `field` by `step` (exact arithmetic).

    A key is a Symbol, a MatrixSymbol, an IndexedBase or its generic entry `base[k]`; a
    direction is a scalar or a matrix, or a Lambda of the entry's indices.
    """
    moved = dict(values)
    for key, direction in field.items():
        if isinstance(direction, sp.Lambda):
            moved[key] = _moved_entries(key, direction, values, step)
        elif isinstance(key, sp.Indexed):
            entry = sp.Lambda(key.indices, direction)
            moved[key.base] = _moved_entries(key.base, entry, values, step)
        else:
            moved[key] = values[key] + step * evaluate(direction, values)
    return moved


def _moved_entries(key: Any, direction: sp.Lambda, values: Values, step: Any) -> Any:
    """Every entry of a vector or matrix moved; indices count from the base's offset."""
    offset = int(getattr(key, "offset", None) or 0)
    old = values[key]

    def at(*position: int) -> Any:
        indices = (mp.mpf(place + offset) for place in position)
        known = {**values, **dict(zip(direction.variables, indices, strict=False))}
        return evaluate(direction.expr, known)

    if isinstance(old, list):
        return [entry + step * at(place) for place, entry in enumerate(old)]
    return mp.matrix(
        [[old[i, j] + step * at(i, j) for j in range(old.cols)] for i in range(old.rows)]
    )


__all__ = ["EXACT", "FAST", "Arithmetic", "evaluate", "exact", "shift"]
