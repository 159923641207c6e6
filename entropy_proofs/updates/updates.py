"""`proof.updates`: the E-step and the M-step of a model, with what was shown of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Symbol

from entropy_proofs.document.blocks import Block, Paragraph
from entropy_proofs.notebook.displays import Displayed, displayed, headed, listed, titled
from entropy_proofs.printing.formula import equation
from entropy_proofs.printing.latex import latex
from entropy_proofs.printing.plain import plain
from entropy_proofs.printing.symbols import Names
from entropy_proofs.proof.record import ProofRecord
from entropy_proofs.updates.e_step import BestQ, e_step
from entropy_proofs.updates.global_optimum import global_optimum
from entropy_proofs.updates.m_step import Update, m_step
from entropy_proofs.updates.principal_axes import PrincipalAxes, principal_axes


@dataclass(frozen=True)
class Updates(Displayed):
    """EM for a model, derived: formulas in nats per data point, of q and of the data.

    e_step: the best q of every latent, given the parameters; of a declared one, that it stays so.
    m_step: the blocks of parameters that have a closed-form optimum, in the order of their updates;
        each uses the newest values of the others, so that F never falls where maxima were shown.
    remaining: {parameter: why it has none}; these take gradient steps.
    global_optimum: what is known of the optimum over all parameters, in words, or empty.
    axes: parameters that are solved for together with q, given the others; None where none are.
    """

    proof: ProofRecord
    e_step: tuple[BestQ, ...]
    m_step: tuple[Update, ...]
    remaining: Mapping[Expr, str]
    global_optimum: str = ""
    axes: PrincipalAxes | None = None

    @property
    def complete(self) -> bool:
        """Whether every learned parameter has an update."""
        return not self.remaining

    def compile(
        self,
        backend: str = "numpy",
        expectation: str = "analytic",
        covariance: str = "diagonal",
        nodes: int = 32,
        chains: str = "independent",
    ) -> Any:
        """The M-step as functions of arrays; the options are those of `entropy_proofs.compile`.

        Raises InputError where no parameter has an update, or as `compile` does.
        """
        from entropy_proofs.updates.compiled_updates import compile_updates

        options = backend, expectation, covariance, nodes, chains
        return compile_updates(self.proof, self.m_step, *options)

    def record(self) -> dict[str, Any]:
        """The same as plain JSON values; expressions are strings."""
        with self._names_used():
            return {
                "e_step": [
                    {
                        "latent": q.latent,
                        "family": q.family or None,
                        "exact": q.exact,
                        "formula": {name: plain(e) for name, e in q.formula.items()},
                        "how": q.how,
                    }
                    for q in self.e_step
                ],
                "m_step": [
                    {
                        "parameters": [p.name for p in u.parameters],
                        "formula": {str(p): plain(e) for p, e in _by_name(u)},
                        "latex": {str(p): latex(e) for p, e in _by_name(u)},
                        "shown": u.shown,
                        "because": u.curvature.because,
                        "conditions": list(u.conditions),
                        "statistics": list(u.needed),
                    }
                    for u in self.m_step
                ],
                "remaining": {plain(p): why for p, why in self.remaining.items()},
                "complete": self.complete,
                "global_optimum": self.global_optimum or None,
                "with_q": self.axes and self.axes.text,
            }

    def __repr__(self) -> str:
        names = ", ".join(p.name for u in self.m_step for p in u.parameters)
        left = ", ".join(map(str, self.remaining))
        return f"<Updates of {self.proof.model.name!r}: {names}{left and f'; not {left}'}>"

    def __str__(self) -> str:
        with self._names_used():
            return "\n".join([f"{self.proof.model.name}: EM", *(f"  {s}" for s in self.lines())])

    def lines(self) -> Iterator[str]:
        """The steps as text."""
        for q in self.e_step:
            yield f"E  {q.text}"
            for name, e in q.formula.items():
                yield f"     {name} = {plain(e)}"
        for u in self.m_step:
            yield f"M  {', '.join(p.name for p in u.parameters)}: {u.shown}; {u.curvature.because}"
            for name, e in _by_name(u):
                yield f"     {name} = {plain(e)}"
        for p, why in self.remaining.items():
            yield f"-  {plain(p)}: gradient steps; {why}"
        for known in self._known():
            yield f"=  {known}"

    def _known(self) -> tuple[str, ...]:
        """What is solved for beyond one block at a time."""
        found = (self.global_optimum, self.axes.text if self.axes else "")
        return tuple(dict.fromkeys(filter(None, found)))

    def _repr_latex_(self) -> str:
        from entropy_proofs.notebook.displays import latex_of
        from entropy_proofs.printing.formula import commas

        with self._names_used():
            pairs = (pair for u in self.m_step for pair in u.formula.items())
            return latex_of(commas(*(equation(*pair) for pair in pairs)))

    def _names(self) -> Names:
        return self.proof.model.names()

    def _blocks(self) -> tuple[Block, ...]:
        return (headed(self.proof.model.name, ": EM"), *self.steps())

    def steps(self) -> tuple[Block, ...]:
        """The algorithm, step by step, with what was shown of each."""
        blocks: list[Block] = []
        for q in self.e_step:
            blocks.append(Paragraph((f"E-step: {q.text}.",)))
            if q.formula:
                blocks.append(displayed(*(equation(Symbol(n), e) for n, e in q.formula.items())))
        if self.m_step:
            blocks.append(titled("M-step, in this order"))
        for u in self.m_step:
            blocks += u.displayed()
        left = [f"{plain(p)}: {why}" for p, why in self.remaining.items()]
        known = listed("Several at once", self._known())
        return (*blocks, *listed("Gradient steps", left), *known)


def _by_name(u: Update) -> list[tuple[str, Expr]]:
    return [(p.name, e) for p, e in zip(u.parameters, u.formula.values(), strict=True)]


def updates(proof: ProofRecord) -> Updates:
    """The updates of a model that was looked at; see `Proof.updates`."""
    model = proof.model
    blocks, remaining = m_step(proof)
    axes = principal_axes(model)
    known = global_optimum(model, blocks, axes)
    return Updates(proof, e_step(model), blocks, remaining, known, axes)
