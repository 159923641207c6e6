"""Sums over indices: flattening, deltas, simplices, bound names; against sums written out."""

from __future__ import annotations

import random

import pytest
import sympy as sp
from counting import calls
from hypothesis import HealthCheck, assume, given, settings, strategies as st
from oracle.expressions import NotReal, close, value
from sympy import KroneckerDelta, Lambda, Product, Sum, Symbol, log

from algebra.sums_strategies import NAMES, A, B, D, K, Q, S, arrays, c, rho, s, sums, v, w
from entropy_proofs.algebra.nodes import InverseElement, index
from entropy_proofs.algebra.normal import canonical, normal
from entropy_proofs.algebra.sums import bind, fresh, sum_over
from entropy_proofs.algebra.zero import is_zero
from entropy_proofs.errors import InputError

i, j, k, m = NAMES
SIZES = [(1, 1), (1, 3), (2, 1), (2, 3), (3, 2)]
often = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def agree(left: sp.Expr, right: sp.Expr, sizes: list[tuple[int, int]] = SIZES) -> bool:
    """Whether both have the same value at random arrays of all these sizes."""
    for seed, size in enumerate(sizes):
        here = arrays(seed, size)
        if not close(value(left, here), value(right, here)):
            return False
    return True


@often
@given(sums(), st.integers(0, 10**6), st.sampled_from([(2, 3), (3, 2), (1, 2)]))
def test_the_value_is_kept(total, seed, sizes):
    here = arrays(seed, sizes)
    assert close(value(total, here), value(canonical(total), here))


@often
@given(sums(partial=True), st.integers(0, 10**6), st.sampled_from([(2, 3), (3, 2)]))
def test_the_value_of_sums_over_a_part_is_kept(total, seed, sizes):
    here = arrays(seed, sizes)
    try:
        before = value(total, here)
    except NotReal:
        assume(False)
    assert close(before, value(canonical(total), here))


@often
@given(sums(), st.permutations([*NAMES, *map(index, "pqrs")]))
def test_names_of_bound_indices_do_not_matter(total, names):
    renamed = total.xreplace(dict(zip(NAMES, names, strict=False)))
    assert normal(renamed) == normal(total)


@settings(often, max_examples=25)
@given(sums(depth=1), sums(depth=1), st.sampled_from(NAMES))
def test_sums_are_linear(left, right, over):
    f, g = left * v[over], right * w[over]
    whole = Sum(f + 3 * g, (over, 0, D - 1))
    parts = Sum(f, (over, 0, D - 1)) + 3 * Sum(g, (over, 0, D - 1))
    assert is_zero(normal(whole) - normal(parts))


EQUAL = [
    (Sum(A[i, j] * v[j], (j, 0, D - 1), (i, 0, D - 1)), Sum(A[j, i] * v[i], (i, 0, D - 1), (j, 0, D - 1))),
    (Sum(Sum(A[i, j] * v[j], (j, 0, D - 1)) ** 2, (i, 0, D - 1)),
     Sum(A[i, j] * A[i, k] * v[j] * v[k], (i, 0, D - 1), (j, 0, D - 1), (k, 0, D - 1))),
    (Sum((w[i] - Sum(A[i, j] * v[j], (j, 0, D - 1))) ** 2, (i, 0, D - 1)),
     Sum(w[m] ** 2, (m, 0, D - 1)) - 2 * Sum(w[i] * A[i, m] * v[m], (m, 0, D - 1), (i, 0, D - 1))
     + Sum(A[m, i] * A[m, k] * v[k] * v[i], (k, 0, D - 1), (i, 0, D - 1), (m, 0, D - 1))),
    (Sum(v[i], (i, 0, D - 1)) * Sum(w[i], (i, 0, D - 1)), Sum(v[i] * w[j], (i, 0, D - 1), (j, 0, D - 1))),
    (Sum(v[i], (i, 0, D - 1)) ** 2, Sum(v[i] * v[j], (j, 0, D - 1), (i, 0, D - 1))),
    (Sum(KroneckerDelta(i, j) * A[i, j], (i, 0, D - 1), (j, 0, D - 1)), Sum(A[k, k], (k, 0, D - 1))),
    (Sum(KroneckerDelta(k, c[i]) * B[k, i], (k, 0, K - 1), (i, 0, D - 1)), Sum(B[c[j], j], (j, 0, D - 1))),
    (Sum(KroneckerDelta(i, j) ** 2, (i, 0, D - 1), (j, 0, D - 1)), D),
    (Sum(Q[i, j], (j, 0, K - 1), (i, 0, K - 1)), K),
    (Sum(Q[i, j] * log(rho[i]), (j, 0, K - 1), (i, 0, K - 1)), Sum(log(rho[m]), (m, 0, K - 1))),
    (Sum(rho[k] * (s + v[0]), (k, 0, K - 1)), s + v[0]),
    (Sum(S[i, j] * v[i] * w[j], (i, 0, D - 1), (j, 0, D - 1)), Sum(S[i, j] * w[i] * v[j], (i, 0, D - 1), (j, 0, D - 1))),
    (Sum(S[i, j] * v[i] * w[j], (i, 0, D - 1), (j, 0, D - 1)), Sum(S[j, i] * v[i] * w[j], (i, 0, D - 1), (j, 0, D - 1))),
    (Sum(S[i, j] * S[j, k] * v[i] * w[k], (i, 0, D - 1), (j, 0, D - 1), (k, 0, D - 1)),
     Sum(S[k, m] * S[i, m] * v[k] * w[i], (i, 0, D - 1), (k, 0, D - 1), (m, 0, D - 1))),
    (Sum(S[i, j] * A[j, k] * v[k] * v[i], (i, 0, D - 1), (j, 0, D - 1), (k, 0, D - 1)),
     Sum(v[j] * A[i, j] * S[k, i] * v[k], (i, 0, D - 1), (j, 0, D - 1), (k, 0, D - 1))),
    (Sum(1, (i, 2, K)), K - 1),
    (Sum(v[i], (i, 1, D)), Sum(v[i + 1], (i, 0, D - 1))),
    (Sum(log(s * w[i]), (i, 0, D - 1)), D * log(s) + Sum(log(w[k]), (k, 0, D - 1))),
    (log(Product(w[i], (i, 0, D - 1))), Sum(log(w[i]), (i, 0, D - 1))),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right"), EQUAL, ids=lambda e: str(e)[:40])
def test_equal_sums(left, right):
    assert is_zero(normal(left) - normal(right))


UNEQUAL = [
    (Sum(A[i, j] * v[i], (i, 0, D - 1), (j, 0, D - 1)), Sum(A[i, j] * v[j], (i, 0, D - 1), (j, 0, D - 1))),
    (Sum(A[i, j] * A[i, j], (i, 0, D - 1), (j, 0, D - 1)), Sum(A[i, j] * A[j, i], (i, 0, D - 1), (j, 0, D - 1))),
    (Sum(A[i, j] * A[j, k] * A[k, i], (i, 0, D - 1), (j, 0, D - 1), (k, 0, D - 1)),
     Sum(A[i, j] * A[j, k] * A[i, k], (i, 0, D - 1), (j, 0, D - 1), (k, 0, D - 1))),
    (Sum(v[i] ** 2, (i, 0, D - 1)), Sum(v[i], (i, 0, D - 1)) ** 2),
    (Sum(v[i], (i, 0, D - 1)), Sum(v[i], (i, 0, K - 1))),
    (Sum(v[i] * w[i], (i, 0, D - 1)), Sum(v[i] * w[j], (i, 0, D - 1), (j, 0, D - 1))),
    (Sum(1, (i, 0, D - 1), (j, 0, D - 1)), Sum(1, (i, 0, D - 1), (j, 0, K - 1))),
    (Sum(Q[i, j], (i, 0, K - 1)), sp.Integer(1)),
    (Sum(rho[i] ** 2, (i, 0, K - 1)), sp.Integer(1)),
    (Sum(rho[i], (i, 0, K - 2)), sp.Integer(1)),
    (Sum(rho[i], (i, 0, K)), sp.Integer(1)),
    (Sum(KroneckerDelta(i, j), (i, 0, D - 2), (j, 0, D - 1)), D),
    (Sum(KroneckerDelta(i, j) * v[i], (i, 0, D - 2), (j, 0, D - 1)), Sum(v[i], (i, 0, D - 1))),
    (Sum(KroneckerDelta(i, c[i]), (i, 0, D - 1)), sp.Integer(1)),
    (Sum(KroneckerDelta(i, c[i]) * v[i], (i, 0, D - 1)), Sum(v[c[i]], (i, 0, D - 1))),
    (Sum(v[j], (j, 0, i), (i, 0, D - 1)), Sum(v[j], (j, 0, D - 1), (i, 0, D - 1))),
    (Sum(v[i + 1], (i, 0, D - 2)), Sum(v[i], (i, 0, D - 2))),
    (Sum(v[i + 1] * v[i], (i, 0, D - 2)), Sum(v[i] ** 2, (i, 0, D - 2))),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right"), UNEQUAL, ids=lambda e: str(e)[:40])
def test_unequal_sums(left, right):
    assert not is_zero(normal(left) - normal(right))


# ranges that are not the whole axis -----------------------------------------------------------------
PARTS = [
    Sum(rho[k], (k, 0, K - 2)),
    Sum(rho[k], (k, 1, K - 1)),
    Sum(Q[c[0], k], (k, 0, K - 2)),
    log(Sum(rho[k], (k, 0, c[0]))),
    Sum(KroneckerDelta(i, j) * v[j], (i, 0, D - 2), (j, 0, D - 1)),
    Sum(KroneckerDelta(i, j) * v[j], (j, 1, D - 1), (i, 0, D - 1)),
    Sum(KroneckerDelta(i, j + 1) * v[j] * w[i], (i, 0, D - 1), (j, 0, D - 2)),
    Sum(KroneckerDelta(i, j + 1) * v[j], (i, 0, D - 1), (j, 0, D - 1)),
    Sum(KroneckerDelta(i, 0) * v[i] + 7 * KroneckerDelta(i, 2), (i, 0, 1)),
    Sum(KroneckerDelta(k, c[i]) * w[i], (k, 0, K - 2), (i, 0, D - 1)),
    Sum(KroneckerDelta(i, c[i]) * w[i], (i, 0, D - 1)),
    Sum(KroneckerDelta(i, 2 * i) * w[i], (i, 0, D - 1)),
    Sum(v[j], (j, 0, i), (i, 0, D - 1)),
    Sum(v[j] * w[i], (j, 0, i), (i, 0, D - 1)),
    Sum(v[j] * w[i], (j, i, D - 1), (i, 0, D - 1)),
    Sum(v[j] * Sum(v[i], (i, 0, j)), (j, 0, D - 1)),
    Sum(Sum(v[i], (i, 0, D - 1)) * w[i], (i, 1, D - 1)),
    Sum(log(1 + Sum(v[i], (i, 0, D - 1)) ** 2) * w[i], (i, 1, D - 1)),
    Sum(Sum(A[i, j], (i, 0, D - 1)) * w[i] * Sum(A[j, i], (i, 0, D - 1)), (i, 0, D - 2), (j, 0, D - 1)),
    Sum((v[i + 1] - v[i]) ** 2, (i, 0, D - 2)),
    Sum(A[i, i + 1] * v[i], (i, 0, D - 2)),
]  # fmt: skip


def test_an_endless_sum_of_a_constant_is_refused():
    with pytest.raises(InputError, match="without end over a constant"):
        normal(Sum(s, (i, 0, sp.oo)))


@pytest.mark.parametrize("total", PARTS, ids=lambda e: str(e)[:60])
def test_ranges_that_are_not_a_whole_axis(total):
    assert agree(total, canonical(total), [(3, 3), (3, 4), (3, 5)])


def test_no_index_escapes():
    for total in PARTS:
        if total.has(2 * i):
            continue
        free = {f for f in canonical(total).free_symbols if f.is_Symbol}
        assert free <= total.free_symbols, total


# the parts of the module ------------------------------------------------------------------------------
def test_fresh_avoids_every_name_bound_or_free():
    taken = fresh(frozenset())
    assert fresh({taken}) != taken
    assert fresh({taken, fresh({taken})}) not in {taken, fresh({taken})}


def test_sum_over_does_not_capture_a_free_index():
    """Names like those of bound indices may come in free."""
    for name in ("_1", "_2", "~1", "~2", "i"):
        free = index(name)
        summand = normal(A[free, j] * Sum(B[k, free] * v[k], (k, 0, D - 1)))
        total = sum_over(summand, j, D).expr()
        assert total.free_symbols & {free} == {free}
        for seed, at in [(1, 0), (2, 1)]:
            here = arrays(seed, (2, 2)) | {free: at}
            expected = Sum(A[free, j], (j, 0, 1)) * Sum(B[k, free] * v[k], (k, 0, 1))
            assert close(value(total, here), value(expected, here))


@often
@given(st.integers(0, 10**6))
def test_bind_is_the_same_for_any_names(seed):
    names = [index(n, D) for n in random.Random(seed).sample("abcdefgh", 3)]
    one, two, inner = names
    product = Sum(A[one, inner] * S[inner, two], (inner, 0, D - 1))
    array = bind((one, two), normal(A[one, two] + product), D)
    expected = bind((i, j), normal(A[i, j] + Sum(A[i, k] * S[k, j], (k, 0, D - 1))), D)
    assert array == expected
    assert isinstance(array, Lambda)


def test_indices_of_symmetric_inverses_are_sorted():
    inverse = InverseElement(Lambda((i, j), S[i, j]), D, k, m)
    swapped = InverseElement(Lambda((i, j), S[j, i]), D, m, k)
    assert normal(inverse) == normal(swapped)
    plain = InverseElement(Lambda((i, j), A[i, j]), D, k, m)
    turned = InverseElement(Lambda((i, j), A[i, j]), D, m, k)
    assert normal(plain) != normal(turned)


def test_equal_names_with_other_assumptions_are_other_indices():
    whole = Symbol("i", integer=True)  # not an `index`: may be negative
    assert normal(A[i, whole]) != normal(A[i, i])
    total = Sum(A[i, whole], (i, 0, D - 1))
    assert whole in canonical(total).free_symbols


RING = sp.IndexedBase("G", real=True)


def _ring(order):
    """sum over a ring of indices: G[i0, i1] G[i1, i2] ..., with one marked place."""
    n = len(order)
    ring = [index(f"r{k}") for k in order]
    term = sp.Mul(*(RING[ring[k], ring[(k + 1) % n]] for k in range(n))) * v[ring[0]]
    return normal(Sum(term, *((i, 0, D - 1) for i in sorted(ring, key=str))))


@pytest.mark.parametrize("n", [3, 5, 7])
def test_the_order_of_tied_indices_has_no_part_in_their_names(n):
    """In a ring all stand in two factors alike: only the marked place tells them apart."""
    base = list(range(n))
    assert len({_ring(base[k:] + base[:k]) for k in range(n)} | {_ring(base[::-1])}) == 1


def test_many_like_factors_do_not_try_all_orders():
    """sum_o (sum_i G_oi v_i)^n: the n indices i can be exchanged, in n! ways."""
    inner = Sum(RING[i, j] * v[j], (j, 0, D - 1))
    done = [calls(normal, Sum(inner**n, (i, 0, K - 1))) for n in (4, 8)]
    assert all(p.single() is not None for p, _ in done)
    assert done[1][1] <= 16 * done[0][1]
