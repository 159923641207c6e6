"""The LaTeX printer: elements with their indices, sums, functions, brackets that can be broken."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Indexed, Integer, KroneckerDelta, Mul, Pow, Sum, Symbol
from sympy.printing.latex import LatexPrinter as SympyPrinter

from entropy_proofs.algebra.nodes import (
    Expectation,
    VariationalEntropy,
)
from entropy_proofs.export.bold import Bold, Slots, bracketed, ordered
from entropy_proofs.export.factors import is_plain


class LatexPrinter(SympyPrinter):
    """Indices are shown from 1, as on paper; `bound` are those in use around the expression."""

    printmethod = "_on_paper"  # none of the nodes' own ways to print

    def __init__(self, bound: Slots = ()):
        super().__init__()
        self._bound = list(bound)
        self.bold = Bold(self)

    # brackets -------------------------------------------------------------------------------------
    def factor(self, expr: Expr, last: bool = True) -> str:
        """With brackets unless it can stand in a product; a sum sign reaches to the end."""
        text = self._print(expr)
        loose = expr.is_Add and not _is_fraction(expr)
        if isinstance(expr, Sum):
            loose = text.startswith(r"\sum") and not last
        return bracketed(text) if loose or text.startswith("-") else text

    def _call(self, name: str, argument: Expr, always: bool = False) -> str:
        text = self._print(argument)
        short = isinstance(argument, (Symbol, Indexed, Integer)) and not always
        return f"{name} {text}" if short else f"{name}{bracketed(text)}"

    # arithmetic -----------------------------------------------------------------------------------
    def _print_Add(self, expr: Expr, order: Any = None) -> str:
        if _is_fraction(expr):
            number, rest = expr.primitive()
            return self._print(Mul(number, rest, evaluate=False))
        terms = ordered(expr)
        if expr.has(Expectation, VariationalEntropy):
            terms.sort(key=_rank)
        text = ""
        for term in terms:
            minus = term.could_extract_minus_sign()
            shown = self._print(-term if minus else term)
            if minus and (shown.startswith("-") or (-term).is_Add):
                shown = bracketed(shown)
            text += (" - " if minus else " + ") + shown
        return text[3:] if text.startswith(" + ") else f"-{text[3:]}"

    def _print_Mul(self, expr: Expr) -> str:
        number, rest = expr.as_coeff_Mul()
        if number < 0:
            return "-" + self.factor(Mul(-number, rest, evaluate=number != -1))
        factors = sorted(Mul.make_args(rest), key=self._place)
        below = [f for f in factors if isinstance(f, Pow) and _is_negative(f.exp)]
        above = [f for f in factors if f not in below]
        loose = [f for f in above if isinstance(f, Expectation) or self._is_long(f)]
        top = [f for f in above if is_plain(f) and not f.is_Add]
        if below or number.q != 1:
            top = [f for f in above if is_plain(f) or (below and isinstance(f, KroneckerDelta))]
        if below and not top and len(above) == 1:
            top = [f for f in above if f not in loose]
        if any(not is_plain(f) for f in below):
            long = any(self._is_long(f.base) for f in below)
            top = [f for f in above if f not in loose or (long and isinstance(f, Sum))]
        after = [f for f in above if f not in top]
        bottom = sorted((Pow(f.base, -f.exp) for f in below), key=self._place)
        text = self._quotient(number, top, bottom)
        shown = [self.factor(f, last=f is after[-1]) for f in after]
        return _spaced([text, *shown] if text != "1" or not shown else shown)

    def _is_long(self, expr: Expr) -> bool:
        """Whether a sum sign is shown, as it is not for products of arrays."""
        return isinstance(expr, Sum) and r"\sum" in self._print(expr)
