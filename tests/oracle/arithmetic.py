"""What an expression's operations are: on reals, on principal branches, on arrays of floats.

Real numbers are strict: the logarithm of a negative number, a pole, an index out of range are
errors.  Principal branches are as SymPy's functions mean them.  Arrays of floats (or of complex
numbers, for a complex step) may have axes of their own, as of quadrature nodes.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, reduce
from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp
from scipy import special


class NotReal(ArithmeticError):
    """The expression has no real value here."""


@dataclass(frozen=True)
class Arithmetic:
    """Operations by SymPy's class names, and those on matrices.

    number: of SymPy's numbers; given: of what stands for a symbol; whole: as an index.
    element: of an array at indices, each a value; choose: the first (value, condition) that is
    met, values as functions of nothing; rows: a matrix of them; entry: of a matrix at integers.
    """

    number: Callable[[sp.Expr], Any]
    given: Callable[[Any], Any]
    whole: Callable[[Any], int]
    functions: Mapping[str, Callable[..., Any]]
    element: Callable[[Any, Sequence[Any]], Any]
    choose: Callable[[Sequence[tuple[Callable[[], Any], Any]]], Any]
    rows: Callable[[list[list[Any]]], Any]
    entry: Callable[[Any, int, int], Any]
    multiply: Callable[[Any, Any], Any]
    scale: Callable[[Any, Any], Any]
    inverse: Callable[[Any], Any]
    determinant: Callable[[Any], Any]
    transpose: Callable[[Any], Any]
    trace: Callable[[Any], Any]


# numbers of mpmath --------------------------------------------------------------------------------
def _mp_number(n: sp.Expr) -> Any:
    return mp.mpf(n.p) / n.q if n.is_Rational else mp.mpmathify(sp.N(n, mp.mp.dps + 5))


def _mp_given(value: Any) -> Any:
    if isinstance(value, sp.Rational):
        return mp.mpf(value.p) / value.q
    if isinstance(value, (mp.mpf, mp.mpc, mp.matrix, list)):
        return value
    return mp.mpf(value.item() if isinstance(value, np.generic) else value)


def _mp_whole(value: Any) -> int:
    found = mp.mpc(value)
    assert found.imag == 0, f"{value} is no whole number"
    assert found.real == mp.floor(found.real), f"{value} is no whole number"
    return int(found.real)


def _mp_element(array: Any, indices: Sequence[Any]) -> Any:
    places = [_mp_whole(i) for i in indices]
    if min(places, default=0) < 0:
        raise IndexError(f"an element at {places}")
    if isinstance(array, mp.matrix):
        return array[tuple(places)] if len(places) > 1 else array[places[0]]
    return _mp_given(reduce(operator.getitem, places, array))


def _mp_choose(branches: Sequence[tuple[Callable[[], Any], Any]]) -> Any:
    return next((value() for value, condition in branches if condition), mp.nan)


@lru_cache(maxsize=4096)
def _besselk(order: Any, x: Any, _precision: int) -> Any:
    return mp.besselk(order, x)


PRINCIPAL = Arithmetic(
    number=_mp_number,
    given=_mp_given,
    whole=_mp_whole,
    functions={
        "Pow": mp.power, "exp": mp.exp, "log": mp.log, "Abs": abs, "sign": mp.sign,
        "gamma": mp.gamma, "loggamma": mp.loggamma, "digamma": mp.digamma,
        "polygamma": lambda m, x: mp.polygamma(int(m.real), x), "beta": mp.beta,
        "factorial": lambda n: mp.gamma(n + 1), "binomial": mp.binomial, "harmonic": mp.harmonic,
        "zeta": mp.zeta, "besseli": mp.besseli, "besselk": lambda n, x: _besselk(n, x, mp.mp.prec),
        "lowergamma": lambda a, x: mp.gammainc(a, 0, x), "uppergamma": mp.gammainc,
        "erf": mp.erf, "erfc": mp.erfc, "expint": mp.expint, "Ei": mp.ei, "hyper": mp.hyper,
        "sin": mp.sin, "cos": mp.cos, "tan": mp.tan, "atan": mp.atan, "sinh": mp.sinh,
        "cosh": mp.cosh, "tanh": mp.tanh, "coth": mp.coth, "sech": mp.sech, "asinh": mp.asinh,
        "atanh": mp.atanh, "Max": max, "Min": min, "floor": mp.floor,
        "KroneckerDelta": lambda i, j: mp.mpf(abs(i - j) < 1e-9),
    },
    element=_mp_element,
    choose=_mp_choose,
    rows=mp.matrix,
    entry=lambda a, i, j: a[i, j],
    multiply=operator.mul,
    scale=operator.mul,
    inverse=lambda a: a**-1,
    determinant=mp.det,
    transpose=lambda a: a.T,
    trace=lambda a: mp.fsum(a[i, i] for i in range(a.rows)),
)  # fmt: skip


# real ones ----------------------------------------------------------------------------------------
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


def _no_pole(function: Callable[..., Any]) -> Callable[..., Any]:
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


def _checked(name: str) -> Callable[..., Any]:
    return lambda *arguments: _real(PRINCIPAL.functions[name](*arguments))


_PLAIN = ("Abs", "sign", "erf", "sin", "cos", "sinh", "cosh", "tanh")
REAL: Arithmetic = replace(
    PRINCIPAL,
    functions={
        **{name: _checked(name) for name in PRINCIPAL.functions},
        **{name: PRINCIPAL.functions[name] for name in _PLAIN},
        **{name: _no_pole(PRINCIPAL.functions[name]) for name in ("gamma", "digamma")},
        "factorial": lambda n: REAL.functions["gamma"](n + 1),
        "Pow": _pow,
        "exp": _exp,
        "log": _log,
        "loggamma": _loggamma,
        "polygamma": _no_pole(lambda m, x: mp.polygamma(int(m), x)),
        "KroneckerDelta": lambda i, j: mp.mpf(i == j),
    },
)


# arrays of floats ---------------------------------------------------------------------------------
def absolute(x: Any) -> Any:
    """|x|; of a complex number with tiny imaginary part, its analytic continuation."""
    return np.where(np.real(x) < 0, -np.asarray(x), x)


def log_determinant(a: Any) -> Any:
    return np.log(np.linalg.det(a))


def _np_choose(branches: Sequence[tuple[Callable[[], Any], Any]]) -> Any:
    values = [np.asarray(value(), dtype=float) for value, _ in branches]
    conditions = np.broadcast_arrays(*(np.asarray(condition) for _, condition in branches))
    return np.select(conditions, np.broadcast_arrays(*values), default=np.nan)


def _np_rows(rows: list[list[Any]]) -> np.ndarray:
    stacked = np.stack(np.broadcast_arrays(*(cell for row in rows for cell in row)), axis=-1)
    return stacked.reshape(*stacked.shape[:-1], len(rows), len(rows[0]))


def _np_polygamma(order: Any, x: Any) -> Any:
    return special.digamma(x) if order == 0 else special.polygamma(int(order), np.real(x))


FLOATS = Arithmetic(
    number=lambda n: int(n) if n.is_Integer else float(n),
    given=lambda value: value,
    whole=lambda value: round(float(value)),
    functions={
        # NumPy has no negative powers of whole numbers
        "Pow": lambda base, e: np.power(base, np.asarray(e) * 1.0),
        "exp": np.exp, "log": np.log, "Abs": absolute, "sign": lambda x: np.sign(np.real(x)),
        "gamma": special.gamma, "loggamma": special.loggamma, "digamma": special.digamma,
        # of large counts, which overflow otherwise
        "log gamma": special.loggamma, "log factorial": lambda n: special.loggamma(n + 1.0),
        "polygamma": _np_polygamma, "beta": special.beta, "zeta": special.zeta,
        "factorial": lambda n: special.gamma(n + 1), "binomial": special.binom,
        "harmonic": lambda n: special.digamma(n + 1) + np.euler_gamma,
        "besseli": special.iv, "besselk": special.kv,
        "lowergamma": lambda a, x: special.gammainc(a, x) * special.gamma(a),
        "uppergamma": lambda a, x: special.gammaincc(a, x) * special.gamma(a),
        "erf": special.erf, "erfc": special.erfc, "expint": special.expn, "Ei": special.expi,
        "hyper": lambda a, b, z: np.float64(mp.hyper(a, b, z)),
        "sin": np.sin, "cos": np.cos, "tan": np.tan, "atan": np.arctan, "sinh": np.sinh,
        "cosh": np.cosh, "tanh": np.tanh, "coth": lambda x: 1 / np.tanh(x),
        "sech": lambda x: 1 / np.cosh(x), "asinh": np.arcsinh, "atanh": np.arctanh,
        "Max": lambda *a: reduce(np.maximum, a), "Min": lambda *a: reduce(np.minimum, a),
        "floor": np.floor, "KroneckerDelta": lambda i, j: np.asarray(i == j) * 1.0,
    },
    element=lambda a, at: np.asarray(a)[tuple(np.asarray(i).astype(int) for i in at)],
    choose=_np_choose,
    rows=_np_rows,
    entry=lambda a, i, j: a[..., i, j],
    multiply=np.matmul,
    scale=lambda c, a: np.asarray(c)[..., None, None] * a,
    inverse=np.linalg.inv,
    determinant=np.linalg.det,
    transpose=lambda a: np.swapaxes(a, -1, -2),
    trace=lambda a: np.trace(a, axis1=-2, axis2=-1),
)  # fmt: skip

__all__ = ["FLOATS", "PRINCIPAL", "REAL", "Arithmetic", "NotReal", "absolute", "log_determinant"]
