"""F, S and v·∇F of a model with numbers where q is the best that there is, in chunks of data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import fsum
from typing import Any

import numpy as np
import sympy as sp

from entropy_proofs.adapters.fitted import FittedModel
from entropy_proofs.algebra.nodes import with_elements
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.code.differentiate import derivative
from entropy_proofs.code.kernel import Kernel
from entropy_proofs.evaluate.admission import admitted
from entropy_proofs.evaluate.batch import POINTS, AnalyticBatch
from entropy_proofs.evaluate.compiled import Functions, batch_for
from entropy_proofs.evaluate.model_code import ProofCode
from entropy_proofs.families.entering import Array
from entropy_proofs.families.number_functions import logsumexp
from entropy_proofs.families.spaces import SIMPLEX, UNIT_COLUMNS
from entropy_proofs.model.model import Parameter
from entropy_proofs.points.sequences import count_of
from entropy_proofs.proving.proof import Proof
from entropy_proofs.q.best import best
from entropy_proofs.q.discrete import CategoricalFactor
from entropy_proofs.q.markov.discrete_markov import DiscreteMarkovFactor

ROOM = 1 << 18  # elements of a chunk's largest array, so that it stays in the cache
MOST_CODES = 16
Arrays = Mapping[str, Any]


def total(terms: Iterable[float]) -> float:
    """The sum without rounding; NaN where infinities or their like leave none."""
    try:
        return fsum(terms)
    except (ValueError, OverflowError):
        return float("nan")


@dataclass(frozen=True)
class AuditPoint:
    """F, S, and the terms of v·∇F, in nats per data point.

    Attributes:
        moved: {parameter: its terms of v·∇F}, elementwise, tangential on constrained domains.
        flows: {latent: what its flow adds to v·∇F}.
        field: {parameter: v}.
        counts: {discrete latent: how often it takes each value, in all data}.
    """

    elbo: float
    entropy_sum: float
    moved: Mapping[str, Array]
    flows: Mapping[str, float]
    field: Mapping[str, Array]
    counts: Mapping[str, Array]

    @property
    def gap(self) -> float:
        """F - S."""
        return self.elbo - self.entropy_sum

    @property
    def predicted_gap(self) -> float:
        """v·∇F."""
        moved = (total(np.ravel(m)) for m in self.moved.values())
        return total([*moved, *self.flows.values()])


class AuditCode(ProofCode):
    """The functions that an audit needs of a proof, each generated when it is first asked for."""

    def __init__(self, proof: Proof, covariance: str, following: tuple[str, ...]):
        batch = batch_for(proof.model, "numpy", "analytic", covariance, chains="markov")
        assert isinstance(batch, AnalyticBatch)
        super().__init__(proof, "numpy", batch)
        self.analytic, self.covariance, self.following = batch, covariance, following
        self.updates = proof.updates

    @cached_property
    def moving(self) -> frozenset[str]:
        """The parameters that the field moves."""
        return frozenset(self.direction_outputs) & set(self.model.parameters)

    @cached_property
    def slopes(self) -> Kernel:
        """F's gradient by these."""
        outputs = self.gradient_outputs
        return self.compile({n: outputs[n] for n in outputs if n in self.moving})

    @cached_property
    def all_slopes(self) -> Kernel:
        """F's gradient by all learned parameters, and by what follows from them."""
        learned = {p.name for p in self.model.learned().values()}
        outputs = {n: output for n, output in self.gradient_outputs.items() if n in learned}
        for parameter in map(self.model.parameters.get, self.following):
            assert parameter is not None
            by = derivative(self.elbo_expression, parameter.label, parameter.shape)
            outputs[parameter.name] = by
        return self.compile(outputs)

    @cached_property
    def direction_of_parameters(self) -> Kernel:
        """The field."""
        outputs = self.direction_outputs
        return self.compile({n: outputs[n] for n in outputs if n in self.moving})

    @cached_property
    def direction_of_q(self) -> Kernel | None:
        """How flows move the arrays of q."""
        outputs = {n: o for n, o in self.direction_outputs.items() if n not in self.moving}
        return self.compile(outputs) if outputs else None

    @cached_property
    def linear(self) -> Kernel | None:
        """E_q[log p(x, z)] by q's probabilities, and what does not depend on them, as "rest".

        None where q is not the probabilities of one label a point, or F not linear in them.
        """
        if len(self.analytic.factors) != 1:
            return None
        (q,) = self.analytic.factors.values()
        if not isinstance(q, CategoricalFactor) or q.variable.shape:
            return None
        label = q.label("probabilities")
        mean = self.analytic.average(self.analytic.log_joint)
        slope, at = derivative(mean, label, self.analytic.shape(label))
        if label in symbols_in(slope):
            return None
        rest = with_elements(mean, {label}, lambda *_: sp.S.Zero).doit(deep=False)
        return self.compile({label.name: (slope, at), "rest": (rest, ())})

    @cached_property
    def update_functions(self) -> Any:
        """The exact updates."""
        return self.updates.compile(
            "numpy", expectation="analytic", covariance=self.covariance, chains="markov"
        )


#: Kept by the process, as proofs are: it takes longer to make than to run.
_audit_code = lru_cache(maxsize=MOST_CODES)(AuditCode)


class AtBestQ(Functions):
    """A proof's functions of parameters alone: data are a fitted model's, q is the best one.

    Memory for one chunk of data points is all that it takes; what is best for each chunk is best
    for all, since q is one for each data point.
    """

    def __init__(self, proof: Proof, fitted: FittedModel):
        following = fitted.following.names if fitted.following else ()
        self._kernels = _audit_code(proof, fitted.covariance, following)
        super().__init__(self._kernels, None)
        self.proof, self.fitted = proof, fitted
        self._batch = self._kernels.analytic
        self.factors = self._batch.factors
        self._checked = False  # whether the data were looked at

    # evaluation -------------------------------------------------------------------------------
    def at(self, parameters: Arrays) -> AuditPoint:
        """F, S and v·∇F, q at its best.

        Raises:
            InputError: arrays do not go together or are outside of their domains.
        """
        elbo, entropy_sum = [], []
        gradients: dict[str, Array] = {}
        flows: dict[str, list[float]] = {}
        counts: dict[str, Array] = {}
        final: tuple[dict[str, int], Arrays] = {}, {}
        for share, sizes, arrays, value in self.chunks(parameters):
            elbo.append(share * value)
            entropy_sum.append(share * float(self._code.entropy_sum(sizes, arrays)))
            slopes = self._kernels.slopes(sizes, arrays) if self._kernels.moving else {}
            _add(gradients, {n: share * s for n, s in slopes.items()})
            for name, flowed in self._flowed(sizes, arrays).items():
                flows.setdefault(name, []).append(share * flowed)
            _add(counts, self._counted(arrays))
            final = sizes, arrays
        field: dict[str, Array] = dict(self._kernels.direction_of_parameters(*final))
        moved = {n: v * self._tangential(n, gradients[n], parameters[n]) for n, v in field.items()}
        total_flows = {name: total(parts) for name, parts in flows.items()}
        return AuditPoint(total(elbo), total(entropy_sum), moved, total_flows, field, counts)

    def objective_and_gradient(self, parameters: Arrays) -> tuple[float, dict[str, Array]]:
        """F + R and its gradient by every learned parameter, q at its best."""
        elbo, gradients = [], dict[str, Array]()
        for share, sizes, arrays, value in self.chunks(parameters):
            elbo.append(share * value)
            slopes = self._kernels.all_slopes(sizes, arrays)
            _add(gradients, {n: share * s for n, s in slopes.items()})
        if (following := self.fitted.following) is not None:
            by_known = {name: gradients.pop(name) for name in following.names}
            _add(gradients, following.pullback(parameters, by_known))
        for regulariser in self.fitted.regularisers:
            _add(gradients, regulariser.gradient(parameters))
        return total(elbo) + self.regularisation(parameters), gradients

    def regularisation(self, parameters: Arrays) -> float:
        """R, of those of the estimator's terms that have a value."""
        terms = (r.value(parameters) for r in self.fitted.regularisers if r.value is not None)
        return total(terms)

    @property
    def learned(self) -> tuple[Parameter, ...]:
        return tuple(self._code.model.learned().values())

    # exact updates ----------------------------------------------------------------------------
    @property
    def updates_serve(self) -> bool:
        """Whether all blocks have updates, which are the same for sequences of all lengths.

        They take what is known as it is, which what follows from the parameters is not.
        """
        updates = self._kernels.updates
        if not updates.complete or self.fitted.following is not None:
            return False
        written = [e for u in updates.m_step for e, _ in u.written.values()]
        shown = frozenset[Any]().union(*(symbols_in(n) for p in self.learned for n in p.shape))
        loose = set(self._dims.values()) - shown
        return len(self.fitted.data) == 1 or not any(symbols_in(e) & loose for e in written)

    def update(self, parameters: dict[str, Any]) -> tuple[dict[str, Any], float]:
        """Parameters after one exact update as the estimator would make it, and F + R before."""
        functions, moved = self._kernels.update_functions, dict(parameters)
        for stage in range(functions.stages):
            elbo: list[float] = []
            statistics: dict[str, Array] = {}
            counts: dict[str, Array] = {}
            for share, sizes, arrays, value in self.chunks(parameters):
                elbo.append(share * value)
                dims = {n: sizes[n] for n in self._dims}
                found = functions.statistics({**dims, **arrays, **moved}, stage=stage)
                _add(statistics, {n: share * np.asarray(s) for n, s in found.items()})
                _add(counts, self._counted(arrays))
            moved |= functions.solve(
                statistics, {**dims, **self.fitted.known, **moved}, stage=stage
            )
        moved = dict(self.fitted.altered(moved, counts))
        return moved, total(elbo) + self.regularisation(parameters)

    def chunks(
        self, parameters: Arrays
    ) -> Iterator[tuple[float, dict[str, int], dict[str, Any], float]]:
        """(share of the data points, sizes, all arrays with the best q, F there) for each chunk."""
        for part in self.fitted.data:
            given = {**self._known(parameters), **parameters}
            whole = {**given, **{n: x[:1] for n, x in part.items()}}
            sizes = self._given(whole, {}, optional=self._batch.variational())[1]
            rows = self._rows_at_once(sizes)
            for first in range(0, count_of(part), rows):
                data = {n: np.asarray(x[first : first + rows], float) for n, x in part.items()}
                own = {**sizes, POINTS.name: count_of(data)}
                if not self._checked:
                    admitted(data, self._places, {**own, **given})
                arrays = {n: a for n, a in {**given, **data}.items() if n not in self._dims}
                q, value = self._best(own, arrays)
                yield own[POINTS.name] / self.fitted.points, own, {**arrays, **q}, value
        self._checked = True

    def _known(self, parameters: Arrays) -> Arrays:
        """Known arrays, with those that follow from the parameters."""
        following = self.fitted.following
        return {**self.fitted.known, **(following.values(parameters) if following else {})}

    def _rows_at_once(self, sizes: dict[str, int]) -> int:
        kernels = [self._kernels.linear or self._kernels.elbo_kernel, self._kernels.slopes]
        width = max(kernel.width({**sizes, POINTS.name: 1}, POINTS.name) for kernel in kernels)
        return max(1, int(ROOM / width))

    # q ----------------------------------------------------------------------------------------
    def _best(self, sizes: dict[str, int], arrays: Arrays) -> tuple[dict[str, Array], float]:
        """The best q, and F there."""
        if (linear := self._kernels.linear) is not None:
            return self._best_label(linear, sizes, arrays)
        own = self._some_q(self._batch, sizes)
        if self.factors:

            def slopes(q: dict[str, Any], names: set[str]) -> dict[str, Any]:
                return self._code.slopes_of_q(sizes, {**arrays, **q}, names)

            own = best(self.factors, own, slopes, self._conjugate)
            self._conjugate = True
        return own, float(self._code.elbo(sizes, {**arrays, **own}))

    def _best_label(
        self, linear: Kernel, sizes: dict[str, int], arrays: Arrays
    ) -> tuple[dict[str, Array], float]:
        """Of one label a point: F is linear in its probabilities but for their entropy."""
        (q,) = self.factors.values()
        name = q.label("probabilities").name
        found = linear(sizes, arrays)
        by_label = self._code.per_q_weight(sizes[POINTS.name] * found[name], sizes, arrays)
        evidence = logsumexp(by_label, axis=1)
        weight = float(self._code.times_q_weight(1.0, sizes, arrays))
        value = weight * float(evidence.mean()) + float(found["rest"])
        return {name: np.exp(by_label - evidence)}, value

    def _counted(self, arrays: Arrays) -> dict[str, Array]:
        found = {}
        for q in self.factors.values():
            if isinstance(q, (CategoricalFactor, DiscreteMarkovFactor)):
                probabilities = arrays[q.label("probabilities").name]
                found[q.variable.name] = probabilities.reshape(-1, probabilities.shape[-1]).sum(0)
        return found

    # the terms of v·∇F ------------------------------------------------------------------------
    def _flowed(self, sizes: dict[str, int], arrays: Arrays) -> dict[str, float]:
        """What each latent's flow moves F by, on this chunk."""
        if self._kernels.direction_of_q is None:
            return {}
        directions = self._kernels.direction_of_q(sizes, arrays)
        slopes = self._code.gradients(sizes, arrays, set(directions))
        found: dict[str, float] = {}
        for q in self.factors.values():
            own = [n for n in (q.label(s).name for s in q.domains) if n in directions]
            if own:
                terms = [float(np.sum(directions[n] * slopes[n])) for n in own]
                found[q.variable.name] = total(terms)
        return found

    def _tangential(self, name: str, gradient: Array, value: Any) -> Array:
        """The gradient without what leads out of the parameter's domain, which no field has."""
        domain, value = self._code.model.parameters[name].domain, np.asarray(value, float)
        if domain == SIMPLEX:
            return gradient - (value * gradient).sum(-1, keepdims=True)
        if domain == UNIT_COLUMNS:
            inward = (value * gradient).sum(-2, keepdims=True) / (value**2).sum(-2, keepdims=True)
            return gradient - value * inward
        return gradient


def _add(totals: dict[str, Array], parts: Mapping[str, Array]) -> None:
    for name, part in parts.items():
        totals[name] = totals[name] + part if name in totals else part
