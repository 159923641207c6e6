"""The table of entropy objectives: what was eliminated, and what is left."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from entropy_proofs.document.blocks import Block, Document, Paragraph, Row, Table
from entropy_proofs.printing.formula import equation, formula

if TYPE_CHECKING:
    from entropy_proofs.objective.objective import Objective
    from entropy_proofs.proving.proof import Proof

HEADINGS = ("Model", "Eliminated", "Objective")

INTRODUCTION = (
    "The ELBO with the closed-form optima of its scales, covariances and mixing weights put in, in "
    "nats per data point: a function of q and of the remaining parameters alone, with the ELBO's "
    "stationary points. What the eliminated parameters serve is an entropy there, at every value "
    "of what remains (arXiv:2311.01888 does it for sparse coding). An expectation inside a "
    "logarithm is over q and data of its own."
)


def objective_table(proofs: Iterable[Proof]) -> Document:
    """A row per model with an objective; the others by name."""
    rows, without = [], []
    for proof in proofs:
        if proof.objective is None:
            without.append(proof.model.name)
        else:
            rows.append(_row(proof.objective))
    blocks: list[Block] = [Paragraph((INTRODUCTION,)), Table(HEADINGS, tuple(rows))]
    if without:
        blocks.append(Paragraph((f"Nothing has a closed-form optimum in: {', '.join(without)}.",)))
    return Document("Entropy objectives", tuple(blocks))


def _row(objective: Objective) -> Row:
    with objective.original.model.names().used():
        optima = tuple((equation(*pair),) for pair in objective.eliminated.items())
        return Row((((objective.original.model.name,),), optima, ((formula(objective.formula),),)))
