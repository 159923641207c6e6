"""What every audit has to satisfy."""

from __future__ import annotations

from typing import Any

import numpy as np

import entropy_proofs as ep


def agrees(found: ep.Audit, reference: float, relative: float = 1e-10) -> None:
    """F is the library's own number, the gap is v·∇F, and its shares add up to it."""
    assert abs(found.elbo * found.points - reference) <= relative * abs(reference)
    assert abs(found.gap - found.predicted_gap) <= 1e-9
    assert abs(sum(found.shares.values()) - found.predicted_gap) <= 1e-9 * (1 + found.total_share)


def quick(fitted: Any, X: Any, **options: Any) -> ep.Audit:
    return ep.audit(fitted, X, quick=True, **options)


def standardised(x: np.ndarray) -> np.ndarray:
    return (x - x.mean(axis=0)) / x.std(axis=0)
