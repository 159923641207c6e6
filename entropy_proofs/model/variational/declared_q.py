"""The variational distributions of a model: declared, checked, and stated as conditionals.

A latent's q is written as its prior is, with parameters of its own: `variational` ones, of each
data point, and the weights of networks of what is observed, which all data points share.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from copy import copy
from dataclasses import replace
from typing import Any, TypeVar

import sympy as sp

from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.errors import InputError
from entropy_proofs.families.family import Family
from entropy_proofs.families.spaces import domain_called
from entropy_proofs.model.conditionals import (
    alone,
    check_family,
    declare_chains,
    declare_variable,
)
from entropy_proofs.model.declarations import DeclaredQ, ModelTerm, Parameter, Variable
from entropy_proofs.model.declared import Declared
from entropy_proofs.model.network import network_output
from entropy_proofs.model.scope import check_name

POSTERIOR = "posterior"
_M = TypeVar("_M", bound=Declared)


def declare_variational(
    model: Declared, name: str, shape: Sequence[Any], domain: str, latex: str | None
) -> Any:
    """A parameter of q, of each data point, filed; its value."""
    check_name(model, name, latex)
    space, sizes = domain_called(name, domain), model.sized(name, shape)
    space.check_shape(name, sizes)
    parameter = Parameter(name, space.symbol(name, sizes), sizes, space, False)
    before = model.variational_
    model.variational_ = replace(before, parameters={**before.parameters, name: parameter})
    return parameter.value


def declare_encoder(
    model: Declared,
    name: str,
    inputs: Any,
    sizes: Sequence[Any],
    fixed: Sequence[str],
    first: str | None,
    latex: str | None,
) -> Any:
    """A network of q, filed with its weights; its output."""
    check_name(model, name, latex)
    inner = model_of_q(model)
    dims, parameters = set(inner.dims_), set(inner.parameters)
    try:
        output = network_output(inner, name, inputs, inner.sized(name, sizes), fixed, first)
    except InputError as error:
        raise error if name in str(error) else InputError(f"{name}: {error}") from None
    _check_seen(model, name, output)
    before = model.variational_
    new_dims = {n: s for n, s in inner.dims_.items() if n not in dims}
    weights = {n: p for n, p in inner.parameters.items() if n not in parameters}
    model.variational_ = replace(
        before,
        dims={**before.dims, **new_dims},
        weights={**before.weights, **weights},
        networks={**before.networks, name: output},
    )
    return output


def declare_q(
    model: Declared,
    latent: Any,
    family: Any,
    initial: Any,
    transition: Callable[..., Family] | None,
) -> None:
    """q of one latent, filed.

    Raises:
        InputError: the message begins with the latent's name.
    """
    variable = _latent(model, latent)
    name = variable.name
    if name in model.variational_.of:
        raise InputError(f"{name}: q is declared twice")
    if (initial is None) != (transition is None) or (family is None) == (initial is None):
        raise InputError(
            f"{name}: q takes a family, {POSTERIOR!r}, or initial= and transition= of a chain"
        )
    if isinstance(family, str):
        if family != POSTERIOR:
            raise InputError(f"{name}: q is a family or {POSTERIOR!r}, not {family!r}")
        terms: tuple[ModelTerm, ...] = ()
    else:
        inner = _everything(model, name)
        if transition is None:
            _declare_family(inner, variable, family)
        else:
            _declare_chain(inner, variable, initial, transition)
        _check_same(variable, inner.variables[name])
        terms = tuple(inner.terms)
        for t in terms:
            _check_seen(model, name, t.log_density, {t.value, *t.aliases})
    before = model.variational_
    model.variational_ = replace(before, of={**before.of, name: DeclaredQ(name, terms)})


def _latent(model: Declared, latent: Any) -> Variable:
    try:
        label = model.named(latent, "variable")
    except InputError:
        raise InputError(f"q: {latent} is not a latent of this model") from None
    found = next(v for v in model.variables.values() if v.label == label)
    if found.observed:
        raise InputError(f"q: {found.name} is observed; q is of latents")
    return found


def _declare_family(inner: Declared, variable: Variable, family: Any) -> None:
    check_family(inner, variable.name, family)
    event = len(family.event_shape())
    sizes = variable.shape[: len(variable.shape) - event] if event else variable.shape
    declare_variable(inner, variable.name, family, sizes, False, None)


def _declare_chain(
    inner: Declared, variable: Variable, initial: Any, transition: Callable[..., Family]
) -> None:
    """Markov in time, as a chain is declared."""
    first = initial[0] if isinstance(initial, tuple) and initial else initial
    check_family(inner, variable.name, first)
    if not variable.shape:
        raise InputError(f"{variable.name}: is no chain, so its q has no transition")
    steps, *rest = variable.shape
    copies = rest[: len(rest) - len(first.event_shape())]
    families = alone(transition)
    declare_chains(inner, [variable.name], copies, [initial], families, steps, [False], None)


def _check_same(latent: Variable, found: Variable) -> None:
    """Raises InputError unless q is of the latent's support and shape."""
    if found.support != latent.support:
        raise InputError(
            f"{latent.name}: q has the support {found.support}, but its values are {latent.support}"
        )
    if found.shape != latent.shape:
        raise InputError(f"{latent.name}: q has the shape {found.shape}, not {latent.shape}")


def _check_seen(model: Declared, name: str, expr: Any, own: Set[Any] = frozenset()) -> None:
    """Raises InputError if q depends on what it may not: learned parameters, other latents."""
    used = symbols_in(expr) - own
    for p in model.learned().values():
        if p.label in used:
            raise InputError(
                f"{name}: q depends on {p.name}, a learned parameter of the model; q has "
                "parameters of its own: model.variational(name, ...)"
            )
    for v in model.latents():
        if v.label in used and v.name != name:
            raise InputError(f"{name}: q depends on the latent {v.name}; it may see data alone")


# q as a model -------------------------------------------------------------------------------------
def model_of_q(model: _M, *names: str) -> _M:
    """A model whose conditionals are those of q of some latents, given the data.

    q's parameters and weights are learned there, the model's own are known.
    """
    declared = model.variational_
    result = copy(model)
    result.variational_ = type(declared)()
    result.claims, result.latex_, result.stepping = [], {}, {}
    result.q_weight = sp.Integer(1)
    result.dims_ = {**model.dims_, **declared.dims}
    result.parameters = {n: replace(p, fixed=True) for n, p in model.parameters.items()}
    result.parameters |= {**declared.parameters, **declared.weights}
    result.networks = dict(declared.networks)
    result.variables = {v.name: v for v in model.variables.values() if v.observed}
    result.variables |= {name: model.variables[name] for name in names}
    result.terms = [t for name in names for t in declared.of[name].terms]
    return result


def _everything(model: Declared, name: str) -> Declared:
    """What a declaration of q is written in, with what it may not see, to say so."""
    result = model_of_q(model)
    result.parameters |= {p.name: p for p in model.learned().values()}
    result.variables = {v.name: v for v in model.variables.values() if v.name != name}
    result.networks = {**model.networks, **result.networks}
    return result
