"""Whether a stationary point of the ELBO over a block of parameters is its maximum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from entropy_proofs.model.model import Model, Parameter


@dataclass(frozen=True)
class Curvature:
    """is_maximum: shown.  because: by what rule, or why not."""

    is_maximum: bool
    because: str


def curvature(model: Model, block: Sequence[Parameter]) -> Curvature:
    """What is known of the ELBO as a function of the block."""
    return Curvature(False, "not looked at")


__all__ = ["Curvature", "curvature"]
