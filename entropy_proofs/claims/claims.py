"""Judges what somebody derived by hand: proved, refuted with numbers, or undecided.

Expectations are operators here: E[x]^2 is not E[x^2].  What a claim says of variables without one
is meant on average over the data and q.  Equal is what equality/ calls so, on the kernel's notion.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import sympy as sp
from sympy import Expr, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.derive import NoDerivative
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.algebra.rational import cancel
from entropy_proofs.algebra.zero import is_zero
from entropy_proofs.arrays.array import Array, broadcast_at, shape_of, variable_array
from entropy_proofs.claims.optimum import equal_on_average, in_expectations, optimum
from entropy_proofs.document.blocks import Block, Inlines
from entropy_proofs.equality.compare import Reading, compare
from entropy_proofs.equality.steps import check_derivation, check_real
from entropy_proofs.errors import InputError, MissingLibrary, numbers_for
from entropy_proofs.judge.family_entropies import family_entropy
from entropy_proofs.judge.vouching import ModelKernel
from entropy_proofs.model.model import Claim, Parameter
from entropy_proofs.model.pointwise import FieldComponent, Identity, LatentFlow
from entropy_proofs.notebook.displays import Displayed, table
from entropy_proofs.printing.formula import formula
from entropy_proofs.proof.conditions import stated
from entropy_proofs.proof.directions import Directions
from entropy_proofs.proof.outcome import Different, Equal
from entropy_proofs.proof.record import ProofRecord
from entropy_proofs.proof.term_results import TermResult, conditional, latent_motions
from entropy_proofs.proof.verdict import Verdict
from entropy_proofs.search.moving import Moving, of_these
from entropy_proofs.search.search import completed, with_few_rows_worked_out

Judged = tuple[Verdict, Any, tuple[str, ...]]  # verdict, witness, conditions


@dataclass(frozen=True)
class ClaimResult(Displayed):
    """A claim (of a derivation, one "=") with its verdict.

    witness: the numbers that refute it, or the reason why it is undecided.
    conditions: under which a proved one holds: "x ≠ 0", "A invertible".
    """

    claim: Claim
    statement: str
    verdict: Verdict
    witness: Any = None
    conditions: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<{self.statement}: {self.verdict}{self._because()}>"

    def _because(self) -> str:
        where = f", where {' and '.join(self.conditions)}" if self.conditions else ""
        return where + (f" ({self.witness})" if self.witness is not None else "")

    def row(self) -> tuple[str | Inlines, ...]:
        """Verdict and statement."""
        kind, what = self.claim.kind, self.claim.expression
        if kind == "derivation":
            return str(self.verdict), (self.statement, self._because())
        if kind == "field":
            named = {k: variable_array(k, v.shape) for k, v in what.items() if isinstance(v, Array)}
            shown = [part for f in Directions(what, named).formulas() for part in (", ", f)][1:]
            return str(self.verdict), ("field ", *shown, self._because())
        subject = (" of ", formula(self.claim.subject)) if self.claim.subject is not None else ()
        return str(self.verdict), (kind, *subject, ": ", formula(what), self._because())

    def _blocks(self) -> tuple[Block, ...]:
        return (table(("Verdict", "Claim"), [self.row()]),)


class ClaimResults(Displayed, tuple[ClaimResult, ...]):
    """All claims of a model."""

    def _blocks(self) -> tuple[Block, ...]:
        return (table(("Verdict", "Claim"), [claim.row() for claim in self]),) if self else ()


def judge(claim: Claim, proof: ProofRecord, counterexample: Callable[[], Any]) -> list[ClaimResult]:
    """The verdict on one claim of the proof's model, or on every "=" of a derivation.

    counterexample: asked for a stationary point where the sum holds under conditions only.
    """
    if claim.kind == "derivation":
        steps = check_derivation(proof.model, claim.expression, proof.data_labels)
        shown = replace(claim, expression=(steps[0].left, *(s.right for s in steps)))
        return [ClaimResult(shown, s.statement, s.verdict, s.witness, s.conditions) for s in steps]
    claimed = claim.expression
    for e in claimed.values() if isinstance(claimed, Mapping) else (claimed,):
        check_real(e)
    try:
        if claim.kind == "entropy sum":
            found = _entropy_sum(claim, proof, counterexample)
        else:
            found = _JUDGES[claim.kind](claim, proof)
    except MissingLibrary as missing:
        found = _undecided(str(missing))
    shown = _published(claim, proof)
    return [ClaimResult(shown, _statement(shown), *found)]


def _published(claim: Claim, proof: ProofRecord) -> Claim:
    """With what was claimed as ordinary SymPy expressions."""
    if isinstance(claim.expression, Mapping):
        moves = {k: proof.published(v) for k, v in claim.expression.items()}
        return replace(claim, expression=moves)
    return replace(claim, expression=proof.published(claim.expression))


def _statement(claim: Claim) -> str:
    if claim.kind == "field":
        moves = ", ".join(f"{k} -> {v}" for k, v in claim.expression.items())
        return f"field: {moves}"
    subject = f" of {claim.subject}" if claim.subject is not None else ""
    return f"{claim.kind}{subject} = {claim.expression}"


def _undecided(reason: str) -> Judged:
    return Verdict.UNDECIDED, reason, ()


def _proved(conditions: tuple[str, ...] = ()) -> Judged:
    return Verdict.PROVED, None, conditions


def _refuted(witness: Any) -> Judged:
    return Verdict.REFUTED, witness, ()


# entropies ----------------------------------------------------------------------------------------
def _entropy(claim: Claim, proof: ProofRecord) -> Judged:
    """E[-log p] as a function of parents and parameters; of a pseudo-entropy E[-log p + log h] with
    the base measure h of the proof, or else of the family."""
    pseudo = claim.kind == "pseudo-entropy"

    def entropy(t: TermResult) -> Expr | None:
        known = t.holds and (pseudo or not t.is_pseudo)
        return t.entropy if known else family_entropy(proof.model, t.term, pseudo)

    terms = _of_subject(claim, proof)
    found = [entropy(t) for t in terms]
    if None not in found:
        judged = _compared(proof, claim.expression, sp.Add(*found))
        if pseudo and judged[0] is Verdict.REFUTED and not any(t.is_pseudo for t in terms):
            return _undecided("it is not the entropy, which is for h = 1; with which h is not said")
        return judged
    missing = next(t.variable for t, e in zip(terms, found, strict=True) if e is None)
    if pseudo:
        return _undecided(f"no pseudo-entropy was derived for {missing}")
    with numbers_for("the entropy as a number"):
        from entropy_proofs.refute.entropy_values import entropy_difference
    witness = entropy_difference(proof.model, [t.term for t in terms], _one(claim.expression))
    if witness is not None:
        return _refuted(witness)
    return _undecided(f"no closed form of E[-log p({missing})] was derived")


def _of_subject(claim: Claim, proof: ProofRecord) -> list[TermResult]:
    variables = proof.model.variables.values()
    name = next(v.name for v in variables if v.label == claim.subject)
    return [t for t in proof.terms if t.term.variable == name]


def _compared(proof: ProofRecord, claimed: Expr, derived: Expr) -> Judged:
    outcome = compare(
        proof.model, _one(claimed), derived, Reading(frozenset(proof.model.variables))
    )
    if isinstance(outcome, Equal):
        return _proved(outcome.conditions)
    if isinstance(outcome, Different):
        return _refuted(replace(outcome.witness, sides=("claimed", "derived")))
    return _undecided(outcome.reason)


def _one(claimed: Expr) -> Expr:
    if isinstance(claimed, Array):
        raise InputError(f"a claim is about one number, not the array {claimed}")
    return claimed


def _entropy_sum(claim: Claim, proof: ProofRecord, counterexample: Callable[[], Any]) -> Judged:
    if not any(t.holds for t in proof.terms):
        return _undecided("no entropy sum was derived")
    claimed = in_expectations(_one(claim.expression), proof.data_labels)
    derived = in_expectations(proof.entropies, proof.data_labels)
    random = frozenset(proof.model.variables)
    outcome = equal_on_average(proof.model, claimed, derived, random)
    limits = [str(c) for c in proof.conditions]
    if isinstance(outcome, Equal) and not any(c.learned for c in proof.conditions):
        return _proved((*outcome.conditions, *limits))
    if isinstance(outcome, Equal):
        found = counterexample()
        where = f"it holds where {', '.join(limits)}"
        return _undecided(where) if found is None else _refuted(found)
    return _at_stationary_points(proof, claimed, derived)


def _at_stationary_points(proof: ProofRecord, claimed: Expr, derived: Expr) -> Judged:
    with numbers_for("a stationary point at which the sides differ"):
        from entropy_proofs.refute.constructed import stationary_difference
    witness = stationary_difference(proof, claimed, derived)
    if witness is not None:
        return _refuted(witness)
    return _undecided(
        "not shown equal, and no stationary point was found at which the sides differ"
    )


# fields and optima -------------------------------------------------------------------------------
def _field(claim: Claim, proof: ProofRecord) -> Judged:
    model = proof.model
    components, flows = [], []
    motions = {s: m for m in latent_motions(model) for s in m.labels}
    for label, direction in claim.expression.items():
        if label in motions:
            flow = _flow(motions[label], label, direction)
            if flow is None:
                return _undecided(f"only flows that scale and shift {label} are judged")
            flows.append(flow)
        elif label in model.learned():
            components.append(_component(model.learned()[label], direction))
        else:
            raise InputError(f"field: {label} is neither a learned parameter nor a latent")
    conditionals = [conditional(model, t) for t in model.terms]
    moved = {c.label for c in components} | {s for f in flows for s in f.labels}
    served = [c for c in conditionals if symbols_in(c.log_density) & moved]
    learned, kernel = frozenset(model.learned()), ModelKernel(model)
    candidate = Identity(tuple(components), tuple(flows), (), q_weight=model.q_weight)
    worked = with_few_rows_worked_out(served)
    only_where, reason = "", ""
    for pseudo, given in product((0, 1), [served] if worked == served else [served, worked]):
        identity = completed(candidate, given, [pseudo] * len(served), learned)
        judged = kernel.judge(of_these(identity, served))
        limits = tuple(str(stated(model, c)) for c in judged.conditions)
        if judged.holds and not judged.outcome.learned:
            return _proved(limits)
        if judged.holds:
            only_where = only_where or ", ".join(limits)
        reason = judged.outcome.reason
    if only_where:
        return _undecided(f"it is a field only where {only_where}")
    with numbers_for(f"not shown ({reason}); a point at which it fails"):
        from entropy_proofs.refute.witness import field_difference
    witness = field_difference(proof, candidate, served)
    return _refuted(witness) if witness else _undecided(reason)


def _component(p: Parameter, direction: Expr) -> FieldComponent:
    slots = nodes.slots(p.shape)
    if len(shape_of(direction)) > len(p.shape):
        raise InputError(f"field: {direction} has more axes than {p.name}")
    return FieldComponent(p.label, p.shape, slots, broadcast_at(direction, slots))


def _flow(latent: Moving, label: Symbol, direction: Expr) -> LatentFlow | None:
    """The direction as rate * z + shift, or None."""
    at = nodes.slots(latent.shape)
    own = nodes.element(label, at)
    moved = broadcast_at(direction, at)
    shift = moved.xreplace({own: sp.S.Zero})
    rate = cancel(normal(moved.xreplace({own: sp.S.One})) - normal(shift)).expr()
    affine = is_zero(normal(moved) - normal(rate * own + shift))
    if not affine or symbols_in(rate) & {label, *at} or label in symbols_in(shift):
        return None
    return LatentFlow(latent.name, latent.labels, rate, shift, at)


def _optimum(claim: Claim, proof: ProofRecord) -> Judged:
    """What a parameter is at every stationary point."""
    p = proof.model.learned().get(claim.subject)
    if p is None:
        raise InputError(f"optimum: {claim.subject} is a known constant")
    try:
        asked = optimum(proof, p, claim.expression)
        shown = asked.shown()
    except NoDerivative as error:
        return _undecided(str(error))
    if not isinstance(shown, str):
        return _proved(shown)
    first = dict.fromkeys(asked.slots, sp.Integer(0))
    found = _at_stationary_points(
        proof, asked.value.xreplace(first), asked.own.expr().xreplace(first)
    )
    return _undecided(shown) if isinstance(found[1], str) else found


_JUDGES: dict[str, Callable[[Claim, ProofRecord], Judged]] = {
    "entropy": _entropy,
    "pseudo-entropy": _entropy,
    "field": _field,
    "optimum": _optimum,
}
