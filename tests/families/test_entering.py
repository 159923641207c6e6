"""Where arrays enter: what is taken for numbers, and what is refused by name."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse
import sympy as sp
import torch
from hypothesis import given, strategies as st

from entropy_proofs import InputError
from entropy_proofs.families.entering import check_values, interior, real_array, tolerance_of
from entropy_proofs.families.spaces import (
    BINARY,
    COUNT,
    INCREASING,
    LOWER_TRIANGULAR,
    POSITIVE,
    POSITIVE_DEFINITE,
    REAL,
    SIMPLEX,
    UNIT_COLUMNS,
    UNIT_INTERVAL,
    Category,
    Counts,
    IntegerRange,
    OpenInterval,
)

DTYPES = ["bool", "int8", "uint8", "int16", "uint64", "float16", "float32", "float64", "object"]


@pytest.mark.parametrize("dtype", DTYPES)
def test_all_numbers_become_doubles(dtype):
    found = real_array("x", np.array([[0, 1], [1, 1]]).astype(dtype))
    assert found.dtype == np.float64
    assert found.tolist() == [[0, 1], [1, 1]]


def test_doubles_are_not_copied():
    x = np.ones(3)
    assert real_array("x", x) is x


@pytest.mark.parametrize(
    "value", [scipy.sparse.csr_matrix([[1, 0]]), torch.ones(1, 2, requires_grad=True), [[1, 0.0]]]
)
def test_other_libraries_arrays(value):
    assert real_array("x", value).shape == (1, 2)


@pytest.mark.parametrize(
    "value",
    [
        [1j], np.array([1 + 0j]), ["1"], np.array(["1"], object), [[1], [1, 2]], [None], "1.5",
        np.array(["2020-01-01"], "datetime64[D]"), np.array([1j], object), {"a": 1}, object(),
        np.ma.masked_array([1.0, 2.0], mask=[0, 1]), torch.ones(1, dtype=torch.complex128),
        scipy.sparse.coo_matrix(([1], ([0], [0])), shape=(10**6, 10**6)),
    ],
)  # fmt: skip
def test_what_is_no_array_of_real_numbers(value):
    with pytest.raises(InputError, match=r"^x: "):
        check_values("x", real_array("x", value), REAL)


def test_a_mask_that_hides_nothing():
    assert real_array("x", np.ma.masked_array([1.0], mask=[False])).tolist() == [1]


GOOD = [
    (REAL, [-1e308, 1e308, 1e308]), (POSITIVE, [5e-324, 1e308]), (UNIT_INTERVAL, [0.1, 0.9]),
    (BINARY, [0, 1]), (COUNT, [0, 1e15]), (Category(sp.Integer(3)), [0, 2]),
    (IntegerRange(1, 4), [1, 4]), (IntegerRange(-2, sp.oo), [-2, 7]), (OpenInterval(-1, 2), [-1, 2]),
    (SIMPLEX, [[0.25, 0.75]]), (Counts(sp.Integer(3)), [[1, 2], [0, 3]]),
    (POSITIVE_DEFINITE, [[2, 1], [1, 2]]), (LOWER_TRIANGULAR, [[1, 0], [5, 1]]),
    (UNIT_COLUMNS, [[0.6, 1], [0.8, 0]]), (INCREASING, [[-1, 0, 2], [3, 5, 9]]), (INCREASING, [[4]]),
]  # fmt: skip
BAD = [
    (REAL, [np.nan]), (REAL, [np.inf]), (REAL, [1, -np.inf]), (POSITIVE, [0]), (POSITIVE, [np.inf]),
    (POSITIVE, [1, -1e-300]), (UNIT_INTERVAL, [0]), (UNIT_INTERVAL, [1]), (BINARY, [2]),
    (BINARY, [-1]), (BINARY, [0.5]), (COUNT, [-1]), (COUNT, [1.5]), (COUNT, [np.nan]),
    (Category(sp.Integer(3)), [3]), (Category(sp.Integer(3)), [-1]),
    (Category(sp.Integer(3)), [1.2]), (IntegerRange(1, 4), [0]), (IntegerRange(1, 4), [5]),
    (OpenInterval(-1, 2), [2.1]), (SIMPLEX, [[0.25, 0.7]]), (SIMPLEX, [[-0.5, 1.5]]),
    (SIMPLEX, [[0, 1]]), (Counts(sp.Integer(3)), [[1, 1]]), (Counts(sp.Integer(3)), [[1.5, 1.5]]),
    (POSITIVE_DEFINITE, [[2, 1], [1.001, 2]]), (POSITIVE_DEFINITE, [[1, 2], [2, 1]]),
    (POSITIVE_DEFINITE, [[1, 1], [1, 1]]), (LOWER_TRIANGULAR, [[1, 1], [0, 1]]),
    (LOWER_TRIANGULAR, [[1, 0], [0, -1]]), (UNIT_COLUMNS, [[1, 1], [1, 0]]),
    (INCREASING, [[0, 0]]), (INCREASING, [[1, 2, 3], [1, 3, 2]]), (INCREASING, [[0, np.nan]]),
]  # fmt: skip


@pytest.mark.parametrize(("space", "values"), GOOD)
def test_what_lies_in_a_space(space, values):
    check_values("x", np.array(values, dtype=float), space)


@pytest.mark.parametrize(("space", "values"), BAD)
def test_what_does_not(space, values):
    with pytest.raises(InputError, match=r"^x: "):
        check_values("x", np.array(values, dtype=float), space)


@pytest.mark.parametrize("space", [SIMPLEX, UNIT_INTERVAL])
def test_a_closed_space_has_its_ends_and_a_point_inside_beside_each(space):
    ends = np.array([[0.0, 1.0]])
    check_values("q", ends, space, closed=True)
    check_values("q", interior(space, ends), space)
    with pytest.raises(InputError):
        check_values("q", ends - 1e-6, space, closed=True)


@given(st.integers(0, 199_999), st.sampled_from([np.nan, np.inf, -1.0]))
def test_one_bad_value_among_many_is_found(place, value):
    x = np.ones((100_000, 2))
    x.flat[place] = value
    with pytest.raises(InputError) as refused:
        check_values("x", x, POSITIVE)
    if np.isnan(value):
        assert str([place // 2, place % 2]) in str(refused.value)


def test_sums_hold_as_exactly_as_they_were_computed():
    single = np.array([1, 3, 3], dtype=np.float32)
    single /= single.sum()
    x = real_array("q", single)
    check_values("q", x + [2e-8, 0, 0], SIMPLEX, tolerance=tolerance_of(single))
    with pytest.raises(InputError, match="sums to"):
        check_values("q", x + [2e-8, 0, 0], SIMPLEX)
