"""Derivatives along a field, against SymPy on explicit entries and numerical differentiation."""

from __future__ import annotations

from itertools import product

import mpmath as mp
import pytest
import sympy as sp
from hypothesis import HealthCheck, assume, given, settings
from oracle.expressions import close, defined, principal, value
from sympy import Abs, Function, Indexed, KroneckerDelta, Lambda, Rational, Sum, exp, log

from algebra.strategies import SYMBOLS, a, b, expressions, k, n, p, points, x, y
from algebra.sums_strategies import NAMES, A, B, D, K, S, arrays, c, rho, s, sums, v, w
from entropy_proofs.algebra.derive import (
    NoDerivative,
    SymbolicDerivation,
    derivative_along,
    may_jump,
)
from entropy_proofs.algebra.nodes import HiddenUnit, InverseElement, LogDet
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Polynomial
from entropy_proofs.algebra.zero import is_zero

i, j, r, q = NAMES
DIGITS = 40
often = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def along(**directions) -> SymbolicDerivation:
    """D that moves scalar symbols, by name, in the given directions."""
    by_name = {symbol.name: symbol for symbol in SYMBOLS}
    return SymbolicDerivation({by_name[m]: lambda _, e=e: normal(e) for m, e in directions.items()})


@often
@given(expressions(7), points)
def test_scalar_derivatives_are_sympys(expression, point):
    """At points where an absolute value has no kink and everything is real."""
    d = along(x=a * y, a=a + b, p=p * (1 - p))
    with mp.workdps(DIGITS):
        here = {**point, x: point[x] + Rational(1, 97), y: point[y] + Rational(1, 89)}
        assume(defined(expression, here) is not None)
        slopes = ((x, a * y), (a, a + b), (p, p * (1 - p)))

        def moved(t):
            shifted = {m: value(m, here) + t * value(e, here) for m, e in slopes}
            return value(expression, here | shifted)

        try:
            expected = mp.diff(moved, 0, h=mp.mpf(10) ** -12)
        except (ArithmeticError, ValueError):
            assume(False)
        assert close(expected, principal(d(normal(expression)).expr(), here), 8)


@settings(often, max_examples=40)
@given(expressions(5), expressions(5))
def test_leibniz(f, g):
    d = along(x=sp.Integer(1), a=b)
    left = d(normal(f) * normal(g))
    assert is_zero(left - d(normal(f)) * normal(g) - normal(f) * d(normal(g)))


# arrays -------------------------------------------------------------------------------------------
def element_directions() -> tuple[SymbolicDerivation, dict]:
    """A field on v, w and A that mixes components, and what it does to an entry."""
    fields = {
        v.label: lambda at: v[at[0]] * s + Sum(A[at[0], j] * w[j], (j, 0, D - 1)),
        w.label: lambda at: w[at[0]] * log(w[at[0]]),
        A.label: lambda at: A[at[1], at[0]] + KroneckerDelta(*at),
        s: lambda at: s**2,
        rho.label: lambda at: rho[at[0]] * (log(rho[at[0]]) - Sum(rho[j] * log(rho[j]), (j, 0, K - 1))),
    }  # fmt: skip
    return SymbolicDerivation({m: lambda at, f=f: normal(f(at)) for m, f in fields.items()}), fields


def numerically(expression: sp.Expr, fields: dict, here: dict) -> mp.mpf:
    """d/dt at 0 of the value at labels moved by t times the fields."""

    def moved(t):
        shifted = dict(here)
        for label, field in fields.items():
            old = here[label]
            shifted[label] = entrywise(lambda at, f=field: value(f(at), here), old, t)
        return value(expression, shifted)

    return mp.diff(moved, 0)


def entrywise(field, old, t, at=()):
    if isinstance(old, list):
        return [entrywise(field, o, t, (*at, sp.Integer(k))) for k, o in enumerate(old)]
    return mp.mpf(old) + t * field(at)


@settings(often, max_examples=40)
@given(sums(depth=1))
def test_sums_of_array_elements(total):
    d, fields = element_directions()
    with mp.workdps(30):
        for seed, sizes in ((1, (2, 3)), (2, (3, 2))):
            here = arrays(seed, sizes)
            assert close(numerically(total, fields, here), value(d(normal(total)).expr(), here), 8)


MATRIX = Lambda((i, j), A[i, j])
GRAM = Lambda((i, j), Sum(A[i, r] * A[j, r], (r, 0, D - 1)) + s * KroneckerDelta(i, j))
SCALED = Lambda((i, j), s**2 * S[i, j])
FORMS = {
    "log det": LogDet(MATRIX, D),
    "log det of a Gram matrix": LogDet(GRAM, D),
    "log det, scaled": LogDet(SCALED, D),
    "log det of a diagonal": LogDet(Lambda((i, j), KroneckerDelta(i, j) * w[i] ** 2), D),
    "element of an inverse": InverseElement(MATRIX, D, sp.Integer(0), D - 1),
    "quadratic form": Sum(InverseElement(GRAM, D, i, j) * v[i] * w[j], (i, 0, D - 1), (j, 0, D - 1)),
    "squared element": InverseElement(GRAM, D, sp.Integer(0), sp.Integer(0)) ** 2,
    "log of a quadratic form": log(
        1 + Sum(InverseElement(GRAM, D, i, j) * v[i] * v[j], (i, 0, D - 1), (j, 0, D - 1))
    ),
    "trace of a product with an inverse": Sum(
        InverseElement(GRAM, D, i, j) * A[j, i], (i, 0, D - 1), (j, 0, D - 1)
    ),
    "log det of an inverse": LogDet(Lambda((i, j), InverseElement(GRAM, D, i, j)), D),
    "inverse of a sum with an inverse": InverseElement(
        Lambda((i, j), InverseElement(MATRIX, D, i, j) + KroneckerDelta(i, j) * s), D,
        sp.Integer(0), sp.Integer(0),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("size", [1, 2, 3])
def test_determinants_and_inverses_numerically(name, size):
    d, fields = element_directions()
    with mp.workdps(30):
        here = arrays(size, (size, 2))
        got = value(d(normal(FORMS[name])).expr(), here)
        assert close(numerically(FORMS[name], fields, here), got, 10)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_determinants_and_inverses_by_sympy(size):
    """d/dA_rq of log det A and of each element of the inverse, entry by entry and exactly."""
    entries = sp.Matrix(size, size, lambda k, m: sp.Symbol(f"a{k}{m}", real=True))
    row, column = sp.Symbol("R", integer=True), sp.Symbol("C", integer=True)
    d = SymbolicDerivation(
        {A.label: lambda at: normal(KroneckerDelta(at[0], row) * KroneckerDelta(at[1], column))}
    )
    one, two = sp.Symbol("P", integer=True), sp.Symbol("Q", integer=True)
    by_logdet = d(normal(LogDet(MATRIX, D))).expr()
    by_inverse = d(normal(InverseElement(MATRIX, D, one, two))).expr()
    numbers = {e: mp.mpf(k + 1) ** 2 / 7 + mp.mpf(k) / 3 for k, e in enumerate(entries)}
    here = {D: size, A.label: [[numbers[entries[k, m]] for m in range(size)] for k in range(size)]}
    inverse = entries.inv()
    with mp.workdps(30):
        for k, m in product(range(size), repeat=2):
            place = here | {row: k, column: m}
            exact = sp.diff(sp.log(entries.det()), entries[k, m])
            assert close(value(exact, numbers), value(by_logdet, place), 20)
            for g, h in product(range(size), repeat=2):
                exact = sp.diff(inverse[g, h], entries[k, m])
                assert close(value(exact, numbers), value(by_inverse, place | {one: g, two: h}), 20)


def test_a_rate_passes_through_a_determinant():
    """S -> (1 + 2t) S adds 2 D to log det S: no inverse is left."""
    d = SymbolicDerivation({S.label: lambda at: normal(2 * S[at])})
    assert d(normal(LogDet(Lambda((i, j), S[i, j]), D))) == normal(2 * D)
    element = InverseElement(Lambda((i, j), S[i, j]), D, sp.Integer(0), sp.Integer(1))
    assert d(normal(element)) == normal(-2 * element)


# functions ----------------------------------------------------------------------------------------
def test_the_order_of_a_bessel_function_moves_too():
    """I_a(b) with both moving: a derivative in the order is an error or right, never zero."""
    d = along(a=sp.Integer(1))
    for function in (sp.besseli, sp.besselk):
        try:
            got = d(normal(function(a, b)))
        except (TypeError, ArithmeticError):
            continue
        assert got
        assert not is_zero(got)


@pytest.mark.parametrize(
    "expression",
    [
        sp.besseli(2, x * y),
        log(sp.besseli(0, a)),
        sp.besselk(1, a * b),
        log(sp.besselk(Rational(1, 2), a)),
        sp.erf(x * y),
        sp.sin(x) * sp.cos(x * y),
        sp.tanh(x / y),
        Abs(x - y) ** 3,
        Abs(x * y + y) ** b,
        a**b * b**a,
        sp.sqrt(x**2 + y**2),
        sp.loggamma(a * b + 1),
        sp.polygamma(1, a**2),
        sp.beta(a, b),
        sp.gamma(a) ** b,
        log(exp(x) + exp(y) + 1),
        1 / (1 + exp(-x * y)),
        log(1 - p) * log(p),
        sp.sign(x) * x**2,
        (x**2) ** a,
        sp.sqrt(x * y),
        log(x * y) ** 2,
        (x * y) ** Rational(1, 3),
        sp.sqrt(-x * a),
        x**n + a**k,
    ],
    ids=str,
)  # fmt: skip
def test_functions(expression):
    here = {x: Rational(-7, 3), y: Rational(-5, 4), a: Rational(5, 2), b: Rational(4, 3)}
    here |= {p: Rational(2, 7), k: 2, n: 3}
    fields = {
        x: lambda _: x * y + 1,
        a: lambda _: a * b,
        p: lambda _: p * (1 - p),
        b: lambda _: b**2,
    }
    d = SymbolicDerivation({m: lambda at, f=f: normal(f(at)) for m, f in fields.items()})
    with mp.workdps(30):
        got = principal(d(normal(expression)).expr(), here)
        assert close(numerically(expression, fields, here), got, 10)


def test_what_has_no_known_derivative_is_not_zero():
    unknown = Function("f", real=True)(x)
    try:
        got = along(x=sp.Integer(1))(normal(unknown))
    except (TypeError, NotImplementedError):
        return
    assert got


# networks -----------------------------------------------------------------------------------------
M = sp.Symbol("M", integer=True, positive=True)
PHI = sp.Symbol("phi")


def unit(at: sp.Expr) -> HiddenUnit:
    vector = Lambda(i, Sum(B[i, j] * v[j], (j, 0, D - 1)) + w[i])
    return HiddenUnit(PHI, at, sp.Tuple(sp.Tuple(vector, D), c[0]))


def test_hidden_units():
    """The chain rule through the pre-activations of an unspecified map."""
    output = Sum(A[0, r] * unit(r), (r, 0, D - 1)) ** 2 + log(1 + unit(sp.Integer(0)) ** 2)
    fields = {
        B.label: lambda at: B[at] * s + v[at[1]],
        v.label: lambda at: -v[at],
        w.label: lambda at: sp.Integer(1),
        A.label: lambda at: A[at],
    }
    d = SymbolicDerivation({m: lambda at, f=f: normal(f(at)) for m, f in fields.items()})
    with mp.workdps(30):
        for size in (1, 2, 3):
            here = arrays(size, (size, size))
            got = value(d(normal(output)).expr(), here)
            assert close(numerically(output, fields, here), got, 10)


def test_second_derivatives_of_hidden_units():
    """There is no node for them: an error or the right number, never the first derivative."""
    fields = {v.label: lambda at: sp.Integer(1)}
    d = SymbolicDerivation({v.label: lambda at: Polynomial.number(1)})
    first = d(normal(unit(sp.Integer(0))))
    with mp.workdps(30):
        here = arrays(1, (2, 2))
        try:
            second = d(first)
        except (TypeError, NotImplementedError):
            return
        assert close(numerically(first.expr(), fields, here), value(second.expr(), here), 8)


def test_indices_do_not_move():
    """A gather v[c] moves with v, never with the category c."""
    d = SymbolicDerivation({c.label: lambda at: Polynomial.number(1)})
    assert not d(normal(B[c[0], 1]))
    d = SymbolicDerivation({B.label: lambda at: normal(B[at])})
    assert d(normal(B[c[0], 1])) == normal(B[c[0], 1])


def test_bound_indices_are_not_captured():
    """The direction at element (r, q) may use any index name, also one that is free outside."""
    d = SymbolicDerivation({v.label: lambda at: normal(Sum(A[at[0], j] * v[j], (j, 0, D - 1)))})
    total = Sum(v[i] * v[q], (i, 0, D - 1))
    with mp.workdps(30):
        here = arrays(3, (3, 2)) | {q: 1}
        fields = {v.label: lambda at: Sum(A[at[0], j] * v[j], (j, 0, D - 1))}
        got = d(normal(total)).expr()
        assert {f for f in got.free_symbols if f.is_Symbol and not isinstance(f, Indexed)} >= {q}
        assert close(numerically(total, fields, here), value(got, here), 10)


# jumps --------------------------------------------------------------------------------------------
def pieces(left, right, at=x - y):
    return sp.Piecewise((left, at < 0), (right, True))


JUMPS = {
    "two slopes": (pieces((x - y) / a, (y - x) / b), False),
    "two slopes of a step": (sp.Heaviside(x - y) * (x - y) + a, False),
    "a slope times a sign": (sp.sign(x - y) * (x - y) + sp.sign(a) * b, False),
    "a sign inside": (log(1 + (y - x) ** 2 * (2 + sp.sign(2 * x - 2 * y))), False),
    "two switches at one place": (pieces(a, b) + sp.Heaviside(y - x) * (b - a), False),
    "a switch of known labels": (pieces(a, b, at=p) * x, False),
    "between elements": (pieces(v[i] - w[i], 2 * (v[i] - w[i]), at=v[i] - w[i]), False),
    "two heights": (pieces(a, b), True),
    "two scales": (pieces((x - y) / a - log(a), (y - x) / b - log(b)), True),
    "a sign": (a * sp.sign(x - y), True),
    "a step": (log(1 + sp.Heaviside(x - y)), True),
    "cases of both": (sp.Piecewise((a, (x < y) & (p < 1)), (b, True)), True),
    "slopes from elsewhere": (pieces(x / a, -x / b), True),
    "rounded down": (sp.floor(x) * a, True),
    "an infinite end": (sp.sign(x - y) / Abs(x - y), True),
    "each place of a sum": (Sum(c[i] * sp.sign(x - v[i]), (i, 0, D - 1)), True),
}


@pytest.mark.parametrize(("expression", "jumps"), JUMPS.values(), ids=JUMPS)
def test_what_may_jump(expression, jumps):
    """A derivative almost everywhere tells an average's only of what is continuous."""
    directions = {s: lambda at: Polynomial.number(1) for s in (x, v.label)}
    assert may_jump(expression, directions.keys()) == jumps
    if jumps:
        with pytest.raises(NoDerivative, match="may jump"):
            derivative_along(directions, expression)
    else:
        derivative_along(directions, expression)


def test_the_derivative_of_cases_is_their_case_s():
    found = derivative_along({x: lambda at: Polynomial.number(1)}, JUMPS["two slopes"][0]).expr()
    at = {a: Rational(2), b: Rational(3), y: Rational(1)}
    assert found.subs({**at, x: 0}).doit() == Rational(1, 2)
    assert found.subs({**at, x: 2}).doit() == -Rational(1, 3)
