"""Whether a declaration is usable: arguments in their domains, densities that integrate to one."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

import sympy as sp
from sympy import Expr, Indexed

from entropy_proofs.algebra.positivity import positive
from entropy_proofs.arrays.array import Array
from entropy_proofs.errors import InputError, numbers_for
from entropy_proofs.families.scalar import Density
from entropy_proofs.families.spaces import POSITIVE, REAL, Space
from entropy_proofs.model.model import Model, ModelTerm, Variable


def validate(model: Model) -> None:
    """Raises InputError if an argument leaves its domain or the model declares nothing."""
    if not model.terms:
        raise InputError(f"{model.name}: the model declares no variable")
    for term in model.terms:
        for name, value in term.family.arguments().items():
            domain = term.family.domain_of(name)
            if domain != REAL and not _evident(model, value, domain):
                with numbers_for(
                    f"{term.variable}: checking that {name} is in its domain, {domain.name!r},"
                ):
                    from entropy_proofs.judge.numeric_checks import check_argument
                check_argument(model, term, name, value, domain)


def _evident(model: Model, value: Expr, domain: Space) -> bool:
    """Whether the argument is in its domain by its form."""
    element = value.args[0] if isinstance(value, Array) else value
    if domain == POSITIVE:
        return positive(element)
    label = element.base.label if isinstance(element, Indexed) else element
    return any(p.label == label and p.domain == domain for p in model.parameters.values())


def check_density(model: Model, term: ModelTerm) -> bool:
    """Whether the term's density was seen to integrate (or sum) to one, at every coordinate.

    False if it has no numeric form; raises InputError if it does not.
    """
    with numbers_for(f"{term.variable}: checking that its density integrates to one"):
        from entropy_proofs.judge import numeric_checks

    return numeric_checks.check_density(model, term)


def judge(model: Model, term: ModelTerm) -> None:
    """Raises InputError if the conditional is a density that does not integrate to one."""
    if isinstance(term.family, Density):
        check_density(*_alone(model, term))


def _alone(model: Model, term: ModelTerm) -> tuple[Model, ModelTerm]:
    """One step of a chain as the last variable of a model, after those before; else as it is."""
    if not term.aliases:
        return model, term
    variable = model.variables[term.variable]
    shape = (*(sp.Integer(1) for _ in term.plates), *term.event)
    alone = copy(model)
    alone.variables = {n: v for n, v in model.variables.items() if n != variable.name}
    for label, part in term.aliases.items():
        chain = model.variables[part.variable]
        inner = replace(part, steps=part.steps and sp.S.One).shape(chain.shape)
        alone.variables[label.name] = Variable(label.name, label, inner, False, chain.support)
    alone.variables[variable.name] = replace(variable, shape=shape, observed=True)
    first: dict[Expr, Expr] = {i: sp.Integer(0) for i, _ in term.plates}
    log_density = term.log_density.xreplace({term.value: variable.label, **first})
    step = replace(term, value=variable.label, log_density=log_density, plates=(), aliases={})
    alone.terms = [step]
    return alone, step


Model.judge = judge  # of every conditional, as it is declared
