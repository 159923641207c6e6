"""Normal forms keep the value of an expression, at every point where it has a real one."""

from __future__ import annotations

import mpmath as mp
import pytest
import sympy as sp
from hypothesis import HealthCheck, assume, given, settings
from oracle.expressions import close, defined, principal, value
from sympy import Abs, Rational, exp, gamma, log, loggamma, polygamma, sqrt

from algebra.strategies import a, b, expressions, k, n, p, points, x, y
from entropy_proofs.algebra.normal import canonical, normal
from entropy_proofs.algebra.positivity import positive
from entropy_proofs.algebra.zero import is_zero
from entropy_proofs.arrays.display import pretty
from entropy_proofs.errors import InputError

DIGITS = 40
often = settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
sometimes = settings(often, max_examples=120)


@often
@given(expressions(9), points)
def test_the_value_is_kept(expression, point):
    with mp.workdps(DIGITS):
        before = defined(expression, point)
        assume(before is not None)
        assert close(before, principal(canonical(expression), point))


@sometimes
@given(expressions(6), points)
def test_what_is_called_positive_is_positive(expression, point):
    with mp.workdps(DIGITS):
        here = defined(expression, point)
        assume(here is not None and here != 0)
        if positive(expression):
            assert here > 0


@sometimes
@given(expressions(5), expressions(5))
def test_sums_and_products_go_through(left, right):
    assume(not (left * right).has(Abs) or not (left * right).has(k, n))  # |x|^k |x|^k = x^(2k)
    assert normal(left + right) == normal(left) + normal(right)
    assert normal(left * right) == normal(left) * normal(right)


@sometimes
@given(expressions(6))
def test_a_normal_form_is_its_own_normal_form(expression):
    found = normal(expression)
    assert is_zero(normal(found.expr()) - found)


@sometimes
@given(expressions(6), points)
def test_the_printed_form_has_the_same_value(expression, point):
    with mp.workdps(DIGITS):
        before = defined(expression, point)
        assume(before is not None)
        assert close(before, principal(pretty(expression), point))


# rewrites that are true only where something is positive ------------------------------------------
SIGNS = [
    log(x * y),
    log(x * y * a),
    log(x**3 * y),
    log(x**2 * y**2),
    log(x**2 / y),
    log(-x),
    log(-x * a),
    log(-log(p)),
    log(-log(1 - p) * a),
    log(x**2 + y**2) - log(2),
    log((x - y) ** 2),
    log((x - y) ** 2 * a),
    log(Abs(x) * Abs(y)),
    log(x / y),
    sqrt(x**2),
    sqrt(x**2 * y),
    sqrt(x**2 * y**2),
    sqrt(x * y),
    sqrt(x * y) ** 3,
    sqrt((x + y) ** 2),
    sqrt(x**4),
    (x**2) ** Rational(1, 3),
    (x**2) ** Rational(3, 2),
    (x**2) ** a,
    (x**4) ** (a / 2),
    (x * y) ** Rational(1, 3),
    (x**2 * a) ** b,
    Abs(x) ** 3 / x**2,
    Abs(x) ** -3 * x**2,
    Abs(x * y - y**2),
    Abs(x) ** a * Abs(x) ** b,
    Abs(-x * a) ** 3,
    Abs(x - y) * Abs(x - y),
    sp.sign(x) * Abs(x),
    sp.sign(x * y) * sp.sign(x),
    exp(log(Abs(x)) * 2),
    exp(2 * log(a) - log(b) / 2),
    exp(a * log(b)) * exp(b * log(a)),
    (-2) ** k,
    (-a) ** 3,
    Rational(-8, 27) ** 2 * sqrt(8) * sqrt(2),
    sqrt(Rational(3, 8)) * sqrt(6),
    sp.tanh(x) - sp.tanh(y),
    sp.cosh(x) * sp.sinh(y),
    loggamma(a + 3) - loggamma(a),
    loggamma(a - 2),
    loggamma(a + Rational(7, 2)),
    loggamma(k + 1) - loggamma(k + 3),
    loggamma(2 * a + 1),
    loggamma(x**2 + 2),
    gamma(a + 2) / gamma(a),
    gamma(x),
    gamma(x + 1),
    Abs(gamma(x - Rational(1, 2))),
    sp.factorial(k + 2),
    sp.binomial(k + 2, 2),
    sp.beta(a, b + 1),
    polygamma(0, x + 3),
    polygamma(1, x - 2),
    polygamma(2, a + 1),
    polygamma(0, Rational(7, 2)) + polygamma(1, 3),
    sp.digamma(a - 1),
    sp.besseli(0, x) * sp.besseli(1, -x),
    log(sp.besseli(0, a)),
]
HERE = {x: Rational(-7, 3), y: Rational(-5, 4), a: Rational(5, 2), b: Rational(1, 3)} | {
    p: Rational(2, 7), k: 3, n: 2,
}  # fmt: skip
PLACES = [HERE, HERE | {x: Rational(11, 7)}, HERE | {y: Rational(1, 5)}, HERE | {x: 3, y: 2, k: 1}]


@pytest.mark.parametrize("expression", SIGNS, ids=str)
def test_signs(expression):
    with mp.workdps(DIGITS):
        checked = 0
        for place in PLACES:
            before = defined(expression, place)
            if before is not None:
                assert close(before, principal(canonical(expression), place)), place
                checked += 1
        assert checked


@pytest.mark.parametrize(
    ("expression", "place"),
    [
        (Abs(x**n), {x: -2, n: 3}),
        (Abs((x + y) ** k), {x: -2, y: 1, k: 3}),
        (sqrt(x**n), {x: -2, n: 2}),
        (sqrt(x ** (2 * n)), {x: -2, n: 1}),
        (log(x**n), {x: -2, n: 2}),
        (log(x ** (2 * n)), {x: -2, n: 3}),
        (log(x**n * a), {x: -2, n: 2, a: 3}),
        (Abs(log(Abs(y)) ** n), {y: Rational(1, 2), n: 1}),
        (Abs(log((-3) ** k)), {k: 2}),
        (Abs(loggamma(a) ** n), {a: Rational(3, 2), n: 3}),
        (Abs(polygamma(0, p) ** n), {p: Rational(3, 4), n: 1}),
        (Abs(gamma(x)), {x: Rational(-1, 2)}),
        (log(gamma(x) ** 2), {x: Rational(-1, 2)}),
        (sqrt(gamma(x) ** 2), {x: Rational(-1, 2)}),
        (loggamma(1 + 1 / x), {x: Rational(-5, 2)}),
        (loggamma(x + 3), {x: Rational(-5, 2)}),
        (loggamma(2 * x + 7), {x: Rational(-5, 2)}),
        (sqrt(sp.besseli(Rational(-3, 2), a) ** 2), {a: Rational(1, 5)}),
    ],
    ids=str,
)  # fmt: skip
def test_powers_and_gamma_functions_that_may_be_negative(expression, place):
    """x^n with an unknown n, and Gamma(x), are not positive because exp and Gamma are written."""
    with mp.workdps(DIGITS):
        assert close(value(expression, place), principal(canonical(expression), place))


@pytest.mark.parametrize(
    "expression",
    [
        loggamma(1 - p),
        loggamma(3 - p) + loggamma(2 - p),
        polygamma(0, 1 - p),
        log(gamma(1 - p)),
        log(a / b - 1 + 1 + p),
        loggamma(a - p + 1),
        sp.beta(1 - p, a + p),
    ],
    ids=str,
)
def test_real_numbers_stay_real(expression):
    """No log(-1) where the original has a real value: generated code has real functions only."""
    place = {p: Rational(2, 7), a: Rational(5, 2), b: Rational(3, 2)}
    with mp.workdps(DIGITS):
        after = defined(canonical(expression), place)
        assert after is not None, canonical(expression)
        assert close(after, value(expression, place))


def test_decimal_numbers_mean_what_they_say():
    assert canonical(sp.Float("0.1") * x) == x / 10
    assert canonical(sp.Float("2.5e-3") * x) == x / 400


NOTHING = (x + 1) ** 2 - x**2 - 2 * x - 1


@pytest.mark.parametrize(
    "expression",
    [
        polygamma(0, NOTHING + 1),
        polygamma(0, NOTHING + Rational(1, 2)),
        polygamma(0, NOTHING + Rational(7, 2)),
        loggamma(NOTHING + Rational(3, 2)),
        Abs(NOTHING) + 3,
    ],
)
def test_arguments_that_are_numbers_once_expanded(expression):
    found = canonical(expression)
    assert not found.free_symbols
    with mp.workdps(DIGITS):
        assert close(principal(found, {}), value(expression, {x: Rational(3, 7)}))


@pytest.mark.parametrize(
    ("expression", "place"),
    [
        ((-2) ** (n + k), {n: 3, k: 2}),
        (polygamma(n, p + 1), {n: 2, p: Rational(1, 3)}),
    ],
)
def test_whole_exponents_and_orders_that_are_unknown(expression, place):
    with mp.workdps(DIGITS):
        assert close(value(canonical(expression), place), value(expression, place))


@pytest.mark.parametrize(
    "expression",
    [1 / (x - x * 1), log(sp.Integer(0) * x + 0), sp.zoo, 1 / NOTHING, log(NOTHING)],
)
def test_no_value_no_normal_form(expression):
    with pytest.raises((ArithmeticError, TypeError, InputError)):
        normal(expression)


def test_names_do_not_matter():
    """Symbols that print alike but differ in their assumptions stay apart."""
    anywhere, positive_x = sp.Symbol("x", real=True), sp.Symbol("x", positive=True)
    assert canonical(Abs(positive_x)) == positive_x
    assert canonical(Abs(anywhere)) == Abs(anywhere)
    assert normal(anywhere - positive_x)
    assert not is_zero(normal(log(anywhere) - log(positive_x)))
