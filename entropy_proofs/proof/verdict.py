"""What an answer may be."""

from __future__ import annotations

from enum import Enum


class Verdict(Enum):
    """Whether the ELBO equals a sum of entropies at every stationary point.

    >>> import entropy_proofs as ep
    >>> ep.prove(ep.load("vae_0")).verdict is ep.Verdict.PARTIAL
    True
    """

    PROVED = "proved"
    PARTIAL = "partial"
    REFUTED = "refuted"
    UNDECIDED = "undecided"

    def __str__(self) -> str:
        return self.value


__all__ = ["Verdict"]
