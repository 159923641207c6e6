"""The value of a symbolic expression at concrete arrays: plain recursion over its tree, with loops
for sums. Complex arrays and arrays of quadrature nodes go through as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import numpy as np
import sympy as sp
from scipy import special

from entropy_proofs.algebra import nodes

from .numeric_families import absolute, log_determinant

Bound = Mapping[sp.Symbol, Any]


class Evaluator:
    """Values of expressions.

    Args:
        arrays: label of a parameter, variable or size -> its value; axes beyond the label's
            indices (quadrature nodes) are kept.
        hidden: name of a network's hidden map -> the map, of a list of vectors (last axis).
    """

    def __init__(self, arrays: Bound, hidden: Mapping[str, Callable[[list], Any]]):
        self.arrays = arrays
        self.hidden = hidden
        self._matrices: dict[Any, Any] = {}

    def __call__(self, expr: Any, bound: Bound | None = None) -> Any:
        """The value, with `bound` for index symbols."""
        return self._value(sp.sympify(expr), bound or {})

    def _value(self, expr: sp.Basic, bound: Bound) -> Any:
        if isinstance(expr, sp.Symbol):
            return bound[expr] if expr in bound else self.arrays[expr]
        if isinstance(expr, (sp.Number, sp.NumberSymbol)):
            return int(expr) if expr.is_Integer else float(expr)
        for kind in type(expr).__mro__:
            if kind in _RULES:
                return _RULES[kind](self, expr, bound)
            if kind in _FUNCTIONS:
                return _FUNCTIONS[kind](*(self._value(a, bound) for a in expr.args))
        raise TypeError(f"no value for {expr} ({type(expr).__name__})")

    def _add(self, expr: sp.Add, bound: Bound) -> Any:
        return sum(self._value(a, bound) for a in expr.args)

    def _mul(self, expr: sp.Mul, bound: Bound) -> Any:
        result: Any = 1
        for a in expr.args:
            result = result * self._value(a, bound)
        return result

    def _pow(self, expr: sp.Pow, bound: Bound) -> Any:
        base, exponent = (np.asarray(self._value(a, bound)) for a in expr.args)
        return np.power(base, exponent * 1.0)  # NumPy has no negative powers of whole numbers

    def _indexed(self, expr: sp.Indexed, bound: Bound) -> Any:
        at = tuple(np.asarray(self._value(i, bound)).astype(int) for i in expr.indices)
        return np.asarray(self.arrays[expr.base.label])[at]

    def _sum(self, expr: sp.Sum, bound: Bound) -> Any:
        *inner, (i, low, high) = expr.limits  # the last limit is the outermost
        summand = sp.Sum(expr.function, *inner) if inner else expr.function
        first, last = int(self._value(low, bound)), int(self._value(high, bound))
        return sum(self._value(summand, {**bound, i: k}) for k in range(first, last + 1))

    def _matrix(self, expr: Any, bound: Bound, function: Callable[[Any], Any]) -> Any:
        """A function of the matrix `Lambda((i, j), element)`, computed once."""
        used = expr.matrix.free_symbols & set(bound)
        key = expr.func, expr.matrix, expr.size, tuple(sorted((s.name, bound[s]) for s in used))
        if key not in self._matrices:
            n = int(self._value(expr.size, bound))
            i, j = expr.matrix.variables
            entries = [
                self._value(expr.matrix.expr, {**bound, i: r, j: c})
                for r, c in product(range(n), repeat=2)
            ]
            stacked = np.stack(np.broadcast_arrays(*entries), axis=-1)
            self._matrices[key] = function(stacked.reshape(*stacked.shape[:-1], n, n))
        return self._matrices[key]

    def _logdet(self, expr: nodes.LogDet, bound: Bound) -> Any:
        return self._matrix(expr, bound, log_determinant)

    def _inverse(self, expr: nodes.InverseElement, bound: Bound) -> Any:
        at = (int(self._value(i, bound)) for i in (expr.row, expr.column))
        return self._matrix(expr, bound, np.linalg.inv)[(..., *at)]

    def _unit(self, expr: nodes.HiddenUnit, bound: Bound) -> Any:
        vectors = []
        for argument in expr.inputs:
            if isinstance(argument, sp.Tuple):
                element, size = argument
                (m,) = element.variables
                entries = [
                    self._value(element.expr, {**bound, m: k})
                    for k in range(int(self._value(size, bound)))
                ]
            else:
                entries = [self._value(argument, bound)]
            vectors.append(np.stack(np.broadcast_arrays(*entries), axis=-1))
        return self.hidden[expr.name.name](vectors)[..., int(self._value(expr.unit, bound))]


def _polygamma(order: Any, x: Any) -> Any:
    return special.digamma(x) if order == 0 else special.polygamma(int(order), np.real(x))


_RULES: dict[type, Callable[[Evaluator, Any, Bound], Any]] = {
    sp.Add: Evaluator._add,
    sp.Mul: Evaluator._mul,
    sp.Pow: Evaluator._pow,
    sp.Indexed: Evaluator._indexed,
    sp.Sum: Evaluator._sum,
    nodes.LogDet: Evaluator._logdet,
    nodes.InverseElement: Evaluator._inverse,
    nodes.HiddenUnit: Evaluator._unit,
}
_FUNCTIONS: dict[type, Callable[..., Any]] = {
    sp.exp: np.exp,
    sp.log: np.log,
    sp.Abs: absolute,
    sp.sign: lambda x: np.sign(np.real(x)),
    sp.cos: np.cos,
    sp.sin: np.sin,
    sp.tanh: np.tanh,
    sp.erf: special.erf,
    sp.gamma: special.gamma,
    sp.loggamma: special.loggamma,
    sp.polygamma: _polygamma,
    sp.besseli: special.iv,
    sp.besselk: special.kv,
    sp.KroneckerDelta: lambda i, j: 1 * (np.asarray(i) == j),
}
