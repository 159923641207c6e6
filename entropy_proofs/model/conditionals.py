"""The conditionals of a declaration: of independent coordinates, and of a chain's steps.

A chain is a family of conditionals over time whose parents are the steps before: its first k steps
(of order k) are stated one by one, all that follow by one conditional for a generic step t.
Chains that see each other's past are declared together.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from itertools import chain, count
from typing import Any

import sympy as sp
from sympy import Expr, Symbol

from entropy_proofs.algebra.nodes import index
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.arrays.array import Array, Shape, broadcast_at, broadcast_shapes, generate, lift
from entropy_proofs.arrays.entries import by_entry, by_value
from entropy_proofs.errors import DETERMINISTIC, InputError, about_arrays, told_of
from entropy_proofs.families.family import Family
from entropy_proofs.families.keywords import takes
from entropy_proofs.families.spaces import REAL
from entropy_proofs.model.declarations import (
    ChainPart,
    ModelTerm,
    Variable,
    at_coordinate,
    check_domain,
    own_value,
)
from entropy_proofs.model.declared import Declared
from entropy_proofs.model.scope import check_name, check_names, check_support, check_symbols

_MISTAKES = (TypeError, AttributeError, ArithmeticError, LookupError, sp.SympifyError)


def declare_variable(
    model: Declared,
    name: str,
    family: Any,
    sizes: Sequence[Any],
    observed: bool,
    latex: str | None,
) -> Any:
    """A variable of independent coordinates, filed; its value."""
    check_family(model, name, family)
    copies = model.sized(name, sizes)
    with told_of(name):
        plates_shape = copies or family.batch_shape()
    _check_copies(name, family, plates_shape)
    support, event = family.support().over(plates_shape), family.event_shape()
    check_support(model, name, support)
    check_name(model, name, latex)
    label = support.symbol(name, event)
    variable = Variable(name, label, (*plates_shape, *event), observed, support)
    plates = _plates(plates_shape, set())
    model.file([variable], [conditional(model, variable, family, plates, name, label, {}, event)])
    return variable.value


def declare_chains(
    model: Declared,
    names: Sequence[str],
    sizes: Sequence[Any],
    initial: Sequence[Any],
    transition: Callable[[Sequence[tuple[Expr, ...]], Expr], Sequence[Any]],
    length: Any,
    observed: Sequence[bool],
    latex: Any,
) -> tuple[Any, ...]:
    """Chains that see each other's past, filed; their values.

    initial: of each chain a family, or a tuple of them: those of its first steps.
    transition: the families of step t, given of each chain the steps before it, latest first.
    For a family may stand a function that makes one of what the chains before have at that step.
    """
    together = ", ".join(map(str, names))
    check_names(model, together, names, latex)
    (steps,) = model.sized(together, (length,))
    copies = model.sized(together, sizes)
    starts = [given if isinstance(given, tuple) else (given,) for given in initial]
    order = len(starts[0])
    if any(len(start) != order for start in starts) or not order:
        raise InputError(f"{together}: each chain needs as many initial steps, one at least")
    if steps.is_Integer and steps < order:
        raise InputError(f"{together}: {order} initial steps, but a length of {steps}")
    t = _plate_index(steps, set(), steps - order)
    chains: list[_Chain] = []

    def family(given: Any, before: Sequence[_Chain], k: int) -> Any:
        made = not isinstance(given, Family) and callable(given) and before
        return given(*(c.value(c.own[k]) for c in before)) if made else given

    before, model.stepping = model.stepping, {t: ()}
    try:
        for name, start, known in zip(names, starts, observed, strict=True):
            first = [family(f, chains, k) for k, f in enumerate(start)]
            chains.append(_Chain(model, name, first, copies, steps, t, known))
            model.stepping |= chains[-1].shapes()
        now = sp.Integer(order) if steps == order + 1 else t + order  # one step is a number
        found = list(transition([c.previous() for c in chains], now))
        for k, c in enumerate(chains):
            found[k] = family(found[k], chains[:k], order)
            c.check(found[k], "its transition")
        terms: list[ModelTerm] = []
        for k, c in enumerate(chains):
            terms += c.conditionals(found[k], chains[:k], chains)
    except _MISTAKES as error:
        said = f"{error}{about_arrays(error)}"
        raise InputError(f"{together}: its transition can't be written: {said}") from None
    except InputError as error:
        raise InputError(_at_time(f"{error}", t, order)) from None
    finally:
        model.stepping = before
    model.file([c.variable for c in chains], terms)
    return tuple(c.variable.value for c in chains)


def alone(transition: Callable[..., Any]) -> Callable[[Sequence[Any], Expr], list[Any]]:
    """A chain's transition as one of several, whose past is that of the only one."""
    timed = sees_time(transition)

    def families(past: Sequence[Any], t: Expr) -> list[Any]:
        (own,) = past
        given = own[0] if len(own) == 1 else own
        return [transition(given, t) if timed else transition(given)]

    return families


def sees_time(transition: Any) -> bool:
    """Whether a transition takes a second argument, the step that is drawn."""
    try:
        parameters = list(inspect.signature(transition).parameters.values())
    except (TypeError, ValueError):
        return False
    places = [p for p in parameters if p.kind in {p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD}]
    return len(places) > 1 and (places[1].default is inspect.Parameter.empty)


class _Chain:
    """One of the chains that are declared together: its labels, and what they stand for.

    own: the labels of its first steps, then that of step t.  past: those of the steps before step
    t, the latest first.
    """

    def __init__(
        self,
        model: Declared,
        name: str,
        initial: Sequence[Any],
        copies: Shape,
        steps: Expr,
        t: Symbol,
        observed: bool,
    ):
        self.model, self.name, self.initial, self.copies, self.t = model, name, initial, copies, t
        for family in initial:
            check_family(model, name, family)
        self.support, self.event = initial[0].support(), initial[0].event_shape()
        if any(isinstance(b, Array) for b in self.support.bounds):
            raise InputError(f"{name}: an end of a chain's support is one number for all steps")
        check_support(model, name, self.support)
        for family in initial:
            self.check(family, "its initial step")
        self.shape = (steps, *copies, *self.event)
        label = self.support.symbol(name, self.event)
        self.variable = Variable(name, label, self.shape, observed, self.support)
        self.rest, order = steps - len(initial), len(initial)
        first = {self._label(k): ChainPart(name, k) for k in range(order)}
        step = {self._label("t"): ChainPart(name, order, self.rest)}
        lags = range(1, order + 1)
        past = {self._label(f"t-{k}"): ChainPart(name, order - k, self.rest) for k in lags}
        self.parts = {**first, **step, **past}
        self.own, self.past = (*first, *step), tuple(past)

    def _label(self, place: Any) -> Symbol:
        return self.support.symbol(f"{self.name}[{place}]", self.event, step_of_chain=True)

    def check(self, family: Any, what: str) -> None:
        """Raises InputError unless the family is one of such a step."""
        check_family(self.model, self.name, family)
        if family.support() != self.support or family.event_shape() != self.event:
            raise InputError(
                f"{self.name}: initial and transition have different supports or shapes"
            )
        with told_of(self.name):
            batch = family.batch_shape()
        if batch and not self.copies:
            raise InputError(
                f"{self.name}: {what} must be a single event, but its arguments have the shape "
                f"{batch}; a vector's sizes come after its name"
            )
        _check_copies(self.name, family, self.copies)

    def shapes(self) -> dict[Symbol, Shape]:
        """Those of its labels."""
        return {label: part.shape(self.shape) for label, part in self.parts.items()}

    def value(self, label: Symbol) -> Expr:
        """What a label stands for, at step t where it stands for more than one."""
        time = () if self.parts[label].steps is None else (self.t,)
        return generate(lambda *i: own_value(label, (*time, *i), ()), self.shape[1:])

    def previous(self) -> tuple[Expr, ...]:
        """The steps before step t, the latest first."""
        return tuple(map(self.value, self.past))

    def conditionals(
        self, following: Family, before: Sequence[_Chain], together: Sequence[_Chain]
    ) -> list[ModelTerm]:
        """Those of the first steps, and that of step t given the past of all chains.

        before: the chains whose values at the same step it may see.
        """
        past = {label: c.parts[label] for c in together for label in c.past}
        time: Plates = ((self.t, self.rest),)
        terms = []
        for k, family in enumerate((*self.initial, following)):
            last = k == len(self.initial)
            plates = time if last else ()
            plates = (*plates, *_plates(self.copies, {i.name for i, _ in plates}))
            aliases = {c.own[k]: c.parts[c.own[k]] for c in (self, *before)}
            name = f"{self.name}[{'t' if last else k}]"
            terms.append(
                conditional(
                    self.model,
                    self.variable,
                    family,
                    plates,
                    name,
                    self.own[k],
                    {**aliases, **(past if last else {})},
                    self.event,
                )
            )
        return terms


Plates = tuple[tuple[Symbol, Expr], ...]


def conditional(
    model: Declared,
    variable: Variable,
    family: Family,
    plates: Plates,
    name: str,
    value: Symbol,
    aliases: dict[Symbol, ChainPart],
    event: Shape,
) -> ModelTerm:
    """The conditional of one generic element of the plates."""
    indices = tuple(i for i, _ in plates)
    bound = at_coordinate(family, indices)
    try:
        density = lift(bound.log_density(own_value(value, indices, event)))
        if isinstance(density, Array) and len(density.shape) <= len(indices) and not event:
            # a Density written with whole arrays: this coordinate's element
            broadcast_shapes(density.shape, tuple(n for _, n in plates))
            density = broadcast_at(density, indices)
        density = by_value(by_entry(density))
    except InputError as error:
        raise InputError(f"{variable.name}: {error}") from None
    except _MISTAKES as error:
        raise InputError(f"{variable.name}: its log density can't be written: {error}") from None
    if not isinstance(density, Expr) or density.has(sp.I, sp.nan, sp.zoo, sp.oo, -sp.oo):
        raise InputError(f"{variable.name}: its log density is not a number: {density}")
    if density.has(sp.DiracDelta):
        raise InputError(f"{variable.name}: its density has a point mass; {DETERMINISTIC}")
    if density.has(sp.Derivative, sp.Integral, sp.Limit, sp.Subs, sp.Order):
        raise InputError(f"{variable.name}: its log density is not carried out (.doit() may)")
    if isinstance(density, Array) or density.has(Array):
        raise InputError(f"{variable.name}: its log density is not a scalar per coordinate")
    check_symbols(model, variable.name, density, {value, *aliases, *indices})
    variables = {value, *aliases, *(v.label for v in model.variables.values())}
    for total in density.atoms(sp.Sum):
        if any(symbols_in(end) & variables for _, low, high in total.limits for end in (low, high)):
            raise InputError(f"{variable.name}: the range of {total} moves with a variable")
    return ModelTerm(
        variable.name, name, value, event, plates, density, variable.support, family, aliases
    )


def check_family(model: Declared, name: str, family: Any) -> None:
    """Raises InputError unless it is a distribution whose arguments the model has."""
    if not isinstance(family, Family):
        raise InputError(f"{name}: {_no_family(family)}")
    with told_of(name):
        arguments = family.arguments()
        family.support()
        family.event_shape()
    for argument, value in arguments.items():
        check_symbols(model, f"{name}: {argument}", value)
        domain = family.domain_of(argument)
        if domain != REAL:
            check_domain(model.parameters, f"{name}: {argument}", value, domain)


def _no_family(given: Any) -> str:
    """What is wrong with a conditional that is no family with its arguments."""
    if isinstance(given, type) and issubclass(given, Family):
        return f"{given.__name__} without arguments; write {given.__name__}({takes(given)})"
    if isinstance(given, Expr):
        return f"{given} is an expression, not a distribution; {DETERMINISTIC}"
    return f"{given!r} is not a distribution"


def _at_time(message: str, t: Symbol, order: int) -> str:
    """The message with steps counted as the transition's own t."""

    def shown(found: re.Match[str]) -> str:
        offset = int(found[1] or 0) - order
        return f"t {'+' if offset > 0 else '-'} {abs(offset)}" if offset else "t"

    return re.sub(rf"{re.escape(t.name)}(?: \+ (\d+))?", shown, message)


def _check_copies(name: str, family: Family, copies: Shape) -> None:
    """Raises InputError unless the family's arguments fit these sizes."""
    with told_of(name):
        batch = family.batch_shape()
        fits = broadcast_shapes(copies, batch) == copies
    if not fits:
        raise InputError(f"{name}: arguments of shape {batch} do not fit its sizes {copies}")


def _plates(shape: Shape, used: set[str]) -> Plates:
    return tuple((_plate_index(n, used, n), n) for n in shape)


def _plate_index(size: Expr, used: set[str], range_: Expr) -> Symbol:
    """An index named after the size of an axis; # sets it apart from every label."""
    own = [size.name.lower()] if isinstance(size, Symbol) and not size.name.islower() else []
    names = chain(own or "ijklm", (f"{(own or 'i')[0]}{k}" for k in count(2)))
    name = next(f"{n}#" for n in names if f"{n}#" not in used)
    used.add(name)
    return index(name, range_)
