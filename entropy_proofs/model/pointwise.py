"""The pointwise entropy identity: what is searched, checked, exported and shown.

A conditional p(v | a; theta) satisfies it along a vector field beta on its parameters (and, for
latents, a flow u on their values) if, for all v, a and theta,

    D log p + div u = log p - log h(v) + H(a; theta),     D = beta . d/dtheta + u . d/dz

(shared-field form over a whole model: every conditional along the same D; div u counts the
conditional's own variable only).  H is then the (pseudo-)entropy, with no integral computed.

In a weighted bound F = sum_k w_k E[log p_k] + w_q H[q], each identity times its w_k adds up to
F - S = dF with S = w_q H[q] + sum_k w_k E[log h_k - H_k], if div u counts w_q / w_k times.  H_k is
an entropy only where it counts once: w_k = w_q for every conditional whose own variable flows.

Everything here is explicit expressions of one generic element, with the labels' domains; nothing
says how it was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import sympy as sp
from sympy import Expr, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.derive import Direction, SymbolicDerivation
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Polynomial, at_places
from entropy_proofs.arrays.array import Shape
from entropy_proofs.document.blocks import Block
from entropy_proofs.notebook.displays import Displayed, displayed, table
from entropy_proofs.printing.formula import arrow, formula


@dataclass(frozen=True)
class GenericConditional:
    """log p(v | a; theta) in nats for one generic coordinate, and the role of each label.

    own: labels of v.  parents: labels of a.  Every other label is a parameter or a constant.
    dimension: how many numbers v has in one coordinate, as a scaling flow counts them.
    relations: what the support says, e.g. {sum_k v_k: n}.
    weight: of E[log p] in the bound.
    """

    name: str
    log_density: Expr
    own: frozenset[Symbol]
    parents: frozenset[Symbol]
    dimension: Expr = sp.S.One
    relations: Mapping[Expr, Expr] = field(default_factory=dict)
    weight: Expr = sp.S.One

    def applied(self, p: Polynomial) -> Polynomial:
        """The normal form with the support's relations used."""
        used = [a for a in self.relations if a in p.atoms()]
        return normal(p.expr().xreplace({a: self.relations[a] for a in used})) if used else p


@dataclass(frozen=True)
class FieldComponent:
    """The field on one parameter: its generic element, an expression in the index slots."""

    label: Symbol
    shape: Shape
    slots: tuple[Symbol, ...]
    element: Expr

    def at(self, indices: Sequence[Expr]) -> Expr:
        return at_places(self.element, dict(zip(self.slots, indices, strict=True)))

    def direction(self, indices: Sequence[Expr]) -> Polynomial:
        return normal(self.at(indices))


@dataclass(frozen=True)
class LatentFlow:
    """The latent flow u(z) = rate * z + shift, on all labels that stand for (slices of) the latent.

    rate: a number, or a function of scalar parameters.  shift: its generic element, an expression
    in the index slots; zero for a latent with slices.
    """

    variable: str
    labels: frozenset[Symbol]
    rate: Expr
    shift: Expr = sp.S.Zero
    slots: tuple[Symbol, ...] = ()

    def direction(self, label: Symbol) -> Direction:
        """How an element of one of its labels moves."""

        def moved(indices: Sequence[Expr]) -> Polynomial:
            shifted = normal(self.shift_at(indices))
            return normal(self.rate) * element(label, indices) + shifted

        return moved

    def shift_at(self, indices: Sequence[Expr]) -> Expr:
        """The shift of one element; where there is none it has no slots."""
        return at_places(self.shift, dict(zip(self.slots, indices, strict=False)))


@dataclass(frozen=True)
class ConditionalIdentity:
    """The identity of one conditional: log h(v) and H(a; theta) of a generic coordinate."""

    conditional: GenericConditional
    log_base_measure: Expr
    entropy: Expr


@dataclass(frozen=True)
class Identity(Displayed):
    """A field, a flow, and what they make of every conditional that they serve.

    unmoved: conditionals that did not become an entropy; along D they must stand still.
    q_weight: of H[q] in the bound.
    """

    field: tuple[FieldComponent, ...]
    flows: tuple[LatentFlow, ...]
    terms: tuple[ConditionalIdentity, ...]
    unmoved: tuple[GenericConditional, ...] = ()
    q_weight: Expr = sp.S.One

    def __repr__(self) -> str:
        served = ", ".join(t.conditional.name for t in self.terms)
        moved = ", ".join([*(c.label.name for c in self.field), *(f.variable for f in self.flows)])
        return f"<Identity of {served or 'nothing'} along {moved or 'nothing'}>"

    def _blocks(self) -> tuple[Block, ...]:
        rows = (
            (t.conditional.name, formula(t.entropy), formula(t.log_base_measure))
            for t in self.terms
        )
        field = [arrow(element(c.label, c.slots).expr(), c.element) for c in self.field]
        moved = [(Symbol(f.variable), f) for f in self.flows]
        flows = [arrow(z, f.rate * z + f.shift) for z, f in moved]
        return (
            table(("Conditional", "H of one coordinate", "log h"), rows),
            displayed(*field, *flows),
        )

    @property
    def conditionals(self) -> tuple[GenericConditional, ...]:
        """All of them, served or not."""
        return (*(t.conditional for t in self.terms), *self.unmoved)

    def derivation(self) -> SymbolicDerivation:
        """D as an operator on normal forms."""
        return derivation_along(self.field, self.flows)

    def divergence(self, conditional: GenericConditional) -> Polynomial:
        """div u over the conditional's own variable, in one coordinate."""
        rates = [f.rate for f in self.flows if f.labels & conditional.own]
        return normal(sp.Add(*rates) * conditional.dimension)

    def left(self, conditional: GenericConditional, d: SymbolicDerivation) -> Polynomial:
        """D log p + div u."""
        moved = d(normal(conditional.log_density)) + self.divergence(conditional)
        return conditional.applied(moved)


def element(label: Symbol, indices: Sequence[Expr]) -> Polynomial:
    return normal(nodes.element(label, indices))


def scaling(label: Symbol, rate: Polynomial) -> Direction:
    """The direction rate * label."""
    return lambda indices: rate * element(label, indices)


def derivation_along(
    field: Iterable[FieldComponent], flows: Iterable[LatentFlow]
) -> SymbolicDerivation:
    """The derivative along parts of a field and flows, of normal forms."""
    moved = {label: f.direction(label) for f in flows for label in f.labels}
    return SymbolicDerivation({c.label: c.direction for c in field} | moved)
