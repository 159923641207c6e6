"""Whether a declaration is usable: arguments in their domains, densities that integrate to one."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

import sympy as sp
from sympy import Expr

from entropy_proofs.algebra.matrix_rules import never_indefinite, rarely_singular
from entropy_proofs.algebra.nodes import indices_of, label_of
from entropy_proofs.algebra.normal import canonical, normal
from entropy_proofs.algebra.poly import at_places
from entropy_proofs.algebra.positivity import nonnegative, positive, rarely_zero
from entropy_proofs.algebra.sums import over
from entropy_proofs.arrays.array import Array, generic
from entropy_proofs.errors import InputError, numbers_for
from entropy_proofs.families.spaces import (
    POSITIVE,
    REAL,
    DefiniteMatrices,
    IncreasingVectors,
    IntegerRange,
    NaturalNumbers,
    PositiveNumbers,
    ProbabilityVectors,
    Scalars,
    Space,
    UnitInterval,
)
from entropy_proofs.model.model import Model, ModelTerm, Variable
from entropy_proofs.model.variational.declared_q import model_of_q
from entropy_proofs.printing.plain import plain


def validate(model: Model) -> None:
    """Raises InputError if an argument leaves its domain or the model declares nothing."""
    if not model.terms:
        raise InputError(f"{model.name}: the model declares no variable")
    for declared in (model, declared_q(model)):
        for term in declared.terms:
            _validate(declared, term)


def declared_q(model: Model) -> Model:
    """A model whose conditionals are those of q, as far as it is declared by families."""
    return model_of_q(model, *(name for name, q in model.variational_.of.items() if q.terms))


def _validate(model: Model, term: ModelTerm) -> None:
    for name, value in term.family.arguments().items():
        domain = term.family.domain_of(name)
        if domain != REAL and not _evident(model, value, domain):
            with numbers_for(
                f"{term.variable}: checking that {name} is in its domain, {domain.name!r},"
            ):
                from entropy_proofs.judge.numeric_checks import check_argument
            check_argument(model, term, name, value, domain)


def _evident(model: Model, value: Expr, domain: Space) -> bool:
    """Whether the argument is in its domain by its form: positive, or what is declared to be."""
    element = generic(value)
    if domain == POSITIVE and positive(element) and rarely_zero(element):
        return True
    label, places = label_of(element), indices_of(element)
    declared = [(p.domain, p.shape) for p in model.parameters.values() if p.label == label]
    declared += [(v.support, v.shape) for v in model.variables.values() if v.label == label]
    shape = next((shape for space, shape in declared if space == domain), None)
    last = domain.axes  # along which elements hang together: not so in p[:, 0] of rows p
    if shape is None or not last:
        return shape is not None
    axes = value.args[1:][-last:] if isinstance(value, Array) else ()
    along = [i for i, _ in axes]
    whole = [*places[-last:]] == along and [*shape[-last:]] == [n for _, n in axes]
    return whole and not sp.Tuple(*places[:-last]).has(*along)


def unshown(model: Model, term: ModelTerm, whose: str = "") -> list[str]:
    """The arguments of a conditional's family that are not known to lie in their domains at all
    values of what they are made of, and at all sizes: numbers at some values only bear it out."""
    found = [
        f"{name} of {whose}{term.variable} is in its domain ({domain}): {plain(value)}"
        for name, value in term.family.arguments().items()
        if (domain := term.family.domain_of(name)) != REAL and not _is_inside(model, value, domain)
    ]
    if isinstance(term.support, Scalars) and not _has_ends(term.support):
        low, high = map(plain, term.support.ends)
        kind = "a range of whole numbers" if term.support.discrete else "an interval"
        found.append(f"the support of {whose}{term.variable} is {kind}, from {low} to {high}")
    return found


def _has_ends(support: Scalars) -> bool:
    """Whether ends that are numbers are known to be whole, or in their order."""
    low, high = map(generic, map(sp.sympify, support.ends))
    if support.discrete:
        return all(e.is_infinite or e.is_integer for e in (low, high))
    return bool(low.is_infinite or high.is_infinite) or _nonnegative(high - low)


def _is_inside(model: Model, value: Expr, domain: Space) -> bool:
    """Whether that is known; at the ends of an open domain the density is no number."""
    element = generic(value)
    if _evident(model, value, domain):
        return True
    match domain:
        case PositiveNumbers():
            return _nonnegative(element) and rarely_zero(element)
        case UnitInterval():
            ends = element, 1 - element
            return all(map(_nonnegative, ends)) and all(map(rarely_zero, ends))
        case ProbabilityVectors() if isinstance(value, Array):
            k, size = value.args[-1]
            total = normal(sp.Sum(element, (k, 0, size - 1)))
            return _nonnegative(element) and total == normal(sp.S.One)
        case DefiniteMatrices() if isinstance(value, Array):
            (i, n), (j, _) = value.args[-2:]
            matrix = over((i, j), element, n)
            return never_indefinite(matrix, n) and rarely_singular(matrix, n)
        case IncreasingVectors() if isinstance(value, Array):
            k, _ = value.args[-1]
            return _nonnegative(at_places(element, {k: k + 1}) - element)
        case NaturalNumbers() | IntegerRange():
            return bool(element.is_integer and element.is_nonnegative)
    return False


def _nonnegative(a: Expr) -> bool:
    forms = sp.sympify, canonical, lambda a: sp.factor(canonical(a))
    return any(nonnegative(form(a)) for form in forms)


def check_density(model: Model, term: ModelTerm) -> bool:
    """Whether the term's density was seen to integrate (or sum) to one, at every coordinate.

    False if it has no numeric form or is one of vectors; raises InputError if it does not.
    """
    if not isinstance(term.support, Scalars) or term.event:
        return False
    with numbers_for(f"{term.variable}: checking that its density integrates to one"):
        from entropy_proofs.judge import numeric_checks

    return numeric_checks.check_density(model, term)


def judge(model: Model, term: ModelTerm) -> None:
    """Raises InputError if the conditional is a density that does not integrate to one."""
    if not term.family.tested and not check_density(*_alone(model, term)):
        model.untried.append(term.name)


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
