"""The entropy objective as functions of arrays."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any

from sympy import Dummy, Expr

from entropy_proofs.algebra.nodes import Expectation
from entropy_proofs.numeric.evaluate import ProofCode
from entropy_proofs.numeric.functions import Functions, batch_for
from entropy_proofs.numeric.kernel import Kernel
from entropy_proofs.objective import Objective


class ObjectiveFunctions(Functions):
    """An entropy objective, its optima and its gradient, for any sizes; in nats per data point.

    The arrays are those of `entropy_proofs.compile` without the eliminated parameters.
    """

    def __init__(self, objective: Objective, code: ProofCode):
        super().__init__(code, None)
        self._objective = objective
        self._gone = [s.parameter.name for s in objective.solutions]
        self._all = self._shapes
        self._shapes = {n: s for n, s in self._all.items() if n not in self._gone}

    @cached_property
    def _optima(self) -> Kernel:
        outputs = {}
        for s in self._objective.solutions:
            outputs[s.parameter.name] = self._written(s.element), s.slots
        return self._code.compile(outputs)

    def _written(self, element: Expr) -> Expr:
        """With expectations as averages over the batch."""
        batch = self._code.batch
        names = {e: Dummy() for e in element.atoms(Expectation)}
        averages = {d: batch.average(batch.expected(e.args[0])) for e, d in names.items()}
        return batch.write(element.xreplace(names)).xreplace(averages)

    def optima(self, arrays: Mapping[str, Any] | None = None, **named: Any) -> dict[str, Any]:
        """The eliminated parameters by name."""
        values = self._weighted(self._given(arrays, named))
        return dict(self._optima(self._sizes(values), values))

    def value(self, arrays: Mapping[str, Any] | None = None, **named: Any) -> Any:
        """The sum of entropies (and of what stayed) at the optima."""
        values, whole = self._completed(arrays, named)
        return self._code.entropy_sum(self._sizes(values), whole)

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
        values, whole = self._completed(arrays, named)
        sizes = self._sizes(values)
        gradients = self._code.gradients(sizes, whole, wrt)
        left = {n: g for n, g in gradients.items() if n in self._shapes}
        return self._code.entropy_sum(sizes, whole), left

    def _completed(
        self, arrays: Mapping[str, Any] | None, named: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        values = self._weighted(self._given(arrays, named))
        return values, {**values, **self._optima(self._sizes(values), values)}


def compile_objective(
    objective: Objective,
    backend: str = "numpy",
    expectation: str = "samples",
    covariance: str = "diagonal",
    nodes: int = 32,
) -> ObjectiveFunctions:
    """See `Objective.compile`; the options are those of `entropy_proofs.compile`."""
    model = objective.original.model
    batch = batch_for(model, backend, expectation, covariance, nodes)
    return ObjectiveFunctions(objective, ObjectiveCode(objective, backend, batch))


class ObjectiveCode(ProofCode):
    """F of the model as it is, S with nothing but the eliminated parameters moving."""

    def __init__(self, objective: Objective, backend: str, batch: Any):
        super().__init__(objective.proof, backend, batch)
        self.model = objective.original.model
