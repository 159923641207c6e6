"""Real data in every form that a support calls for."""

import numpy as np
import pytest

from entropy_proofs import InputError
from entropy_proofs.data.real_data import real_data, standardised, table
from entropy_proofs.families.spaces import (
    BINARY,
    COUNT,
    LOWER_TRIANGULAR,
    POSITIVE,
    POSITIVE_DEFINITE,
    REAL,
    SIMPLEX,
    UNIT_INTERVAL,
    Category,
    Counts,
    IntegerRange,
    OpenInterval,
)


@pytest.mark.parametrize(
    ("support", "inside"),
    [
        (REAL, lambda x: np.abs(x.mean(axis=0)) < 1e-12),
        (POSITIVE, lambda x: x > 0),
        (UNIT_INTERVAL, lambda x: (x > 0) & (x < 1)),
        (OpenInterval(-3.0, 5.0), lambda x: (x > -3) & (x < 5)),
        (OpenInterval(2.0, np.inf), lambda x: (x > 2) & np.isfinite(x)),
        (OpenInterval(-np.inf, 2.0), lambda x: (x < 2) & np.isfinite(x)),
        (BINARY, lambda x: (x == 0) | (x == 1)),
        (COUNT, lambda x: (x >= 0) & (x == np.round(x))),
        (Category(3.0), lambda x: (x >= 0) & (x < 3) & (x == np.round(x))),
        (IntegerRange(2.0, 7.0), lambda x: (x >= 2) & (x <= 7) & (x == np.round(x))),
        (SIMPLEX, lambda x: np.isclose(x.sum(axis=-1), 1)),
        (Counts(5.0), lambda x: x.sum(axis=-1) == 5),
    ],
)
@pytest.mark.parametrize("turn", [0, 1])
def test_values_are_in_their_support(support, inside, turn):
    name, x = real_data(support, (4,), turn)
    assert name in ("wine", "digits")
    assert x.shape[1:] == (4,)
    assert len(x) > 100
    assert np.all(inside(x))
    assert np.all(x.std(axis=0) > 0)


def test_matrices_are_positive_definite():
    _, x = real_data(POSITIVE_DEFINITE, (3, 3))
    assert x.shape[1:] == (3, 3)
    assert np.all(np.linalg.eigvalsh(x) > 0)


def test_shapes_have_any_number_of_axes():
    assert real_data(REAL, ())[1].shape == (178,)
    assert real_data(BINARY, (3, 2))[1].shape == (1797, 3, 2)


def test_standardised_columns_have_variance_one():
    x = standardised("digits")
    assert x.shape[1] < table("digits").shape[1]
    np.testing.assert_allclose(x.std(axis=0), 1)


def test_what_no_data_set_has_is_refused():
    with pytest.raises(InputError, match="65 usable columns"):
        real_data(REAL, (65,))
    with pytest.raises(InputError, match="no data set has values"):
        real_data(LOWER_TRIANGULAR, (2, 2))
