"""The generative process: parameters with their domains, then z ~ ..., x | z ~ ..."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp
from sympy import Expr, Symbol

from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.document.blocks import Block, Inlines, Paragraph
from entropy_proofs.model.declarations import (
    DeclaredQ,
    ModelTerm,
    at_coordinate,
    own_value,
    shown_plates,
)
from entropy_proofs.model.declared import Declared
from entropy_proofs.model.paper.sets import membership
from entropy_proofs.model.weights import weights_of
from entropy_proofs.notebook.displays import displayed, headed
from entropy_proofs.notebook.statements import given, law, log_density_of
from entropy_proofs.printing.formula import Formula, density, equation, formula, relation
from entropy_proofs.printing.typeset.tree import (
    COMMA,
    Blank,
    Letter,
    Number,
    Sign,
    Words,
    phrase,
    separated,
)


def model_blocks(model: Declared) -> tuple[Block, ...]:
    """The model as a paper defines it."""
    return (headed(model.name), *_declared(model), displayed(*process(model)))


def process(model: Declared) -> tuple[Formula, ...]:
    """One statement for every conditional, in the order of declaration; weights of the bound last.

    >>> import entropy_proofs as ep
    >>> model = ep.Model("a normal")
    >>> s = model.parameter("s", domain="positive")
    >>> x = model.observed("x", ep.Normal(mean=0, variance=s))
    >>> [statement.latex for statement in process(model)]
    ['x \\\\sim \\\\mathcal{N}(0, s)']
    """
    weights = (
        equation(Symbol(f"weight.{name}".replace("H[q]", "q")), weight)
        for name, weight in weights_of(model).items()
    )
    with model.names().used():
        return (
            *(conditional_formula(model, t) for t in model.terms),
            *(f for q in model.variational_.of.values() for f in q_formulas(model, q)),
            *weights,
        )


def q_formulas(model: Declared, q: DeclaredQ) -> Iterator[Formula]:
    """q(z_h) = N(...), or that q(z) is the posterior."""
    value = model.variables[q.variable].value
    if q.is_posterior:
        seen = [v.value for v in model.variables.values() if v.observed]
        yield relation(density("q", value), "=", density("p", given(value, seen)))
    for term in q.terms:
        yield conditional_formula(model, term, "q")


def conditional_formula(model: Declared, term: ModelTerm, name: str = "") -> Formula:
    r"""x_d | z ~ N(...) for d = 1, ..., D, of one generic copy; a `Density` by its logarithm.

    name: of the density, as in q(z_h) = N(...).
    """
    copy = generic_copy(term)
    left = given(formula(copy.value), _parents(model, term, copy.indices))
    if copy.arguments:
        said = (density(name, left), "=") if name else (left, r"\sim")
        stated = relation(*said, law(type(term.family).__name__, copy.arguments))
    else:
        stated = relation(log_density_of(left), "=", copy.log_density)
    ranges = zip(copy.indices, (n for _, n in term.plates), strict=True)
    return _for_all(stated, list(ranges))


@dataclass(frozen=True)
class GenericCopy:
    """A variable, its family's arguments and its log density for one copy, named by its indices."""

    value: Expr
    arguments: dict[str, Expr]
    log_density: Expr
    indices: tuple[Symbol, ...]


def generic_copy(term: ModelTerm) -> GenericCopy:
    """One copy of a conditional: x_d ~ N(mu_d, s), without its own sizes.

    >>> import entropy_proofs as ep
    >>> copy = generic_copy(ep.load("factor_analysis").terms[1])
    >>> copy.value, copy.arguments["variance"]
    (x[d], psi[d])
    """
    shown = shown_plates(term, term.log_density)
    indices = tuple(shown.values())
    arguments = at_coordinate(term.family, indices).arguments()
    return GenericCopy(
        own_value(term.value, indices, term.event),
        {name: a.xreplace(shown) for name, a in arguments.items()},
        term.log_density.xreplace(shown),
        indices,
    )


def _parents(model: Declared, term: ModelTerm, indices: tuple[Symbol, ...]) -> list[Expr]:
    """The variables that it depends on, a chain's own earlier steps at the plates' indices."""
    used = symbols_in(term.log_density) - {term.value}
    own = [a for a in term.aliases if a in used]
    steps = [own_value(a, indices if _indexed(term, a) else (), term.event) for a in own]
    return [*steps, *(v.value for v in model.variables.values() if v.label in used)]


def _indexed(term: ModelTerm, label: Symbol) -> bool:
    """Whether the label stands for many steps of its chain, and so has the plates' indices."""
    at = [e for e in term.log_density.atoms(sp.Indexed) if e.base.label == label]
    return bool(at) and len(at[0].indices) > len(term.event)


def _for_all(stated: Formula, plates: list[tuple[Symbol, Expr]]) -> Formula:
    """With the ranges of its indices behind it."""
    ranges = [
        phrase(
            formula(i).tree, Sign("="), Number("1"), COMMA, Letter(r"\dots"), COMMA, formula(n).tree
        )
        for i, n in plates
    ]
    if not ranges:
        return stated
    each = separated(ranges, phrase(Sign(";"), Blank()))
    return Formula(phrase(stated.tree, Blank(r"\quad"), Words("for "), each))


def _declared(model: Declared) -> Iterator[Block]:
    """Parameters, known constants and networks, each kind on a line."""
    kinds = {"Parameters": False, "Known": True}
    for title, fixed in kinds.items():
        found = [
            membership(p.label, p.shape, p.domain)
            for p in model.parameters.values()
            if p.fixed is fixed
        ]
        if found:
            yield Paragraph((f"{title}: ", *_listed(found)))
    if model.networks:
        shown: list[Formula] = [formula(output) for output in model.networks.values()]
        said = "V φ(U · + a) + b of their inputs, with any φ"
        yield Paragraph(("Networks: ", *_listed(shown), f", {said}"))


def _listed(formulas: list[Formula]) -> Inlines:
    return tuple(part for f in formulas for part in (", ", f))[1:]
