"""Judges what somebody derived by hand: proved, refuted with numbers, or undecided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy import Expr, IndexedBase, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.equality import vanishes
from entropy_proofs.algebra.nodes import Expectation, index
from entropy_proofs.algebra.normal import normal, power
from entropy_proofs.algebra.poly import Poly, symbols_in
from entropy_proofs.algebra.rational import cancel
from entropy_proofs.algebra.sums import collapsed, sum_over
from entropy_proofs.algebra.zero import is_zero
from entropy_proofs.arrays import Array, broadcast_at, inv, shape_of, variable_array
from entropy_proofs.checker import check
from entropy_proofs.errors import InputError
from entropy_proofs.model import Claim, Parameter
from entropy_proofs.pointwise import Component, Flow, Identity, element
from entropy_proofs.results import conditional, latent_motions, term_gradient
from entropy_proofs.search import completed

if TYPE_CHECKING:
    from entropy_proofs.proof import Proof, Verdict


@dataclass(frozen=True)
class ClaimResult:
    """A claim with its verdict; `witness` holds the numbers that refute it, or the reason."""

    statement: str
    verdict: Verdict
    witness: Any = None


def judge(claim: Claim, proof: Proof) -> list[ClaimResult]:
    """The verdict on one claim of the proof's model, or on every "=" of a derivation."""
    if claim.kind == "derivation":
        from entropy_proofs.steps import check_derivation

        steps = check_derivation(proof.model, claim.expression, proof.data_labels)
        return [ClaimResult(s.statement, s.verdict, s.witness) for s in steps]
    verdict, witness = _JUDGES[claim.kind](claim, proof)
    return [ClaimResult(_statement(claim), verdict, witness)]


def _statement(claim: Claim) -> str:
    if claim.kind == "field":
        moves = ", ".join(f"{k} -> {v}" for k, v in claim.expression.items())
        return f"field: {moves}"
    subject = f" of {claim.subject}" if claim.subject is not None else ""
    return f"{claim.kind}{subject} = {claim.expression}"


def _entropy(claim: Claim, proof: Proof) -> tuple[Verdict, Any]:
    name = next(v.name for v in proof.model.variables.values() if v.label == claim.subject)
    terms = [t for t in proof.terms if t.term.variable == name]
    missing = [t.variable for t in terms if t.entropy is None]
    if missing:
        return _undecided(f"no entropy was derived for {missing[0]}")
    derived = sp.Add(*(t.entropy for t in terms))
    return _compare(proof, claim.expression, derived, stationary=False)


def _entropy_sum(claim: Claim, proof: Proof) -> tuple[Verdict, Any]:
    if not any(t.holds for t in proof.terms):
        return _undecided("no entropy sum was derived")
    derived = proof.entropy_sum - proof.variational_entropy
    return _compare(proof, claim.expression, derived, stationary=True)


def _compare(
    proof: Proof, claimed: Expr, derived: Expr, *, stationary: bool
) -> tuple[Verdict, Any]:
    from entropy_proofs.numeric.constructed import stationary_difference
    from entropy_proofs.numeric.witness import difference
    from entropy_proofs.proof import Verdict

    if isinstance(claimed, Array):
        raise InputError(f"a claim is about one number, not the array {claimed}")
    claimed, derived = _inside(claimed), _inside(derived)
    if vanishes(normal(claimed) - normal(derived)):
        return Verdict.PROVED, None
    if stationary:
        witness = stationary_difference(proof, claimed, derived)
    else:
        witness = difference(proof.model, claimed, derived)
    if witness is None:
        return _undecided("not shown equal, and no point was found at which the sides differ")
    return Verdict.REFUTED, witness


def _inside(expr: Expr) -> Expr:
    """Expectations are linear: the integrand stands for the whole."""
    return expr.replace(lambda e: isinstance(e, Expectation), lambda e: e.args[0])


def _field(claim: Claim, proof: Proof) -> tuple[Verdict, Any]:
    from entropy_proofs.numeric.witness import field_difference
    from entropy_proofs.proof import Verdict

    model = proof.model
    components, flows = [], []
    motions = {s: m for m in latent_motions(model) for s in m.labels}
    for label, direction in claim.expression.items():
        if label in motions:
            rate = _scaling_rate(label, direction)
            if rate is None:
                return _undecided(f"only flows that scale {label} are judged")
            flows.append(Flow(motions[label].name, motions[label].labels, rate))
        elif label in model.learned():
            components.append(_component(model.learned()[label], direction))
        else:
            raise InputError(f"field: {label} is neither a learned parameter nor a latent")
    conditionals = [conditional(model, t) for t in model.terms]
    moved = {c.label for c in components} | {s for f in flows for s in f.labels}
    served = [c for c in conditionals if symbols_in(c.log_density) & moved]
    learned = {s: p.domain for s, p in model.learned().items()}
    candidate = Identity(tuple(components), tuple(flows), (), q_weight=model.q_weight)
    for pseudo in (False, True):
        identity = completed(candidate, served, [int(pseudo)] * len(served), frozenset(learned))
        outcome = check(identity, learned, {m.name: m.labels for m in motions.values()})
        if outcome.holds:
            return Verdict.PROVED, None
    witness = field_difference(proof, candidate, served)
    return (Verdict.REFUTED, witness) if witness else _undecided(outcome.reason)


def _component(p: Parameter, direction: Expr) -> Component:
    slots = nodes.slots(p.shape)
    if len(shape_of(direction)) > len(p.shape):
        raise InputError(f"field: {direction} has more axes than {p.name}")
    return Component(p.label, p.domain, p.shape, slots, broadcast_at(direction, slots))


def _scaling_rate(label: Symbol, direction: Expr) -> Expr | None:
    at = nodes.slots(shape_of(direction))
    own = IndexedBase(label)[at] if at else label
    rate = cancel(normal(broadcast_at(direction, at) / own)).expr()
    return None if symbols_in(rate) & {label, *at} else rate


def _optimum(claim: Claim, proof: Proof) -> tuple[Verdict, Any]:
    """The stationarity condition is a multiple of E_q[claimed statistic] - parameter."""
    from entropy_proofs.numeric.constructed import stationary_difference
    from entropy_proofs.proof import Verdict

    p = proof.model.learned().get(claim.subject)
    if p is None:
        raise InputError(f"optimum: {claim.subject} is a known constant")
    slots = nodes.slots(p.shape)
    own = IndexedBase(p.label)[slots] if slots else p.label
    statistic = broadcast_at(_inside(claim.expression), slots)
    condition, target = _conditions(p, slots, normal(statistic - own), proof)
    if _is_multiple(condition, target, proof.data_labels):
        return Verdict.PROVED, None
    at = dict.fromkeys(slots, sp.Integer(0))
    witness = stationary_difference(proof, statistic.xreplace(at), own.xreplace(at))
    if witness is None:
        return _undecided("the stationarity condition was not brought to this form")
    return Verdict.REFUTED, witness


def _conditions(
    p: Parameter, slots: tuple[Symbol, ...], target: Poly, proof: Proof
) -> tuple[Poly, Poly]:
    """The integrands of the stationarity condition and of the claim, in comparable form."""
    gradient = Poly.sum(term_gradient(proof.model, p, slots, t) for t in proof.model.terms)
    if p.domain == "simplex":  # only directions along the simplex count
        own = element(p.label, slots)
        weighted = collapsed(own * gradient)
        return weighted - own * sum_over(weighted, slots[-1], p.shape[-1]), target
    if p.domain == "positive definite":  # the condition holds the inverse on both sides
        i, j = slots[-2:]
        n = p.shape[-1]
        k, m = index("k", n), index("m", n)
        matrix = variable_array(p.label, p.shape)
        inverse = inv(matrix[slots[:-2]] if len(slots) > 2 else matrix)
        middle = normal(target.expr().xreplace({i: k, j: m}))
        outer = normal(inverse.at(i, k)) * middle * normal(inverse.at(m, j))
        own = normal(IndexedBase(p.label)[(*slots[:-2], k, m)])
        without = normal(inverse.at(i, k)) * (middle + own) * normal(inverse.at(m, j))
        total = sum_over(sum_over(without, k, n), m, n) - normal(inverse.at(i, j))
        return gradient, total if outer else target
    return gradient, target


def _is_multiple(condition: Poly, target: Poly, data: frozenset[Symbol]) -> bool:
    """Whether condition / target is a non-zero function of parameters alone."""
    split = [
        (frozenset(q for q in m if symbols_in(q[0]) & data), m, c) for m, c in target.ordered()
    ]
    inside = next((i for i, _, _ in split if i), None)
    if inside is None or not condition:
        return False
    below = Poly({m - inside: c for i, m, c in split if i == inside})
    above = Poly(
        {
            m - inside: c
            for m, c in condition
            if frozenset(q for q in m if symbols_in(q[0]) & data) == inside
        }
    )
    factor = above * power(below, -1)
    return bool(factor) and is_zero(condition - factor * target)


def _undecided(reason: str) -> tuple[Verdict, str]:
    from entropy_proofs.proof import Verdict

    return Verdict.UNDECIDED, reason


_JUDGES = {
    "entropy": _entropy,
    "entropy sum": _entropy_sum,
    "field": _field,
    "optimum": _optimum,
}
