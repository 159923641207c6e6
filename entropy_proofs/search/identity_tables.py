"""Matrices with something added to their diagonal, as a sticky chain's (1 - k) A + k I.

Where two variables look one up, the indicator that they agree is an element of I: for the search it
is one of a known table beside A, and no case of its own, in which A would stand still elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sympy as sp
from sympy import Expr, Indexed, IndexedBase, KroneckerDelta, Symbol

from entropy_proofs.model.pointwise import GenericConditional

_TABLE = IndexedBase(Symbol("I#", real=True))


def with_tables(conditionals: Sequence[GenericConditional]) -> list[GenericConditional]:
    """The conditionals with indicators beside elements that are looked up at the same places."""
    return [replace(c, log_density=_tabled(c.log_density)) for c in conditionals]


def without_tables(expr: Expr) -> Expr:
    """With the tables' elements as indicators again."""
    found = {a: KroneckerDelta(*a.indices) for a in expr.atoms(Indexed) if a.base == _TABLE}
    return expr.xreplace(found)


def _tabled(log_p: Expr) -> Expr:
    replaced: dict[Expr, Expr] = {}
    for f in log_p.atoms(sp.log, sp.Pow):
        places = [set(a.indices) for a in f.atoms(Indexed)]
        deltas = {d for d in f.atoms(KroneckerDelta) if any(set(d.args) <= p for p in places)}
        replaced[f] = f.xreplace({d: _TABLE[d.args] for d in deltas})
    return log_p.xreplace({f: g for f, g in replaced.items() if f != g})
