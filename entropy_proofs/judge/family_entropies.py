"""The entropy of one conditional, E[-log p], in closed form whether or not its parameters move.

A conditional whose own parameters are known, or that has a pseudo-entropy only, still has the
entropy of its family.  With every argument of the family freed, so that it may move by itself, the
family's identity gives it; what was declared is put in again (N(W z, s) with a known s is N(m, S)).
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace

from sympy import Expr, Symbol

from entropy_proofs.algebra.nodes import with_elements
from entropy_proofs.arrays.array import broadcast_at, shape_of
from entropy_proofs.errors import InputError
from entropy_proofs.families import Density
from entropy_proofs.judge.vouching import entropies_alone
from entropy_proofs.model.declarations import ModelTerm
from entropy_proofs.model.model import Model
from entropy_proofs.proof.term_results import totalled


def family_entropy(model: Model, term: ModelTerm, pseudo: bool = False) -> Expr | None:
    """E[-log p] of a conditional, summed over its plates, in nats; None where it was not derived.

    pseudo: E[-log p + log h] with the family's base measure instead.
    """
    found = family_entropies(model, [term], pseudo)
    return None if found is None else found[0]


def family_entropies(
    model: Model, terms: Sequence[ModelTerm], pseudo: bool = False
) -> list[Expr] | None:
    """Those of some conditionals, of all that a chain has, or None."""
    found = coordinate_entropies(model, terms, pseudo)
    if found is None:
        return None
    return [totalled(model, t, entropy) for t, entropy in zip(terms, found, strict=True)]


def coordinate_entropies(
    model: Model, terms: Sequence[ModelTerm], pseudo: bool = False
) -> list[Expr] | None:
    """The same of one generic coordinate each."""
    if any(isinstance(t.family, Density) for t in terms):
        return None
    freed = copy(model)
    freed.parameters = dict(model.parameters)
    given: dict[Symbol, Expr] = {}
    try:
        alone = [_freed(freed, t, f"{t.variable}.{k}", given) for k, t in enumerate(terms)]
    except InputError:
        return None
    free = (p for p in freed.parameters.values() if p.label in given)
    found = entropies_alone(freed, alone, free, "pseudo-entropy" if pseudo else "entropy")
    if found is None:
        return None
    return [  # with the declared values in place of the freed arguments
        with_elements(entropy, given, lambda label, at: broadcast_at(given[label], at))
        for entropy in found
    ]


def _freed(freed: Model, term: ModelTerm, prefix: str, given: dict[Symbol, Expr]) -> ModelTerm:
    """The conditional with arguments that may move; what was given for them."""
    arguments = {}
    for name, value in term.family.arguments().items():
        if name not in _COUNTS:
            domain = term.family.domain_of(name)
            made = f"{prefix}.{name}"
            arguments[name] = freed.declare_parameter(made, shape_of(value), domain, False)
            given[freed.parameters[made].label] = value
    return freed.rebuilt(term, replace(term.family, **arguments))


_COUNTS = {"trials"}  # numbers that can't move
