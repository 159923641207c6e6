"""The entropy objective as functions of arrays."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

from sympy import Dummy, Expr

from entropy_proofs.algebra.nodes import Expectation
from entropy_proofs.code.kernel import Kernel
from entropy_proofs.evaluate.batch import Batch
from entropy_proofs.evaluate.compiled import Functions, batch_for, unweighted
from entropy_proofs.evaluate.model_code import ProofCode
from entropy_proofs.model.model import Model
from entropy_proofs.notebook.statements import SUM
from entropy_proofs.objective.solutions import Solution
from entropy_proofs.printing.formula import Formula, equation, relation
from entropy_proofs.proof.record import ProofRecord


class ObjectiveFunctions(Functions):
    """An entropy objective, its optima and its gradient, for any sizes; in nats per data point.

    The arrays are those of `entropy_proofs.compile` without the eliminated parameters.
    """

    def __init__(self, solutions: Sequence[Solution], code: ProofCode, uniform: ProofCode):
        super().__init__(code, None, uniform)
        self._solutions = solutions
        gone = {s.parameter.name for s in solutions}
        self._shapes = {n: s for n, s in self._shapes.items() if n not in gone}

    def _formulas(self) -> tuple[Formula, ...]:
        """The sum of entropies and the optima that stand in it."""
        proof = self._code.proof
        found = (equation(s.parameter.value, proof.published(s.value)) for s in self._solutions)
        return (relation(SUM, "=", proof.entropy_sum), *found)

    @cached_property
    def _optima(self) -> dict[ProofCode, Kernel]:
        found = {}
        for code in {self._code, self._uniform}:
            outputs = {
                s.parameter.name: (self._written(s.element, code.batch), s.slots)
                for s in self._solutions
            }
            found[code] = code.compile(outputs)
        return found

    def _written(self, element: Expr, batch: Batch) -> Expr:
        """With expectations as averages over the batch."""
        names = {e: Dummy() for e in element.atoms(Expectation)}
        averages = {d: batch.average(batch.expected(e.args[0])) for e, d in names.items()}
        return batch.write(element.xreplace(names)).xreplace(averages)

    def optima(self, arrays: Mapping[str, Any] | None = None, **named: Any) -> dict[str, Any]:
        """The eliminated parameters by name."""
        values, sizes = self._given(arrays, named)
        return dict(self._optima[self._code_for(values)](sizes, values))

    def value(self, arrays: Mapping[str, Any] | None = None, **named: Any) -> Any:
        """The sum of entropies (and of what stayed) at the optima."""
        code, sizes, whole = self._completed(arrays, named)
        return code.entropy_sum(sizes, whole)

    def value_and_gradient(
        self,
        arrays: Mapping[str, Any] | None = None,
        *,
        wrt: Collection[str] | None = None,
        **named: Any,
    ) -> tuple[Any, dict[str, Any]]:
        """The objective, and its gradient by every remaining parameter and array of q.

        At the optima the ELBO does not change with the eliminated parameters, so the gradient is
        the ELBO's own.
        """
        code, sizes, whole = self._completed(arrays, named)
        gradients = code.gradients(sizes, whole, wrt)
        left = {n: g for n, g in gradients.items() if n in self._shapes}
        return code.entropy_sum(sizes, whole), left

    def _completed(
        self, arrays: Mapping[str, Any] | None, named: dict[str, Any]
    ) -> tuple[ProofCode, dict[str, int], dict[str, Any]]:
        values, sizes = self._given(arrays, named)
        code = self._code_for(values)
        return code, sizes, {**values, **self._optima[code](sizes, values)}


def compile_objective(
    original: ProofRecord,
    alone: ProofRecord,
    solutions: Sequence[Solution],
    backend: str = "numpy",
    expectation: str = "samples",
    covariance: str = "diagonal",
    nodes: int = 32,
) -> ObjectiveFunctions:
    """See `Objective.compile`; the options are those of `entropy_proofs.compile`.

    alone: the proof along the parameters of the solutions alone.
    """
    model = original.model
    batch = batch_for(model, backend, expectation, covariance, nodes)
    codes = (ObjectiveCode(alone, model, backend, b) for b in (batch, unweighted(batch)))
    return ObjectiveFunctions(solutions, *codes)


class ObjectiveCode(ProofCode):
    """F of the model as it is, S with nothing but the eliminated parameters moving."""

    def __init__(self, alone: ProofRecord, model: Model, backend: str, batch: Any):
        super().__init__(alone, backend, batch)
        self.model = model
