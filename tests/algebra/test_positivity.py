"""What is known of signs where zero is allowed, against numbers."""

from __future__ import annotations

from itertools import product

import pytest
import sympy as sp
from hypothesis import given, strategies as st
from sympy import IndexedBase, KroneckerDelta, Sum, Symbol

from entropy_proofs.algebra.nodes import Expectation
from entropy_proofs.algebra.normal import canonical
from entropy_proofs.algebra.positivity import nonnegative, positive, sign

i, j, n = Symbol("i", integer=True), Symbol("j", integer=True), Symbol("n", positive=True, integer=True)  # fmt: skip
u = IndexedBase(Symbol("u", positive=True))
x = IndexedBase(Symbol("x", real=True))
p = Symbol("p", positive=True, unit_interval=True)
p_i = IndexedBase(Symbol("p", positive=True, unit_interval=True))


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (u[i], 1),
        (-u[i], -1),
        (x[i], None),
        (x[i] ** 2, 1),
        (-2 * x[i] ** 2 * u[j], -1),
        (x[i] ** 3, None),
        (u[i] + u[j], 1),
        (-u[i] - x[j] ** 2, -1),
        (u[i] - u[j], None),  # of two elements, not u - u
        (u[0] - u[1], None),
        (u[i] * (u[i] - u[j]), None),
        (sp.log(p), -1),
        (sp.log(u[i]), None),
        (sp.log(p) * sp.log(p / 2), None),
        (n - 1, 1),
        (1 - n, -1),
        (1 / (1 - n), -1),
        (n - 2, None),
        (1 - KroneckerDelta(i, j), 1),
        (KroneckerDelta(i, j) - 1, -1),
        (Sum(x[i] ** 2, (i, 0, n - 1)), 1),
        (Sum(x[i], (i, 0, n - 1)), None),
        (Expectation(Sum(u[i] * x[j] ** 2, (i, 0, n - 1))) / (1 - n), -1),
        (Expectation(x[i] * u[j]), None),
    ],
)
def test_the_sign_of(expr, expected):
    assert sign(expr) == expected
    assert nonnegative(expr) == (expected == 1)


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (1 - p, True),
        (1 - p**2, True),
        (1 - p ** sp.Rational(1, 2), True),
        (1 - p * p_i[i], True),
        (1 - p**n, True),
        (1 - p**-1, False),
        (1 - 2 * p, False),
        (1 - p - p_i[i], False),
        (1 - p * u[i], False),
        (p**2 - 1, False),
    ],
)
def test_what_is_below_one(expr, expected):
    assert positive(expr) == expected


@pytest.mark.parametrize("above", [p, p**2, p * p_i[i]])
def test_magnitudes_have_the_sign_that_is_known(above):
    for size in (sp.Abs(1 - above), sp.Abs(above - 1)):
        assert canonical(size) == canonical(1 - above)
    assert canonical(sp.Abs(u[i] - above)).has(sp.Abs)


D, n = sp.symbols("D n", integer=True, positive=True)
MONOMIALS = (1, D, n, D * n, D**2)


@pytest.mark.parametrize("size", [D + n - 1, D**2 - D + 1, D * n + D - n, D / 2 + n - 1])
def test_polynomials_in_sizes_are_positive_by_how_far_these_are_above_one(size):
    assert positive(size)


@given(st.lists(st.integers(-2, 2), min_size=len(MONOMIALS), max_size=len(MONOMIALS)))
def test_what_is_positive_at_sizes_is_so_at_each(coefficients):
    size = sp.Add(*(c * m for c, m in zip(coefficients, MONOMIALS, strict=True)))
    if positive(size):
        assert all(size.xreplace({D: sp.Integer(a), n: sp.Integer(b)}) > 0
                   for a, b in product(range(1, 6), repeat=2))  # fmt: skip
