"""Expressions as LaTeX that looks like a paper's: amsmath and amssymb are all it needs.

Brackets have fixed sizes, so that TeX can break long formulas at their + and - signs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from sympy import Expr, Symbol

from entropy_proofs.arrays.array import Array
from entropy_proofs.arrays.parsing import expression
from entropy_proofs.printing.bold import Slots
from entropy_proofs.printing.latex_printer import LatexPrinter
from entropy_proofs.printing.layout import arranged, index_for, names_in


def latex(expr: Any) -> str:
    r"""LaTeX of an expression, an array, or {name: direction} as a list of a \mapsto b."""
    if isinstance(expr, Mapping):
        return r",\qquad ".join(arrow(a, b) for a, b in expr.items())
    expr = expression(expr)
    if expr.has(sp.Float):
        expr = expr.xreplace({f: sp.Rational(str(f)) for f in expr.atoms(sp.Float)})
    if isinstance(expr, Array):
        return _array(expr)[1]
    return LatexPrinter().doprint(arranged(expr))


def arrow(target: Expr, direction: Expr) -> str:
    r"""W \mapsto -W/2, element by element where there is no notation for whole arrays."""
    return r" \mapsto ".join(_pair(target, direction))


def equation(target: Expr, value: Expr) -> str:
    """W = ..., element by element where there is no notation for whole arrays."""
    return " = ".join(_pair(target, value))


def _pair(target: Expr, value: Expr) -> tuple[str, str]:
    """The name of what is shown, at the same indices as its value."""
    if not isinstance(value, Array) or not isinstance(target, Array):
        return latex(target), latex(value)
    slots, text = _array(value)
    names = _slots(target)
    printer = LatexPrinter(names)
    left = target.at(*names)
    piece = printer.bold.whole(left, names[len(names) - slots :]) if slots else None
    return piece.text if piece else printer.doprint(left), text


def _slots(array: Array) -> Slots:
    """Names for all of an array's indices."""
    taken = names_in(array.args[0])
    found: list[Symbol] = []
    for size in array.shape:
        found.append(index_for(size, taken, {i.name for i in found}))
    return tuple(found)


def _array(array: Array) -> tuple[int, str]:
    """As a whole array, as its matrices or vectors, or as its element: how many axes are whole."""
    names = _slots(array)
    element = arranged(array.at(*names), names)
    for count in range(len(names), 0, -1):
        first = names[: len(names) - count]
        piece = LatexPrinter(first).bold.whole(element, names[len(names) - count :])
        if piece:
            return count, piece.text
    return 0, LatexPrinter(names).doprint(element)
