"""The M-step as functions of arrays: averages of statistics, and the parameters that they give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from sympy import Expr, IndexedBase, KroneckerDelta, Symbol

from entropy_proofs.algebra.nodes import (
    InverseElement,
    LeastNormInverseElement,
    index,
    whole_number,
)
from entropy_proofs.algebra.positivity import is_positive_definite
from entropy_proofs.code.generate import compiled, lowered
from entropy_proofs.code.kernel import Kernel
from entropy_proofs.errors import InputError
from entropy_proofs.evaluate.batch import AnalyticBatch, Batch
from entropy_proofs.evaluate.compiled import Functions, batch_for, unweighted
from entropy_proofs.evaluate.model_code import Arrays, Dims, Output, ProofCode
from entropy_proofs.evaluate.random_values import number
from entropy_proofs.proof.record import ProofRecord
from entropy_proofs.updates.m_step import Update, stages
from entropy_proofs.updates.sufficient import Statistic


class UpdateCode(ProofCode):
    """F, and what the updates of one stage compute.

    As all of `ProofCode`, these functions take `dims` and `arrays` as they are, unchecked.
    """

    def __init__(
        self, proof: ProofRecord, backend: str, batch: Batch, updates: Sequence[Update]
    ) -> None:
        super().__init__(proof, backend, batch)
        self.updates = tuple(updates)
        self.needed: dict[str, Statistic] = {}
        for update in updates:
            self.needed |= update.needed

    @cached_property
    def statistics_kernel(self) -> Kernel:
        outputs: dict[str, Output] = {}
        sizes: dict[Symbol, Expr] = {}
        for name, s in self.needed.items():
            own = tuple(index(f"{name}.{k}", n) for k, n in enumerate(s.shape))
            inside = s.inside.xreplace(dict(zip(s.indices, own, strict=True)))
            outputs[name] = self.batch.average(self.batch.expected(inside)), own
            sizes.update(zip(own, s.shape, strict=True))
        return compiled(lowered(outputs, sizes, self.backend, self.batch.shapes()), self.backend)

    def statistics(self, dims: Dims, arrays: Arrays) -> dict[str, Any]:
        """(1/N) sum_n E_q[..] of every statistic by name."""
        return dict(self.statistics_kernel(dims, arrays))

    @cached_property
    def _solving(self) -> tuple[tuple[Update, Kernel, Expr | None], ...]:
        """One for each solution, since a later one takes what an earlier one gives.

        Of one that is solved slice by slice, the array with the slice at `_TURN` anew, and how many
        slices there are.
        """
        shapes = {p.label: p.shape for p in self.model.parameters.values()}
        shapes |= {s.label: s.shape for s in self.needed.values()}
        found = []
        for update in self.updates:
            axes = {s.parameter.name: s.axis for s in update.solutions}
            for name, (element, slots) in update.written.items():
                p, axis = self.model.parameters[name], axes[name]
                sizes = dict(zip(slots, p.shape, strict=True))
                if axis is not None:
                    element = _in_turn(element, IndexedBase(p.label)[slots], slots[axis])
                outputs = {name: (_of_least_norm(self.batch.write(element)), slots)}
                code = lowered(outputs, sizes, self.backend, {**shapes, _TURN: ()})
                turns = None if axis is None else p.shape[axis]
                found.append((update, compiled(code, self.backend), turns))
        return tuple(found)

    def solved(
        self, dims: Dims, statistics: Arrays, parameters: Arrays, left: list[Update] | None = None
    ) -> dict[str, Any]:
        """The new values of this stage's parameters by name.

        Args:
            left: gets the updates whose formula leaves its domain, of which nothing is taken then;
                without it formulas are taken as they are.

        Raises:
            InputError: a matrix of averages is singular, and no solution is known to be a maximum.
        """
        values = {**parameters, **statistics}
        found: dict[str, Any] = {}
        for update, kernel, turns in self._solving:
            try:
                if turns is None:
                    new = kernel(dims, values)
                else:
                    new = {}
                    for turn in range(int(number(turns, dims))):
                        new = kernel(dims, {**values, **new, _TURN.name: turn})
            except np.linalg.LinAlgError:
                names = ", ".join(p.name for p in update.parameters)
                asked = "; ".join(update.conditions)
                raise InputError(f"{names}: not determined by these data: {asked}") from None
            if left is not None and not update.inside and self._leaves(new):
                left.append(update)
                continue
            values |= new
            found |= new
        return found

    def _leaves(self, new: Mapping[str, Any]) -> bool:
        """Whether a value is neither in its domain nor at its end."""
        limits = ((a, *self.model.parameters[n].domain.limits) for n, a in new.items())
        return any(bool(np.any((a < low) | (a > high))) for a, low, high in limits)


_TURN = whole_number("turn@")  # of the slice that is solved, which no user's name can be


def _in_turn(element: Expr, own: Expr, slot: Symbol) -> Expr:
    """The new element in the slice whose turn it is, the old one in the others."""
    here = KroneckerDelta(slot, _TURN)
    return here * element.xreplace({slot: _TURN}) + (1 - here) * own


def _of_least_norm(element: Expr) -> Expr:
    """With the matrices of normal equations inverted as such.

    Those of concave quadratics are positive semi-definite, and the conditions for a maximum have a
    solution; where there are many, as from collinear columns, F is the same at all of them.
    """
    return element.replace(
        lambda e: type(e) is InverseElement and not is_positive_definite(e),
        lambda e: LeastNormInverseElement(*e.args),
    )


class UpdateFunctions(Functions):
    """F and its gradient, and the M-step, for any sizes; the arrays are those of `ep.compile`.

    stages: how many times the data are gone through in one M-step.  More than one where a statistic
        holds a parameter that is moved before it is asked for.
    """

    def __init__(self, codes: Sequence[UpdateCode], uniform: Sequence[UpdateCode]):
        super().__init__(codes[0], None, uniform[0])
        self._later = [
            UpdateFunctions([c], [u]) for c, u in zip(codes[1:], uniform[1:], strict=True)
        ]
        self._own = codes[0]

    @property
    def stages(self) -> int:
        return 1 + len(self._later)

    def statistics(
        self, arrays: Mapping[str, Any] | None = None, *, stage: int = 0, **named: Any
    ) -> dict[str, Any]:
        """(1/N) sum_n E_q[..] by name, from parameters, q and data.

        They are means over the data points: those of several batches add up, weighted by how many
        points each has.
        """
        if stage:
            return self._later[stage - 1].statistics(arrays, **named)
        return self._averages("statistics", *self._given(arrays, named))

    def solve(
        self, statistics: Mapping[str, Any], parameters: Mapping[str, Any], *, stage: int = 0
    ) -> dict[str, Any]:
        """The new values of the stage's parameters by name; others of `parameters` stay.

        Raises:
            InputError: a statistic or a parameter is missing.
        """
        if stage:
            return self._later[stage - 1].solve(statistics, parameters)
        for name in self._own.needed:
            if name not in statistics:
                raise InputError(f"{name}: this statistic is not given")
        taken = {*self._own.model.parameters, *self._dims}
        known = {n: v for n, v in parameters.items() if n in taken}
        for name in self._own.model.parameters:
            if name not in known:
                raise InputError(f"{name}: not given")
        return self._own.solved(self._sizes(known), statistics, known)

    def update(
        self, arrays: Mapping[str, Any] | None = None, *, checked: bool = True, **named: Any
    ) -> dict[str, Any]:
        """One M-step: the new values of all parameters that it solves for, by name.

        checked: look at the arrays' values first, and take many data points in several parts;
            otherwise they are taken as they are, all at once.
        """
        values = {**(arrays or {}), **named}
        sizes = self._sizes(values)
        found: dict[str, Any] = {}
        for stage, own in enumerate([self, *self._later]):
            whole = {**values, **found}
            if checked:
                averages = self.statistics(whole, stage=stage)
            else:
                averages = own._code_of(whole).statistics(sizes, whole)
            found |= own._own.solved(sizes, averages, whole)
        return found

    def _code_of(self, values: Mapping[str, Any]) -> UpdateCode:
        code = self._code_for(values)
        assert isinstance(code, UpdateCode)
        return code


def compile_updates(
    proof: ProofRecord,
    updates: Sequence[Update],
    backend: str = "numpy",
    expectation: str = "analytic",
    covariance: str = "diagonal",
    nodes: int = 32,
    chains: str = "independent",
) -> UpdateFunctions:
    """See `Updates.compile`."""
    if not updates:
        raise InputError(f"{proof.model.name}: no parameter has an update in closed form")
    batch = batch_for(proof.model, backend, expectation, covariance, nodes, chains=chains)
    plain = batch if isinstance(batch, AnalyticBatch) else unweighted(batch)
    runs = list(stages(updates))
    codes = [UpdateCode(proof, backend, batch, run) for run in runs]
    uniform = codes if plain is batch else [UpdateCode(proof, backend, plain, r) for r in runs]
    return UpdateFunctions(codes, uniform)
