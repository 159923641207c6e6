"""The records that a model is made of, and a family's arguments at one coordinate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

import sympy as sp
from sympy import Expr, IndexedBase, Symbol

from entropy_proofs.algebra.nodes import ArrayNode
from entropy_proofs.arrays.array import Array, Shape, generate, lift, shape_of, variable_array
from entropy_proofs.errors import DETERMINISTIC, InputError
from entropy_proofs.families.family import Family
from entropy_proofs.families.scalar import Density
from entropy_proofs.families.spaces import Space

_STEPS = sp.Heaviside, sp.Max, sp.Min, sp.sign, sp.floor, sp.ceiling, sp.Piecewise
_TRIALS = 16


@dataclass(frozen=True)
class Parameter:
    """A named parameter: its label, shape and domain; `fixed` if it is a known constant."""

    name: str
    label: Symbol
    shape: Shape
    domain: Space
    fixed: bool

    @property
    def value(self) -> Expr:
        """What a model file works with: a Symbol, or an array of its elements."""
        return variable_array(self.label, self.shape)


@dataclass(frozen=True)
class Variable:
    """A latent or observed variable."""

    name: str
    label: Symbol
    shape: Shape
    observed: bool
    support: Space

    @property
    def value(self) -> Expr:
        return variable_array(self.label, self.shape)


@dataclass(frozen=True)
class ModelTerm:
    """One conditional p(v | parents; parameters), for one generic element of its plates.

    log_density: scalar expression in nats; the own value is the label `value` (with the plate
    indices first), parents and parameters are labels too.
    plates: (index, size) of the independent copies, in the variable's axis order.
    aliases: for chains, which slice of the variable a label stands for: "first", "next" or
    "previous" along the chain's axis.
    weight: what multiplies E_q[log p] in the bound, a constant.
    """

    variable: str
    name: str
    value: Symbol
    event: Shape
    plates: tuple[tuple[Symbol, Expr], ...]
    log_density: Expr
    support: Space
    family: Family
    aliases: dict[Symbol, tuple[str, str]] = field(default_factory=dict)
    weight: Expr = sp.S.One


@dataclass(frozen=True)
class Claim:
    """What somebody derived by hand: kind, what it is about, and the claimed expression(s)."""

    kind: str
    subject: Any
    expression: Any


def own_value(label: Symbol, plates: tuple[Symbol, ...], event: Shape) -> Expr:
    """The own value at the plate indices: a scalar, or the array of one event."""
    if not plates and not event:
        return label
    return generate(lambda *e: IndexedBase(label)[(*plates, *e)], event)


def at_coordinate(family: Family, indices: tuple[Symbol, ...]) -> Family:
    """The family of one copy: every argument at the plate indices, event axes kept."""
    changes: dict[str, Expr] = {}
    for name, value in family.arguments().items():
        event = max(len(shape_of(value)) - family.event_axes.get(name, 0), 0)
        if isinstance(value, Array):
            sizes = value.shape[:event]
            own = [
                sp.Integer(0) if n == 1 else i
                for i, n in zip(indices[len(indices) - event :], sizes, strict=True)
            ]
            value = generate(partial(_at, value, own), value.shape[event:])
        changes[name] = value
    return _replaced(family, changes)


def _at(value: Array, own: Sequence[Expr], *event: Expr) -> Expr:
    return value.at(*own, *event)


def _replaced(family: Family, changes: dict[str, Expr]) -> Family:
    result = object.__new__(type(family))
    for key, original in vars(family).items():
        object.__setattr__(result, key, changes.get(key, original))
    return result


def at_step(family: Family, previous: Symbol, event: Shape, t: Symbol) -> Family:
    """The transition with the previous step's label indexed by time."""
    base = IndexedBase(previous)

    def move(value: Expr) -> Expr:
        if not event:
            return value.xreplace({previous: base[t]})
        found = [e for e in value.atoms(sp.Indexed) if e.base.label == previous]
        return value.xreplace({e: base[(t, *e.indices)] for e in found})

    if isinstance(family, Density):  # its function knows the previous step by itself
        return Density(lambda x: move(lift(family.function(x))), family.region)
    return _replaced(family, {k: move(v) for k, v in family.arguments().items()})


def check_domain(
    parameters: Mapping[str, Parameter], where: str, value: Expr, domain: Space
) -> None:
    """A bare parameter of the wrong domain; anything else is checked by numbers later."""
    element = value.args[0] if isinstance(value, Array) else value
    label = element.base.label if isinstance(element, sp.Indexed) else element
    if element.is_number:
        if domain.axes == 0 and (not element.is_real or domain.outside(element.n())):
            end = f"; {DETERMINISTIC}" if element.is_real and element in domain.limits else ""
            raise InputError(f"{where} must be in the domain {domain.name!r}, not {element}{end}")
        return
    end = _end_reached(element, domain)
    if end is not None:
        raise InputError(
            f"{where} must be in the domain {domain.name!r}, but {element} can be {end}; "
            f"{DETERMINISTIC}"
        )
    for p in parameters.values():
        if p.label == label and not p.domain.lies_in(domain):
            raise InputError(
                f"{where} must be in the domain {domain.name!r}, but {p.name} is {p.domain.name!r}"
            )


def _end_reached(element: Expr, domain: Space) -> Any:
    """The end of its domain at which a step function of anything stays, if it does: a rate of 0."""
    if domain.axes or not element.has(*_STEPS):
        return None
    random = Random(0)
    leaves = sorted(element.atoms(sp.Sum, sp.Indexed, ArrayNode, Symbol), key=str)
    for _ in range(_TRIALS):
        at = {leaf: sp.Float(random.uniform(0 if leaf.is_positive else -3, 3)) for leaf in leaves}
        value = element.xreplace(at)
        for end in domain.limits:
            if value == end:
                return end
    return None
