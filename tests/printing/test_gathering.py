"""What has no factors is told as SymPy's own factoring tells it, sooner."""

from __future__ import annotations

import pytest
import sympy as sp
from hypothesis import given, strategies as st

from entropy_proofs.printing.gathering import _has_no_factors

a, b, c, d = sp.symbols("a b c d")


@pytest.mark.parametrize(
    "total", [a * b + c * d, a**2 + b**2, a**2 - 2, a * b + a + 1, 2 * a + 3 * b]
)
def test_polynomials_without_factors(total):
    assert _has_no_factors(total)


@pytest.mark.parametrize(
    "total",
    [
        a**2 - b**2, a * b + a + b + 1, a**2 + 2 * a * b + b**2, 2 * a + 4 * b, a / 2 + b,
        a * b + a * c, -a - b - c + d, 1 / a + b, a * b, a * (b + 1) + c, a**2 + 2 * a + 1,
    ],
)  # fmt: skip
def test_what_may_have_factors_is_left_to_sympy(total):
    assert not _has_no_factors(total)


MONOMIALS = [sp.Integer(1), a, b, c, a * b, b * c, a**2, b**2]
SUMS = st.lists(
    st.tuples(st.integers(-3, 3), st.sampled_from(MONOMIALS)), min_size=2, max_size=5
).map(lambda terms: sp.Add(*(n * m for n, m in terms)))


@given(SUMS, SUMS)
def test_no_product_is_said_to_have_no_factors(one, other):
    product = sp.expand(one * other)
    if one.is_Add and other.is_Add and product.is_Add:
        assert not _has_no_factors(product)
