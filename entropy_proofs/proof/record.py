"""What is known of a model once it was looked at: its ELBO, conditions, identity, entropy sum.

Everything here follows from the record's own fields; what needs more work is asked of a `Proof`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field as dataclass_field
from functools import cached_property
from typing import Any, TypeVar

import sympy as sp
from sympy import Expr, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.binding import averaged_over_data, published
from entropy_proofs.algebra.derive import NoDerivative
from entropy_proofs.algebra.nodes import Expectation, VariationalEntropy
from entropy_proofs.algebra.poly import Polynomial, at_places
from entropy_proofs.arrays.array import generate
from entropy_proofs.arrays.display import pretty
from entropy_proofs.document.blocks import Block
from entropy_proofs.errors import InputError
from entropy_proofs.kernel.language.statement import Statement
from entropy_proofs.model.declarations import shown_plates
from entropy_proofs.model.model import Model, Parameter
from entropy_proofs.model.pointwise import FieldComponent, Identity, LatentFlow
from entropy_proofs.model.weights import weights_of
from entropy_proofs.notebook.displays import Displayed, table
from entropy_proofs.notebook.statements import BOUND
from entropy_proofs.printing.formula import Formula, formula, relation
from entropy_proofs.printing.typeset.tree import Words
from entropy_proofs.proof.certificates import CertificateDocument
from entropy_proofs.proof.clock import Clock, timed
from entropy_proofs.proof.conditions import StatedCondition, where
from entropy_proofs.proof.directions import Directions, StationarityConditions
from entropy_proofs.proof.term_results import (
    TermResult,
    averaged,
    data_labels,
    dealiased,
    direction,
    gradient_at,
    summed,
)
from entropy_proofs.proof.verdict import Verdict

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Step(Displayed):
    """One line of the derivation; `checked` says what vouches for it."""

    text: str
    left: Expr | None
    right: Expr | None
    checked: str

    def __repr__(self) -> str:
        sides = " = ".join(str(side) for side in (self.left, self.right) if side is not None)
        return f"<{self.text}{sides and f': {sides}'} ({self.checked})>"

    def row(self) -> tuple[str | Formula, ...]:
        """Text, formula and what vouches for it."""
        if self.right is None:
            return self.text, "", self.checked
        if self.left is None:
            return self.text, formula(self.right), self.checked
        return self.text, relation(Formula(Words(str(self.left))), "=", self.right), self.checked

    def _blocks(self) -> tuple[Block, ...]:
        return (table(STEP_HEADINGS, [self.row()]),)


STEP_HEADINGS = ("Step", "", "Checked by")


class DerivationSteps(Displayed, tuple[Step, ...]):
    """The derivation, line by line."""

    def _blocks(self) -> tuple[Block, ...]:
        return (table(STEP_HEADINGS, [step.row() for step in self]),)


@dataclass(frozen=True, eq=False)
class ProofRecord:
    """What was found of a model; expressions are in nats, per data point.

    model: as it was when it was proved.
    statement: the model as the kernel sees it; print it and compare it with the paper.  None where
        the kernel's language has no words for it.
    certificate: what the kernel checked, of the terms that hold; None where none does.
    conditions: what must not be zero (or must be positive) for the field to exist.  On a learned
        parameter one makes the verdict partial: where it fails, F need not be the sum.
    q_direction: how the parameters of a declared q move along the latents' flows.
    q_entropies: of latents whose q is declared, H[q] of one data point where it is closed form.
    found_in: seconds that finding it took; one that is reused keeps them.
    """

    model: Model
    verdict: Verdict
    terms: tuple[TermResult, ...]
    identity: Identity | None
    assumptions: tuple[str, ...]
    witness: Any
    found_in: float
    statement: Statement | None = None
    certificate: CertificateDocument | None = None
    conditions: tuple[StatedCondition, ...] = ()
    q_direction: tuple[FieldComponent, ...] = ()
    q_entropies: Mapping[str, Expr] = dataclass_field(default_factory=dict)
    _clock: Clock = dataclass_field(default_factory=Clock, compare=False, repr=False)
    _answers: dict[Any, Any] = dataclass_field(
        default_factory=dict, init=False, compare=False, repr=False
    )  # not those of the proof that this one replaces

    @property
    def seconds(self) -> float:
        """The time of all that was computed so far: the proof, and what was asked of it."""
        return self.found_in + self._clock.seconds

    def once(self, ask: Callable[..., Answer], *about: Any) -> Answer:
        """What a function says of this proof and of what else it is given, found once."""
        key = ask, about
        if key not in self._answers:
            self._answers[key] = ask(self, *about)
        return self._answers[key]

    @property
    def field(self) -> Directions:
        """{parameter: direction}, arrays as arrays."""
        if self.identity is None:
            return Directions({})
        by_label = {p.label: p for p in self.model.parameters.values()}
        found = {by_label[c.label].value: direction(c) for c in self.identity.field}
        return Directions(found).of(self.model)

    @property
    def latent_flow(self) -> Directions:
        """{latent: direction}."""
        if self.identity is None:
            return Directions({})
        variables = self.model.variables
        found = {variables[f.variable].value: self._flow(f) for f in self.identity.flows}
        return Directions(found).of(self.model)

    def _flow(self, f: LatentFlow) -> Expr:
        """rate * z + shift, a scalar or an array."""
        value = self.model.variables[f.variable].value
        if f.shift == 0:
            return f.rate * value
        shape = self.model.variables[f.variable].shape
        if not shape:
            return published(pretty(f.rate * value + f.shift))
        return published(generate(lambda *i: pretty(f.rate * value.at(*i) + f.shift_at(i)), shape))

    @property
    def variational_flow(self) -> Directions:
        """{parameter of a declared q: direction}, along the latents' flow."""
        declared = self.model.variational_
        by_label = {p.label: p for p in declared.all.values()}
        found = {by_label[c.label].value: direction(c) for c in self.q_direction}
        return Directions(found).of(self.model)

    @property
    def variational_entropy(self) -> Expr:
        """(1/N) sum_n H[q^(n)] with its weight, zero without latents; of a declared q in closed
        form, where there is one."""
        rest = [v.value for v in self.model.latents() if v.name not in self.q_entropies]
        varying = self.data_labels | {p.label for p in self.model.variational_.parameters.values()}
        known = (averaged(entropy, varying) for entropy in self.q_entropies.values())
        total = sp.Add(*known, VariationalEntropy(*rest) if rest else sp.S.Zero)
        return self.model.q_weight * total

    @cached_property
    def elbo(self) -> Expr:
        """The ELBO, as expectations under q averaged over the data, plus H[q], all weighted."""
        parts = (self._log_density(t) for t in self.terms)
        return self.published(sp.Add(self.variational_entropy, *parts))

    def _log_density(self, t: TermResult) -> Expr:
        return t.weight * Expectation(summed(self.model, t.term, t.term.log_density))

    @timed
    def entropy_sum(self) -> Expr:
        """What the ELBO equals at stationary points: H[q], minus entropies, plus what stayed."""
        return self.published(self.variational_entropy + self.entropies)

    @cached_property
    def entropies(self) -> Expr:
        """The entropy sum without H[q], as the engine writes it."""
        parts = []
        data = self.data_labels
        for t in self.terms:
            if t.summed is None:
                parts.append(self._log_density(t))
                continue
            entropy, log_h = (averaged(part, data) for part in t.summed)
            parts += [-t.weight * entropy, t.weight * log_h]
        return sp.Add(*parts)

    @cached_property
    def stationarity(self) -> StationarityConditions:
        """{parameter: left side of its condition `= 0`}; on a simplex, `= a common multiplier`.

        Without those as which move log p may jump.
        """
        conditions: dict[Expr, Expr] = {}
        learned = self.model.learned().values()
        for p in learned:
            with suppress(NoDerivative):
                conditions[p.value] = self.published(_average(self, p))
        domains = {p.value: p.domain for p in learned}
        return StationarityConditions(conditions, domains).of(self.model)

    def published(self, expr: Expr) -> Expr:
        """An ordinary SymPy expression."""
        return published(self.without_q(expr))

    def without_q(self, expr: Expr) -> Expr:
        """With averages over the data alone in a model without latents."""
        return expr if self.model.latents() else averaged_over_data(expr)

    @property
    def pseudo(self) -> tuple[str, ...]:
        """The conditionals whose entropy is a pseudo-entropy, E[-log p + log h] with h not 1."""
        return tuple(t.variable for t in self.terms if t.is_pseudo)

    @cached_property
    def steps(self) -> DerivationSteps:
        """The derivation, line by line."""
        return DerivationSteps(_steps(self)).of(self.model)

    @property
    def whole(self) -> bool:
        """Whether all of the ELBO becomes (pseudo-)entropies, where the conditions hold."""
        return all(t.holds and not t.fixes_scale for t in self.terms)

    @property
    def data_labels(self) -> frozenset[Symbol]:
        """The labels that stand under expectations."""
        return data_labels(self.model)

    def __repr__(self) -> str:
        return f"<Proof of {self.model.name!r}: {self.verdict}, F = {self.entropy_sum}>"

    def _repr_latex_(self) -> str:
        with self.model.names().used():
            limits = where(self.conditions) if self.conditions else ""
            shown = relation(BOUND, "=", self.entropy_sum).latex
        return rf"$\displaystyle {shown}{limits}\quad\text{{({self.verdict})}}$"


def gradient_of(proof: ProofRecord, p: Parameter) -> Polynomial:
    """d log p / d theta at a generic element, for q and the data to be averaged over."""
    return proof.once(_gradient, p)


def _gradient(proof: ProofRecord, p: Parameter) -> Polynomial:
    return gradient_at(proof.model, p, nodes.slots(p.shape))


def _average(proof: ProofRecord, p: Parameter) -> Expr:
    """E_q[d log p / d theta] as a scalar or an array."""
    slots, total = nodes.slots(p.shape), gradient_of(proof, p)
    condition = Expectation(total.expr()) if total else sp.Integer(0)
    if not p.shape:
        return condition
    return generate(lambda *i: at_places(condition, dict(zip(slots, i, strict=True))), p.shape)


def _steps(proof: ProofRecord) -> list[Step]:
    steps = [Step("the ELBO", None, proof.elbo, "definition")]
    for t in proof.terms:
        if t.identity is None:
            steps.append(Step(f"{t.variable} stays: {t.reason}", None, None, "not an entropy"))
            continue
        right = t.term.log_density - t.identity.log_base_measure + t.identity.entropy
        right = dealiased(proof.model, t.term, right)
        right = proof.published(right.xreplace(shown_plates(t.term, right)))
        steps.append(
            Step(
                f"along the field, D log p({t.variable}) (+ div u) = log p - log h + H",
                sp.Function("D")(Symbol(f"log p({t.variable})")),
                right,
                "an exact identity, checked by the kernel",
            )
        )
    where = " and ".join(map(str, proof.conditions))
    if where:
        steps.append(Step(f"the field exists where {where}", None, None, "checked by the kernel"))
    if proof.identity is not None and proof.identity.terms:
        weigh = "multiply by the weights, " if weights_of(proof.model) else ""
        steps.append(
            Step(
                f"{weigh}average over q and the data and add up: F - S is the ELBO's derivative "
                f"along the field and flow, at every point{where and ' where the field exists'}",
                Symbol("F") - Symbol("S"),
                Symbol("dF"),
                "linearity of the expectation",
            )
        )
        steps.append(
            Step(
                f"at stationary points{where and f' where {where}'} that derivative vanishes",
                Symbol("F"),
                proof.entropy_sum,
                "stationarity",
            )
        )
    return steps


def check_proof(what: str, given: Any) -> None:
    """Raises InputError, which says what to write, unless a proof is given."""
    if not isinstance(given, ProofRecord):
        shown = repr(given) if isinstance(given, str) else type(given).__name__
        raise InputError(f"{what} takes a proof, such as ep.prove(model), not {shown}")
