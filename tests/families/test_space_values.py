"""Spaces for arrays of numbers: what is drawn lies in them, what is normal and tangent, faults."""

import mpmath
import numpy as np
import pytest

from entropy_proofs import InputError
from entropy_proofs.families.space_values import (
    coordinates,
    fault,
    normals,
    parameter_value,
    scales,
    tangential,
    variable_value,
)
from entropy_proofs.families.spaces import (
    BINARY,
    COUNT,
    DOMAINS,
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
    Scalars,
)

SHAPE = (4, 3, 3)
SUPPORTS = (
    REAL, POSITIVE, UNIT_INTERVAL, OpenInterval(-3.0, 5.0), OpenInterval(2.0, np.inf),
    OpenInterval(-np.inf, 2.0), BINARY, Category(3.0), COUNT,
    IntegerRange(2.0, 4.0), SIMPLEX, Counts(5.0), POSITIVE_DEFINITE,
)  # fmt: skip


@pytest.mark.parametrize("support", SUPPORTS, ids=repr)
def test_values_of_a_variable_lie_in_its_support(support):
    x = np.asarray(variable_value(support, SHAPE, np.random.default_rng(0)))
    assert x.shape == SHAPE
    assert not np.any(support.outside(x))
    assert not support.discrete or np.all(x == np.round(x))
    if isinstance(support, Scalars):
        low, high = map(float, support.ends)
        assert low <= x.min() < x.max() <= high
    if support in {SIMPLEX, Counts(5.0)}:
        np.testing.assert_allclose(x.sum(axis=-1), 5 if support.discrete else 1)
    assert not support.symmetric or np.all(np.linalg.eigvalsh(x) > 0)


def test_no_values_of_what_is_no_support():
    with pytest.raises(InputError, match="no random values for the support 'unit columns'"):
        variable_value(UNIT_COLUMNS, SHAPE, np.random.default_rng(0))


@pytest.mark.parametrize("domain", DOMAINS.values(), ids=str)
def test_values_of_a_parameter_have_no_fault(domain):
    value = parameter_value(domain, SHAPE, np.random.default_rng(0))
    assert fault(domain, value) is None
    assert not np.any(domain.outside(value))


def test_constraints_hold_to_the_precision_that_is_asked_for():
    def lift(x):
        return np.vectorize(mpmath.mpf, otypes=[object])(x)

    with mpmath.workdps(50):
        shares = parameter_value(SIMPLEX, (3,), np.random.default_rng(0), lift)
        column = parameter_value(UNIT_COLUMNS, (3, 1), np.random.default_rng(0), lift)
        assert abs(shares.sum() - 1) < 1e-45
        assert abs((column**2).sum() - 1) < 1e-45


@pytest.mark.parametrize("domain", [SIMPLEX, UNIT_COLUMNS], ids=str)
def test_normals_are_orthogonal_to_what_stays_in_the_domain(domain):
    rng, shape = np.random.default_rng(0), (4, 3)
    value = parameter_value(domain, shape, rng)
    free = coordinates(domain)
    u, v = free.inverse(value), rng.normal(size=free.shape(shape))
    velocity = (free.forward(u + 1e-6 * v) - free.forward(u - 1e-6 * v)) / 2e-6
    found = normals(domain, value)
    assert len(found) == (4 if domain is SIMPLEX else 3)
    for normal in found:
        assert abs((normal * velocity).sum()) < 1e-8
        np.testing.assert_allclose(tangential(domain, value, normal), 0, atol=1e-12)
    assert np.abs(tangential(domain, value, velocity)).max() > 0.1


@pytest.mark.parametrize("domain", [REAL, POSITIVE, UNIT_INTERVAL], ids=str)
def test_scalars_are_free(domain):
    value = parameter_value(domain, (3,), np.random.default_rng(0))
    assert normals(domain, value) == []
    assert tangential(domain, value, value) is value


def test_scales_are_what_may_go_to_zero():
    matrix = np.diag([1.0, 4.0])
    np.testing.assert_allclose(scales(POSITIVE_DEFINITE, matrix), [1, 4])
    assert scales(POSITIVE, matrix) is matrix
    assert all(scales(d, matrix) is None for d in (REAL, UNIT_INTERVAL, SIMPLEX, LOWER_TRIANGULAR))


@pytest.mark.parametrize(
    ("domain", "value", "says"),
    [
        (POSITIVE, [1.0, -2.0], ("positive", "-2")),
        (UNIT_INTERVAL, [0.5, 1.5], ("in the unit interval", "1.5")),
        (SIMPLEX, [0.5, 0.25], ("probabilities that sum to one", "a vector of sum 0.75")),
        (POSITIVE_DEFINITE, [[1.0, 2.0], [2.0, 1.0]],
         ("positive definite", "a matrix with eigenvalue -1")),
        (POSITIVE_DEFINITE, [[2.0, 1.0], [0.0, 2.0]], ("positive definite", "not symmetric")),
    ],
)  # fmt: skip
def test_faults_say_what_is_asked_and_what_is_there(domain, value, says):
    assert fault(domain, np.array(value)) == says
