"""`proof.updates`: the E-step and the M-step of a model, with what was shown of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Expr

from entropy_proofs.document.blocks import Block
from entropy_proofs.notebook.displays import Displayed, displayed, headed, latex_of, listed, titled
from entropy_proofs.printing.formula import equation
from entropy_proofs.printing.symbols import Names
from entropy_proofs.proof.record import ProofRecord
from entropy_proofs.updates.m_step import Update, m_step


@dataclass(frozen=True)
class Updates(Displayed):
    """EM for a model, derived: formulas in nats per data point, of q and of the data.

    m_step: the blocks of parameters that have a closed-form optimum, in the order of their updates.
    remaining: {parameter: why it has none}; these take gradient steps.
    """

    proof: ProofRecord
    m_step: tuple[Update, ...]
    remaining: Mapping[Expr, str]

    @property
    def complete(self) -> bool:
        """Whether every learned parameter has an update."""
        return not self.remaining

    def compile(self, backend: str = "numpy", **options: Any) -> Any:
        """The M-step as functions of arrays; the options are those of `entropy_proofs.compile`."""
        from entropy_proofs.updates.compiled_updates import compile_updates

        return compile_updates(self.proof, self.m_step, backend, **options)

    def __repr__(self) -> str:
        names = ", ".join(p.name for u in self.m_step for p in u.parameters)
        left = ", ".join(map(str, self.remaining))
        return f"<Updates of {self.proof.model.name!r}: {names}{left and f'; not {left}'}>"

    def _names(self) -> Names:
        return self.proof.model.names()

    def _blocks(self) -> tuple[Block, ...]:
        blocks: list[Block] = [headed(self.proof.model.name, ": EM")]
        if self.m_step:
            blocks.append(titled("M-step"))
        for update in self.m_step:
            formulas = (equation(*pair) for pair in update.formula.items())
            blocks.append(displayed(*formulas))
        left = [f"{p}: {why}" for p, why in self.remaining.items()]
        return (*blocks, *listed("Gradient steps", left))


def updates(proof: ProofRecord) -> Updates:
    """The updates of a model that was looked at; see `Proof.updates`."""
    return Updates(proof, *m_step(proof))


__all__ = ["Updates", "latex_of", "updates"]
