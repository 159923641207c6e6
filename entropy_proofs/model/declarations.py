"""The records that a model is made of, and a family's arguments at one coordinate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

import sympy as sp
from sympy import Expr, IndexedBase, Symbol

from entropy_proofs.algebra.nodes import ArrayNode, index, label_of
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.algebra.positivity import positive
from entropy_proofs.arrays.array import Array, Shape, generate, generic, shape_of, variable_array
from entropy_proofs.errors import DETERMINISTIC, InputError
from entropy_proofs.families.family import Family
from entropy_proofs.families.spaces import POSITIVE, Space

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
class ChainPart:
    """What a label stands for in a chain: the step `start`, or `steps` of them from there on."""

    variable: str
    start: int
    steps: Expr | None = None

    def at(self, indices: Sequence[Expr]) -> tuple[Expr, ...]:
        """The place in the chain of the label's element at these indices."""
        if self.steps is None:
            return (sp.Integer(self.start), *indices)
        return (indices[0] + self.start, *indices[1:])

    def shape(self, chain: Shape) -> Shape:
        """The label's, of a chain of this shape."""
        return chain[1:] if self.steps is None else (self.steps, *chain[1:])


@dataclass(frozen=True)
class ModelTerm:
    """One conditional p(v | parents; parameters), for one generic element of its plates.

    log_density: scalar expression in nats; the own value is the label `value` (with the plate
    indices first), parents and parameters are labels too.
    plates: (index, size) of the independent copies, in the variable's axis order.
    aliases: of a chain's conditional, what its own value and the steps before it stand for.
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
    aliases: dict[Symbol, ChainPart] = field(default_factory=dict)
    weight: Expr = sp.S.One


@dataclass(frozen=True)
class DeclaredQ:
    """What q of a latent is declared to be: its conditionals; none for the exact posterior."""

    variable: str
    terms: tuple[ModelTerm, ...] = ()

    @property
    def is_posterior(self) -> bool:
        return not self.terms


@dataclass(frozen=True)
class Variational:
    """What a model declares of q.

    parameters: of each data point.  weights: of networks, which all data points share, with the
    networks and the sizes of their hidden layers.  of: by latent.
    """

    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    weights: Mapping[str, Parameter] = field(default_factory=dict)
    networks: Mapping[str, Array] = field(default_factory=dict)
    dims: Mapping[str, Symbol] = field(default_factory=dict)
    of: Mapping[str, DeclaredQ] = field(default_factory=dict)

    @property
    def all(self) -> dict[str, Parameter]:
        """Parameters and weights."""
        return {**self.parameters, **self.weights}

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.parameters, *self.weights, *self.networks, *self.dims)


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
            value = generate(partial(value.at, *own), value.shape[event:])
        changes[name] = value
    result = object.__new__(type(family))
    for key, original in vars(family).items():
        object.__setattr__(result, key, changes.get(key, original))
    return result


def check_domain(
    parameters: Mapping[str, Parameter], where: str, value: Expr, domain: Space
) -> None:
    """A bare parameter of the wrong domain; anything else is checked by numbers later."""
    element = generic(value)
    label = label_of(element)
    if element.is_number:
        if domain.axes == 0 and (not element.is_real or domain.outside(element.n())):
            end = f"; {DETERMINISTIC}" if element.is_real and element in domain.limits else ""
            raise InputError(f"{where} must be in the domain {domain.name!r}, not {element}{end}")
        return
    if domain == POSITIVE and positive(element):
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


def shown_plates(term: ModelTerm, *exprs: Expr) -> dict[Symbol, Symbol]:
    """The plate indices without their mark; with a prime where these expressions use the name."""
    taken = {s.name for e in exprs for s in symbols_in(e)}
    shown = {}
    for i, n in term.plates:
        name = i.name.rstrip("#")
        while name in taken:
            name += "'"
        shown[i] = index(name, n)
    return shown
