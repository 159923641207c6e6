"""Weights of a bound: F = sum_k w_k E_q[log p_k] + w_q H[q], as in beta-VAEs and annealing."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from typing import Any, TypeVar

import sympy as sp
from sympy import Expr

from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.algebra.positivity import positive
from entropy_proofs.arrays.array import Array, lift
from entropy_proofs.errors import InputError
from entropy_proofs.model.declared import Declared
from entropy_proofs.model.scope import check_symbols

_M = TypeVar("_M", bound=Declared)


def weigh(model: Declared, of: Mapping[Any, Any], q: Any) -> None:
    """Put weights on a model's variables, and on H[q] if q is not None; none if one is unusable.

    Raises:
        InputError: the message names the variable.
    """
    if not isinstance(of, Mapping):
        raise InputError(f"weights: {of!r} is not {{variable: weight}}")
    by_label = {v.label: v.name for v in model.variables.values()}
    found = {}
    for variable, given in of.items():
        name = by_label[model.named(variable, "variable")]
        found[name] = weight(model, name, given)
        if any(t.weight != 1 for t in model.terms if t.variable == name):
            raise InputError(f"weight of {name}: set twice")
    if q is not None:
        if not model.latents():
            raise InputError("weight of q: no latent was declared, so there is no H[q]")
        if model.q_weight != 1:
            raise InputError("weight of q: set twice")
        model.q_weight = weight(model, "q", q)
    model.terms = [replace(t, weight=found.get(t.variable, t.weight)) for t in model.terms]


def weight(model: Declared, name: str, given: Any) -> Expr:
    """A positive constant of the model, floats as the decimals that they show."""
    try:
        value = lift(given)
    except InputError:
        raise InputError(f"weight of {name}: {given!r} is not one number: not a number") from None
    if isinstance(value, Array):
        raise InputError(f"weight of {name}: {given} is not one number")
    value = value.xreplace({f: sp.Rational(str(float(f))) for f in value.atoms(sp.Float)})
    for v in model.variables.values():
        if v.label in symbols_in(value):
            raise InputError(f"weight of {name}: depends on the variable {v.name}")
    for p in model.learned().values():
        if p.label in symbols_in(value):
            raise InputError(
                f"weight of {name}: depends on the learned parameter {p.name}, which is not fixed"
            )
    check_symbols(model, f"weight of {name}", value)
    if not positive(value) or value.has(sp.oo, sp.nan, sp.zoo):
        raise InputError(f"weight of {name}: {given} is not known to be positive")
    return value


def unweighted(model: _M) -> _M:
    """A copy of the model with all weights 1."""
    result = copy(model)
    result.q_weight = sp.Integer(1)
    result.terms = [replace(t, weight=sp.Integer(1)) for t in model.terms]
    return result


def weights_of(model: Declared) -> dict[str, Expr]:
    """The weights that are not 1, by variable; "H[q]" for that of q's entropy."""
    found = {t.variable: t.weight for t in model.terms if t.weight != 1}
    return found if model.q_weight == 1 else {**found, "H[q]": model.q_weight}
