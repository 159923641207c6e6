"""The picture: F's slope is the gap, both meet where F is flat, and bytes are the same again."""

from __future__ import annotations

import numpy as np
import pytest

import entropy_proofs as ep
from entropy_proofs.atlas.curve_picture import picture
from entropy_proofs.atlas.gap_curve import STEPS, DrawnCurve, gap_curve

MODELS = ("ppca", "gaussian_mixture", "sparse_coding", "student_t_distribution", "hmm_poisson")


@pytest.mark.parametrize("name", MODELS)
def test_f_grows_at_the_rate_of_the_gap(name):
    """By differences of F alone, which know nothing of the field."""
    curve = gap_curve(ep.prove(name))
    elbo, gap = np.array(curve.elbo), np.array(curve.elbo) - np.array(curve.entropy_sum)
    step = curve.at[1] - curve.at[0]
    slope = (elbo[:-4] - 8 * elbo[1:-3] + 8 * elbo[3:-1] - elbo[4:]) / (12 * step)
    middle = slice(STEPS - 6, STEPS + 7)
    assert np.allclose(slope[middle], gap[2:-2][middle], atol=2e-3 * np.ptp(gap))
    assert abs(gap[curve.meeting]) < 1e-6
    assert abs(slope[curve.meeting - 2]) < 2e-3 * np.ptp(gap)


def test_what_has_no_identity_has_no_curve():
    assert gap_curve(ep.prove("student_t_known_dof")) is None


def test_another_seed_is_another_curve():
    proof = ep.prove("ppca")
    assert gap_curve(proof) == gap_curve(proof)
    assert gap_curve(proof, seed=1) != gap_curve(proof)


def test_rounding_errors_do_not_reach_the_picture():
    curve = gap_curve(ep.prove("ppca"))
    moved = tuple(v * (1 + 1e-13) for v in curve.elbo)
    shaken = DrawnCurve(curve.at, moved, curve.entropy_sum, curve.meeting, curve.residual)
    assert picture(curve, "F") == picture(shaken, "F")


def test_lines_stay_inside_the_frame():
    curve = DrawnCurve(
        (-1.0, -0.5, 0.0, 0.5, 1.0), (0, 0.9, 1, 0.9, 0), (-99, -9, 1, 9, 99), 2, 0.0
    )
    drawn = picture(curve, "F")
    path = drawn.partition('class="sum" d="')[2].partition('"')[0]
    heights = [float(p.split()[1]) for p in path.replace("L", "M").split("M")[1:]]
    assert min(heights) >= 14
    assert max(heights) <= 194
    assert path.count("M") == 1
