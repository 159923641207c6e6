"""Terms and sizes: binders without names, indices, polynomials of sizes."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings, strategies as st
from kernel.building import term, values

from entropy_proofs.kernel.language.sizes import INFINITE, Size
from entropy_proofs.kernel.language.terms import (
    Term,
    at,
    closed,
    distinct,
    free,
    level_above,
    opened,
    parts,
    plus,
    substituted,
)  # fmt: skip
from entropy_proofs.kernel.refusal import Refused, bounded

PROPERTY = settings(max_examples=60, deadline=None, derandomize=True)
K, M = Size.named("K"), Size.named("M")
LEAST = {"K": 2, "M": 1}
POLYNOMIALS = st.dictionaries(
    st.lists(st.sampled_from("KM"), max_size=3).map(lambda n: tuple(sorted(n))),
    st.integers(-4, 4),
    max_size=4,
).map(Size)


@PROPERTY
@given(values(2, bound=2))
@bounded()
def test_opening_and_closing_are_inverse(value):
    body = Term("sum", (K, K), term(["sum", [[[1, "K"]], [[1, "K"]]], value]).args[1]).args[1]
    level = level_above(body)
    indices = [free(level, K), free(level + 1, K)]
    assert closed(opened(body, indices), indices) is body
    swapped = opened(body, indices[::-1])
    exchange = dict(zip(indices, indices[::-1], strict=True))
    assert substituted(opened(body, indices), exchange) is swapped
    assert not opened(body, indices).dangling


def test_no_index_is_captured():
    """Under a binder, what is put in keeps pointing outwards."""
    i = free(0, K)
    body = term(["sum", [[[1, "K"]]], ["multiply", ["element", "w", ["bound", 0]], "1"]]).args[1]
    assert opened(body, [i]).free == {i}
    inner = Term("sum", (K,), Term("delta", Term("bound", 0), Term("bound", 1)))
    put = opened(inner, [i])
    assert put.args[1].args == (Term("bound", 0), i)
    assert closed(put, [i]) is inner


def test_equal_terms_are_one_object():
    assert Term("add", at(1)) is Term("add", at(1))
    assert plus(plus(free(0, K), Size.number(2)), Size.number(-2)) is free(0, K)
    assert parts(plus(at(1), K)) == (None, K + Size.number(1))


@PROPERTY
@given(POLYNOMIALS, POLYNOMIALS, st.integers(-3, 3))
def test_sizes_are_polynomials_and_their_bounds_hold(p, q, bound):
    points = [{"K": k, "M": m} for k, m in product((2, 3, 5), (1, 2, 7))]

    def value(n: Size, sizes: dict) -> int:
        total = 0
        for names, c in n:
            for name in names:
                c *= sizes[name]
            total += c
        return total

    for sizes in points:
        assert value(p * q + p - q, sizes) == value(p, sizes) * value(q, sizes) + value(p, sizes) - value(q, sizes)  # fmt: skip
    if p.at_least(bound, LEAST):
        assert all(value(p, sizes) >= bound for sizes in points)


def test_an_endless_range_is_larger_than_any_but_its_negative_is_not():
    assert INFINITE.at_least(10**9, {})
    assert not (K - INFINITE).at_least(0, LEAST)
    with pytest.raises(Refused):
        Size({("K",) * 9: 1}).at_least(0, LEAST)


def test_indices_that_are_known_to_differ():
    i, j, one = free(0, K), free(1, K), Size.number(1)
    for a, b in ((i, plus(i, one)), (at(0), plus(i, one)), (at(K), i), (at(0), at(1))):
        assert distinct(a, b, LEAST)
        assert distinct(b, a, LEAST)
    negative = Term("element", "of any whole number")
    assert not distinct(at(0), plus(negative, one), LEAST)
    assert not distinct(at(5), free(0, INFINITE), LEAST)
    assert not distinct(i, j, LEAST)
