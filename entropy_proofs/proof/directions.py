"""Fields, flows and stationarity conditions: dicts that show themselves as mathematics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Expr

from entropy_proofs.document.blocks import Block
from entropy_proofs.families.spaces import SIMPLEX, UNIT_COLUMNS, Space
from entropy_proofs.notebook.displays import Displayed, displayed
from entropy_proofs.notebook.statements import derivative
from entropy_proofs.printing.formula import Formula, arrow


class _Formulas(Displayed, dict[Any, Expr]):
    """A dict, equal to one and used like one, with a formula for each entry."""

    def formulas(self) -> tuple[Formula, ...]:
        """One formula for each entry."""
        raise NotImplementedError

    def _blocks(self) -> tuple[Block, ...]:
        return (displayed(*self.formulas()),) if self else ()

    def _repr_latex_(self) -> str:
        with self._names_used():
            shown = r",\qquad ".join(f.latex for f in self.formulas())
        return rf"$\displaystyle {shown}$"


class Directions(_Formulas):
    r"""{what moves: its direction}; keys that are names come with what they name.

    >>> import sympy as sp
    >>> w = sp.Symbol("w")
    >>> found = Directions({w: -w})
    >>> found == {w: -w}, found._repr_latex_()
    (True, '$\\displaystyle w \\mapsto -w$')
    """

    def __init__(self, found: Mapping[Any, Expr], named: Mapping[Any, Expr] | None = None):
        super().__init__(found)
        self._named = dict(named or {})

    def formulas(self) -> tuple[Formula, ...]:
        return tuple(arrow(self._named.get(key, key), value) for key, value in self.items())


class StationarityConditions(_Formulas):
    """{parameter: left side of `= 0`}; of those on a simplex, of `= a common multiplier`, and of
    unit columns, of `a multiple of each column`."""

    def __init__(self, found: Mapping[Any, Expr], domains: Mapping[Any, Space] | None = None):
        super().__init__(found)
        self._domains = dict(domains or {})

    def formulas(self) -> tuple[Formula, ...]:
        return tuple(derivative(key, value, *self._asked(key)) for key, value in self.items())

    def _asked(self, parameter: Any) -> tuple[str, Any]:
        domain = self._domains.get(parameter)
        if domain == SIMPLEX:
            return "=", "lambda"
        return (r"\propto", parameter) if domain == UNIT_COLUMNS else ("=", 0)
