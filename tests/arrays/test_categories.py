"""Sums over categories in place of random indices: the same numbers, and no index captured."""

from __future__ import annotations

import sympy as sp
from sympy import IndexedBase, KroneckerDelta, Sum, Symbol

from entropy_proofs.algebra.nodes import Expectation, index
from entropy_proofs.arrays.categories import apart, by_category, gathered

K, T = sp.symbols("K T", integer=True, positive=True)
A, B = IndexedBase(Symbol("A")), IndexedBase(Symbol("B"))
c, z = Symbol("c"), IndexedBase(Symbol("z"))
DATA = frozenset({c, Symbol("z")})
SHAPES = {Symbol("A"): (K, K)}


def test_a_random_index_becomes_a_sum_with_a_delta():
    found = by_category(Expectation(sp.log(A[c, 0])), SHAPES, DATA)
    (k, *_) = found.limits[0]
    assert found.function == Expectation(KroneckerDelta(k, c)) * sp.log(A[k, 0])
    assert found.limits[0][1:] == (0, K - 1)


def test_two_random_indices_become_two_sums():
    t = index("t")
    inside = Sum(A[z[t], z[t + 1]], (t, 0, T - 2))
    found = by_category(Expectation(inside), SHAPES, DATA)
    (k, *_), (l, *_) = found.limits
    a, b = (k, l) if found.function.has(A[k, l]) else (l, k)
    picked = Sum(KroneckerDelta(a, z[t]) * KroneckerDelta(b, z[t + 1]), (t, 0, T - 2))
    assert found.function == A[a, b] * Expectation(picked)


def test_what_no_variable_picks_is_left_alone():
    for expr in (Expectation(A[0, 1] * c), Expectation(B[c]), Expectation(sp.log(c)) + A[0, 0]):
        assert by_category(expr, SHAPES, DATA) == expr


def test_a_sum_keeps_its_index_apart_from_one_that_is_put_in():
    i, j = index("i", K), index("j", K)
    row = Sum(A[i, j], (i, 0, K - 1))
    captured = row.xreplace({j: i})
    assert captured.function == A[i, i]
    kept = apart(row, frozenset({i})).xreplace({j: i})
    (own, *_) = kept.limits[0]
    assert own != i
    assert kept.function == A[own, i]


def test_sums_of_one_range_are_gathered_and_factored():
    s, t, x = index("s"), index("t"), Symbol("x")
    expr = x**2 * Sum(z[s], (s, 0, T - 1)) - Sum(2 * x * z[t] * B[t], (t, 0, T - 1))
    expr += Sum(z[t] * B[t] ** 2, (t, 0, T - 1))
    found = gathered(expr)
    (own, *_) = found.limits[0]
    assert sp.expand(found.function - z[own] * (B[own] - x) ** 2) == 0


def test_products_of_sums_of_one_name_are_not_mixed_up():
    i = index("i")
    p, q = Sum(z[i], (i, 0, T - 1)), Sum(B[i], (i, 0, T - 1))
    found = gathered(p * q + 2 * Sum(z[i], (i, 0, T - 1)) * Sum(B[i] ** 2, (i, 0, T - 1)))
    (total,) = found.atoms(Sum)
    assert len({a for a, *_ in total.limits}) == 2
    numbers = {T: 3, **{z[k]: k + 1 for k in range(3)}, **{B[k]: 10**k for k in range(3)}}
    assert found.subs(T, 3).doit().subs(numbers) == 6 * 111 + 2 * 6 * 10101


def test_sums_of_other_ranges_stay_as_they_are():
    i, j = index("i"), index("j")
    expr = Sum(z[i], (i, 0, T - 1)) + Sum(z[j], (j, 0, T - 2))
    assert gathered(expr) == expr
