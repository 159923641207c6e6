"""Pairs of one expression in two writings, by identities that hold; and by ones that do not."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp
from hypothesis import strategies as st
from sympy import Abs, exp, gamma, log, loggamma, polygamma, sqrt

from algebra.strategies import a, b, k, numbers, p, x, y

Pair = tuple[sp.Expr, sp.Expr]


def same(e: sp.Expr) -> Pair:
    return e, e


def _ring(f: Pair, g: Pair) -> list[Pair]:
    """Arithmetic, multiplied out on the right."""
    (f1, f2), (g1, g2) = f, g
    return [
        (f1 + g1, g2 + f2),
        (f1 * g1, g2 * f2),
        (f1 * (g1 - x), f2 * g2 - f2 * x),
        ((f1 + g1) ** 2, f2**2 + 2 * f2 * g2 + g2**2),
        ((f1 - g1) * (f1 + g1), f2**2 - g2**2),
        (f1 - f1**3, f2 * (1 - f2) * (1 + f2)),
        (f1 / (1 + g1**2) + x, (f2 + x + x * g2**2) / (1 + g2**2)),
        (1 / (1 + f1**2) + 1 / (2 + g1**2), (3 + f2**2 + g2**2) / ((1 + f2**2) * (2 + g2**2))),
    ]


def _functions(f: Pair, g: Pair) -> list[Pair]:
    """Functional equations, each true for all real arguments."""
    (f1, f2), (g1, g2) = f, g
    return [
        (f1 + g1, g2 + f2),
        (2 * f1 - g1, f2 - g2 + f2),
        (exp(f1 + g1), exp(f2) * exp(g2)),
        (exp(f1 - 2 * g1), exp(f2) / exp(g2) ** 2),
        (log(exp(f1) * exp(g1)), f2 + g2),
        (log(exp(f1) * (1 + g1**2)), f2 + log(1 + g2**2)),
        (Abs(f1) * Abs(1 + g1**2), Abs(f2) * (1 + g2**2)),
        (1 / (1 + exp(-f1)) * g1, g2 * exp(f2) / (1 + exp(f2))),
        (log(1 + exp(f1)) + g1, log(1 + exp(-f2)) + g2 + f2),
        ((f1**2 + 1) ** a * (f1**2 + 1) ** b, (f2**2 + 1) ** (a + b)),
        (loggamma(exp(f1) + 1) + g1, loggamma(exp(f2)) + f2 + g2),
        (polygamma(0, exp(f1) + a + 1) * g1, g2 * polygamma(0, a + exp(f2)) + g2 / (a + exp(f2))),
        (sqrt(f1**2), Abs(f2)),
        (Abs(f1) ** 2, f2**2),
        (Abs(-2 * f1), 2 * Abs(f2)),
        (log((1 + f1**2) ** 3), 3 * log(1 + f2**2)),
        (log(f1**2 * a), log(f2**2) + log(a)),
        (log(sqrt(1 + f1**2) / a), log(1 + f2**2) / 2 - log(a)),
        (sp.tanh(f1), 1 - 2 / (exp(2 * f2) + 1)),
        (gamma(exp(f1) + 2), gamma(exp(f2)) * exp(f2) * (exp(f2) + 1)),
        (sqrt(8) * f1, 2 * sqrt(2) * f2),
        (sp.besseli(1, f1**2 + f1), sp.besseli(1, f2 * (f2 + 1))),
        (sp.sign(1 + f1**2) * f1, f2),
        (exp(log(a) * 2 + f1), a**2 * exp(f2)),
    ]


_leaves = st.sampled_from([x, y, a, b, p, k, 1 - p, x - y, log(a)]).map(same) | numbers.map(same)


def _apply(rules: Callable[[Pair, Pair], list[Pair]]) -> Callable:
    def grow(inner: st.SearchStrategy) -> st.SearchStrategy:
        return st.tuples(inner, inner).flatmap(lambda t: st.sampled_from(rules(*t)))

    return grow


def equal_pairs(size: int = 3) -> st.SearchStrategy:
    """Two writings of one expression; no zero denominator is ever introduced.

    Products of sums occur outside functions only: to see through log((1 - x)^2 (1 + x)) would
    take a factorisation, which nobody promises.
    """
    inner = st.recursive(_leaves, _apply(_functions), max_leaves=size)
    return st.recursive(inner, _apply(_ring), max_leaves=2).filter(_usable)


def _wrong(f: sp.Expr, g: sp.Expr) -> list[Pair]:
    """What a sloppy rewriter would call equal."""
    return [
        (log(f * g), log(f) + log(g)),
        (log(f / g), log(f) - log(g)),
        (log(f**2), 2 * log(f)),
        (sqrt(f**2), f),
        (sqrt(f * g), sqrt(f) * sqrt(g)),
        ((f**2) ** a, f ** (2 * a)),
        (Abs(f + g), Abs(f) + Abs(g)),
        (Abs(f) ** 3, f**3),
        (Abs(f**k), f**k),
        ((f * g) ** a, f**a * g**a),
        ((f + g) ** 2, f**2 + g**2),
        (exp(f * g), exp(f) * exp(g)),
        (exp(f) ** 2, exp(f**2)),
        (log(f + g), log(f) + log(g)),
        (1 / (1 + f**2 + g**2), 1 / (1 + f**2) + 1 / (1 + g**2)),
        (loggamma(f + 1), loggamma(f) + log(f + 1)),
        (loggamma(f + 1), loggamma(f) + log(Abs(f))),
        (loggamma(2 * f), 2 * loggamma(f)),
        (polygamma(0, f + 1), polygamma(0, f) - 1 / f if f != 0 else f),
        (polygamma(1, f + 1), polygamma(1, f) + 1 / f**2 if f != 0 else f),
        (gamma(f + 1), gamma(f) + f),
        (log(gamma(f) ** 2), 2 * log(gamma(f))),
        (sp.besseli(0, f), sp.besseli(1, f)),
        (sp.besseli(1, -f), sp.besseli(1, f)),
        (sp.tanh(f + g), sp.tanh(f) + sp.tanh(g)),
        (sp.sign(f) * f, f),
        (f * x, f * y),
        (f, g),
        (f, f + sp.Rational(1, 10**6)),
        (f * (1 + sp.Rational(1, 10**6)), f),
    ]


def doubtful_pairs(size: int = 3) -> st.SearchStrategy:
    """Two expressions that a wrong rewrite would call equal; some of them are."""
    tree = st.recursive(_leaves, _apply(_functions), max_leaves=size).map(lambda pair: pair[0])
    return st.tuples(tree, tree).flatmap(lambda t: st.sampled_from(_wrong(*t))).filter(_usable)


def _usable(pair: Pair) -> bool:
    known = {"exp", "log", "Abs", "sign", "gamma", "loggamma", "polygamma", "besseli", "tanh"}
    for e in pair:
        if e.has(sp.I, sp.zoo, sp.nan, sp.oo):
            return False
        if any(type(f).__name__ not in known for f in e.atoms(sp.Function)):
            return False
    return True


__all__ = ["doubtful_pairs", "equal_pairs"]
