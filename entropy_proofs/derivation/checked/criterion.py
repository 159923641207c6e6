"""The parameterization criterion of arXiv:2209.03077, for one conditional and its own parameters.

    (d eta / d theta) beta(theta) = eta

for the natural parameters eta of an exponential family: its entropy, or with a base measure its
pseudo-entropy, then takes its place in the bound.  (Of a prior the paper writes zeta, Psi, alpha.)
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr

from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.derivation.checked.equalities import Axes, Equality, Judge, Moved
from entropy_proofs.derivation.checked.exponential_family import (
    Block,
    ExponentialFamily,
    NoExponentialFamily,
    exponential_family,
)
from entropy_proofs.derivation.checked.identity_steps import Contribution
from entropy_proofs.judge.vouching import ModelKernel
from entropy_proofs.model.model import Model
from entropy_proofs.model.pointwise import FieldComponent
from entropy_proofs.proof.record import ProofRecord
from entropy_proofs.proof.term_results import TermResult, conditional, learned_motions


@dataclass(frozen=True)
class BlockCriterion:
    """What beta makes of one block: the parts, and that they add up to eta."""

    block: Block
    parts: tuple[Contribution, ...]
    whole: Equality


@dataclass(frozen=True)
class Criterion:
    """The criterion for one conditional.

    family: its exponential form, or why it has none.
    field: beta on the conditional's own parameters; of the proof where no flow reaches the
        conditional, else one that serves it alone; empty where none was found.
    blocks: beta's checks, one for each block of natural parameters; empty where it is not met.
    alone: whether the field is another than the proof's, because a flow takes part there.
    """

    family: ExponentialFamily | NoExponentialFamily
    field: tuple[FieldComponent, ...] = ()
    blocks: tuple[BlockCriterion, ...] = ()
    alone: bool = False

    @property
    def holds(self) -> bool:
        """Whether it was met, and checked for every natural parameter."""
        return isinstance(self.family, ExponentialFamily) and bool(self.blocks)


def criterion(proof: ProofRecord, term: TermResult, judge: Judge) -> Criterion:
    """What the criterion says of a conditional of the proof."""
    model = proof.model
    flowing = _flows_into(proof, term)
    log_h = term.identity.log_base_measure if term.identity is not None else None
    if term.identity is not None and not flowing:
        field = term.moved
    elif flowing:
        field, log_h = _alone(model, term, log_h)
    else:
        field = ()
    family = exponential_family(model, term.term, log_h)
    if isinstance(family, NoExponentialFamily):
        return Criterion(family, field, (), flowing)
    checked = [_checked(b, field, term.term.plates, judge) for b in family.blocks]
    met = tuple(c for c in checked if c is not None)
    complete = len(met) == len(checked)
    return Criterion(family, field, met if complete else (), flowing)


def _flows_into(proof: ProofRecord, term: TermResult) -> bool:
    """Whether a flow of the proof moves something in the conditional."""
    flows = proof.identity.flows if proof.identity is not None else ()
    names = symbols_in(term.term.log_density)
    return any(f.labels & names for f in flows)


def _alone(
    model: Model, term: TermResult, log_h: Expr | None
) -> tuple[tuple[FieldComponent, ...], Expr | None]:
    """A field on its own parameters that the kernel accepts without a flow, and its log h."""
    names = symbols_in(term.term.log_density)
    own = [p for p in model.learned().values() if p.label in names]
    kernel = ModelKernel(model, [term.term])
    if not own or kernel.unsupported is not None:
        return (), log_h
    judged = kernel.searched([conditional(model, term.term)], learned_motions(own))
    if judged is None or judged.conditions:
        return (), log_h
    return judged.identity.field, judged.identity.terms[0].log_base_measure


def _checked(
    block: Block, field: tuple[FieldComponent, ...], plates: Axes, judge: Judge
) -> BlockCriterion | None:
    """The block's equalities, if all of them are shown."""
    axes = (*plates, *block.axes)
    parts = []
    for c in field:
        moved = Moved(block.natural, (c,))
        if c.label not in symbols_in(block.natural):
            continue
        equality = judge.equality(moved, moved.shown(), axes)
        if equality is None:
            return None
        parts.append(Contribution((c,), equality))
    whole = judge.equality(Moved(block.natural, field), block.natural, axes)
    return None if whole is None else BlockCriterion(block, tuple(parts), whole)
