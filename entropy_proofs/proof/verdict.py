"""What an answer may be."""

from __future__ import annotations

from enum import Enum

from entropy_proofs.document.blocks import Block
from entropy_proofs.notebook.displays import Displayed, titled


class Verdict(Displayed, Enum):
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

    def _blocks(self) -> tuple[Block, ...]:
        return (titled(self.value),)
