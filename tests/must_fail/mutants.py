"""Wrong variants of a right identity, each by one small change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import sympy as sp
from sympy import Expr, IndexedBase, Rational, Symbol

from entropy_proofs.algebra.nodes import index
from entropy_proofs.model import Model
from entropy_proofs.pointwise import Component, Conditional, Flow, Identity, TermIdentity
from entropy_proofs.results import latent_motions

SLIGHTLY = Rational(101, 100)
Mutant = tuple[str, Identity]


@dataclass(frozen=True)
class Subject:
    """A model, the identity that was found for it, and what the checker is told about it."""

    model: Model
    identity: Identity

    @property
    def learned(self) -> dict[Symbol, str]:
        return {s: p.domain for s, p in self.model.learned().items()}

    @property
    def scalable(self) -> dict[str, frozenset[Symbol]]:
        return {m.name: m.labels for m in latent_motions(self.model)}


def mutants(subject: Subject) -> Iterator[Mutant]:
    """Every mutant of the identity, with a name."""
    for make in (
        fields,
        flows,
        entropies,
        base_measures,
        swaps,
        dependencies,
        domains,
        roles,
        weights,
    ):
        yield from make(subject)


def _with(items: tuple, k: int, *new) -> tuple:
    return (*items[:k], *new, *items[k + 1 :])


def fields(s: Subject) -> Iterator[Mutant]:
    """Each component scaled, turned round, dropped, shifted."""
    for k, c in enumerate(s.identity.field):
        for name, element in (
            ("x 1.01", c.element * SLIGHTLY),
            ("x -1", -c.element),
            ("x 1/2", c.element / 2),
            ("shifted", c.element + SLIGHTLY - 1),
        ):
            changed = replace(c, element=element)
            yield (
                f"field {c.label} {name}",
                replace(s.identity, field=_with(s.identity.field, k, changed)),
            )
        yield f"field {c.label} dropped", replace(s.identity, field=_with(s.identity.field, k))
    if s.identity.field:
        yield "whole field dropped", replace(s.identity, field=())


def flows(s: Subject) -> Iterator[Mutant]:
    """Each rate scaled, turned round, dropped, doubled by a second flow; a slice left behind."""
    for k, f in enumerate(s.identity.flows):
        for name, rate in (("x 1.01", f.rate * SLIGHTLY), ("x -1", -f.rate), ("+ 1", f.rate + 1)):
            changed = replace(f, rate=rate)
            yield (
                f"flow {f.variable} {name}",
                replace(s.identity, flows=_with(s.identity.flows, k, changed)),
            )
        yield f"flow {f.variable} dropped", replace(s.identity, flows=_with(s.identity.flows, k))
        twice = _with(s.identity.flows, k, f, f)
        yield f"flow {f.variable} twice", replace(s.identity, flows=twice)


def entropies(s: Subject) -> Iterator[Mutant]:
    """Each entropy scaled, shifted, turned round, dropped."""
    for k, t in enumerate(s.identity.terms):
        for name, entropy in (
            ("x 1.01", t.entropy * SLIGHTLY),
            ("+ 1", t.entropy + 1),
            ("- log 2", t.entropy - sp.log(2)),
            ("x -1", -t.entropy),
            ("dropped", sp.Integer(0)),
        ):
            if sp.sympify(entropy) != t.entropy:
                yield f"entropy {t.conditional.name} {name}", _term(s, k, entropy=entropy)


def base_measures(s: Subject) -> Iterator[Mutant]:
    """Each log h scaled or dropped; or put in where there is none."""
    for k, t in enumerate(s.identity.terms):
        name, log_h = t.conditional.name, t.log_base_measure
        if log_h != 0:
            yield f"log h {name} x 1.01", _term(s, k, log_base_measure=log_h * SLIGHTLY)
            yield f"log h {name} x -1", _term(s, k, log_base_measure=-log_h)
            yield f"log h {name} dropped", _term(s, k, log_base_measure=sp.Integer(0))
        yield f"log h {name} + own value", _term(s, k, log_base_measure=log_h + _own(t.conditional))
        density = t.conditional.log_density
        yield (
            f"log h {name} is the density",
            _term(s, k, log_base_measure=density, entropy=sp.Integer(0)),
        )


def weights(s: Subject) -> Iterator[Mutant]:
    """Weights that are no constants; what flows weighs other than H[q]."""
    terms = s.identity.terms
    variable = _own(terms[0].conditional)
    changing = [variable, *(_element(s, label) for label in list(s.learned)[:1])]
    for w in changing:
        yield f"weight {w} of H[q]", replace(s.identity, q_weight=w)
        yield f"weight {w} of a term", _weighed(s, 0, w)
        everywhere = tuple(replace(t, conditional=_heavier(t.conditional, w)) for t in terms)
        yield f"weight {w} of all", replace(s.identity, terms=everywhere, q_weight=w)
    for k, t in enumerate(terms):
        if any(f.labels & t.conditional.own for f in s.identity.flows):
            yield f"{t.conditional.name} weighs more than H[q]", _weighed(s, k, SLIGHTLY)
            yield "H[q] weighs more", replace(s.identity, q_weight=s.identity.q_weight * SLIGHTLY)


def _weighed(s: Subject, k: int, weight: Expr) -> Identity:
    return _term(s, k, conditional=_heavier(s.identity.terms[k].conditional, weight))


def _heavier(c: Conditional, weight: Expr) -> Conditional:
    return replace(c, weight=c.weight * weight)


def swaps(s: Subject) -> Iterator[Mutant]:
    """Entropies of two terms, components of two like parameters, H and log h."""
    for k, (t, u) in enumerate(zip(s.identity.terms, s.identity.terms[1:], strict=False)):
        if t.entropy != u.entropy:
            both = [replace(t, entropy=u.entropy), replace(u, entropy=t.entropy)]
            terms = (*s.identity.terms[:k], *both, *s.identity.terms[k + 2 :])
            yield (
                f"entropies {t.conditional.name}, {u.conditional.name} swapped",
                replace(s.identity, terms=terms),
            )
    found = s.identity.field
    for k, c in enumerate(found):
        for m, d in enumerate(found[:k]):
            if (c.shape, c.domain) == (d.shape, d.domain):
                field = _with(
                    _with(found, k, replace(c, element=d.element)), m, replace(d, element=c.element)
                )
                yield f"fields {c.label}, {d.label} swapped", replace(s.identity, field=field)
    for k, t in enumerate(s.identity.terms):
        if t.log_base_measure != 0:
            yield (f"H and log h of {t.conditional.name} swapped",
                   _term(s, k, entropy=-t.log_base_measure, log_base_measure=-t.entropy))  # fmt: skip


def dependencies(s: Subject) -> Iterator[Mutant]:
    """Functions of the wrong things, with the right residual."""
    for k, t in enumerate(s.identity.terms):
        c, own = t.conditional, _own(t.conditional)
        yield f"H {c.name} depends on its value", _term(s, k, entropy=t.entropy + own)
        yield (f"H and log h {c.name} depend on the value",
               _term(s, k, entropy=t.entropy + own, log_base_measure=t.log_base_measure + own))  # fmt: skip
        for label in sorted(frozenset(s.learned) & c.log_density.atoms(Symbol), key=str)[:1]:
            extra = _element(s, label)
            yield (f"log h {c.name} depends on {label}",
                   _term(s, k, entropy=t.entropy + extra, log_base_measure=t.log_base_measure + extra))  # fmt: skip
        for parent in sorted(c.parents, key=str)[:1]:
            extra = _some_element(c, parent)
            yield (f"log h {c.name} depends on {parent}",
                   _term(s, k, entropy=t.entropy + extra, log_base_measure=t.log_base_measure + extra))  # fmt: skip
    for k, c in enumerate(s.identity.field):
        for t in s.identity.terms[:1]:
            element = c.element + _own(t.conditional)
            yield (f"field {c.label} depends on {t.conditional.name}",
                   replace(s.identity, field=_with(s.identity.field, k, replace(c, element=element))))  # fmt: skip
    for k, f in enumerate(s.identity.flows):
        own = _own(s.identity.terms[0].conditional)
        yield (f"rate of {f.variable} depends on a variable",
               replace(s.identity, flows=_with(s.identity.flows, k, replace(f, rate=f.rate * own))))  # fmt: skip


def domains(s: Subject) -> Iterator[Mutant]:
    """Fields that leave the simplex, the cone, the sphere; constants and supports that move."""
    found = s.identity.field
    for k, c in enumerate(found):
        if c.domain == "simplex":
            own = IndexedBase(c.label)[c.slots]
            lifted = replace(c, element=c.element + own)
            yield (
                f"{c.label} leaves the simplex",
                replace(s.identity, field=_with(found, k, lifted)),
            )
            terms = tuple(
                replace(t, entropy=t.entropy + 1)
                if c.label in t.conditional.log_density.atoms(Symbol)
                else t
                for t in s.identity.terms
            )
            yield (f"{c.label} leaves the simplex, H follows",
                   replace(s.identity, field=_with(found, k, lifted), terms=terms))  # fmt: skip
            real = replace(lifted, domain="real")
            yield (
                f"{c.label} called real",
                replace(s.identity, field=_with(found, k, real), terms=terms),
            )
        if c.domain == "positive definite":
            *_, i, j = c.slots
            turned = replace(c, element=c.element + (i - j) * IndexedBase(c.label)[c.slots])
            yield f"{c.label} not symmetric", replace(s.identity, field=_with(found, k, turned))
    for p in s.model.parameters.values():
        slots = tuple(index(f"i{n}") for n in range(len(p.shape)))
        own = IndexedBase(p.label)[slots] if slots else p.label
        if p.fixed:
            moved = Component(p.label, p.domain, p.shape, slots, own)
            yield f"constant {p.name} moves", replace(s.identity, field=(*found, moved))
        if p.domain == "unit columns":
            for domain in ("unit columns", "real"):
                moved = Component(p.label, domain, p.shape, slots, own / 2)
                yield (
                    f"unit columns {p.name} move as {domain}",
                    replace(s.identity, field=(*found, moved)),
                )
    for v in s.model.variables.values():
        if not v.observed and v.support.can_scale:
            continue
        labels = frozenset({v.label})
        for rate in (sp.Integer(1), sp.Rational(1, 2)):
            flow = Flow(v.name, labels, rate)
            yield f"{v.name} flows", replace(s.identity, flows=(*s.identity.flows, flow))


def roles(s: Subject) -> Iterator[Mutant]:
    """A term that is said to stay, a term that stays and is said to be an entropy."""
    for k, t in enumerate(s.identity.terms):
        others = _with(s.identity.terms, k)
        moved = any(c.label in t.conditional.log_density.atoms(Symbol) for c in s.identity.field)
        if moved:
            yield (f"{t.conditional.name} stays",
                   replace(s.identity, terms=others, unmoved=(*s.identity.unmoved, t.conditional)))  # fmt: skip
    for k, c in enumerate(s.identity.unmoved):
        for entropy in (sp.Integer(0), -c.log_density):
            term = TermIdentity(c, sp.Integer(0), entropy)
            yield (f"{c.name} has an entropy",
                   replace(s.identity, terms=(*s.identity.terms, term), unmoved=_with(s.identity.unmoved, k)))  # fmt: skip


# pieces -----------------------------------------------------------------------------------------------
def _term(s: Subject, k: int, **changes: Expr) -> Identity:
    changed = replace(s.identity.terms[k], **changes)
    return replace(s.identity, terms=_with(s.identity.terms, k, changed))


def _own(c: Conditional) -> Expr:
    return _some_element(c, min(c.own, key=str))


def _some_element(c: Conditional, label: Symbol) -> Expr:
    """The label, or one of its elements that occur in the conditional."""
    found = [e for e in c.log_density.atoms(sp.Indexed) if e.base.label == label]
    return min(found, key=str) if found else label


def _element(s: Subject, label: Symbol) -> Expr:
    shape = s.model.learned()[label].shape
    return IndexedBase(label)[(0,) * len(shape)] if shape else label


__all__ = ["Subject", "mutants"]
