"""Normal forms as rational functions of their atoms."""

from __future__ import annotations

from fractions import Fraction

import mpmath as mp
import pytest
import sympy as sp
from hypothesis import HealthCheck, assume, given, settings, strategies as st
from sympy import Rational, exp, log, sqrt

from algebra.explicit import close, defined, principal
from algebra.strategies import a, b, expressions, p, points, x, y
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Poly
from entropy_proofs.algebra.rational import Rationals, cancel, reduce_rows
from entropy_proofs.algebra.zero import is_zero

often = settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@often
@given(expressions(6), points)
def test_cancelling_keeps_the_value(expression, point):
    found = cancel(normal(expression))
    with mp.workdps(40):
        before = defined(expression, point)
        assume(before is not None)
        assert close(before, principal(found.expr(), point))


@often
@given(expressions(5))
def test_cancelled_is_equal(expression):
    p = normal(expression)
    assert is_zero(cancel(p) - p)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ((x**2 - y**2) / (x - y), x + y),
        ((a - b) / (sqrt(a) - sqrt(b)), sqrt(a) + sqrt(b)),
        (1 / (1 + exp(-x)) + 1 / (1 + exp(x)), sp.Integer(1)),
        ((x**3 - 1) / (x**2 + x + 1), x - 1),
        (p / (1 - p) + 1 - 1 / (1 - p), sp.Integer(0)),
        ((log(a) ** 2 - 1) / (log(a) + 1), log(a) - 1),
        ((x + y) ** 3 / (x**2 + 2 * x * y + y**2), x + y),
    ],
    ids=str,
)  # fmt: skip
def test_common_factors(expression, expected):
    found = cancel(normal(expression))
    assert is_zero(found - normal(expected))
    assert normal(found.expr()) == normal(expected)


def test_without_denominators_nothing_is_done():
    q = normal(x * y + log(a))
    assert cancel(q) is q


@often
@given(st.lists(expressions(4), min_size=1, max_size=3))
def test_the_field_and_back(several):
    polys = [normal(e) for e in several]
    try:
        over = Rationals(polys)
        elements = [over.of(q) for q in polys]
    except ZeroDivisionError:
        assume(False)
    for q, element in zip(polys, elements, strict=True):
        assert is_zero(over.poly(element) - q)
    total = over.poly(sum(elements, over.field.zero))
    assert is_zero(total - Poly.sum(polys))


def test_the_field_knows_roots():
    over = Rationals([normal(sqrt(a)), normal(a ** Rational(1, 3))])
    root, third = over.of(normal(sqrt(a))), over.of(normal(a ** Rational(1, 3)))
    assert root**2 == third**3 == over.of(normal(a))


# linear systems -------------------------------------------------------------------------------------
matrices = st.integers(1, 4).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(-2, 2).map(Fraction), min_size=width, max_size=width),
        min_size=1, max_size=4,
    )
)  # fmt: skip


@often
@given(matrices)
def test_echelon_form_is_sympys(rows):
    reduced, pivots = reduce_rows(rows)
    expected, where = sp.Matrix(rows).rref()
    assert tuple(pivots) == where
    assert sp.Matrix(reduced) == expected


def test_echelon_form_over_functions():
    over = Rationals([normal(x), normal(y)])
    gx, gy, zero = over.of(normal(x)), over.of(normal(y)), over.field.zero
    reduced, pivots = reduce_rows([[gx, gy, gx * gy], [gx, gy + gx, zero]])
    assert pivots == [0, 1]
    assert over.poly(reduced[1][2]) == normal(-y)
    assert is_zero(over.poly(reduced[0][2]) - normal(y + y**2 / x))
    inconsistent, pivots = reduce_rows([[gx, gy], [gx * gx, gx * gy + over.field.one]])
    assert pivots == [0, 1]
    assert not inconsistent[0][1]
    assert reduce_rows([]) == ([], [])


def test_rows_are_not_changed():
    rows = [[Fraction(2), Fraction(1)], [Fraction(1), Fraction(1)]]
    before = [list(r) for r in rows]
    reduce_rows(rows)
    assert rows == before
