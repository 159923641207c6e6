"""What one conditional of a model states and becomes: from term to entropy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import sympy as sp
from sympy import Expr, IndexedBase, KroneckerDelta, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.binding import published
from entropy_proofs.algebra.derive import derivative_along
from entropy_proofs.algebra.nodes import Expectation, index
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import (
    Allowance,
    Polynomial,
    at_places,
    nodes_in,
    summation,
    symbols_in,
    within,
)
from entropy_proofs.algebra.sums import sum_over, sum_over_all
from entropy_proofs.algebra.zero import is_zero
from entropy_proofs.arrays.array import broadcast_at, generate, shape_of, variable_array
from entropy_proofs.arrays.display import pretty
from entropy_proofs.document.blocks import Block, Paragraph, Table
from entropy_proofs.errors import TooLarge
from entropy_proofs.families.spaces import REAL, Counts
from entropy_proofs.model.declarations import shown_plates
from entropy_proofs.model.model import Model, ModelTerm, Parameter, Variable
from entropy_proofs.model.pointwise import (
    ConditionalIdentity,
    FieldComponent,
    GenericConditional,
    Identity,
)
from entropy_proofs.notebook.displays import Displayed, displayed, table
from entropy_proofs.notebook.statements import LOG_H
from entropy_proofs.printing.formula import Formula, formula, relation
from entropy_proofs.proof.directions import Directions
from entropy_proofs.search.centring import is_symmetric
from entropy_proofs.search.moving import Moving

_WORK = 30_000  # of algebra, for the normal form of one entropy
_LONG = 1_000  # nodes: more than is read, and shown as it was found
_FIXES_SCALE = (
    "at stationary points the ELBO contains E[log h] of the data, and the plain entropy sum does "
    "not hold"
)


@dataclass(frozen=True)
class TermResult(Displayed):
    """What became of one conditional.

    summed: its (pseudo-)entropy in nats and log h, each summed over its plates, as the engine
    writes them; None if it has none.  moved: the field on the parameters in this conditional.
    fixes_scale: a pseudo-entropy of a continuous variable whose base measure fixes a scale (a
    normal with known variance), so that the differential entropies do not add up.
    undecided: it has no identity here, and that it could have one was not excluded.
    instead: what to declare for it to have one, where that was tried; the reason ends in it.
    witness: what excludes it (h = 1 alone where it is a pseudo-entropy or undecided), if anything.
    """

    variable: str
    term: ModelTerm
    identity: ConditionalIdentity | None
    summed: tuple[Expr, Expr] | None
    moved: tuple[FieldComponent, ...]
    is_pseudo: bool
    fixes_scale: bool
    reason: str
    undecided: bool = False
    witness: Any = None
    instead: str = ""

    @property
    def holds(self) -> bool:
        return self.identity is not None

    @property
    def status(self) -> str:
        """What was shown of it, in a word or three."""
        if self.holds:
            return "pseudo-entropy" if self.is_pseudo else "entropy"
        return "not decided" if self.undecided else "no admissible h"

    @property
    def shown(self) -> str:
        """What was shown of one that stays or fixes a scale, without its witness's numbers."""
        if not self.fixes_scale and self.witness is None:
            return self.reason.removeprefix("not decided: ")
        said = [_FIXES_SCALE if self.fixes_scale else self.witness.excluded]
        if self.undecided:
            said.append("of other base measures nothing was shown")
        return "; ".join([*said, *filter(None, [self.instead])])

    @cached_property
    def entropy(self) -> Expr | None:
        """Its (pseudo-)entropy, a function of parents and parameters; None if it has none."""
        return None if self.summed is None else published(self.summed[0])

    @cached_property
    def log_base_measure(self) -> Expr:
        """log h of its values, 0 for a plain entropy."""
        return sp.Integer(0) if self.summed is None else published(self.summed[1])

    @cached_property
    def field(self) -> Directions:
        """{parameter name: direction}."""
        named = {c.label.name: variable_array(c.label, c.shape) for c in self.moved}
        found = {c.label.name: direction(c) for c in self.moved}
        return Directions(found, named).of(self._model)

    @property
    def weight(self) -> Expr:
        """What multiplies its part of the bound, and so its entropy in the sum."""
        return self.term.weight

    def __repr__(self) -> str:
        return f"<{self.variable}: {self.status}, {self.entropy if self.holds else self.shown}>"

    def _blocks(self) -> tuple[Block, ...]:
        field = [displayed(*self.field.formulas())] if self.field else []
        said = [Paragraph((str(self.witness),))] if self.witness is not None else []
        return terms_table([self]), *field, *said


class TermResults(Displayed, tuple[TermResult, ...]):
    """What became of every conditional."""

    def _blocks(self) -> tuple[Block, ...]:
        return (terms_table(self),)


def terms_table(terms: Iterable[TermResult]) -> Table:
    """A row for each: its entropy, and log h where that is not zero; or what was shown of it."""
    return table(("Variable", "", "In the sum"), (row for t in terms for row in _rows(t)))


def _rows(t: TermResult) -> Iterator[tuple[str | Formula, ...]]:
    yield t.variable, t.status, formula(t.entropy) if t.holds else t.shown
    if t.is_pseudo:
        yield "", "base measure", relation(LOG_H, "=", t.log_base_measure)
    if t.fixes_scale:
        yield "", "fixes a scale", t.shown
    if t.weight != 1:
        yield "", "weight", formula(t.weight)


def term_result(
    model: Model, term: ModelTerm, identity: Identity | None, kinds: Mapping[str, str]
) -> TermResult:
    """What the identity makes of the term; kinds: what the kernel calls each identity."""
    found = None
    if identity is not None:
        found = next((t for t in identity.terms if t.conditional.name == term.name), None)
    if identity is None or found is None:
        reason = "no field on its parameters (with scaling flows) serves it"
        return TermResult(term.name, term, None, None, (), False, False, reason)
    own = symbols_in(term.log_density)
    moved = tuple(c for c in identity.field if c.label in own)
    pseudo = found.log_base_measure != 0
    fixes = "fixes" in kinds.get(term.name, "")
    reason = ""
    if fixes:
        reason = f"pseudo-entropy only: its base measure fixes a scale, so {_FIXES_SCALE}"
    elif pseudo:
        reason = "pseudo-entropy with respect to the base measure h"
    parts = found.entropy, found.log_base_measure
    entropy, log_h = (totalled(model, term, part) for part in parts)
    return TermResult(term.name, term, found, (entropy, log_h), moved, pseudo, fixes, reason)


def direction(c: FieldComponent) -> Expr:
    """The field on a parameter as a scalar or an array, for display."""
    if not c.shape:
        return published(pretty(c.element))
    if nodes_in(c.element) > _LONG or len(normal(c.element)) == 1:
        return published(generate(lambda *i: c.at(i), c.shape))
    return published(generate(lambda *i: pretty(c.at(i)), c.shape))


# a term as a statement ----------------------------------------------------------------------------
def conditional(model: Model, term: ModelTerm) -> GenericConditional:
    """The term as a statement about one generic coordinate."""
    parents = symbols_in(term.log_density) & data_labels(model) - {term.value}
    return GenericConditional(
        term.name,
        term.log_density,
        frozenset([term.value]),
        frozenset(parents),
        sp.sympify(term.support.dimension(term.event)),
        _relations(term),
        term.weight,
    )


def _relations(term: ModelTerm) -> dict[Expr, Expr]:
    """sum_k v_k = n for counts of n draws."""
    if not isinstance(term.support, Counts):
        return {}
    k = index("k", term.event[0])
    at = (*(i for i, _ in term.plates), k)
    total = sum_over(normal(IndexedBase(term.value)[at]), k, term.event[0])
    own = term.support.at([i for i, _ in term.plates])
    return {total.expr(): own.bounds[0]}


def data_labels(model: Model) -> frozenset[Symbol]:
    """All labels that stand for (slices of) variables."""
    labels = {v.label for v in model.variables.values()}
    for t in model.terms:
        labels |= {t.value, *t.aliases}
    return frozenset(labels)


def learned_motions(parameters: Iterable[Parameter]) -> list[Moving]:
    """Parameters as what may move."""
    return [Moving(p.name, frozenset([p.label]), p.domain, p.shape) for p in parameters]


def latent_motions(model: Model) -> list[Moving]:
    """The latents that a scaling flow can move, with all labels of their slices."""
    found = []
    for v in model.latents():
        if v.support.can_scale:
            slices = {a for t in model.terms for a, s in t.aliases.items() if s.variable == v.name}
            centre = sp.S.Zero if slices else _centre(model, v)
            found.append(Moving(v.name, frozenset({v.label, *slices}), v.support, v.shape, centre))
    return found


def _centre(model: Model, v: Variable) -> Expr:
    """The known point about which the prior of a latent is symmetric, at its index slots; or 0."""
    terms = [t for t in model.terms if t.variable == v.name]
    if len(terms) != 1 or v.support != REAL or terms[0].value != v.label:
        return sp.S.Zero
    log_p, slots = terms[0].log_density, nodes.slots(v.shape)
    fixed = {p.label for p in model.parameters.values() if p.fixed}
    known = {*fixed, *model.dims_.values(), *slots}
    for argument in terms[0].family.arguments().values():
        if len(shape_of(argument)) > len(slots):
            continue
        centre = broadcast_at(argument, slots)
        if symbols_in(centre) <= known and is_symmetric(log_p, v.label, slots, centre):
            return centre
    return sp.S.Zero


def weighed_alike(model: Model, latent: Moving) -> bool:
    """Whether the latent's conditionals have the weight of H[q], which its flow asks for."""
    own = (t for t in model.terms if t.variable == latent.name)
    return all(is_zero(normal(t.weight) - normal(model.q_weight)) for t in own)


# sums over coordinates ----------------------------------------------------------------------------
def dealiased(model: Model, term: ModelTerm, expr: Expr) -> Expr:
    """The expression with a chain's slices written as elements of the chain."""

    def of_chain(label: Symbol, at: Sequence[Expr]) -> Expr:
        part = term.aliases[label]
        return nodes.element(model.variables[part.variable].label, part.at(at))

    return nodes.with_elements(expr, term.aliases, of_chain) if term.aliases else expr


def summed(model: Model, term: ModelTerm, generic: Expr) -> Expr:
    """The sum over the term's plates, as written."""
    generic = dealiased(model, term, generic)
    shown = shown_plates(term, generic)
    limits = [sp.Tuple(shown[i], 0, n - 1) for i, n in reversed(term.plates)]
    return summation(at_places(generic, shown), *limits) if limits else generic


def totalled(model: Model, term: ModelTerm, generic: Expr) -> Expr:
    """The sum over the term's plates, in normal form unless that is too large."""
    try:
        with within(Allowance(_WORK)):
            return pretty(over_plates(term, normal(dealiased(model, term, generic))).expr())
    except TooLarge:
        return summed(model, term, generic)


def over_plates(term: ModelTerm, p: Polynomial) -> Polynomial:
    return sum_over_all(p, reversed(term.plates))


def averaged(expr: Expr, data: frozenset[Symbol]) -> Expr:
    """E_q of the summands that depend on a variable."""
    fixed: list[Expr] = []
    random: list[Expr] = []
    for part in sp.Add.make_args(expr):
        (random if symbols_in(part) & data else fixed).append(part)
    inside = sp.Add(*random)
    return sp.Add(*fixed, Expectation(inside) if random else sp.Integer(0))


def gradient_at(model: Model, p: Parameter, slots: tuple[Symbol, ...]) -> Polynomial:
    """d log p / d theta[slots], of one data point and one value of the latents."""
    return Polynomial.sum(term_gradient(model, p, slots, t) for t in model.terms)


def term_gradient(
    model: Model, p: Parameter, slots: tuple[Symbol, ...], term: ModelTerm
) -> Polynomial:
    """w d log p / d theta[slots] of all coordinates of the term.

    Raises NoDerivative where log p may jump as theta moves: its average has another derivative.
    """

    def seed(i: tuple[Expr, ...]) -> Polynomial:
        return normal(sp.Mul(*[KroneckerDelta(a, s) for a, s in zip(i, slots, strict=True)]))

    moved = derivative_along({p.label: seed}, term.log_density)
    gradient = over_plates(term, normal(dealiased(model, term, moved.expr())))
    if term.weight != 1:
        gradient = normal(term.weight) * gradient
    if not p.domain.symmetric:
        return gradient
    i, j = slots[-2:]  # elements (i, j) and (j, i) are one and the same
    return (gradient + normal(at_places(gradient.expr(), {i: j, j: i}))).scale(Fraction(1, 2))
