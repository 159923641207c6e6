"""Sums as products: python-flint's factors are those that SymPy finds."""

from __future__ import annotations

import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st

from entropy_proofs.printing.gathering import _factors, _product

LETTERS = a, b, c, d = sp.symbols("a b c d", cls=sp.Dummy)


def written(total: sp.Expr) -> sp.Expr | None:
    return _factors(total, LETTERS)


@pytest.mark.parametrize("total", [a / 2 + b, 1 / a + b, sp.sqrt(a) + b, a**b + c])
def test_what_is_no_polynomial_with_whole_coefficients_is_left_to_sympy(total):
    assert written(total) is None


def test_numbers_alone_are_left_to_sympy():
    assert _factors(sp.Add(2, 3, evaluate=False), []) is None


MONOMIALS = [sp.Integer(1), a, b, c, a * b, b * c, a**2, b**2]
SUMS = st.lists(
    st.tuples(st.integers(-3, 3), st.sampled_from(MONOMIALS)), min_size=2, max_size=5
).map(lambda terms: sp.Add(*(n * m for n, m in terms)))


@settings(deadline=None, max_examples=50)
@given(SUMS, SUMS, SUMS)
def test_the_factors_are_those_of_sympy(one, other, rest):
    for total in (sp.expand(one * other), one * other + rest, one**2 - other):
        if total.is_Add:
            # a number in front is multiplied into a sum that is the only factor
            assert written(total) == sp.factor(total).func(*sp.factor(total).args)


def test_a_long_sum_over_denominators_is_not_factored(monkeypatch):
    """As a field on four thresholds, for which SymPy takes minutes; short ones it does factor."""
    asked = []
    monkeypatch.setattr(sp, "factor", lambda e: asked.append(e) or e)
    short = 1 / (1 + a) + b / (1 + a)
    long = sp.Add(*(x**k / (1 + y) ** k for x in LETTERS for y in LETTERS for k in range(1, 5)))
    assert _product(short) == short
    assert len(asked) == 1
    assert _product(long) == long
    assert len(asked) == 1
