"""What bare symbols of a chain are declared as: by their assumptions, by name, by their places."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy import (
    Abs,
    Determinant,
    IndexedBase,
    MatrixSymbol,
    Sum,
    Symbol,
    Trace,
    floor,
    sign,
    symbols,
)

import entropy_proofs as ep

PROVED, REFUTED, UNDECIDED = ep.Verdict.PROVED, ep.Verdict.REFUTED, ep.Verdict.UNDECIDED
x, u, nil = Symbol("x", real=True), Symbol("u"), Symbol("nil", zero=True)
k = Symbol("k", integer=True, nonnegative=True)
n, m = symbols("n m", integer=True, positive=True)
i = Symbol("i", integer=True)
a = IndexedBase("a")
A, S = (MatrixSymbol(name, n, n) for name in "AS")
X, v = MatrixSymbol("X", n, m), MatrixSymbol("v", n, 1)


def test_a_domain_that_is_none():
    with pytest.raises(ep.InputError, match="S: domain 'posdef' is none of"):
        ep.check_steps([Determinant(S), x], domains={"S": "posdef"})


@pytest.mark.parametrize(
    ("domain", "right", "wrong"),
    [
        ("negative", (Abs(u), -u), (Abs(u), u)),
        ("nonnegative", (Abs(u), u), (sign(u), 1 + nil)),
        ("nonpositive", (Abs(u), -u), (sign(u), nil - 1)),
        ("nonzero", (sign(u) ** 2, 1 + nil), (Abs(u), u)),
        ("natural", (Sum(1, (i, 1, u)), u), (Sum(1, (i, 1, u - 1)), u - 1)),
        ("integer", (floor(u), u), (Sum(1, (i, 1, u)), u)),
    ],
)
def test_domains_that_assumptions_can_say(domain, right, wrong):
    assert ep.check_steps(right, domains={"u": domain}).verdict is PROVED
    assert ep.check_steps(wrong, domains={"u": domain}).verdict is REFUTED


@pytest.mark.parametrize(
    "sides",
    [
        (sp.Dummy("x"), sp.Dummy("x")),
        (sp.Dummy("x", real=True), x),
        (Symbol("x", positive=True) + x, 2 * x),
        (Determinant(A) + Symbol("A"), x),
        (IndexedBase("x")[0], x),
        (Trace(A), Trace(MatrixSymbol("A", 2, 2))),
    ],
)
def test_two_symbols_of_one_name_are_told(sides):
    with pytest.raises(ep.InputError, match=r"^[xA] stands for"):
        ep.check_steps(sides)


@pytest.mark.parametrize(
    ("left", "domains", "told"),
    [
        (a[i] + a[1, 2], {}, "a is indexed with 1 and with 2 indices"),
        (Symbol("im", imaginary=True) + x, {}, "im is no real number"),
        (v[0, 0], {"v": "positive definite"}, "v: too few axes for positive definite"),
        (X[0, 0], {"X": "positive definite"}, "X: positive definite, but not square"),
    ],
)
def test_what_cannot_be_declared_is_named(left, domains, told):
    with pytest.raises(ep.InputError, match=f"^{told}$"):
        ep.check_steps([left, x], domains)


def test_a_witness_counts_a_simplex_as_it_is_written():
    sides = [Sum(a[i], (i, 1, n)), x + a[1]]
    (step,) = ep.check_steps(sides, domains={"a": "simplex"})
    assert step.verdict is REFUTED
    at = step.witness.at
    assert "a[0]" not in at
    assert float(step.witness.right) == pytest.approx(at["x"] + at["a[1]"])


def test_a_simplex_has_the_size_that_is_declared():
    weights = IndexedBase("r", shape=(n,))
    for low in (0, 1):
        all_of_it, fewer = (Sum(weights[i], (i, low, n + low - k)) for k in (1, 2))
        told = {"r": "simplex"}
        assert ep.check_steps([all_of_it, sp.Integer(1)], domains=told).verdict is PROVED
        assert ep.check_steps([fewer, sp.Integer(1)], domains=told).verdict is REFUTED


def test_a_simplex_has_the_size_of_its_longest_sum():
    weights = IndexedBase("r")
    all_of_it, fewer = (Sum(weights[i], (i, 1, n - k)) for k in (0, 1))
    steps = ep.check_steps([sp.Integer(1), all_of_it, fewer], domains={"r": "simplex"})
    assert [s.verdict for s in steps] == [PROVED, REFUTED]


def test_a_simplex_sums_to_one_however_it_is_counted():
    weights = IndexedBase("r")
    for low, high in ((0, n - 1), (1, n)):
        sides = [Sum(weights[i], (i, low, high)), sp.Integer(1)]
        assert ep.check_steps(sides, domains={"r": "simplex"}).verdict is PROVED
        assert ep.check_steps(sides).verdict is REFUTED


def test_a_simplex_whose_size_nothing_says_has_no_witness():
    """No point can be drawn, so nothing is refuted; what holds of all arrays holds."""
    weights = IndexedBase("r")
    for total in (Sum(weights[i], (i, 2, n)), weights[0], Sum(weights[i], (i, 1, k))):
        for right, verdict in ((2 * weights[0] + 1, UNDECIDED), (total, PROVED)):
            sides = [total * (1 + x), right + x * right]
            assert ep.check_steps(sides, domains={"r": "simplex"}).verdict is verdict
