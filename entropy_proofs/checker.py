"""Checks a pointwise entropy identity; knows nothing of how it was found.

Trusted base: this file, `pointwise.py` (the statement) and `algebra/` (normal forms, the
derivation, the zero test).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Symbol

from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Poly, symbols_in
from entropy_proofs.algebra.sums import sum_over
from entropy_proofs.algebra.zero import is_zero
from entropy_proofs.pointwise import Component, Flow, Identity, TermIdentity


@dataclass(frozen=True)
class Check:
    """The outcome: `holds`, or what failed in one line."""

    holds: bool
    reason: str = ""


def check(
    identity: Identity, learned: Mapping[Symbol, str], scalable: Mapping[str, frozenset[Symbol]]
) -> Check:
    """Whether the identity holds for every term, everywhere.

    learned: the labels that may move, with their domains.
    scalable: the latents whose support is mapped onto itself by scaling, each with the labels of
        all its slices.
    """
    conditionals = identity.conditionals
    data = frozenset[Symbol]().union(*(c.own | c.parents for c in conditionals))
    for weight in {identity.q_weight, *(c.weight for c in conditionals)}:
        if symbols_in(weight) & (data | frozenset(learned)):
            return Check(False, f"the weight {weight} is no constant")
    for component in identity.field:
        failure = _field_fault(component, learned, data)
        if failure:
            return Check(False, f"field on {component.label}: {failure}")
    flowing = [label for f in identity.flows for label in f.labels]
    if len(flowing) > len(set(flowing)):
        return Check(False, "two flows move one label")
    for flow in identity.flows:
        failure = _flow_fault(flow, scalable, data) or _weight_fault(flow, identity)
        if failure:
            return Check(False, f"flow on {flow.variable}: {failure}")
    d = identity.derivation()
    for conditional in identity.unmoved:
        if not is_zero(identity.left(conditional, d)):
            return Check(False, f"{conditional.name} stays, but moves along the field")
    for term in identity.terms:
        failure = _term_fault(identity, term, frozenset(learned)) or _residual_fault(
            term, identity.left(term.conditional, d)
        )
        if failure:
            return Check(False, f"{term.conditional.name}: {failure}")
    return Check(True)


def _field_fault(c: Component, learned: Mapping[Symbol, str], data: frozenset[Symbol]) -> str:
    """The field is a function of parameters, tangent to their domain."""
    if learned.get(c.label) != c.domain:
        return "not a learned parameter of this domain"
    if symbols_in(c.element) & data:
        return "depends on a variable"
    direction = normal(c.element)
    if c.domain == "simplex":
        total = sum_over(direction, c.slots[-1], c.shape[-1])
        return "" if is_zero(total) else "its components do not sum to zero"
    if c.domain == "positive definite":
        *_, i, j = c.slots
        swapped = normal(c.element.xreplace({i: j, j: i}))
        return "" if is_zero(direction - swapped) else "not symmetric"
    if c.domain == "unit columns":
        return "" if is_zero(direction) else "moves a column off the unit sphere"
    return ""


def _flow_fault(f: Flow, scalable: Mapping[str, frozenset[Symbol]], data: frozenset[Symbol]) -> str:
    if f.variable not in scalable:
        return "its support is not mapped onto itself by scaling"
    if f.labels != scalable[f.variable]:
        return "it does not move all slices of the variable, and nothing else"
    return "its rate depends on a variable" if symbols_in(f.rate) & data else ""


def _weight_fault(f: Flow, identity: Identity) -> str:
    """div u is weighed like H[q]; the log density that it serves must be, for H to be its entropy.

    A conditional that stays needs it too: E_p[D log p + div u] = 0 for equal weights alone.
    """
    for c in identity.conditionals:
        if f.labels & c.own and not is_zero(normal(c.weight) - normal(identity.q_weight)):
            return f"the weight {c.weight} of {c.name} is not that of H[q], {identity.q_weight}"
    return ""


def _term_fault(identity: Identity, term: TermIdentity, learned: frozenset[Symbol]) -> str:
    """h is a function of v alone and H a function of (a, theta) alone."""
    c = term.conditional
    if symbols_in(term.log_base_measure) & (learned | c.parents):
        return "its base measure depends on a parameter or a parent"
    if symbols_in(term.entropy) & c.own:
        return "its entropy depends on the variable itself"
    labels = {component.label for component in identity.field}
    moving = labels.union(*(f.labels for f in identity.flows)) - c.own
    if not symbols_in(c.log_density) & moving and not is_zero(normal(term.log_base_measure)):
        return "only the variable itself moves, so its base measure is the density"
    return ""


def _residual_fault(term: TermIdentity, left: Poly) -> str:
    c = term.conditional
    right = normal(c.log_density) - normal(term.log_base_measure) + normal(term.entropy)
    if is_zero(left - c.applied(right)):
        return ""
    return "D log p + div u differs from log p - log h + H"
