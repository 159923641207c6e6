"""Random models: whatever field, flow and entropies come out, F - S is the derivative along them."""

from __future__ import annotations

import mpmath as mp
import pytest
from catalogue.spread import LONG
from oracle.numbers import Numbers, gap

import entropy_proofs as ep
from entropy_proofs.refute.exclusion import refute
from handmade.random_models import random_model

SEEDS = range(40)
COSTLY = SEEDS if LONG else SEEDS[::4]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_gap_identity(seed):
    proof = ep.prove(random_model(seed))
    assert (proof.verdict is ep.Verdict.PROVED) == all(
        t.holds and not t.fixes_scale for t in proof.terms
    )
    with mp.workdps(25):
        for sizes in ({"D": 2, "H": 3, "K": 2}, {"D": 3, "H": 1, "K": 3}):
            left, slope = gap(proof, Numbers(proof.model, seed, **sizes))
            assert abs(left - slope) < mp.mpf(10) ** -10 * (1 + abs(left))


@pytest.mark.parametrize("seed", COSTLY)
def test_what_the_kernel_accepts_is_not_refuted(seed):
    proof = ep.prove(random_model(seed))
    served = [t for t in proof.terms if t.holds]
    for t in served:
        assert refute(proof.model, [t.term], base_measure=True) is None
        assert t.is_pseudo or refute(proof.model, [t.term], base_measure=False) is None
    still = [t.term for t in proof.terms if not t.holds]
    assert refute(proof.model, [t.term for t in served], base_measure=True, still=still) is None


def test_all_verdicts_occur():
    """Else the models would be too easy, or too hard."""
    verdicts = [ep.prove(random_model(seed)).verdict for seed in SEEDS]
    assert {ep.Verdict.PROVED, ep.Verdict.PARTIAL, ep.Verdict.REFUTED} <= set(verdicts)
    assert verdicts.count(ep.Verdict.PROVED) > len(SEEDS) / 4
