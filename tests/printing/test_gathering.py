"""Sums as products: python-flint's factors are those that SymPy finds."""

from __future__ import annotations

import sympy as sp
from hypothesis import given, settings, strategies as st

from entropy_proofs.printing import gathering
from entropy_proofs.printing.gathering import _factors, _product

LETTERS = a, b, c, d = sp.symbols("a b c d", cls=sp.Dummy)


def written(total: sp.Expr) -> sp.Expr:
    return _factors(total, LETTERS)


def test_numbers_alone_are_left_as_they_are():
    five = sp.Add(2, 3, evaluate=False)
    assert _product(five) == five


MONOMIALS = [sp.Integer(1), a, b, c, a * b, b * c, a**2, b**2]
SUMS = st.lists(
    st.tuples(st.integers(-3, 3), st.sampled_from(MONOMIALS)), min_size=2, max_size=5
).map(lambda terms: sp.Add(*(n * m for n, m in terms)))


FRACTIONS = st.sampled_from([sp.Rational(1, 2), sp.Rational(-2, 3), 1 / a, 1 / (b * c), 1 / a**2])


def by_sympy(total: sp.Expr) -> sp.Expr:
    """A number in front is multiplied into a sum that is the only factor, here and there."""
    found = sp.factor(total)
    return found.func(*found.args) if found.args else found


@settings(deadline=None, max_examples=50)
@given(SUMS, SUMS, SUMS)
def test_the_factors_are_those_of_sympy(one, other, rest):
    for total in (sp.expand(one * other), one * other + rest, one**2 - other):
        if total.is_Add:
            assert rebuilt(written(total)) == by_sympy(total)


@settings(deadline=None, max_examples=50)
@given(SUMS, SUMS, SUMS, FRACTIONS, FRACTIONS)
def test_fractions_have_the_factors_of_sympy(one, other, rest, here, there):
    for total in (one * here + other * there, here / (1 + a**2) + there * rest, one / (a - b) + d):
        if total.is_Add:
            assert rebuilt(written(total)) == by_sympy(total)


def rebuilt(expr: sp.Expr) -> sp.Expr:
    return expr.func(*expr.args) if expr.args else expr


def test_a_long_sum_over_denominators_is_not_factored(monkeypatch):
    """As a field on four thresholds, for which that takes minutes; short ones are."""
    asked = []
    monkeypatch.setattr(gathering, "_factors", lambda e, letters: asked.append(e) or e)
    short = 1 / (1 + a) + b / (1 + a)
    long = sp.Add(*(x**k / (1 + y) ** k for x in LETTERS for y in LETTERS for k in range(1, 5)))
    assert _product(short) == short
    assert len(asked) == 1
    assert _product(long) == long
    assert len(asked) == 1
