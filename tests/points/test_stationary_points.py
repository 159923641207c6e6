"""Stationary points of every kind: the saddles that theory knows are found, and F = S there."""

import numpy as np
import pytest

from entropy_proofs import InputError
from entropy_proofs.model import catalogue
from entropy_proofs.points.stationary_points import classified, gradient_root, stationary_points
from entropy_proofs.proving.proof import prove


def points_of(name, data, **options):
    return stationary_points(prove(catalogue.load(name)), data=data, **options)


def assert_saddle(point):
    """The sums agree at a point with directions up and down."""
    rising, falling, _ = point.signs
    assert point.kind == "saddle"
    assert rising > 0
    assert falling > 0
    assert abs(point.elbo - point.entropy_sum) < 1e-11
    assert abs(point.gap - point.predicted_gap) < 1e-12
    assert point.gradient_norm < 1e-9
    assert point.holds


def test_a_column_of_ppca_that_is_no_leading_eigenvector_is_a_saddle():
    variances = np.array([4.0, 3.0, 0.2])
    q, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(6, 3)))
    x = np.concatenate([q, -q]) * np.sqrt(6 * variances)

    def elbo(kept):
        """Tipping and Bishop (1999) with one eigenvector kept, the rest noise."""
        noise = (variances.sum() - variances[kept]) / 2
        assert variances[kept] > noise
        return -(np.log(variances[kept]) + 2 * np.log(noise) + 3 * np.log(2 * np.pi * np.e)) / 2

    found = points_of("ppca", x, sizes={"H": 1}, starts=5)
    assert found[0].kind == "maximum"
    assert found[0].elbo == pytest.approx(elbo(0), abs=1e-10)
    (second,) = (p for p in found if abs(p.elbo - elbo(1)) < 1e-9)
    assert second.signs == (1, 6, 0)
    for point in found[1:]:
        assert_saddle(point)


def test_rotations_of_ppca_are_flat_and_no_saddle():
    x = np.random.default_rng(1).normal(size=(15, 4)) * [2.0, 1.5, 0.6, 0.5]
    (best, *rest) = points_of("ppca", x, starts=1)
    assert best.kind == "maximum"
    assert best.signs == (0, 12, 1)  # one angle
    assert rest
    for point in rest:
        assert_saddle(point)


def test_merged_components_of_a_gaussian_mixture_are_a_saddle():
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(size=(15, 2)), rng.normal(size=(15, 2)) + 3])
    found = points_of("gaussian_mixture", x, starts=1)
    saddles = [p for p in found if p.kind == "saddle"]
    for point in saddles:
        assert_saddle(point)
    single = -(np.linalg.slogdet(2 * np.pi * np.e * np.cov(x.T, bias=True))[1]) / 2
    (merged,) = (p for p in saddles if abs(p.elbo - single) < 1e-9)
    assert merged.signs[2] == 1  # how the weight is shared out
    assert found[0].kind == "maximum"
    assert found[0].elbo > merged.elbo


def test_a_dead_dictionary_is_a_saddle_of_sparse_coding():
    x = np.random.default_rng(0).laplace(size=(5, 3))
    found = points_of("sparse_coding_unit_prior", x, starts=1, kinds=("saddle",))
    for point in found:
        assert_saddle(point)
    prior, noise = np.log(2 * np.e), np.log(2 * np.pi * np.e * (x**2).mean()) / 2
    # all of W is zero, so q fits the prior alone, and all of x is noise
    dead = min(found, key=lambda p: p.elbo)
    entropy_of_q = dead.entropy_sum + 2 * prior + 3 * noise
    assert np.isfinite(entropy_of_q)
    assert entropy_of_q < 2 * prior  # a Gaussian is no Laplace: the KL divergence is positive


def test_sparse_coding_has_a_saddle_with_learned_scales():
    axes = np.diag([6.0, 5.0, 1.0])
    x = np.concatenate([axes, -axes])  # any column along an axis is stationary by symmetry
    (saddle, *_) = points_of("sparse_coding", x, starts=2, kinds=("saddle",))
    assert_saddle(saddle)
    assert saddle.signs[2] == 2  # the lengths of the columns, which are divided by their norms


def test_kinds_are_chosen_and_unknown_ones_refused():
    x = np.random.default_rng(1).normal(size=(12, 3)) * [2.0, 1.3, 0.5]
    found = points_of("ppca", x, sizes={"H": 1}, starts=2, kinds=("maximum",))
    assert [p.kind for p in found] == ["maximum"]
    with pytest.raises(InputError, match="no kind 'ridge'"):
        points_of("ppca", x, kinds=("ridge",))


class Quadratic:
    """x' diag(c) x / 2 + b' x as an objective; q is eliminated if said so."""

    def __init__(self, curvatures, eliminates_q=False):
        self.curvatures = np.array(curvatures, dtype=float)
        self.eliminates_q = eliminates_q

    def independent(self):
        return len(self.curvatures), np.zeros((0, 0), dtype=int)

    def __call__(self, x):
        return float(self.curvatures @ x**2 / 2 - x.sum()), self.curvatures * x - 1.0


@pytest.mark.parametrize("curvatures", [[-1, -30], [1, -2], [5, 2e3]])
def test_roots_of_every_kind_are_found(curvatures):
    root = gradient_root(Quadratic(curvatures), np.array([3.0, -4.0]))
    np.testing.assert_allclose(root, 1 / np.array(curvatures), rtol=1e-9)


@pytest.mark.parametrize(
    ("curvatures", "eliminates_q", "kind", "signs"),
    [
        ([1, 2], False, "minimum", (2, 0, 0)),
        ([1, 2], True, "saddle", (2, 0, 0)),  # F is concave in q
        ([1, 0], False, "minimum", (1, 0, 1)),
        ([-1, 0], True, "maximum", (0, 1, 1)),
        ([-1, 2], False, "saddle", (1, 1, 0)),
    ],
)
def test_kinds_count_the_directions_of_q(curvatures, eliminates_q, kind, signs):
    found = classified(Quadratic(curvatures, eliminates_q), np.zeros(2))
    assert (found.kind, found.signs) == (kind, signs)


def test_a_gradient_that_is_not_finite_is_no_stationary_point():
    found = classified(Quadratic([np.nan, 1.0]), np.zeros(2))
    assert found.kind == "unknown"
    assert not found.gradient_norm <= 1e-9
