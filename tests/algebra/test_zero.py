"""The zero test: equal expressions in other writings are found equal, unequal ones never."""

from __future__ import annotations

import mpmath as mp
import pytest
import sympy as sp
from hypothesis import HealthCheck, assume, given, settings
from oracle.expressions import close, defined
from sympy import Abs, IndexedBase, KroneckerDelta, Lambda, Rational, Sum, Symbol, exp, log

from algebra.rewritings import doubtful_pairs, equal_pairs
from algebra.strategies import a, b, expressions, k, p, points, x, y
from algebra.sums_strategies import NAMES, A, D, K, Q, S, rho, s, v, w
from entropy_proofs.algebra.nodes import InverseElement, LogDet
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Polynomial
from entropy_proofs.algebra.zero import cancelled_in_sums, is_zero

i, j, m, n = NAMES
often = settings(
    max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def shown_equal(left: sp.Expr, right: sp.Expr) -> bool:
    return is_zero(normal(left) - normal(right))


@often
@given(equal_pairs(3))
def test_two_writings_of_one_expression(pair):
    try:
        assert shown_equal(*pair)
    except ZeroDivisionError:
        assume(False)  # log 0 or 1/0 in both


@often
@given(doubtful_pairs(2), points)
def test_shown_equal_means_equal(pair, point):
    try:
        equal = shown_equal(*pair)
    except ZeroDivisionError:
        assume(False)
    if equal:
        with mp.workdps(40):
            values = [defined(e, point) for e in pair]
            assume(None not in values)
            assert close(*values)


@settings(often, max_examples=80)
@given(expressions(5), expressions(5), points)
def test_random_expressions_are_rarely_equal(left, right, point):
    if shown_equal(left, right):
        with mp.workdps(40):
            values = [defined(e, point) for e in (left, right)]
            assume(None not in values)
            assert close(*values)


@settings(often, max_examples=60)
@given(expressions(5))
def test_a_small_change_shows(expression):
    assert shown_equal(expression, expression)
    assert not shown_equal(expression, expression + Rational(1, 10**9))
    assert not shown_equal(expression, expression + a * Rational(1, 10**9))


UNEQUAL = [
    (log(x * y), log(x) + log(y)),
    (log(x**2), 2 * log(x)),
    (log(-log(1 - p)), log(log(1 - p))),
    (sp.sqrt(x**2), x),
    (Abs(x), x),
    (Abs(x) ** 3, x**3),
    (Abs(x + y), Abs(x) + Abs(y)),
    (Abs(x**k), x**k),
    (sp.sqrt(x ** (2 * k)), x**k),
    (log(x ** (2 * k)), 2 * k * log(x)),
    ((x**2) ** (a / 2), x**a),
    (exp(x) ** y, exp(x + y)),
    (sp.loggamma(a + 1), sp.loggamma(a) - log(a)),
    (sp.polygamma(0, a + 1), sp.polygamma(0, a) - 1 / a),
    (sp.polygamma(1, a + 1), sp.polygamma(1, a) + 1 / a**2),
    (sp.gamma(a), sp.gamma(a + 1)),
    (sp.beta(a, b), 1 / sp.beta(a, b)),
    (sp.besseli(0, a), sp.besseli(1, a)),
    (Abs(sp.gamma(x)), sp.gamma(x)),
    (1 / (x + y), 1 / x + 1 / y),
    ((x + y) / (x - y), (x - y) / (x + y)),
    (sp.erf(x), sp.erf(-x)),
    (sp.pi, Rational(314159265358979, 10**14)),
    (sp.E, exp(x - x + 1) + Rational(1, 10**20)),
    (Sum(v[i], (i, 0, D - 1)) ** 2, Sum(v[i] ** 2, (i, 0, D - 1))),
    (LogDet(Lambda((i, j), A[i, j]), D), LogDet(Lambda((i, j), 2 * A[i, j]), D)),
    (LogDet(Lambda((i, j), A[i, j]), D), Sum(log(Abs(A[i, i])), (i, 0, D - 1))),
    (KroneckerDelta(i, j), sp.Integer(1)),
    (KroneckerDelta(i, j) * v[i], v[i]),
]


@pytest.mark.parametrize(("left", "right"), UNEQUAL, ids=lambda e: str(e)[:40])
def test_unequal(left, right):
    assert not shown_equal(left, right)


INVERSE = Lambda((i, j), InverseElement(Lambda((i, j), S[i, j]), D, i, j))
SQUARED = Lambda((i, j), InverseElement(Lambda((i, j), S[i, j]), D, i, j) ** 2)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (LogDet(SQUARED, D), LogDet(INVERSE, D)),
        (LogDet(INVERSE, D - 1), -LogDet(Lambda((i, j), S[i, j]), D)),
        (LogDet(INVERSE, D - 1), -LogDet(Lambda((i, j), S[i, j]), D - 1)),
        (
            LogDet(Lambda((i, j), KroneckerDelta(i, j) * v[i]), D),
            Sum(log(v[i]), (i, 0, D - 1)) + sp.I * 0 + log(sp.Integer(2)),
        ),
    ],
    ids=["squares of the inverse's elements", "a block of the inverse", "its size", "diagonal"],
)  # fmt: skip
def test_determinants_that_look_like_an_inverse(left, right):
    assert not shown_equal(left, right)


def test_the_determinant_of_a_diagonal_ignores_signs():
    diagonal = LogDet(Lambda((i, j), KroneckerDelta(i, j) * v[i]), D)
    assert shown_equal(diagonal, LogDet(Lambda((i, j), -KroneckerDelta(i, j) * v[i]), D))
    assert shown_equal(diagonal, Sum(log(Abs(v[i])), (i, 0, D - 1)))
    positive = LogDet(Lambda((i, j), s * KroneckerDelta(i, j) * w[i]), D)
    assert shown_equal(positive, D * log(s) + Sum(log(w[i]), (i, 0, D - 1)))


def test_determinants_of_inverses_and_multiples():
    assert shown_equal(LogDet(INVERSE, D), -LogDet(Lambda((m, n), S[n, m]), D))
    scaled = Lambda((i, j), 2 * sp.pi * s**2 * S[i, j])
    assert shown_equal(
        LogDet(scaled, D), D * log(2 * sp.pi) + 2 * D * log(s) + LogDet(Lambda((i, j), S[i, j]), D)
    )
    inverse = InverseElement(scaled, D, m, n)
    plain = InverseElement(Lambda((i, j), S[i, j]), D, n, m)
    assert shown_equal(inverse, plain / (2 * sp.pi * s**2))


def test_zero_is_zero_and_large_sums_are_left_alone():
    assert is_zero(Polynomial())
    assert not is_zero(Polynomial.number(1))
    many = sum(x**q / (1 + x) ** q for q in range(1, 5))
    assert shown_equal(many * (1 + x) ** 4, sum(x**q * (1 + x) ** (4 - q) for q in range(1, 5)))


def test_products_of_roots():
    assert shown_equal(sp.sqrt(a * b) ** 2, a * b)
    assert shown_equal(sp.sqrt(1 + x**2) * sp.sqrt(1 + x**2), 1 + x**2)
    assert is_zero(normal(sp.sqrt(x * y)) * normal(sp.sqrt(x * y)) - normal(x * y))
    assert not shown_equal(sp.sqrt(1 + x**2) * sp.sqrt(1 + y**2), 1 + x * y)


def test_like_named_symbols_stay_apart():
    other = IndexedBase(Symbol("v", positive=True))
    assert not shown_equal(Sum(v[i], (i, 0, D - 1)), Sum(other[i], (i, 0, D - 1)))


# denominators ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1 / (1 + 1 / (a + b) ** 2), (a + b) ** 2 / ((a + b) ** 2 + 1)),
        (1 / (1 / (a + b) + 1 / (x**2 + 1)), (a + b) * (x**2 + 1) / (a + b + x**2 + 1)),
        ((1 / (a + 1) + 1 / (b + 1)) ** -2, ((a + 1) * (b + 1) / (a + b + 2)) ** 2),
        (1 / (exp(x) + 1) + 1 / (exp(-x) + 1), sp.Integer(1)),
        (1 / (a + b) - 1 / (a - b), -2 * b / (a**2 - b**2)),
        (sp.sqrt(a + b) / (a + b), 1 / sp.sqrt(a + b)),
    ],
    ids=str,
)  # fmt: skip
def test_denominators_are_cleared(left, right):
    assert shown_equal(left, right)


def test_factors_cancel_inside_of_sums_before_these_are_summed():
    """What is left is a sum over all components of a simplex, or of an array."""
    below = s + w[i] ** 2

    def both(f):
        return Sum(f * s / below, (i, 0, K - 1)) + Sum(f * w[i] ** 2 / below, (i, 0, K - 1))

    assert shown_equal(both(rho[i]), sp.Integer(1))
    assert shown_equal(both(w[i] / a), Sum(w[i], (i, 0, K - 1)) / a)
    assert not shown_equal(both(rho[i]) + Sum(rho[i] / below, (i, 0, K - 1)), sp.Integer(1))
    twice = cancelled_in_sums(normal(both(v[i])) * normal(both(rho[i] * w[j])))
    assert twice == normal(Sum(v[i], (i, 0, K - 1)) * w[j])


def test_parts_of_an_endless_sum_are_not_summed_apart():
    """Each may diverge: what cancels in the whole is left there, and nothing raises."""
    below = s + a**i
    total = Sum(s / below, (i, 0, sp.oo)) + Sum(a**i / below, (i, 0, sp.oo))
    assert not shown_equal(total, sp.Integer(3))
    assert cancelled_in_sums(normal(total)) == normal(total)
    assert shown_equal(total - total.args[0], total.args[1])


def test_components_of_a_simplex_are_summed_wherever_their_sum_stands():
    mixed = Sum(v[j] * Q[j, i], (j, 0, K - 1))
    assert normal(Sum(mixed, (i, 0, K - 1))) == normal(Sum(v[j], (j, 0, K - 1)))
    assert normal(Sum(Sum(rho[j] * Q[j, i], (j, 0, K - 1)), (i, 0, K - 1))) == normal(sp.S.One)
    other = Sum(Sum(v[j] * Q[i, j], (j, 0, K - 1)), (i, 0, K - 1))
    assert normal(other) != normal(Sum(v[j], (j, 0, K - 1)))
