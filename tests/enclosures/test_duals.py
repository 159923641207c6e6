"""Balls with derivatives, against derivatives taken by mpmath; what is open or inexact is refused."""

import mpmath
import numpy as np
import pytest
from flint import arb, arb_mat, ctx
from mpmath import mp

from entropy_proofs.code.backends.dual import (
    Dual,
    Undecided,
    inverse,
    logdet,
    to_dual,
    whole_or_dual,
)


@pytest.fixture(autouse=True)
def _precise():
    before, ctx.prec = ctx.prec, 160
    yield
    ctx.prec = before


def variable(x, place=0, count=1):
    return Dual(arb(x), arb_mat(1, count, [int(k == place) for k in range(count)]))


FUNCTIONS = {
    "exp": (lambda x: x.exp(), mp.exp),
    "log": (lambda x: x.log(), mp.log),
    "sqrt": (lambda x: x.sqrt(), mp.sqrt),
    "sin": (lambda x: x.sin(), mp.sin),
    "cos": (lambda x: x.cos(), mp.cos),
    "tan": (lambda x: x.tan(), mp.tan),
    "sinh": (lambda x: x.sinh(), mp.sinh),
    "cosh": (lambda x: x.cosh(), mp.cosh),
    "tanh": (lambda x: x.tanh(), mp.tanh),
    "atan": (lambda x: x.atan(), mp.atan),
    "angle": (lambda x: (x + 1).atan2(x - 2), lambda x: mp.atan2(x + 1, x - 2)),
    "erf": (lambda x: x.erf(), mp.erf),
    "gamma": (lambda x: x.gamma(), mp.gamma),
    "lgamma": (lambda x: x.lgamma(), mp.loggamma),
    "digamma": (lambda x: x.polygamma(0), mp.digamma),
    "trigamma": (lambda x: x.polygamma(1), lambda x: mp.polygamma(1, x)),
    "bessel I": (lambda x: x.bessel_i(1), lambda x: mp.besseli(1, x)),
    "bessel K": (lambda x: x.bessel_k(0), lambda x: mp.besselk(0, x)),
    "bessel K of order 2": (lambda x: x.bessel_k(2), lambda x: mp.besselk(2, x)),
    "absolute value": (lambda x: abs(-x), lambda x: abs(-x)),
    "quotient": (lambda x: (x + 1) / (3 - x * x), lambda x: (x + 1) / (3 - x * x)),
    "reciprocal": (lambda x: 2 / x - 1, lambda x: 2 / x - 1),
    "cube": (lambda x: x**3, lambda x: x**3),
    "power of itself": (lambda x: x**x, lambda x: x**x),
    "exponential": (lambda x: 2**x, lambda x: mp.mpf(2) ** x),
}


@pytest.mark.parametrize("point", ["0.75", "1.25"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_and_derivatives_enclose_those_of_mpmath(name, point):
    ours, theirs = FUNCTIONS[name]
    found = ours(variable(point))
    with mp.workdps(40):
        x = mp.mpf(point)
        value, slope = theirs(x), mpmath.diff(theirs, x)
    assert abs(float(found.value) - float(value)) < 1e-14 * (1 + abs(float(value)))
    assert abs(float(found.slope[0, 0]) - float(slope)) < 1e-12 * (1 + abs(float(slope)))
    assert found.value.rad() < 1e-30
    assert found.slope[0, 0].rad() < 1e-30


def test_wide_balls_give_wide_derivatives():
    wide = Dual(arb(1, 0.5), arb_mat([[1]]))
    slope = wide.exp().slope[0, 0]
    assert slope.contains(arb("0.5").exp())
    assert slope.contains(arb("1.5").exp())


def test_matrices_have_the_derivatives_of_their_entries():
    a = np.array([[variable(2, 0, 2), to_dual(1)], [to_dual(1), variable(3, 1, 2)]], dtype=object)
    volume = logdet(a)
    assert volume.value.overlaps(arb(5).log())
    np.testing.assert_allclose([float(s) for s in volume.slope.entries()], [3 / 5, 2 / 5])
    found = inverse(a)
    np.testing.assert_allclose([float(x.value) for x in found.flat], [0.6, -0.2, -0.2, 0.4])
    by_first = [float(x.slope[0, 0]) for x in found.flat]
    np.testing.assert_allclose(by_first, [-0.36, 0.12, 0.12, -0.04], atol=1e-15)


def test_what_balls_leave_open_is_not_decided():
    wide, narrow = (Dual(arb(0, radius), arb_mat([[1]])) for radius in (1, 0.25))
    for question in (
        lambda: wide < 0,
        lambda: wide >= 0,
        lambda: wide == 0,
        lambda: wide != 0,
        lambda: abs(wide),
        lambda: abs(narrow),
        lambda: wide.atan2(whole_or_dual(-1)),
    ):
        with pytest.raises(Undecided):
            question()
    assert wide < 2
    assert wide != 3
    assert not Dual(arb("nan")).value.is_finite()
    with pytest.raises(Undecided):
        _ = Dual(arb("nan")) < 1


@pytest.mark.parametrize("number", [0.1, 0.5, "1", None, float("nan")])
def test_numbers_that_may_not_be_what_was_meant_are_refused(number):
    with pytest.raises((TypeError, ValueError)):
        whole_or_dual(number)
    assert whole_or_dual(2.0).value == 2
    assert to_dual(0.1).value.is_exact()


def test_arrays_apply_operators_to_each_element():
    array = np.array([variable(1), variable(2)], dtype=object)
    for found in (variable(3) - array, array * variable(3), variable(6) / array, np.exp(array)):
        assert found.shape == (2,)
        assert all(isinstance(x, Dual) for x in found)
