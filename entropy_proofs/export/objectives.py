"""The table of entropy objectives: what was eliminated, and what is left, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from entropy_proofs.export.table import markdown_cell
from entropy_proofs.printing import latex

if TYPE_CHECKING:
    from entropy_proofs.objective.objective import Objective
    from entropy_proofs.proving.proof import Proof

HEADINGS = ("Model", "Eliminated", "Objective")

INTRODUCTION = """# Entropy objectives

The ELBO with the closed-form optima of its scales, covariances and mixing weights put in, in nats
per data point: a function of q and of the remaining parameters alone, with the ELBO's stationary
points. What the eliminated parameters serve is an entropy there, at every value of what remains
(arXiv:2311.01888 does it for sparse coding). An expectation inside a logarithm is over q and data
of its own.

"""


def objective_table(proofs: Iterable[Proof]) -> str:
    """A row per model with an objective; the others by name."""
    rows, without = [], []
    for proof in proofs:
        if proof.objective is None:
            without.append(proof.model.name)
        else:
            rows.append(_cells(proof.objective))
    lines = [HEADINGS, ("---",) * len(HEADINGS), *rows]
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    if without:
        table += f"\nNothing has a closed-form optimum in: {', '.join(without)}.\n"
    return INTRODUCTION + table


def _cells(objective: Objective) -> tuple[str, ...]:
    with objective.proof.model.names().used():
        optima = tuple(latex.equation(*pair) for pair in objective.eliminated.items())
        formula = latex.latex(objective.formula)
    name = objective.original.model.name
    return name, markdown_cell(optima), markdown_cell((formula,))
