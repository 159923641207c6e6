"""What a declaration may mention: names, symbols and elements that the model has.

Symbols that the package makes up carry characters or marks that no declared name can have, so
none of them is ever taken for a user's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sympy as sp
from sympy import Expr, Sum, Symbol

from entropy_proofs.algebra.nodes import is_bound
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.arrays.ranges import misplaced
from entropy_proofs.errors import DIRECTED, InputError, told_of
from entropy_proofs.families.spaces import Space
from entropy_proofs.model.declared import Declared
from entropy_proofs.printing.typeset.given import given
from entropy_proofs.spelling import check_spelling, did_you_mean

COUNTED = ("data points", "samples")  # sizes of every batch


def check_names(model: Declared, where: str, names: Sequence[Any], latex: Any = None) -> None:
    """What `check_name` does, of names that are declared together.

    latex: of one name, or one for each.
    """
    formulas = [None] * len(names) if latex is None else latex
    if isinstance(latex, str):
        formulas = [latex]
    if not isinstance(formulas, (tuple, list)) or len(formulas) != len(names):
        each = ", ".join(map(str, names))
        raise InputError(f"{where}: latex={latex!r} is not one for each of {each}")
    for k, (name, formula) in enumerate(zip(names, formulas, strict=True)):
        check_name(model, name, formula, names[:k])


def check_name(
    model: Declared, name: Any, latex: str | None = None, together: Sequence[str] = ()
) -> None:
    """Raises InputError if the name can't be written, is taken, or is one of the package's own.

    latex: how formulas are to show it, which is noted; no two names are shown alike.
    together: what is declared with it, and was checked already.
    """
    check_unused(model, check_spelling(name))
    if name in together:
        raise InputError(f"{name}: declared twice")
    model.latex_.pop(name, None)
    if latex is None:
        return
    with told_of(name):
        formula = given(latex)
    known = {n: given(model.latex_[n]) for n in together if n in model.latex_}
    for other in (n for n, shown in {**model.names().given, **known}.items() if shown == formula):
        raise InputError(f"{name}: latex={latex!r} shows {other} already")
    model.latex_[name] = latex


def check_unused(model: Declared, name: str) -> None:
    """Raises InputError if the model has a size, parameter, variable or map of this name."""
    maps = {f"phi_{f}": f for f in (*model.networks, *model.variational_.networks)}
    if name in maps:
        raise InputError(f"{name}: belongs to {maps[name]}; rename it")
    kinds = model.dims_, model.parameters, model.variables, model.networks, model.variational_.names
    if any(name in of for of in kinds):
        raise InputError(f"{name}: declared twice")


def check_symbols(model: Declared, where: str, value: Expr, known: Iterable[Symbol] = ()) -> None:
    """Raises InputError for a symbol, or an element of an array, that the model does not have."""
    shapes = model.shapes() | model.stepping
    labels = {*known, *model.dims_.values(), *shapes}
    summed = {i for total in value.atoms(Sum) for i, *_ in total.limits if not is_bound(i)}
    for s in sorted(summed & labels, key=str):
        raise InputError(f"{where}: a sum's index is called {s}, which the model has already")
    summed -= {s for s in value.free_symbols if isinstance(s, Symbol)}
    hidden = {n.phi for n in model.networks.values()}
    of_q = model.variational_.parameters.keys() | model.variational_.weights.keys()
    for s in sorted(symbols_in(value) - labels - summed - hidden, key=str):
        if s.name in of_q:
            raise InputError(f"{where}: {s} is a parameter of q, and none of the model")
        if not is_bound(s):
            known = did_you_mean(s, map(str, labels))
            raise InputError(f"{where}: unknown symbol {s}{known}; {DIRECTED}")
    found = misplaced(value, shapes)
    if found:
        element, fault = found
        raise InputError(f"{where}: {element.base.label} {fault} ({element})")


def check_support(model: Declared, name: str, support: Space) -> None:
    """Raises InputError if the support moves with what is learned, or is none of this model's."""
    learned = model.learned()
    variables = {v.label for v in model.variables.values()}
    for bound in map(sp.sympify, support.bounds):
        symbols = symbols_in(bound)
        for s in sorted(symbols & variables, key=str):
            raise InputError(
                f"{name}: its support moves with the variable {s}; this tool is for supports that "
                f"are the same for all parents: sum {s} out by hand (a thinned Poisson is Poisson)"
            )
        for s in sorted(symbols & learned.keys(), key=str):
            raise InputError(
                f"{name}: its support moves with the parameter {s}; make it a constant (fixed=True)"
            )
        check_symbols(model, f"{name}: support", bound)
