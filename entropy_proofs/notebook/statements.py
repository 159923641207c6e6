"""What is said of a model or a proof besides expressions, as formulas: z ~ N(0, 1), p(x | z)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sympy import Expr

from entropy_proofs.printing.formula import (
    Formula,
    beside,
    called,
    calligraphic,
    commas,
    density,
    equation,
    formula,
    relation,
)
from entropy_proofs.printing.typeset.tree import Fraction, Letter, Sign, Words, parts_of, phrase

BOUND, SUM = calligraphic("F"), calligraphic("S")
LOG_H = beside(called("log"), formula("h"))
_NORMAL = {"Normal", "MultivariateNormal"}  # which on paper are called otherwise


def law(family: str, arguments: Mapping[str, Expr], named: bool = False) -> Formula:
    r"""A distribution with its arguments, each with its keyword if they are to be named.

    >>> law("Normal", {"mean": 0, "variance": 1}).latex
    '\\mathcal{N}(0, 1)'
    """
    shown: list[Any] = list(arguments.values())
    if named:
        shown = [relation(Formula(Words(name)), "=", a) for name, a in arguments.items()]
    return calligraphic("N", *shown) if family in _NORMAL else called(family, *shown)


def given(value: Any, parents: Sequence[Any]) -> Formula:
    r"""x | z: what a conditional is of, and what it depends on.

    >>> given("x", ["c", "z"]).latex
    'x \\mid c, z'
    """
    if not parents:
        return formula(value)
    return Formula(phrase(formula(value).tree, Sign(r"\mid"), commas(*parents).tree))


def log_density_of(value: Any) -> Formula:
    r"""log p(x), or log p(x | z) of what `given` makes.

    >>> log_density_of("x").latex
    '\\log p(x)'
    """
    return beside(called("log"), density("p", value))


def derivative(parameter: Expr, value: Expr, *condition: Any) -> Formula:
    r"""dF/d parameter = value, at the same indices, and what is asked of that: "=", 0.

    >>> import sympy as sp
    >>> derivative(sp.Symbol("w"), sp.Symbol("x"), "=", 0).latex
    '\\frac{\\partial\\mathcal{F}}{\\partial w} = x = 0'
    """
    parts = parts_of(equation(parameter, value).tree)
    at = parts.index(Sign("="))
    below = phrase(Letter(r"\partial"), *parts[:at])
    slope = Fraction(phrase(Letter(r"\partial"), BOUND.tree), below)
    return relation(Formula(phrase(slope, *parts[at:])), *condition)
