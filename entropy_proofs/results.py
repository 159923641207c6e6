"""What one conditional of a model states and becomes: from term to entropy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

import sympy as sp
from sympy import Expr, Indexed, IndexedBase, KroneckerDelta, Symbol

from entropy_proofs.algebra.derive import Derivation
from entropy_proofs.algebra.nodes import Expectation, index
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Poly, symbols_in
from entropy_proofs.algebra.sums import sum_over
from entropy_proofs.algebra.zero import is_zero
from entropy_proofs.arrays import generate
from entropy_proofs.display import pretty
from entropy_proofs.model import Model, Parameter, Term
from entropy_proofs.pointwise import Component, Conditional, Identity, TermIdentity, element
from entropy_proofs.search import Moving


@dataclass(frozen=True)
class TermResult:
    """What became of one conditional.

    entropy: its (pseudo-)entropy in nats, summed over its plates, a function of parents and
    parameters (None if it has none).  log_base_measure: log h likewise, 0 for a plain entropy.
    field: {parameter name: direction} of the parameters in this conditional.
    fixes_scale: a pseudo-entropy of a continuous variable whose base measure fixes a scale (a
    normal with known variance), so that the differential entropies do not add up.
    """

    variable: str
    term: Term
    identity: TermIdentity | None
    entropy: Expr | None
    log_base_measure: Expr
    is_pseudo: bool
    fixes_scale: bool
    field: Mapping[str, Expr]
    reason: str

    @property
    def holds(self) -> bool:
        return self.identity is not None

    @property
    def weight(self) -> Expr:
        """What multiplies its part of the bound, and so its entropy in the sum."""
        return self.term.weight


def term_result(model: Model, term: Term, identity: Identity | None) -> TermResult:
    """What the identity makes of the term."""
    found = None
    if identity is not None:
        found = next((t for t in identity.terms if t.conditional.name == term.name), None)
    zero = sp.Integer(0)
    if identity is None or found is None:
        reason = "no field on its parameters (with scaling flows) serves it"
        return TermResult(term.name, term, None, None, zero, False, False, {}, reason)
    own = symbols_in(term.log_density)
    field = {c.label.name: direction(c) for c in identity.field if c.label in own}
    pseudo = found.log_base_measure != 0
    fixes = pseudo and term.support.can_scale and _fixes_scale(found)
    reason = ""
    if fixes:
        reason = (
            "pseudo-entropy only: its base measure fixes a scale, so at stationary points the "
            "ELBO contains E[log h] of the data, and the plain entropy sum does not hold"
        )
    elif pseudo:
        reason = "pseudo-entropy with respect to the base measure h"
    entropy = totalled(model, term, found.entropy)
    log_h = totalled(model, term, found.log_base_measure)
    return TermResult(term.name, term, found, entropy, log_h, pseudo, fixes, field, reason)


def _fixes_scale(term: TermIdentity) -> bool:
    """Whether log h changes by more than a constant when v is scaled."""
    own = term.conditional.own
    d = Derivation({v: partial(element, v) for v in own})
    moved = d(normal(term.log_base_measure))
    return any(symbols_in(a) & own for a in moved.atoms())


def direction(c: Component) -> Expr:
    """The field on a parameter as a scalar or an array, for display."""
    if not c.shape:
        return pretty(c.element)
    if len(normal(c.element)) == 1:
        return generate(lambda *i: c.at(i), c.shape)
    return generate(lambda *i: pretty(c.at(i)), c.shape)


# a term as a statement ----------------------------------------------------------------------------
def conditional(model: Model, term: Term) -> Conditional:
    """The term as a statement about one generic coordinate."""
    parents = symbols_in(term.log_density) & data_labels(model) - {term.value}
    return Conditional(
        term.name,
        term.log_density,
        frozenset([term.value]),
        frozenset(parents),
        term.event,
        _relations(term),
        term.weight,
    )


def _relations(term: Term) -> dict[Expr, Expr]:
    """sum_k v_k = n for counts of n draws."""
    if term.support.kind != "counts":
        return {}
    k = index("k", term.event[0])
    at = (*(i for i, _ in term.plates), k)
    total = sum_over(normal(IndexedBase(term.value)[at]), k, term.event[0])
    return {total.expr(): term.support.bounds[0]}


def data_labels(model: Model) -> frozenset[Symbol]:
    """All labels that stand for (slices of) variables."""
    labels = {v.label for v in model.variables.values()}
    for t in model.terms:
        labels |= {t.value, *t.aliases}
    return frozenset(labels)


def latent_motions(model: Model) -> list[Moving]:
    """The latents that a scaling flow can move, with all labels of their slices."""
    found = []
    for v in model.latents():
        if v.support.can_scale:
            slices = {
                a for t in model.terms for a, (name, _) in t.aliases.items() if name == v.name
            }
            found.append(Moving(v.name, frozenset({v.label, *slices}), v.support.kind, v.shape))
    return found


def weighed_alike(model: Model, latent: Moving) -> bool:
    """Whether the latent's conditionals have the weight of H[q], which its flow asks for."""
    own = (t for t in model.terms if t.variable == latent.name)
    return all(is_zero(normal(t.weight) - normal(model.q_weight)) for t in own)


# sums over coordinates ----------------------------------------------------------------------------
def dealiased(model: Model, term: Term, expr: Expr) -> Expr:
    """The expression with a chain's slices written as elements of the chain."""
    if not term.aliases:
        return expr
    elements = {a: (a.base.label, a.indices) for a in expr.atoms(Indexed)}
    arrays = {label for label, _ in elements.values()}
    scalars = {a: (a, ()) for a in expr.atoms(Symbol) if a not in arrays}
    replaced: dict[Expr, Expr] = {}
    for a, (label, at) in (elements | scalars).items():
        if label in term.aliases:
            name, which = term.aliases[label]
            if which == "first":
                at = (sp.Integer(0), *at)
            elif which == "next":
                at = (at[0] + 1, *at[1:])
            replaced[a] = IndexedBase(model.variables[name].label)[at]
    return expr.xreplace(replaced)


def summed(model: Model, term: Term, generic: Expr) -> Expr:
    """The sum over the term's plates, as written."""
    generic = dealiased(model, term, generic)
    shown = shown_plates(term, generic)
    limits = [(shown[i], 0, n - 1) for i, n in reversed(term.plates)]
    return sp.Sum(generic.xreplace(shown), *limits) if limits else generic


def shown_plates(term: Term, *exprs: Expr) -> dict[Symbol, Symbol]:
    """The plate indices without their mark; with a prime where these expressions use the name."""
    taken = {s.name for e in exprs for s in symbols_in(e)}
    shown = {}
    for i, n in term.plates:
        name = i.name.rstrip("#")
        while name in taken:
            name += "'"
        shown[i] = index(name, n)
    return shown


def totalled(model: Model, term: Term, generic: Expr) -> Expr:
    """The sum over the term's plates, in normal form."""
    return pretty(over_plates(term, normal(dealiased(model, term, generic))).expr())


def over_plates(term: Term, p: Poly) -> Poly:
    for i, n in reversed(term.plates):
        p = sum_over(p, i, n)
    return p


def averaged(expr: Expr, data: frozenset[Symbol]) -> Expr:
    """E_q of the summands that depend on a variable."""
    fixed: list[Expr] = []
    random: list[Expr] = []
    for part in sp.Add.make_args(expr):
        (random if symbols_in(part) & data else fixed).append(part)
    inside = sp.Add(*random)
    return sp.Add(*fixed, Expectation(inside) if random else sp.Integer(0))


def term_gradient(model: Model, p: Parameter, slots: tuple[Symbol, ...], term: Term) -> Poly:
    """w d log p / d theta[slots] of all coordinates of the term."""

    def seed(i: tuple[Expr, ...]) -> Poly:
        return normal(sp.Mul(*[KroneckerDelta(a, s) for a, s in zip(i, slots, strict=True)]))

    moved = Derivation({p.label: seed})(normal(term.log_density))
    gradient = over_plates(term, normal(dealiased(model, term, moved.expr())))
    if term.weight != 1:
        gradient = normal(term.weight) * gradient
    if p.domain != "positive definite":
        return gradient
    i, j = slots[-2:]  # elements (i, j) and (j, i) are one and the same
    return (gradient + normal(gradient.expr().xreplace({i: j, j: i}))).scale(Fraction(1, 2))
