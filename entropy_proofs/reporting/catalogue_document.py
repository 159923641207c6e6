"""The catalogue as one document: an overview, then each model with its derivation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from entropy_proofs.derivation.appendix import ModelDerivation, derivations
from entropy_proofs.document.blocks import Code, Document, Paragraph, Section
from entropy_proofs.export.table import entropy_table
from entropy_proofs.proving.proof import Proof

TITLE = "Entropy sums of the catalogue"
INTRODUCTION = (
    "At every stationary point the ELBO of each model whose verdict is “proved” is the sum of "
    "entropies that stands in its row. Written by ",
    Code("make report"),
    "; every verdict is that of the kernel, on the certificates beside this file.",
)


#: Of the overview: what identifies a model and what was shown; its derivation has the rest.
OVERVIEW = ("model", "entropy_sum", "verdict")


def catalogue_document(proofs: Iterable[Proof], parts: Sequence[ModelDerivation]) -> Document:
    """Contents, the table of all models, a derivation of each, and the references of all."""
    table = entropy_table(proofs, OVERVIEW)
    overview = Section(("Overview",), (Paragraph(INTRODUCTION), *table.blocks), label="overview")
    appendix = derivations(parts)
    return Document(TITLE, (overview, *appendix.blocks), appendix.bibliography, contents=True)
