"""Random scalar expressions and points for them."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from hypothesis import assume, strategies as st
from oracle.arithmetic import REAL
from sympy import Rational, Symbol

x, y = sp.symbols("x y", real=True)
a, b = sp.symbols("a b", positive=True)
p = Symbol("p", positive=True, unit_interval=True)
k = Symbol("k", integer=True, nonnegative=True)
n = Symbol("n", integer=True, positive=True)
SYMBOLS = (x, y, a, b, p, k, n)

_SIGNED = [Fraction(q) for q in ("-5/2", "-2", "-1", "-1/3", "1/4", "2/3", "1", "2", "7/2")]
_POSITIVE = [Fraction(q) for q in ("1/5", "1/2", "1", "3/2", "3")]
_UNIT = [Fraction(q) for q in ("1/10", "1/3", "3/4")]

points = st.fixed_dictionaries({
    x: st.sampled_from(_SIGNED),
    y: st.sampled_from(_SIGNED),
    a: st.sampled_from(_POSITIVE),
    b: st.sampled_from(_POSITIVE),
    p: st.sampled_from(_UNIT),
    k: st.integers(1, 4),
    n: st.integers(1, 4),
}).map(lambda env: {s: sp.Rational(v) for s, v in env.items()})  # fmt: skip

numbers = st.sampled_from([sp.Integer(i) for i in (-3, -2, -1, 1, 2, 3)] + [
    Rational(1, 2), Rational(-1, 2), Rational(2, 3), Rational(5, 2), sp.pi,
])  # fmt: skip
leaves = st.sampled_from([*SYMBOLS, x, y, a, 1 - p]) | numbers
exponents = st.sampled_from([-3, -2, -1, 2, 3, 4, Rational(1, 2), Rational(-1, 2), Rational(3, 2),
                             Rational(1, 3), Rational(2, 3)])  # fmt: skip


def _grow(inner: st.SearchStrategy) -> st.SearchStrategy:
    pair = st.tuples(inner, inner)
    return st.one_of(
        pair.map(lambda t: t[0] + t[1]),
        pair.map(lambda t: t[0] - t[1]),
        pair.map(lambda t: t[0] * t[1]),
        pair.map(lambda t: t[0] / t[1] if t[1] != 0 else t[0]),
        st.tuples(inner, exponents).map(lambda t: t[0] ** t[1] if t[0] != 0 else t[0]),
        st.tuples(inner, st.sampled_from([a, k, n, 2 * k, p])).map(_power),
        inner.map(_log),
        inner.map(sp.exp),
        inner.map(sp.Abs),
        inner.map(lambda e: sp.loggamma(e) if e.is_positive is not False and e != 0 else e),
        st.tuples(st.integers(0, 2), inner).map(lambda t: _polygamma(*t)),
        st.tuples(st.integers(0, 2), inner).map(lambda t: sp.besseli(*t)),
    )


def _power(pair: tuple) -> sp.Expr:
    base, exponent = pair
    if not (exponent.is_integer or base.is_positive):
        base = 1 + base**2  # a real power is of something positive
    return base**exponent if base != 0 else base


def _log(e: sp.Expr) -> sp.Expr:
    return sp.log(e) if e != 0 and not e.is_negative else sp.log(1 + e**2)


def _polygamma(order: int, e: sp.Expr) -> sp.Expr:
    return e if e.is_Integer and e <= 0 else sp.polygamma(order, e)


def expressions(size: int = 8) -> st.SearchStrategy:
    """Trees with up to `size` leaves, without infinities and imaginary parts."""

    def keep(e: sp.Expr) -> bool:
        known = all(type(f).__name__ in REAL.functions for f in e.atoms(sp.Function))
        return known and not e.has(sp.I, sp.zoo, sp.nan, sp.oo)

    return st.recursive(leaves, _grow, max_leaves=size).map(sp.sympify).filter(keep)


__all__ = [
    "SYMBOLS",
    "a",
    "assume",
    "b",
    "expressions",
    "k",
    "n",
    "numbers",
    "p",
    "points",
    "x",
    "y",
]
