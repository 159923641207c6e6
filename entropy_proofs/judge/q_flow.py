"""Whether a latent's flow is a direction of its declared q, by the kernel.

The flow z -> z + t u(z) is one if q's parameters can move so that q moves along:

    D log q(z) + u . d/dz log q(z) + div u = 0      for all z and all values of q's parameters.

Directions are proposed by matching coefficients.  The kernel judges one as it judges a model's
field: in a statement whose conditionals are those of q, which stand still along the direction and
the flow together, beside a normal whose identity is known, since a certificate has one at least.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace

import sympy as sp
from sympy import Expr, Indexed, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.derive import SymbolicDerivation
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Polynomial, symbols_in
from entropy_proofs.algebra.rational import weights
from entropy_proofs.arrays.array import Array, shape_of
from entropy_proofs.families.scalar import Normal
from entropy_proofs.families.spaces import POSITIVE, REAL
from entropy_proofs.judge.vouching import GIVES_UP, ModelKernel
from entropy_proofs.model.declarations import ModelTerm, Parameter, Variable
from entropy_proofs.model.model import Model
from entropy_proofs.model.pointwise import (
    ConditionalIdentity,
    FieldComponent,
    GenericConditional,
    Identity,
    LatentFlow,
)
from entropy_proofs.model.variational.declared_q import model_of_q
from entropy_proofs.proof.term_results import conditional

_BESIDE = "beside.q"  # no user's name has a dot


def direction_of_q(model: Model, flows: Sequence[LatentFlow]) -> tuple[FieldComponent, ...] | None:
    """How the parameters of q move along flows of latents whose q is declared, as the kernel saw.

    q of all of them moves as the flows say, also of those that have none; None where q can't.
    """
    names = [name for name, q in model.variational_.of.items() if not q.is_posterior]
    inner = model_of_q(model, *names)
    found: dict[str, Expr] = {}
    try:
        freed, linked = _freed(inner)
        conditionals = [conditional(freed, t) for t in freed.terms]
        for flow in flows:
            proposed = _proposed(freed, conditionals, flow)
            if proposed is None:
                return None
            for name, element in proposed.items():
                found[name] = found.get(name, sp.S.Zero) + element
        found |= {link.of.name: link.back(found.pop(n, sp.S.Zero)) for n, link in linked.items()}
    except GIVES_UP:
        return None
    direction = tuple(
        FieldComponent(p.label, p.shape, nodes.slots(p.shape), found[p.name])
        for p in inner.learned().values()
        if found.get(p.name, 0) != 0
    )
    return direction if _stands(inner, direction, flows) else None


# arguments ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Link:
    """An argument that is a function of one parameter alone, of which it is the only one.

    function: at the parameter's slots.  argument: a parameter in its place.
    """

    of: Parameter
    function: Expr
    argument: Parameter

    def back(self, element: Expr) -> Expr:
        """How the parameter moves where the argument moves so."""
        slots = nodes.slots(self.of.shape)
        there = {nodes.element(self.argument.label, slots): self.function}
        return element.xreplace(there) / self.function.diff(nodes.element(self.of.label, slots))


def _freed(model: Model) -> tuple[Model, dict[str, _Link]]:
    """q with its arguments as parameters where they are functions of one, by the new names."""
    arguments = [(t, name, a) for t in model.terms for name, a in t.family.arguments().items()]
    used = Counter(label for _, _, a in arguments for label in symbols_in(a))
    freed, links, terms = copy(model), dict[str, _Link](), {t.name: t for t in model.terms}
    freed.parameters = dict(model.parameters)
    for term, name, value in arguments:
        domain = term.family.domain_of(name)
        for p in model.learned().values():
            g = _function_of(p, value) if used[p.label] == 1 else None
            if g is None or domain not in (REAL, POSITIVE):
                continue
            made = f"{p.name}.{name}"
            argument = freed.declare_parameter(made, p.shape, domain, False)
            links[made] = _Link(p, g, freed.parameters[made])
            del freed.parameters[p.name]
            family = replace(terms[term.name].family, **{name: argument})
            terms[term.name] = freed.rebuilt(term, family)
    freed.terms = list(terms.values())
    return freed, links


def _function_of(p: Parameter, value: Expr) -> Expr | None:
    """The argument at the parameter's slots, where it is a function of its element there."""
    slots = nodes.slots(p.shape)
    own = nodes.element(p.label, slots)
    if shape_of(value) != p.shape:
        return None
    g = value.at(*slots) if isinstance(value, Array) else value
    alone = symbols_in(g) == symbols_in(own) and g.atoms(Indexed) <= {own}
    return g if alone and g != own else None


# proposals ----------------------------------------------------------------------------------------
def _proposed(
    model: Model, conditionals: Sequence[GenericConditional], flow: LatentFlow
) -> dict[str, Expr] | None:
    """A direction that the flow's coefficients ask for, of its rate and of its shift, by name."""
    parameters = list(model.learned().values())
    scaled = replace(flow, rate=sp.S.One, shift=sp.S.Zero)
    found: dict[str, Expr] = {}
    wanted: list[tuple[LatentFlow, Expr, Callable[[Parameter], Iterator[Expr]]]] = []
    if flow.rate != 0:
        wanted.append((scaled, flow.rate, _rates))
    if flow.shift != 0:
        shifted = replace(flow, rate=sp.S.Zero)
        wanted.append((shifted, sp.S.One, lambda p: _shifts(p, flow)))
    for part, factor, elements in wanted:
        basis = [(p, e) for p in parameters for e in elements(p)]
        matched = _matched(conditionals, part, basis)
        if matched is None:
            return None
        for (p, e), weight in zip(basis, matched, strict=True):
            found[p.name] = found.get(p.name, sp.S.Zero) + factor * weight * e
    return found


def _rates(p: Parameter) -> Iterator[Expr]:
    """theta -> theta, and theta -> 1."""
    slots = nodes.slots(p.shape)
    yield nodes.element(p.label, slots)
    if p.domain == REAL:
        yield sp.S.One


def _shifts(p: Parameter, flow: LatentFlow) -> Iterator[Expr]:
    """theta -> what the latent is shifted by, at the same place."""
    slots = nodes.slots(p.shape)
    if p.domain == REAL and len(slots) >= len(flow.slots):
        own = slots[len(slots) - len(flow.slots) :]
        yield flow.shift_at(own)


def _matched(
    conditionals: Sequence[GenericConditional],
    flow: LatentFlow,
    basis: Sequence[tuple[Parameter, Expr]],
) -> list[Expr] | None:
    """How much of each direction makes all coefficients of the condition zero."""
    alone = Identity((), (flow,), ())
    along_flow = alone.derivation()
    columns = [[c.applied(_moved(c, p, e)) for c in conditionals] for p, e in basis]
    found = weights(columns, [alone.left(c, along_flow) for c in conditionals])
    return None if found is None else [sp.Rational(q.numerator, q.denominator) for q in found]


def _moved(c: GenericConditional, p: Parameter, element: Expr) -> Polynomial:
    slots = nodes.slots(p.shape)
    component = FieldComponent(p.label, p.shape, slots, element)
    return SymbolicDerivation({p.label: component.direction})(normal(c.log_density))


# the kernel's word --------------------------------------------------------------------------------
def _stands(model: Model, direction: Sequence[FieldComponent], flows: Sequence[LatentFlow]) -> bool:
    """Whether q's conditionals stand still along direction and flows, as the kernel sees."""
    terms, name = list(model.terms), f"{_BESIDE}.scale"
    scale = Parameter(name, Symbol(name, positive=True), (), POSITIVE, False)
    value = Variable(_BESIDE, Symbol(_BESIDE, real=True), (), True, REAL)
    family = Normal(mean=0, variance=scale.label)
    density = family.log_density(value.label)
    beside = ModelTerm(_BESIDE, _BESIDE, value.label, (), (), density, REAL, family)
    model.parameters = {**model.parameters, scale.name: scale}
    model.variables = {**model.variables, value.name: value}
    model.terms = [*terms, beside]
    known = ConditionalIdentity(
        conditional(model, beside), sp.S.Zero, sp.log(2 * sp.pi * sp.E * scale.label) / 2
    )
    identity = Identity(
        (*direction, FieldComponent(scale.label, (), (), -scale.label)),
        tuple(flows),
        (known,),
        tuple(conditional(model, t) for t in terms),
    )
    kernel = ModelKernel(model)
    if kernel.unsupported is not None:
        return False
    judged = kernel.judge(identity)
    return judged.holds and not judged.conditions
