"""The catalogue as one document: an overview, then each model with its derivation."""

from __future__ import annotations

from collections.abc import Mapping

from entropy_proofs.document.blocks import Block, Code, Document, Paragraph, Section
from entropy_proofs.export.table import entropy_table
from entropy_proofs.proving.proof import Proof

TITLE = "Entropy sums of the catalogue"
INTRODUCTION = (
    "At every stationary point the ELBO of each model whose verdict is “proved” is the sum of "
    "entropies that stands in its row. Written by ",
    Code("make report"),
    "; every verdict is that of the kernel, on the certificates beside this file.",
)


def catalogue_document(proofs: Mapping[str, Proof]) -> Document:
    """By the models' names: contents, the table of all, a section for each."""
    overview = Section(
        ("Overview",),
        (Paragraph(INTRODUCTION), *entropy_table(proofs.values(), OVERVIEW).blocks),
        label="overview",
    )
    return Document(TITLE, (overview, *_derivations(proofs)), contents=True)


#: Of the overview: what identifies a model and what was shown; its section has the rest.
OVERVIEW = ("model", "entropy_sum", "verdict")


def _derivations(proofs: Mapping[str, Proof]) -> list[Block]:
    """A section for each model; none yet."""
    return []
