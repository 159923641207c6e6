"""The entropy objective: what is left of the ELBO once the parameters with closed-form optima are.

A scale, covariance or mixing weight whose stationarity condition can be solved is put back into the
ELBO.  Where the identity holds along the eliminated parameters alone, the terms that they serve are
entropies then, at every value of what remains (arXiv:2311.01888 does it for one model).
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sympy import Expr, Symbol

from entropy_proofs.algebra.nodes import with_elements
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.arrays.categories import by_category
from entropy_proofs.document.blocks import Block
from entropy_proofs.families.spaces import REAL, UNIT_COLUMNS
from entropy_proofs.judge.vouching import find
from entropy_proofs.notebook.displays import Displayed, displayed, headed, latex_of, titled
from entropy_proofs.notebook.statements import BOUND
from entropy_proofs.objective.solutions import Solution, shown_optimum, solve_condition
from entropy_proofs.printing.formula import equation, formula, relation
from entropy_proofs.printing.symbols import Names
from entropy_proofs.proof.record import ProofRecord
from entropy_proofs.proof.term_results import term_result
from entropy_proofs.proof.verdict import Verdict


@dataclass(frozen=True)
class Objective(Displayed):
    """The ELBO at the optimal values of the eliminated parameters, in nats per data point.

    original: the model's proof.
    proof: its proof along the eliminated parameters alone: which terms are entropies then.
    solutions: of the eliminated parameters, functions of q and of the remaining parameters only.
    """

    original: ProofRecord
    proof: ProofRecord
    solutions: tuple[Solution, ...]

    @property
    def eliminated(self) -> dict[Expr, Expr]:
        """{parameter: its optimum}, arrays as arrays."""
        return {s.parameter.value: self.proof.published(s.value) for s in self.solutions}

    @property
    def remaining(self) -> tuple[Expr, ...]:
        """The learned parameters that stay."""
        gone = {s.parameter.label for s in self.solutions}
        return tuple(p.value for k, p in self.original.model.learned().items() if k not in gone)

    @cached_property
    def entropy_sum(self) -> Expr:
        """The objective in terms of the eliminated parameters, which stand for their optima."""
        return self.proof.entropy_sum

    @cached_property
    def expression(self) -> Expr:
        """The objective with the optima put in."""
        return self.proof.published(self.formula)

    @cached_property
    def formula(self) -> Expr:
        """The same, as the engine writes it."""
        by_label = {s.parameter.label: s for s in self.solutions}
        shapes = {label: s.parameter.shape for label, s in by_label.items()}
        total = self.proof.variational_entropy + self.proof.entropies
        entropies = by_category(total, shapes, self.original.data_labels)
        put = with_elements(entropies, by_label, lambda label, at: by_label[label].at(at))
        return self.proof.without_q(put)

    def compile(self, backend: str = "numpy", **options: Any) -> Any:
        """The objective, the optima and the gradient as functions; see `entropy_proofs.compile`."""
        from entropy_proofs.objective.compiled_objective import compile_objective

        return compile_objective(self.original, self.proof, self.solutions, backend, **options)

    def __repr__(self) -> str:
        return f"<Objective of {self.proof.model.name!r}: {self.expression}>"

    def _repr_latex_(self) -> str:
        with self._names_used():
            return latex_of(formula(self.formula))

    def _names(self) -> Names:
        return self.original.model.names()

    def _blocks(self) -> tuple[Block, ...]:
        return (
            headed(self.proof.model.name, ": the ELBO at optima in closed form"),
            displayed(relation(BOUND, "=", formula(self.formula))),
            titled("Optima"),
            displayed(*(equation(*pair) for pair in self.eliminated.items())),
        )


def objective(proof: ProofRecord) -> Objective | None:
    """The entropy objective of a proved model, or None if no parameter can be eliminated."""
    # no entropy is served by these: their field would be zero or a flow's
    learned = [p for p in proof.model.learned().values() if p.domain not in (REAL, UNIT_COLUMNS)]
    solved = [s for p in learned if (s := solve_condition(proof, p)) and s.is_smooth]
    solved = [s for s in solved if not isinstance(shown_optimum(proof, s), str)]
    found: list[Solution] = []
    for solution in sorted(solved, key=lambda s: _asked_for(s, solved)):
        if not _entangled(solution, found):
            found.append(solution)
    while found:
        kept = {s.parameter.label for s in found}
        alone = _along(proof, kept)
        moving = {c.label for c in alone.identity.field} if alone.identity else set()
        if moving == kept:
            return Objective(proof, alone, tuple(found))
        found = [s for s in found if s.parameter.label in moving]
    return None


def _along(proof: ProofRecord, kept: set[Symbol]) -> ProofRecord:
    """The proof with nothing but these parameters moving: no flow, all others known."""
    model = copy(proof.model)
    model.claims = []
    model.parameters = {
        name: p if p.label in kept else replace(p, fixed=True)
        for name, p in proof.model.parameters.items()
    }
    judged = find(model, flows=False)
    identity, kinds = (judged.identity, judged.outcome.terms) if judged else (None, {})
    terms = tuple(term_result(model, t, identity, kinds) for t in model.terms)
    verdict = Verdict.PROVED if all(t.holds for t in terms) else Verdict.PARTIAL
    return replace(proof, model=model, identity=identity, terms=terms, verdict=verdict)


def _asked_for(solution: Solution, others: list[Solution]) -> bool:
    """Whether another optimum depends on its parameter."""
    label = solution.parameter.label
    return any(label in symbols_in(s.element) for s in others if s is not solution)


def _entangled(new: Solution, others: list[Solution]) -> bool:
    """Whether an optimum depends on another parameter that is eliminated."""
    labels = {s.parameter.label for s in others}
    return _asked_for(new, others) or bool(symbols_in(new.element) & labels)
