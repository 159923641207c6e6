"""Normal forms as rational functions of their atoms."""

from __future__ import annotations

from fractions import Fraction

import mpmath as mp
import pytest
import sympy as sp
from hypothesis import HealthCheck, assume, given, settings, strategies as st
from oracle.expressions import close, defined, principal
from sympy import Rational, exp, log, sqrt

from algebra.strategies import a, b, expressions, p, points, x, y
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Polynomial
from entropy_proofs.algebra.rational import Rationals, cancel, eliminate
from entropy_proofs.algebra.zero import is_zero
from entropy_proofs.errors import TooLarge

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
    total = over.poly(sum(elements, over.zero))
    assert is_zero(total - Polynomial.sum(polys))


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
    reduced, _ = eliminate([dict(enumerate(row)) for row in rows])
    expected, where = sp.Matrix(rows).rref()
    assert tuple(reduced) == where
    for k, row in enumerate(reduced.values()):
        assert [row.get(c, 0) for c in range(expected.cols)] == list(expected.row(k))


def test_echelon_form_over_functions():
    over = Rationals([normal(x), normal(y)])
    gx, gy, zero = over.of(normal(x)), over.of(normal(y)), over.zero
    reduced, _ = eliminate([{0: gx, 1: gy, 2: gx * gy}, {0: gx, 1: gy + gx, 2: zero}])
    assert list(reduced) == [0, 1]
    assert over.poly(reduced[1][2]) == normal(-y)
    assert is_zero(over.poly(reduced[0][2]) - normal(y + y**2 / x))
    inconsistent, _ = eliminate([{0: gx, 1: gy}, {0: gx * gx, 1: gx * gy + over.one}])
    assert list(inconsistent) == [0, 1]
    assert 1 not in inconsistent[0]
    assert eliminate([]) == ({}, {})


def test_rows_are_not_changed():
    rows = [{0: Fraction(2), 1: Fraction(1)}, {0: Fraction(1), 1: Fraction(1)}]
    before = [dict(r) for r in rows]
    eliminate(rows)
    assert rows == before


def test_rows_that_conflict_are_named():
    """x + y = 1, y = 2, z = 3, x = 0: the third has no part in it."""
    rows = [{0: 1, 1: 1, 3: 1}, {1: 1, 3: 2}, {2: 1, 3: 3}, {0: 1}]
    reduced, made_of = eliminate([{c: Fraction(x) for c, x in row.items()} for row in rows])
    assert 3 in reduced
    assert made_of[3] == {0, 1, 3}


def test_large_rational_functions_are_refused():
    names = sp.symbols("r0:12", positive=True)
    over = Rationals([normal(s) for s in names])
    total = over.of(normal(sp.Add(*names)))
    with pytest.raises(TooLarge):
        total**9 / (total**2 + over.one) ** 5
    assert over.poly(total / total) == normal(sp.Integer(1))


def test_sums_that_are_factors_may_be_atoms():
    """What is too large opened is small closed: x / (1 + x) cancels as one over the other."""
    p = normal(x / (1 + exp(y)) + b / (1 + exp(y)))
    opened, closed = Rationals([p]), Rationals([p], opened=False)
    assert len(opened.of(p).denominator) == 2
    assert len(closed.of(p).denominator) == 1
    assert closed.poly(closed.of(p)) == p
