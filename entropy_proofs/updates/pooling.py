"""Whether updates from means over data points of different sizes are those of all of them.

An update solves a condition in which averages over q and the data stand, and sizes.  Where no
summand of it holds two of these, the mean of the data points' conditions is the condition at the
mean averages and sizes, and the solution there is the solution for all.
"""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Expr, Sum, Symbol

from entropy_proofs.algebra.nodes import Expectation
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.claims.linear_conditions import UNSOLVED, Summand, opened
from entropy_proofs.claims.optimum import condition_of
from entropy_proofs.model.model import Parameter
from entropy_proofs.updates.m_step import Update


def not_pooled(updates: Iterable[Update], size: Symbol) -> tuple[str, ...]:
    """The parameters, by name, with updates of which that is not known.

    Args:
        size: the dim of which each data point has a value of its own.
    """
    found = []
    for update in updates:
        fits = not any(_summed_over(element, size) for element, _ in update.written.values())
        found += [p.name for p in update.parameters if not (fits and _adds_up(update, p, size))]
    return tuple(found)


def _summed_over(element: Expr, size: Symbol) -> bool:
    """Whether there is a sum whose range a mean of sizes would not be."""
    limits = (high for total in element.atoms(Sum) for _, _, high in total.limits)
    return any(size in symbols_in(high) for high in limits)


def _adds_up(update: Update, p: Parameter, size: Symbol) -> bool:
    try:
        return all(_holds_one(part, size) for part in opened(condition_of(update.proof, p)))
    except UNSOLVED:
        return False


def _holds_one(part: Summand, size: Symbol) -> bool:
    """Whether it holds at most one average or size, once; sizes within averages are theirs."""
    averages = [a for a in part.factors if isinstance(a, Expectation)]
    sizes = [a for a in part.factors if a not in averages and size in symbols_in(a)]
    summed = frozenset[Symbol]().union(*map(symbols_in, averages))
    ranges = [i for i, n in part.bound.items() if size in symbols_in(n) and i not in summed]
    once = all(part.factors[a] == 1 for a in [*averages, *sizes])
    return once and all(a == size for a in sizes) and len([*averages, *sizes, *ranges]) <= 1
