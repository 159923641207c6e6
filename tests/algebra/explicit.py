"""The number that an expression is at explicit sizes: every sum is written out, every array is
there, every hidden unit is a given function.  Shares nothing with the engine but its node classes.

Two arithmetics: `value` knows real numbers only (a logarithm of a negative number, a pole, an
index out of range are errors), `principal` takes principal branches, as SymPy's functions mean them.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from functools import reduce
from itertools import product
from typing import Any

import mpmath as mp
import sympy as sp

from entropy_proofs.algebra import nodes


class NotReal(ArithmeticError):
    """The expression has no real value here."""


def value(expr: Any, env: Mapping[sp.Symbol, Any]) -> Any:
    """The value; env holds numbers, sizes and (nested lists as) arrays by label."""
    return _Walk(env)(sp.sympify(expr))


def principal(expr: Any, env: Mapping[sp.Symbol, Any]) -> Any:
    """The value on the principal branches of all functions, a complex number."""
    return _Walk(env, _PRINCIPAL)(sp.sympify(expr))


def defined(expr: Any, env: Mapping[sp.Symbol, Any]) -> Any | None:
    """The value, or None where there is no real one."""
    try:
        return value(expr, env)
    except (NotReal, ZeroDivisionError, OverflowError):
        return None


def close(a: Any, b: Any, digits: int = 12) -> bool:
    return bool(abs(a - b) <= mp.mpf(10) ** -digits * (1 + abs(a) + abs(b)))


def _real(number: Any) -> Any:
    if isinstance(number, mp.mpc):
        if abs(number.imag) > mp.mpf(10) ** -20 * (1 + abs(number.real)):
            raise NotReal(f"{number}")
        return number.real
    if not mp.isfinite(number):
        raise NotReal(f"{number}")
    return number


def _log(x: Any) -> Any:
    if x <= 0:
        raise NotReal(f"log {x}")
    return mp.log(x)


def _exp(x: Any) -> Any:
    if abs(x) > 10**4:
        raise OverflowError
    return mp.exp(x)


def _pow(base: Any, e: Any) -> Any:
    if e == mp.floor(e):
        if base == 0 and e < 0:
            raise NotReal("0 to a negative power")
        if abs(e) > 10**4:
            raise OverflowError
        return base ** int(e)
    if base == 0 and e > 0:
        return mp.mpf(0)
    if base <= 0:
        raise NotReal(f"{base} ** {e}")
    return _exp(e * mp.log(base))


def _no_pole(function):
    def apply(*arguments: Any) -> Any:
        x = arguments[-1]
        if x <= 0 and x == mp.floor(x):
            raise NotReal("pole")
        return _real(function(*arguments))

    return apply


def _loggamma(x: Any) -> Any:
    if x <= 0:
        raise NotReal("log Gamma")
    return mp.loggamma(x)


FUNCTIONS = {
    "Pow": _pow,
    "exp": _exp,
    "log": _log,
    "Abs": abs,
    "sign": mp.sign,
    "gamma": _no_pole(mp.gamma),
    "loggamma": _loggamma,
    "digamma": _no_pole(mp.digamma),
    "polygamma": _no_pole(lambda m, x: mp.polygamma(int(m), x)),
    "besseli": lambda n, x: _real(mp.besseli(n, x)),
    "besselk": lambda n, x: _real(mp.besselk(n, x)),
    "beta": lambda a, b: _real(mp.beta(a, b)),
    "factorial": _no_pole(lambda n: mp.gamma(n + 1)),
    "binomial": lambda n, k: _real(mp.binomial(n, k)),
    "zeta": lambda *s: _real(mp.zeta(*s)),
    "harmonic": lambda *s: _real(mp.harmonic(*s)),
    "erf": mp.erf,
    "sin": mp.sin,
    "cos": mp.cos,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "KroneckerDelta": lambda i, j: mp.mpf(i == j),
}


_PRINCIPAL = FUNCTIONS | {
    "exp": mp.exp,
    "log": mp.log,
    "gamma": mp.gamma,
    "loggamma": mp.loggamma,
    "digamma": mp.digamma,
    "polygamma": lambda m, x: mp.polygamma(int(m.real), x),
    "besseli": mp.besseli,
    "Pow": mp.power,
    "KroneckerDelta": lambda i, j: mp.mpf(abs(i - j) < 1e-9),
}


class _Walk:
    def __init__(self, env: Mapping[sp.Symbol, Any], functions: Mapping[str, Any] = FUNCTIONS):
        self.env = env
        self.functions = functions
        self.loop: dict[sp.Symbol, int] = {}
        self.matrices: dict[Any, Any] = {}

    def with_(self, more: Mapping[sp.Symbol, int]) -> _Walk:
        inner = _Walk({**self.env, **more}, self.functions)
        inner.loop, inner.matrices = {**self.loop, **more}, self.matrices
        return inner

    def __call__(self, e: Any) -> Any:
        if isinstance(e, sp.Symbol):
            return self.number(self.env[e])
        if e.is_Rational:
            return mp.mpf(e.p) / e.q
        if isinstance(e, (sp.NumberSymbol, sp.Float)):
            return mp.mpmathify(sp.N(e, mp.mp.dps + 5))
        name = type(e).__name__
        if name in self.functions:
            return self.functions[name](*map(self, e.args))
        return getattr(self, f"_{name}")(e)

    @staticmethod
    def number(given: Any) -> Any:
        if isinstance(given, sp.Rational):
            return mp.mpf(given.p) / given.q
        return mp.mpf(given)

    def whole(self, e: Any) -> int:
        found = mp.mpc(self(e))
        assert found.imag == 0, f"{e} is no whole number"
        assert found.real == mp.floor(found.real), f"{e} is no whole number"
        return int(found.real)

    def _Add(self, e: Any) -> Any:
        return reduce(operator.add, map(self, e.args))

    def _Mul(self, e: Any) -> Any:
        return reduce(operator.mul, map(self, e.args))

    def _Indexed(self, e: Any) -> Any:
        found = self.env[e.base.label]
        for i in e.indices:
            at = self.whole(i)
            if at < 0:
                raise IndexError(f"{e} at {at}")
            found = found[at]
        return self.number(found)

    def _folded(self, e: Any, limits: tuple) -> list[Any]:
        """The values of the summand; the last limit is the outermost sum's."""
        if not limits:
            return [self(e.function)]
        i, low, high = limits[-1]
        found = []
        for k in range(self.whole(low), self.whole(high) + 1):
            found += self.with_({i: k})._folded(e, limits[:-1])
        return found

    def _Sum(self, e: Any) -> Any:
        return mp.fsum(self._folded(e, e.limits))

    def _Product(self, e: Any) -> Any:
        return mp.fprod(self._folded(e, e.limits))

    def matrix(self, array: sp.Lambda, size: Any, inverse: bool = False) -> Any:
        free = array.free_symbols & set(self.loop)
        key = array, self.whole(size), inverse, frozenset((f, self.loop[f]) for f in free)
        if key not in self.matrices:
            found = self._filled(array, self.whole(size))
            self.matrices[key] = found**-1 if inverse else found
        return self.matrices[key]

    def _filled(self, array: sp.Lambda, n: int) -> Any:
        entries = mp.matrix(n, n)
        for i, j in product(range(n), repeat=2):
            here = self.with_(dict(zip(array.variables, (i, j), strict=True)))
            entries[i, j] = here(array.expr)
        return entries

    def _LogDet(self, e: nodes.LogDet) -> Any:
        matrix = self.matrix(e.matrix, e.size)
        return _log(abs(mp.det(matrix))) if matrix.rows else mp.mpf(0)

    def _InverseElement(self, e: nodes.InverseElement) -> Any:
        inverse = self.matrix(e.matrix, e.size, inverse=True)
        return inverse[self.whole(e.row), self.whole(e.column)]

    def _activation(self, e: nodes.HiddenUnit) -> tuple[Any, list[list[Any]]]:
        """The argument of tanh in phi_j = tanh(j/3 + sum c s), and the weights c per input."""
        j = self.whole(e.unit)
        total, weights = mp.mpf(j) / 3, []
        for k, given in enumerate(e.inputs):
            if isinstance(given, sp.Tuple):
                vector, size = given
                at = [self.with_({vector.variables[0]: m}) for m in range(self.whole(size))]
                numbers = [walk(vector.expr) for walk in at]
            else:
                numbers = [self(given)]
            weights.append([mp.cos(1 + j + 2 * m + 5 * k) for m in range(len(numbers))])
            total += sum(c * s for c, s in zip(weights[-1], numbers, strict=True))
        return total, weights

    def _HiddenUnit(self, e: nodes.HiddenUnit) -> Any:
        return mp.tanh(self._activation(e)[0])

    def _HiddenUnitDerivative(self, e: nodes.HiddenUnitDerivative) -> Any:
        total, weights = self._activation(e)
        return weights[e.which][self.whole(e.component)] / mp.cosh(total) ** 2

    def _Expectation(self, e: nodes.Expectation) -> Any:
        return self(e.args[0])  # one data point, one sample

    def _VariationalEntropy(self, e: nodes.VariationalEntropy) -> Any:
        return mp.mpf(0)
