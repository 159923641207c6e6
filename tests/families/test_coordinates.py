"""Free coordinates: inverses, pullbacks and volumes against finite differences."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from entropy_proofs.families.space_values import coordinates, parameter_value
from entropy_proofs.families.spaces import (
    DOMAINS,
    INCREASING,
    LOWER_TRIANGULAR,
    POSITIVE,
    POSITIVE_DEFINITE,
    REAL,
    SIMPLEX,
    UNIT_COLUMNS,
    UNIT_INTERVAL,
    OpenInterval,
)

KINDS = (*DOMAINS.values(), LOWER_TRIANGULAR)
SHAPES = {POSITIVE_DEFINITE: (2, 3, 3), LOWER_TRIANGULAR: (2, 3, 3), UNIT_COLUMNS: (3, 2)}
seeds = st.integers(0, 2**32 - 1)


def shape_of(kind):
    return SHAPES.get(kind, (2, 3))


def in_domain(kind, value):
    if kind == POSITIVE:
        return np.all(value > 0)
    if kind in (UNIT_INTERVAL, SIMPLEX):
        sums = kind != SIMPLEX or np.allclose(value.sum(axis=-1), 1, atol=1e-12)
        return sums and np.all((value > 0) & (value < 1))
    if kind == INCREASING:
        return np.all(np.diff(value, axis=-1) > 0)
    if kind == LOWER_TRIANGULAR:
        diagonal = np.diagonal(value, axis1=-2, axis2=-1)
        return np.all(diagonal > 0) and np.all(np.triu(value, 1) == 0)
    if kind == POSITIVE_DEFINITE:
        return np.all(np.linalg.eigvalsh(value) > 0)
    return kind != UNIT_COLUMNS or np.allclose((value**2).sum(axis=-2), 1)


def jacobian(function, u, step=1e-6):
    columns = []
    for place in np.ndindex(u.shape):
        moved = np.zeros_like(u)
        moved[place] = step
        columns.append((function(u + moved) - function(u - moved)).ravel() / (2 * step))
    return np.array(columns).T


@settings(max_examples=15, deadline=None)
@given(seeds, st.sampled_from(KINDS))
def test_forward_lands_in_the_domain_and_inverse_comes_back(seed, kind):
    rng = np.random.default_rng(seed)
    map_ = coordinates(kind)
    value = parameter_value(kind, shape_of(kind), rng)
    u = map_.inverse(value)
    assert u.shape == map_.shape(value.shape)
    np.testing.assert_allclose(map_.forward(u), value, atol=1e-10)
    assert in_domain(kind, map_.forward(rng.normal(size=u.shape)))


@settings(max_examples=15, deadline=None)
@given(seeds, st.sampled_from(KINDS))
def test_pullback_is_the_transposed_jacobian(seed, kind):
    rng = np.random.default_rng(seed)
    map_ = coordinates(kind)
    u = rng.normal(size=map_.shape(shape_of(kind)))
    gradient = rng.normal(size=map_.forward(u).shape)
    expected = jacobian(map_.forward, u).T @ gradient.ravel()
    np.testing.assert_allclose(map_.pullback(u, gradient).ravel(), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "free"),
    [
        (REAL, lambda v: v),
        (POSITIVE, lambda v: v),
        (UNIT_INTERVAL, lambda v: v),
        (SIMPLEX, lambda v: v[..., :-1]),
        (POSITIVE_DEFINITE, lambda v: v[(..., *np.tril_indices(3))]),
    ],
)
def test_log_volume_is_the_log_determinant_of_the_jacobian(kind, free):
    rng = np.random.default_rng(0)
    map_ = coordinates(kind)
    u = rng.normal(size=map_.shape(shape_of(kind)))
    found, slope = map_.log_volume(u)
    exact = np.linalg.slogdet(jacobian(lambda v: free(map_.forward(v)), u))[1]
    assert found == pytest.approx(exact, abs=1e-6)
    expected = jacobian(lambda v: np.array([map_.log_volume(v)[0]]), u)
    np.testing.assert_allclose(np.ravel(slope), expected[0], atol=1e-7)


@pytest.mark.parametrize("ends", [(-2.0, 5.0), (3.0, np.inf), (-np.inf, 3.0)])
def test_intervals_have_their_bounds(ends):
    map_ = coordinates(OpenInterval(*ends))
    u, near = np.array([-50.0, 1.0, 2.0, 50.0]), map_.forward(np.array([-50.0, 50.0]))
    assert all(np.abs(near - end).min() < 1e-9 for end in ends if np.isfinite(end))
    value = map_.forward(u[1:3])
    np.testing.assert_allclose(map_.inverse(value), u[1:3])
    slopes = jacobian(map_.forward, u[1:3])
    np.testing.assert_allclose(map_.pullback(u[1:3], np.ones(2)), slopes.sum(axis=0), rtol=1e-6)
    volume, gradient = map_.log_volume(u[1:3])
    assert volume == pytest.approx(np.linalg.slogdet(slopes)[1], abs=1e-6)
    moved = jacobian(lambda v: np.array([map_.log_volume(v)[0]]), u[1:3])[0]
    np.testing.assert_allclose(gradient, moved, atol=1e-7)
