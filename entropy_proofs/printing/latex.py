"""Formulas as one line of LaTeX: amsmath and amssymb are all it needs."""

from __future__ import annotations

from typing import Any

from entropy_proofs.printing import formula


def latex(expr: Any) -> str:
    r"""LaTeX of an expression, an array, or {name: direction} as a list of a \mapsto b."""
    return formula.formula(expr).latex


def arrow(target: Any, direction: Any) -> str:
    r"""W \mapsto -W/2, element by element where there is no notation for whole arrays."""
    return formula.arrow(target, direction).latex


def equation(target: Any, value: Any) -> str:
    """W = ..., element by element where there is no notation for whole arrays."""
    return formula.equation(target, value).latex
