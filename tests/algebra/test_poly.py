"""Symbols replaced as SymPy's xreplace does it, bound ones too; nodes built as SymPy builds them."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy import IndexedBase, KroneckerDelta, Sum

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.nodes import Expectation, LogDet, index
from entropy_proofs.algebra.poly import at_places, built, replaced, summation

N = sp.Symbol("N", integer=True, positive=True)
I, J, K, L, M = (index(name, N) for name in "ijklm")
X, A = IndexedBase("x"), IndexedBase("A")
EXPRESSIONS = [
    X[I] * sp.exp(X[I] + X[J]) + J,
    Sum(X[I] * A[I, J], (I, 0, N - 1)),
    Sum(X[K], (K, 0, N - 1)) * X[I],
    KroneckerDelta(I, J) * Expectation(X[I] ** 2),
    LogDet(sp.Lambda((L, M), A[L, M] + KroneckerDelta(L, M) * X[J]), N) + X[I],
    sp.log(X[K] * 2, evaluate=False),
    N + 1,
]


@pytest.mark.parametrize("expr", EXPRESSIONS, ids=str)
@pytest.mark.parametrize(
    "places", [{}, {I: K}, {I: J, J: I}, {J: I + 1}, {N: N + 2, K: N}], ids=str
)
def test_symbols_are_replaced_as_sympy_replaces_them(expr, places):
    assert at_places(expr, places) == expr.xreplace(places)
    assert sp.srepr(at_places(expr, places)) == sp.srepr(expr.xreplace(places))


Y, Z = sp.symbols("y z")
R, POSITIVE = sp.symbols("r", real=True), sp.symbols("s", positive=True)
TOTAL = Sum(X[I], (I, 0, N - 1))
POWERS = [Y, 2 * Y, -Y, Y + 1, sp.Integer(2), R, TOTAL, 3 * TOTAL, Y + TOTAL, sp.log(Y), sp.I * Y]
POWERS += [2 * sp.log(Y) + Z, 2 * (sp.log(POSITIVE) + Y), N * sp.log(2), sp.log(Y) * sp.log(Z)]
POWERS += [sp.log(Y) ** 2, N * (sp.log(2) + Y), 2 * sp.pi * sp.I, -sp.log(2) / 2 - TOTAL]
FACTORS = [
    *map(sp.exp, POWERS),
    sp.Integer(2),
    sp.sqrt(2),
    sp.E,
    sp.I,
    sp.oo,
    Y,
    Y + 1,
    2 * Y,
    X[I],
]
FACTORS += [sp.Integer(0), sp.sqrt(Y), Y * sp.exp(Y), 2 * sp.exp(Z), sp.exp(R) ** Y, -Y - 1, TOTAL]


def test_what_is_built_sooner_is_what_sympy_builds():
    arguments = [*POWERS, *FACTORS]
    built_ones = [(kind, (a,)) for kind in (sp.exp, sp.log) for a in arguments]
    for a, b in [(a, b) for a in FACTORS for b in FACTORS]:
        built_ones += [(sp.Mul, (a, b)), (sp.Mul, (3, a, Z, b)), (sp.Mul, (a, sp.exp(Z), b))]
    for a in arguments:
        built_ones += [(sp.Pow, (a, e)) for e in map(sp.S, (0, 1, 2, -1, "1/2", Y))]
        built_ones += [
            (sp.Mul, (a, Y, Y)),
            (sp.Mul, (sp.Rational(1, 2), a)),
            (sp.Mul, (a, a, X[J])),
        ]
    assert [(k, a) for k, a in built_ones if sp.srepr(built(k, *a)) != sp.srepr(k(*a))] == []


CASES = sp.Piecewise((Y, sp.Ge(I, 2)), (Z, True))


@pytest.mark.parametrize(
    "summand", [*POWERS, TOTAL, X[I] * TOTAL, CASES, 1 + CASES * Z, sp.nan, sp.Eq(Y, Z)], ids=str
)
@pytest.mark.parametrize("kind", [Sum, nodes.Sum])
def test_sums_are_what_sympy_builds(summand, kind):
    limits = [sp.Tuple(I, 0, N - 1), sp.Tuple(J, 1, I)]
    for some in (limits, limits[:1], limits[1:]):
        theirs, ours = kind(summand, *some), summation(summand, *some, kind=kind)
        assert sp.srepr(ours) == sp.srepr(theirs)
        assert ours.is_commutative == theirs.is_commutative


@pytest.mark.parametrize("expr", [*EXPRESSIONS, X[X[I]] + 2 * X[I], sp.exp(sp.exp(Y) + Y)], ids=str)
@pytest.mark.parametrize("kind", [sp.Indexed, Sum, sp.exp, sp.Add, (sp.Mul, sp.log)], ids=str)
def test_parts_are_replaced_as_sympy_replaces_them(expr, kind):
    for by in (lambda e: e.args[-1] if e.args[-1].is_Symbol else Y, lambda e: 2 * e, lambda e: e):
        assert replaced(expr, kind, by) == expr.replace(lambda e: isinstance(e, kind), by)


@pytest.mark.parametrize(
    ("kind", "parts"),
    [(sp.Mul, (Y, sp.exp(Y - TOTAL))), (sp.exp, (Y - TOTAL,)), (sp.log, (TOTAL,))],
    ids=["Mul", "exp", "log"],
)
def test_nothing_is_asked_of_a_power_or_an_argument_to_build_them(monkeypatch, kind, parts):
    def asked(_):
        raise AssertionError("SymPy asks whether it is zero")

    monkeypatch.setattr(Sum, "_eval_is_zero", asked)
    monkeypatch.setattr(Sum, "is_number", property(asked))
    sp.core.cache.clear_cache()
    with pytest.raises(AssertionError, match="is zero"):
        kind(*parts)
    built(kind, *parts)
